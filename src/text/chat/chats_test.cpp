/// Which template is chosen, what it sees, and how the chat is encoded: as the reference does it
/// (tools/record_chats.py), control tokens that somebody typed included.
#include "base/utf8.h"

#include <typecase/chat.h>
#include <typecase/error.h>
#include <typecase/tokenizer.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace typecase {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

fs::path cached_tokenizer(const std::string& name) {
  const auto variable = [](const char* key) {
    const char* value = std::getenv(key);
    return std::string(value == nullptr ? "" : value);
  };
  fs::path cache = variable("TYPECASE_CACHE");
  if (cache.empty() && !variable("XDG_CACHE_HOME").empty())
    cache = fs::path(variable("XDG_CACHE_HOME")) / "typecase";
  if (cache.empty()) cache = fs::path(variable("HOME")) / ".cache" / "typecase";
  return cache / "tokenizers" / name / "tokenizer.json";
}

/// The recorded models as folders.
class Models {
 public:
  Models()
      : folder_(fs::temp_directory_path() / ("typecase-chats-" + std::to_string(::getpid()))) {}
  ~Models() { fs::remove_all(folder_); }

  void add(const Json& line) {
    const std::string name = line.at("model").as_string();
    const fs::path folder = folder_ / name;
    for (const auto& [path, text] : line.at("files").as_object()) {
      write(folder / path, text.as_string());
    }
    const Json& tokenizer = line.at("tokenizer");
    const std::string text = tokenizer.is_string() ? tokenizer.as_string() : "";
    if (text.empty()) {
      write(folder / "tokenizer.json", tokenizer.dump());
    } else if (text.starts_with("cache:")) {
      const fs::path cached = cached_tokenizer(text.substr(6));
      if (!fs::exists(cached)) return;  // not fetched: its cases are skipped
      fs::create_symlink(cached, folder / "tokenizer.json");
    } else {
      fs::copy_file(folder_ / text / "tokenizer.json", folder / "tokenizer.json");
    }
    open_.emplace(name, Tokenizer::from_folder(folder.string()));
  }
  const Tokenizer* find(const std::string& name) const {
    const auto at = open_.find(name);
    return at == open_.end() ? nullptr : &at->second;
  }

 private:
  fs::path folder_;
  std::map<std::string, Tokenizer> open_{};
};

ChatRequest request_of(const Json& json) {
  ChatRequest out;
  out.messages = json.at("messages");
  if (json.has("tools")) out.tools = json.at("tools");
  if (json.has("documents")) out.documents = json.at("documents");
  if (json.has("variables")) out.variables = json.at("variables");
  out.add_generation_prompt =
      json.has("add_generation_prompt") && json.at("add_generation_prompt").as_bool();
  if (json.has("continue_final_message")) out.continue_final_message = "content";
  out.now = ClockTime::parse("2026-11-22T10:05:09");
  return out;
}

struct Answer {
  std::string text{};
  Tokens ids{};
  std::vector<ByteSpan> spans{};
  std::string error{};
};

Answer answer(const Tokenizer& tokenizer, const Json& request) {
  Answer out;
  try {
    const ChatRequest chat = request_of(request);
    const Json* asked = request.find("chat_template");
    const ChatTemplate chosen = ChatTemplate::of(
        tokenizer, asked != nullptr && asked->is_string() ? asked->as_string() : "",
        !chat.tools.is_null());
    const RenderedText rendered = chosen.render(chat);
    const bool literal = request.has("literal") && request.at("literal").as_bool();
    out.text = rendered.text;
    out.spans = rendered.generation_spans;
    out.ids = encode_chat(tokenizer, chosen, rendered,
                          literal ? TypedTokens::text : TypedTokens::control);
  } catch (const Error& error) {
    out.error = error.what();
  }
  return out;
}

Tokens tokens_of(const Json& list) {
  Tokens out;
  for (const Json& id : list.as_array()) out.push_back(static_cast<TokenId>(id.as_integer()));
  return out;
}

/// Byte ranges as ranges of characters, as the reference counts.
Json in_characters(const Answer& a) {
  Json out = Json::array();
  const auto count = [&](std::size_t bytes) {
    return Json(
        static_cast<std::int64_t>(count_code_points(std::string_view(a.text).substr(0, bytes))));
  };
  for (const ByteSpan& span : a.spans)
    out.push_back(Json::Array{count(span.begin), count(span.end)});
  return out;
}

TEST(Chats, AreThoseOfTheReference) {
  Models models;
  std::istringstream lines(
      contents(std::string(TYPECASE_SOURCE_DIR) + "/tests/golden/templates/chats.jsonl"));
  std::size_t count = 0, skipped = 0;
  for (std::string text; std::getline(lines, text);) {
    const Json line = Json::parse(text);
    if (line.has("model")) {
      models.add(line);
      continue;
    }
    const Tokenizer* tokenizer = models.find(line.at("of").as_string());
    if (tokenizer == nullptr) {
      ++skipped;
      continue;
    }
    const std::string what = line.at("of").as_string() + " " + line.at("request").dump();
    const Answer ours = answer(*tokenizer, line.at("request"));
    ++count;
    if (line.has("error")) {
      EXPECT_NE(ours.error, "") << what << "\nrendered " << ours.text
                                << "\nwhere the reference raises " << line.at("error").as_string();
      continue;
    }
    ASSERT_EQ(ours.error, "") << what;
    EXPECT_EQ(ours.text, line.at("text").as_string()) << what;
    EXPECT_EQ(ours.ids, tokens_of(line.at("ids"))) << what << "\n" << ours.text;
    if (line.has("spans")) {
      EXPECT_EQ(in_characters(ours), line.at("spans")) << what;
    }
  }
  EXPECT_GE(count, 220u);
  if (skipped > 0) GTEST_SKIP() << skipped << " cases need tools/fetch_tokenizers.py";
}

}  // namespace
}  // namespace typecase
