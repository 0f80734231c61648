/// One small tokenizer for each component (tools/make_tokenizer_components.py): ids, token strings,
/// offsets, types and decoded text equal to the reference's.
#include "base/utf8.h"
#include "golden.h"
#include "text/tokenizer_json.h"

#include <typecase/error.h>
#include <typecase/json.h>
#include <typecase/stream_decoder.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

namespace typecase {
namespace {

constexpr std::size_t kEveryNth = 8;
constexpr char32_t kSweep = 8192;

std::vector<std::string> texts() {
  std::vector<std::string> out;
  const auto lines = lines_of(kGolden + "texts.jsonl");
  for (std::size_t i = 0; i < lines.size(); i += kEveryNth) {
    out.push_back(Json::parse(lines[i]).as_string());
  }
  return out;
}

/// All code points, in texts of kSweep.
std::vector<std::string> sweep() {
  std::vector<std::string> out;
  for (char32_t begin = 0; begin < 0x110000; begin += kSweep) {
    std::string& text = out.emplace_back();
    for (char32_t c = begin; c < begin + kSweep; ++c) {
      if (c < 0xD800 || c >= 0xE000) append_utf8(text, c);
    }
  }
  return out;
}

class Comparison {
 public:
  Comparison(std::string name, const Tokenizer& tokenizer) : name_(name), tokenizer_(tokenizer) {}

  /// `digits` holds eight for each text; dashes where the reference refuses (or panics).
  void run(const std::vector<std::string>& list, const std::string& digits, bool pairs) {
    if (digits.empty()) return;
    ASSERT_EQ(digits.size(), list.size() * 8);
    std::string before;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string expected = digits.substr(i * 8, 8);
      if (expected[0] != '-') one(before, list[i], expected, pairs);
      before = list[i];
    }
  }
  void run_pairs(const std::vector<std::string>& firsts, const std::vector<std::string>& seconds,
                 const std::string& digits) {
    ASSERT_EQ(digits.size(), seconds.size() * 8);
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      const std::string expected = digits.substr(i * 8, 8);
      // AutoTokenizer takes an empty second text for none.
      if (expected[0] == '-') continue;
      if (seconds[i].empty()) {
        one("", firsts[i], expected, false);
      } else {
        one(firsts[i], seconds[i], expected, true);
      }
    }
  }
  int differences = 0;
  int compared = 0;

 private:
  void one(const std::string& before, const std::string& text, const std::string& expected,
           bool pair) {
    const EncodeOptions options{.offsets = true};
    std::string found, shown;
    try {
      const Encoding encoding =
          pair ? tokenizer_.encode(before, text, options) : tokenizer_.encode(text, options);
      found = summary(tokenizer_, encoding);
      shown = ::testing::PrintToString(encoding.tokens) + ::testing::PrintToString(encoding.ids);
      if (!pair && tokenizer_.encode_ids(text) != encoding.ids) found += ", other without offsets";
      StreamDecoder stream(tokenizer_);
      std::string streamed;
      for (const TokenId id : encoding.ids) streamed += stream.push(id);
      streamed += stream.finish();
      // clean_up_tokenization_spaces looks at the whole text; a stream goes without.
      const bool cleans = name_.find("_clean") != std::string::npos;
      if (!cleans && streamed != tokenizer_.decode(encoding.ids)) found += ", other as a stream";
    } catch (const Error& error) {
      found = error.what();
    }
    ++compared;
    if (found == expected) return;
    // The first text that differs says enough.
    if (differences++ == 0) {
      ADD_FAILURE() << name_ << (pair ? " (pair)" : "") << ": " << quote(text) << ": " << found
                    << "\n"
                    << shown << quote(before);
    }
  }

  std::string name_;
  const Tokenizer& tokenizer_;
};

TEST(TokenizerComponents, EqualTheReference) {
  const auto tokenizers = lines_of(kGolden + "components/tokenizers.jsonl");
  const auto expected = lines_of(kGolden + "components/expected.jsonl");
  ASSERT_GE(tokenizers.size(), 150u);
  ASSERT_EQ(tokenizers.size(), expected.size());
  const auto all = texts();
  const auto code_points = sweep();
  int compared = 0;
  for (std::size_t i = 0; i < tokenizers.size(); ++i) {
    const Json row = Json::parse(expected[i]);
    const std::string& name = row.as_array()[0].as_string();
    // A line is ["name", {…}]: what lies between is the file as the reference read it.
    const std::string& line = tokenizers[i];
    const std::size_t begin = line.find(',') + 1;
    ASSERT_EQ(line.substr(2, begin - 4), name);
    const Tokenizer tokenizer = make_tokenizer(
        parse_tokenizer_json(std::string_view(line).substr(begin, line.size() - begin - 1)));
    Comparison comparison(name, tokenizer);
    comparison.run(all, row.as_array()[1].as_string(), false);
    comparison.run(all, row.as_array()[2].as_string(), true);
    comparison.run(code_points, row.as_array()[3].as_string(), false);
    compared += comparison.compared;
    if (comparison.differences > 0) {
      ADD_FAILURE() << name << ": " << comparison.differences << " of " << comparison.compared;
    }
  }
  EXPECT_GE(compared, 60000);
}

