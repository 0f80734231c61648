/// Every recorded template renders what the reference rendered, and fails where it failed.
#include <typecase/chat.h>
#include <typecase/error.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace typecase {
namespace {

const std::string kFolder = std::string(TYPECASE_SOURCE_DIR) + "/tests/golden/templates/";

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

ChatRequest request_of(const Json& json) {
  ChatRequest out;
  out.messages = json.at("messages");
  if (json.has("tools")) out.tools = json.at("tools");
  if (json.has("documents")) out.documents = json.at("documents");
  if (json.has("variables")) out.variables = json.at("variables");
  if (json.has("add_generation_prompt")) {
    out.add_generation_prompt = json.at("add_generation_prompt").as_bool();
  }
  if (const Json* field = json.find("continue_final_message")) {
    out.continue_final_message = field->is_string() ? field->as_string() : "content";
  }
  out.now = ClockTime::parse("2026-11-22T10:05:09");
  return out;
}

/// The rendered text, or nothing and the error's message.
std::optional<std::string> rendered(const std::string& source, const Json& special,
                                    const ChatRequest& request, std::string& message) {
  try {
    return ChatTemplate::parse(source, special).render(request).text;
  } catch (const Error& error) {
    message = error.message();
    return std::nullopt;
  }
}

void expect_recorded(const Json& line, const std::string& source, const ChatRequest& request) {
  std::string message;
  const Json special = line.has("special") ? line.at("special") : Json::object();
  const auto text = rendered(source, special, request, message);
  if (line.has("error")) {
    EXPECT_FALSE(text) << source << "\nrendered " << *text << "\nwhere the reference raises "
                       << line.at("error").as_string();
    return;
  }
  ASSERT_TRUE(text) << source << "\n" << message;
  EXPECT_EQ(*text, line.at("text").as_string()) << source;
}

TEST(RecordedTemplates, SmallOnes) {
  const ChatRequest shared = request_of(Json::parse(contents(kFolder + "small.request.json")));
  std::istringstream lines(contents(kFolder + "small.jsonl"));
  std::size_t count = 0;
  for (std::string text; std::getline(lines, text); ++count) {
    const Json line = Json::parse(text);
    const Json* request = line.find("request");
    expect_recorded(line, line.at("template").as_string(),
                    request != nullptr ? request_of(*request) : shared);
  }
  EXPECT_GE(count, 390u);
}

std::string cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
  };
  if (const std::string cache = variable("TYPECASE_CACHE"); !cache.empty()) return cache;
  const std::string xdg = variable("XDG_CACHE_HOME");
  return (xdg.empty() ? variable("HOME") + "/.cache" : xdg) + "/typecase";
}

/// The source of a family's published template; empty when it has not been fetched.
std::string published(const std::string& family) {
  if (family == "smollm2") return contents(kFolder + "smollm2.jinja");
  const std::string config =
      contents(cache_folder() + "/templates/" + family + "/tokenizer_config.json");
  return config.empty() ? config : Json::parse(config).at("chat_template").as_string();
}

TEST(RecordedTemplates, PublishedFamilies) {
  std::istringstream lines(contents(kFolder + "families.jsonl"));
  std::map<std::string, std::string> sources;
  std::size_t count = 0;
  bool missing = false;
  for (std::string text; std::getline(lines, text);) {
    const Json line = Json::parse(text);
    const std::string family = line.at("family").as_string();
    if (!sources.contains(family)) sources[family] = published(family);
    missing |= sources[family].empty();
    if (sources[family].empty()) continue;
    expect_recorded(line, sources[family], request_of(line.at("request")));
    ++count;
  }
  EXPECT_GE(count, 24u);  // the default model's own template is always there
  if (missing) GTEST_SKIP() << "not all fetched: tools/fetch_templates.py";
}

}  // namespace
}  // namespace typecase
