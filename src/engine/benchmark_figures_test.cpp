#include "engine/benchmark_figures.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace typecase {
namespace {

using testing::HasSubstr;

Json result(double prefill, double decode, double load = 0.1) {
  return Json::parse(R"({"model": "/models/small/", "dtype": "float32",
      "machine": "AMD, avx2, 2 threads", "load": {"seconds": )" +
                     std::to_string(load) + R"(}, "prefill": {"tokens_per_second": )" +
                     std::to_string(prefill) + R"(}, "decode": {"tokens_per_second": )" +
                     std::to_string(decode) + R"(},
      "limits": {"read_bytes_per_second": 3e10, "multiply_add_operations_per_second": 2e11}})");
}

class Figures : public testing::Test {
 protected:
  Figures() { std::filesystem::remove(path_); }
  ~Figures() override { std::filesystem::remove(path_); }

  Json compared(Json with, bool record = false) const {
    compare_with_figures(path_, record, with);
    return with.at("against");
  }
  void write(const std::string& text) const { std::ofstream(path_) << text; }

  std::string path_ = testing::TempDir() + "figures.json";
};

TEST_F(Figures, WhatFellByMoreThanFifteenPercentIsNamed) {
  EXPECT_EQ(compared(result(100, 50), true).at("compared").as_integer(), 0);
  EXPECT_EQ(compared(result(86, 43)).dump(), R"({"compared": 5, "fell": []})");
  const Json worse = compared(result(84, 60, 0.12));
  ASSERT_EQ(worse.at("fell").size(), 2u);
  EXPECT_EQ(worse.at("fell").as_array()[0].dump(),
            R"({"measure": "load, s", "was": 0.1, "now": 0.12})");
  EXPECT_EQ(worse.at("fell").as_array()[1].dump(),
            R"({"measure": "prefill, tokens/s", "was": 100.0, "now": 84.0})");
}

TEST_F(Figures, OtherMachinesAndModelsStayAsTheyAre) {
  write(R"({"Intel, amx, 8 threads": {"small, float32": {"decode, tokens/s": 900}},
            "AMD, avx2, 2 threads": {"large, float32": {"decode, tokens/s": 5}}})");
  compared(result(100, 50), true);
  std::ifstream file(path_);
  const Json all = Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  EXPECT_EQ(all.at("Intel, amx, 8 threads").dump(),
            R"({"small, float32": {"decode, tokens/s": 900}})");
  const Json& here = all.at("AMD, avx2, 2 threads");
  EXPECT_EQ(here.at("large, float32").dump(), R"({"decode, tokens/s": 5})");
  EXPECT_EQ(here.at("small, float32").at("decode, tokens/s").as_number(), 50);
}

TEST_F(Figures, AFileThatIsNoneIsNamed) {
  EXPECT_THROW(compared(result(1, 1)), Error);
  for (const char* text : {"", "[]", R"({"AMD, avx2, 2 threads": {"small, float32":
                                          {"decode, tokens/s": "fast"}}})"}) {
    write(text);
    try {
      compared(result(1, 1));
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::bad_file);
      EXPECT_THAT(error.what(), HasSubstr("figures.json"));
    }
  }
}

TEST(MachineClass, SaysMakeLevelAndThreads) {
  EXPECT_THAT(machine_class("avx2", 2), HasSubstr(", avx2, 2 threads"));
  EXPECT_THAT(machine_class("scalar", 1), HasSubstr(", scalar, 1 thread"));
}

}  // namespace
}  // namespace typecase