/// A folder with the two files, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "typecase_class_XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw Error(Code::io, "no temporary folder");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name) << text;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string tokenizer_json(const std::string& base) {
  const std::string name = base.substr(base.find('/') + 1);
  if (!base.starts_with("components/")) {
    const std::string own = kGolden + "components/" + name + ".json";
    std::ifstream file(
        std::filesystem::exists(own) ? own : kGolden + "small/" + name + "/tokenizer.json");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const std::string start = "[\"" + name + "\",";
  for (const std::string& line : lines_of(kGolden + "components/tokenizers.jsonl")) {
    if (line.starts_with(start)) return line.substr(start.size(), line.size() - start.size() - 1);
  }
  return {};
}

/// vocab.json and merges.txt in place of a tokenizer.json.
void write_apart(const Folder& folder, const Json& model) {
  std::string merges = "#version: 0.2\n";
  for (const Json& merge : model.at("merges").as_array()) {
    merges += merge.is_string()
                  ? merge.as_string()
                  : merge.as_array()[0].as_string() + " " + merge.as_array()[1].as_string();
    merges += '\n';
  }
  folder.write("vocab.json", model.at("vocab").dump());
  folder.write("merges.txt", merges);
}

TEST(TokenizerClasses, EqualTheReference) {
  const auto classes = lines_of(kGolden + "components/classes.jsonl");
  const auto expected = lines_of(kGolden + "components/classes_expected.jsonl");
  ASSERT_GE(classes.size(), 120u);
  ASSERT_EQ(classes.size(), expected.size());
  auto all = texts();
  for (const auto& line : lines_of(kGolden + "components/class_texts.jsonl")) {
    all.push_back(Json::parse(line).as_string());
  }
  int compared = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const Json given = Json::parse(classes[i]);
    const Json row = Json::parse(expected[i]);
    const std::string& name = row.as_array()[0].as_string();
    ASSERT_EQ(given.as_array()[0].as_string(), name);
    const Folder folder;
    const std::string& base = given.as_array()[1].as_string();
    if (base.starts_with("apart/")) {
      write_apart(folder, Json::parse(tokenizer_json(base)).at("model"));
    } else {
      folder.write("tokenizer.json", tokenizer_json(base));
    }
    folder.write("tokenizer_config.json", given.as_array()[2].dump());
    for (const auto& [file, content] : given.as_array()[3].as_object()) {
      folder.write(file, content.dump());
    }
    const Tokenizer tokenizer = Tokenizer::from_folder(folder.path());
    Comparison comparison(name, tokenizer);
    comparison.run(all, row.as_array()[1].as_string(), false);
    std::vector<std::string> seconds;
    for (std::size_t k = 0; k < all.size(); k += 4) seconds.push_back(all[k]);
    std::vector<std::string> firsts{""};
    firsts.insert(firsts.end(), all.begin(), all.end());
    comparison.run_pairs(firsts, seconds, row.as_array()[2].as_string());
    compared += comparison.compared;
    if (comparison.differences > 0) {
      ADD_FAILURE() << name << ": " << comparison.differences << " of " << comparison.compared;
    }
  }
  EXPECT_GE(compared, 55000);
}

/// What reading a folder with this tokenizer_config.json ends in.
std::string refusal(const std::string& base, const std::string& config) {
  const Folder folder;
  folder.write("tokenizer.json", tokenizer_json(base));
  folder.write("tokenizer_config.json", config);
  try {
    Tokenizer::from_folder(folder.path());
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TokenizerClasses, SayWhatTheyMiss) {
  const auto expect = [](const std::string& base, const std::string& config, const char* said) {
    EXPECT_NE(refusal(base, config).find(said), std::string::npos) << refusal(base, config);
  };
  expect("own/unigram_languages", R"({"tokenizer_class": "UdopTokenizer"})", "UdopTokenizer");
  expect("own/unigram_cls", R"({"tokenizer_class": "BigBirdTokenizer", "cls_token": null})",
         "cls_token is null");
  expect("small/gpt2", R"({"tokenizer_class": "WhisperTokenizer", "unk_token": null})",
         "<|startoftranscript|>");
  expect("small/gpt2", R"({"tokenizer_class": "WhisperTokenizer", "language": "Elvish"})",
         "Elvish");
  expect("own/unigram_languages", R"({"tokenizer_class": "PegasusTokenizer", "offset": 1000000})",
         "the limit is 10000");
  expect("own/unigram_languages", R"({"tokenizer_class": "XLNetTokenizer", "unk_id": -1})",
         "/unk_id");
  expect("own/unigram_cls", R"({"tokenizer_class": "CLIPTokenizer"})", "BPE");
}

}  // namespace
}  // namespace typecase
