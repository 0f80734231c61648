#include "hub/listing.h"

#include "hub/choose.h"

#include <typecase/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace typecase::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

const std::string kGit(40, 'a');
const std::string kSha(64, 'b');

template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::vector<RepoFile> files_of(std::initializer_list<const char*> paths) {
  std::vector<RepoFile> out;
  for (const char* path : paths)
    out.push_back({.path = path, .size = 1, .git_oid = kGit, .sha256 = {}, .xet_hash = {}});
  return out;
}

std::vector<std::string> chosen(const Choice& choice) {
  std::vector<std::string> out;
  for (const auto& file : choice.files) out.push_back(file.path);
  return out;
}

Choice choose(std::initializer_list<const char*> paths, const char* name = "org/name") {
  return choose_files(parse_name(name), files_of(paths));
}

TEST(Listing, APageOfFiles) {
  const auto files = parse_tree_page(
      R"([{"type":"directory","path":"d","oid":"x"},
          {"type":"file","path":"a","size":3,"oid":")" +
      kGit + R"("},
          {"type":"file","path":"b","size":9,"oid":")" +
      kGit + R"(","lfs":{"oid":")" + kSha + R"(","size":7,"pointerSize":1},"xetHash":"not one"}])");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].digest(), kGit);
  EXPECT_EQ(files[1].digest(), kSha);
  EXPECT_EQ(files[1].size, 7U);
  EXPECT_EQ(files[1].xet_hash, "");
}

TEST(Listing, WhatIsWrongIsNamed) {
  const auto page = [](const std::string& file) {
    return [=] { parse_tree_page("[" + file + "]"); };
  };
  EXPECT_THAT(error_of(page(R"({"type":"file","path":"a","size":-1,"oid":")" + kGit + "\"}")),
              HasSubstr("-1"));
  EXPECT_THAT(error_of(page(R"({"type":"file","path":"a","size":1,"oid":"../x"})")),
              HasSubstr("'../x'"));
  EXPECT_THAT(error_of(page(R"({"type":"file","path":"a","oid":"x"})")), HasSubstr("size"));
  EXPECT_THAT(error_of([] { parse_commit("<html>"); }), HasSubstr("log-in page"));
  EXPECT_THAT(error_of([] { parse_commit(R"({"sha":"main"})"); }), HasSubstr("40 hex digits"));
}

TEST(Listing, IsStoredAsHuggingfaceHubStoresIt) {
  auto files = files_of({"z", "é\"🎉"});
  files[0].sha256 = kSha;
  files[0].size = files[0].lfs_size = 5;
  const std::string text = tree_document(files);
  EXPECT_EQ(
      text,
      "{\n \"format_version\": 1,\n \"files\": {\n  \"z\": {\n   \"size\": 5,\n   \"blob_id\": \"" +
          kGit + "\",\n   \"lfs_sha256\": \"" + kSha +
          "\",\n   \"lfs_size\": 5\n  },\n  \"\\u00e9\\\"\\ud83c\\udf89\": {\n   \"size\": 1,\n   "
          "\"blob_id\": \"" +
          kGit + "\"\n  }\n }\n}");
  const auto again = parse_tree_document(text);
  EXPECT_EQ(tree_document(again), text);
  EXPECT_EQ(again[1].path, "é\"🎉");
  EXPECT_EQ(tree_document({}), "{\n \"format_version\": 1,\n \"files\": {}\n}");
}

TEST(Choose, ConfigTokenizerAndSafetensors) {
  const auto choice =
      choose({"README.md", "config.json", "model.safetensors", "model.safetensors.index.json",
              "pytorch_model.bin", "tokenizer.json", "onnx/model.onnx", "sub/config.json"});
  EXPECT_THAT(chosen(choice),
              UnorderedElementsAre("config.json", "tokenizer.json", "model.safetensors"));
  EXPECT_FALSE(choice.sharded);
  EXPECT_THAT(choice.absent, ::testing::Contains("generation_config.json"));
}

TEST(Choose, TheIndexOnlyWithoutOneWholeFile) {
  EXPECT_TRUE(choose({"config.json", "model.safetensors.index.json"}).sharded);
}

TEST(Choose, GgufAloneByNameOrByTag) {
  EXPECT_THAT(chosen(choose({"config.json", "a.gguf"})), ElementsAre("a.gguf"));
  EXPECT_THAT(chosen(choose({"x-Q4_0.gguf", "x-Q4_0_8.gguf", "x-IQ4_0.gguf"}, "o/n:q4_0")),
              ElementsAre("x-Q4_0.gguf"));
  EXPECT_THAT(error_of([] { choose({"a-Q4_0.gguf", "b-Q4_0.gguf"}, "o/n:Q4_0"); }),
              HasSubstr("several files"));
  EXPECT_THAT(error_of([] { choose({"a.gguf", "b.gguf"}); }),
              HasSubstr("name one: org/name:FILE.gguf"));
}

TEST(Choose, SaysWhatElseThereIs) {
  EXPECT_THAT(error_of([] { choose({"config.json", "pytorch_model.bin"}); }),
              HasSubstr("cannot be run"));
  EXPECT_THAT(error_of([] { choose({"README.md"}); }), HasSubstr("no weights; it has 'README.md'"));
}

TEST(Choose, TwoNamesForOneFileAreRefused) {
  const Name name = parse_name("o/n");
  EXPECT_THAT(error_of([&] { choose_files(name, files_of({"a", "A"}), {"*"}); }),
              HasSubstr("for one"));
  EXPECT_THAT(error_of([&] { choose_files(name, files_of({"a/b", "A"}), {"*"}); }),
              HasSubstr("as a folder"));
  EXPECT_THAT(error_of([&] { choose_files(name, files_of({"a"}), {"b"}); }),
              HasSubstr("no file of o/n matches"));
}

}  // namespace
}  // namespace typecase::hub
