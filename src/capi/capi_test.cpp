/// The C interface: what it gives is what the C++ interface gives, and nothing that it is handed
/// ends the process. tests/consumers builds programs against the installed library.
#include <typecase/chat.h>
#include <typecase/model.h>
#include <typecase/pipeline.h>
#include <typecase/typecase.h>

#include <gmock/gmock.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <thread>

namespace typecase {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string kText = TYPECASE_SOURCE_DIR "/tests/golden/llama-text";
constexpr std::size_t kEnds = TYPECASE_NUL_TERMINATED;

struct Close {
  void operator()(typecase_model* p) const { typecase_model_close(p); }
  void operator()(typecase_tokenizer* p) const { typecase_tokenizer_close(p); }
  void operator()(typecase_result* p) const { typecase_result_close(p); }
};
template <class T>
using Handle = std::unique_ptr<T, Close>;

Handle<typecase_model> open(const std::string& path = kText) {
  typecase_model* model = nullptr;
  EXPECT_EQ(typecase_model_open(path.c_str(), nullptr, &model), TYPECASE_OK)
      << typecase_last_error();
  return Handle<typecase_model>(model);
}

Handle<typecase_tokenizer> tokenizer_of(const Handle<typecase_model>& model) {
  typecase_tokenizer* tokenizer = nullptr;
  EXPECT_EQ(typecase_model_tokenizer(model.get(), &tokenizer), TYPECASE_OK);
  return Handle<typecase_tokenizer>(tokenizer);
}

std::string taken(char* text) {
  std::string out = text != nullptr ? text : "NULL";
  typecase_free(text);
  return out;
}

Tokens tokens_of(const typecase_tokenizer* tokenizer, const std::string& text) {
  std::int32_t* ids = nullptr;
  std::size_t count = 0;
  EXPECT_EQ(typecase_tokenize(tokenizer, text.data(), text.size(), 1, &ids, &count), TYPECASE_OK)
      << typecase_last_error();
  Tokens out(ids, ids + count);
  typecase_free(ids);
  return out;
}

Tokens row_of(const Handle<typecase_result>& result, std::size_t row) {
  const std::int32_t* ids = nullptr;
  std::size_t count = 0;
  EXPECT_EQ(typecase_result_ids(result.get(), row, &ids, &count), TYPECASE_OK);
  return Tokens(ids, ids + count);
}

const Tokens kPrompt{9, 50, 93};

typecase_request greedy(const Tokens& ids = kPrompt) {
  typecase_request request = TYPECASE_REQUEST_INIT;
  request.input_ids = ids.data();
  request.rows = 1;
  request.length = ids.size();
  request.config_json = R"({"max_new_tokens": 6, "do_sample": false, "eos_token_id": null})";
  return request;
}

Handle<typecase_result> generated(const Handle<typecase_model>& model,
                                  const typecase_request& request,
                                  const typecase_callbacks* callbacks = nullptr) {
  typecase_result* result = nullptr;
  EXPECT_EQ(typecase_generate(model.get(), &request, callbacks, &result), TYPECASE_OK)
      << typecase_last_error();
  return Handle<typecase_result>(result);
}

/// What callbacks were told.
struct Heard {
  std::string text{};
  Tokens tokens{};
  std::vector<std::string> events{};
  std::size_t stop_after = 1000;

  static Heard& of(void* user) { return *static_cast<Heard*>(user); }
  typecase_callbacks callbacks() {
    typecase_callbacks out = TYPECASE_CALLBACKS_INIT;
    out.user = this;
    return out;
  }
  static std::int32_t on_text(void* user, const char* text, std::size_t bytes) {
    EXPECT_EQ(text[bytes], '\0');
    of(user).text.append(text, bytes);
    return 0;
  }
  static std::int32_t on_tokens(void* user, const std::int32_t* ids, std::size_t rows) {
    of(user).tokens.insert(of(user).tokens.end(), ids, ids + rows);
    return of(user).tokens.size() >= of(user).stop_after;
  }
  static void on_event(void* user, const char* json, std::size_t bytes) {
    of(user).events.emplace_back(json, bytes);
  }
};

TEST(CInterface, NamesItsVersionsAndStatuses) {
  EXPECT_STREQ(typecase_version(), "0.1.0");
  EXPECT_EQ(typecase_api_version(), TYPECASE_API_VERSION);
  EXPECT_STREQ(typecase_status_name(TYPECASE_OK), "ok");
  EXPECT_STREQ(typecase_status_name(TYPECASE_MISMATCH), "mismatch");
  EXPECT_STREQ(typecase_status_name(TYPECASE_INTERRUPTED), "interrupted");
  EXPECT_STREQ(typecase_status_name(-1), "unknown");
  EXPECT_STREQ(typecase_status_name(99), "unknown");
}

TEST(CInterface, TokenisesAndBack) {
  const auto model = open();
  const auto tokenizer = tokenizer_of(model);
  const Model same = Model::open(kText);
  const Tokens ids = tokens_of(tokenizer.get(), "the cat sat");
  EXPECT_EQ(ids, same.tokenizer().encode_ids("the cat sat"));

  char* text = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(typecase_detokenize(tokenizer.get(), ids.data(), ids.size(), 1, &text, &bytes),
            TYPECASE_OK);
  EXPECT_EQ(bytes, std::strlen(text));
  EXPECT_EQ(taken(text), same.tokenizer().decode(ids, {.skip_special_tokens = true}));

  std::int32_t end = 0;
  ASSERT_EQ(typecase_tokenizer_end_id(tokenizer.get(), &end), TYPECASE_OK);
  EXPECT_EQ(end, same.tokenizer().end_id());
}

TEST(CInterface, TokenizersAreOpenedAloneToo) {
  for (const std::string& path : {kText, kText + "/tokenizer.json"}) {
    typecase_tokenizer* tokenizer = nullptr;
    ASSERT_EQ(typecase_tokenizer_open(path.c_str(), &tokenizer), TYPECASE_OK);
    const Handle<typecase_tokenizer> own(tokenizer);
    EXPECT_EQ(tokens_of(tokenizer, "the cat"), tokens_of(tokenizer_of(open()).get(), "the cat"));
  }
}

TEST(CInterface, NothingIsTextOfNoBytes) {
  const auto tokenizer = tokenizer_of(open());
  std::int32_t* ids = nullptr;
  std::size_t count = 7;
  ASSERT_EQ(typecase_tokenize(tokenizer.get(), "", kEnds, 0, &ids, &count), TYPECASE_OK);
  EXPECT_NE(ids, nullptr);
  EXPECT_EQ(count, 0u);
  typecase_free(ids);
  char* text = nullptr;
  ASSERT_EQ(typecase_detokenize(tokenizer.get(), nullptr, 0, 0, &text, nullptr), TYPECASE_OK);
  EXPECT_EQ(taken(text), "");
}

TEST(CInterface, GeneratesWhatCppGenerates) {
  GenerateRequest call{.input_ids = {kPrompt}};
  call.keywords.set("max_new_tokens", 6).set("do_sample", false).set("eos_token_id", nullptr);
  const auto expected = Model::open(kText).generate(call).sequences;
  const auto result = generated(open(), greedy());
  EXPECT_EQ(typecase_result_rows(result.get()), 1u);
  EXPECT_EQ(row_of(result, 0), expected[0]);
  EXPECT_EQ(typecase_result_stopped(result.get()), 0);
}

TEST(CInterface, MasksHidePadding) {
  const auto model = open();
  const Tokens padded{0, 0, 9, 50, 93, 1, 2, 3, 4, 5};
  const std::vector<std::uint8_t> mask{0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
  typecase_request request = greedy(padded);
  request.rows = 2;
  request.length = 5;
  request.attention_mask = mask.data();
  const Tokens row = row_of(generated(model, request), 0);
  const Tokens alone = row_of(generated(model, greedy()), 0);
  EXPECT_EQ(Tokens(row.begin() + 2, row.end()), alone);
}

TEST(CInterface, ASeedBelongsToItsCall) {
  const auto model = open();
  typecase_request request = greedy();
  request.config_json = R"({"max_new_tokens": 8, "do_sample": true, "eos_token_id": null})";
  const std::int64_t seed = 42;
  request.seed = &seed;
  const Tokens first = row_of(generated(model, request), 0);
  EXPECT_EQ(row_of(generated(model, request), 0), first);
  request.seed = nullptr;
  typecase_seed(42);
  EXPECT_EQ(row_of(generated(model, request), 0), first);
}

TEST(CInterface, BeamsHaveScores) {
  typecase_request request = greedy();
  request.config_json =
      R"({"max_new_tokens": 3, "num_beams": 3, "num_return_sequences": 2, "do_sample": false,
          "output_scores": true, "return_dict_in_generate": true})";
  const auto result = generated(open(), request);
  ASSERT_EQ(typecase_result_rows(result.get()), 2u);
  float best = 0;
  float second = 0;
  ASSERT_EQ(typecase_result_score(result.get(), 0, &best), TYPECASE_OK);
  ASSERT_EQ(typecase_result_score(result.get(), 1, &second), TYPECASE_OK);
  EXPECT_GE(best, second);
  EXPECT_LT(best, 0);
  EXPECT_EQ(typecase_result_score(result.get(), 2, &best), TYPECASE_INVALID_ARGUMENT);
  EXPECT_EQ(typecase_result_score(generated(open(), greedy()).get(), 0, &best), TYPECASE_NOT_FOUND);
}

TEST(CInterface, TokensAndTextArriveAsTheyCome) {
  const auto model = open();
  Heard heard;
  typecase_callbacks callbacks = heard.callbacks();
  callbacks.on_tokens = &Heard::on_tokens;
  callbacks.on_text = &Heard::on_text;
  const Tokens row = row_of(generated(model, greedy(), &callbacks), 0);
  EXPECT_EQ(heard.tokens, Tokens(row.begin() + 3, row.end()));
  EXPECT_EQ(heard.text, Model::open(kText).tokenizer().decode(heard.tokens));
}

TEST(CInterface, ACallbackEndsTheCall) {
  Heard heard{.stop_after = 2};
  typecase_callbacks callbacks = heard.callbacks();
  callbacks.on_tokens = &Heard::on_tokens;
  const auto result = generated(open(), greedy(), &callbacks);
  EXPECT_EQ(typecase_result_stopped(result.get()), 1);
  EXPECT_THAT(row_of(result, 0), SizeIs(kPrompt.size() + 2));
}

TEST(CInterface, TheTraceIsJson) {
  Heard heard;
  typecase_callbacks callbacks = heard.callbacks();
  callbacks.on_event = &Heard::on_event;
  callbacks.candidates = 2;
  generated(open(), greedy(), &callbacks);
  ASSERT_GT(heard.events.size(), 3u);
  EXPECT_EQ(Json::parse(heard.events.front()).at("event").as_string(), "begin");
  EXPECT_EQ(Json::parse(heard.events.back()).at("event").as_string(), "end");
  const Json logits = Json::parse(heard.events[1]);
  EXPECT_EQ(logits.at("event").as_string(), "logits");
  EXPECT_THAT(logits.at("top").as_array(), SizeIs(2));
  EXPECT_TRUE(logits.at("top").as_array()[0].at("text").is_string());
}

TEST(CInterface, ThePipelineSpeaksJson) {
  const auto model = open();
  Heard heard;
  typecase_callbacks callbacks = heard.callbacks();
  callbacks.on_text = &Heard::on_text;
  char* json = nullptr;
  ASSERT_EQ(
      typecase_text_generation(model.get(), R"("the cat")",
                               R"({"max_new_tokens": 5, "do_sample": false})", &callbacks, &json),
      TYPECASE_OK)
      << typecase_last_error();
  Json kwargs = Json::object();
  kwargs.set("max_new_tokens", 5);
  kwargs.set("do_sample", false);
  const Json expected = text_generation(Model::open(kText), Json("the cat"), kwargs);
  EXPECT_EQ(Json::parse(taken(json)), expected);
  EXPECT_EQ("the cat" + heard.text, expected.as_array()[0].at("generated_text").as_string());
}

TEST(CInterface, RendersChats) {
  const auto tokenizer = tokenizer_of(open());
  char* text = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(typecase_render_chat(tokenizer.get(),
                                 R"({"messages": [{"role": "user", "content": "Hé"}],
                    "chat_template": "{{ messages[0].role }}: {{ messages[0].content }}!"})",
                                 &text, &bytes),
            TYPECASE_OK)
      << typecase_last_error();
  EXPECT_EQ(bytes, std::strlen(text));
  EXPECT_EQ(taken(text), "user: Hé!");
}

TEST(CInterface, SummarisesAModel) {
  char* json = nullptr;
  ASSERT_EQ(typecase_model_summary(open().get(), &json), TYPECASE_OK);
  EXPECT_EQ(Json::parse(taken(json)).at("architecture").as_string(), "LlamaForCausalLM");
}

TEST(CInterface, OptionsReachTheModel) {
  typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
  options.dtype = "bfloat16";
  options.threads = 1;
  typecase_model* model = nullptr;
  ASSERT_EQ(typecase_model_open(kText.c_str(), &options, &model), TYPECASE_OK);
  char* json = nullptr;
  EXPECT_EQ(typecase_model_summary(model, &json), TYPECASE_OK);
  EXPECT_EQ(Json::parse(taken(json)).at("dtype").as_string(), "bfloat16");
  typecase_model_close(model);
}

TEST(CInterface, WhatOnlyCostsLessGivesTheSameTokens) {
  using Field = const char* typecase_model_options::*;
  const auto text_with = [](Field field, const char* choice) {
    typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
    options.dtype = "bfloat16";
    options.*field = choice;
    typecase_model* model = nullptr;
    EXPECT_EQ(typecase_model_open(kText.c_str(), &options, &model), TYPECASE_OK);
    char* json = nullptr;
    EXPECT_EQ(
        typecase_text_generation(model, "\"The rain\"",
                                 "{\"max_new_tokens\": 40, \"do_sample\": false}", nullptr, &json),
        TYPECASE_OK);
    typecase_model_close(model);
    return taken(json);
  };
  for (const Field field :
       {&typecase_model_options::recode, &typecase_model_options::lookup,
        &typecase_model_options::screen_head, &typecase_model_options::self_speculation}) {
    EXPECT_EQ(text_with(field, "on"), text_with(field, nullptr));
    EXPECT_EQ(text_with(field, "auto"), text_with(field, "off"));
  }
}

TEST(CInterface, APathStaysAPath) {
  char* path = nullptr;
  ASSERT_EQ(typecase_model_path(kText.c_str(), &path), TYPECASE_OK) << typecase_last_error();
  EXPECT_EQ(taken(path), kText);
}

// --- what must be refused -----------------------------------------------------------------------

#define EXPECT_REFUSED(call, status, message)               \
  do {                                                      \
    EXPECT_EQ((call), (status));                            \
    EXPECT_THAT(typecase_last_error(), HasSubstr(message)); \
  } while (false)

TEST(CInterfaceRefuses, NullWhereAValueIsNeeded) {
  const auto model = open();
  const auto tokenizer = tokenizer_of(model);
  const typecase_status wrong = TYPECASE_INVALID_ARGUMENT;
  typecase_model* m = nullptr;
  typecase_tokenizer* t = nullptr;
  typecase_result* r = nullptr;
  char* text = nullptr;
  std::int32_t* ids = nullptr;
  const std::int32_t* view = nullptr;
  std::int32_t end = 0;
  std::size_t n = 0;
  float score = 0;
  const typecase_request request = greedy();

  EXPECT_REFUSED(typecase_model_open(nullptr, nullptr, &m), wrong, "path is NULL");
  EXPECT_REFUSED(typecase_model_open("x", nullptr, nullptr), wrong, "model is NULL");
  EXPECT_REFUSED(typecase_model_path("x", nullptr), wrong, "path is NULL");
  EXPECT_REFUSED(typecase_model_summary(nullptr, &text), wrong, "model is NULL");
  EXPECT_REFUSED(typecase_model_summary(model.get(), nullptr), wrong, "json is NULL");
  EXPECT_REFUSED(typecase_model_tokenizer(nullptr, &t), wrong, "model is NULL");
  EXPECT_REFUSED(typecase_tokenizer_open(nullptr, &t), wrong, "path is NULL");
  EXPECT_REFUSED(typecase_tokenizer_end_id(nullptr, &end), wrong, "tokenizer is NULL");
  EXPECT_REFUSED(typecase_tokenize(nullptr, "", 0, 0, &ids, &n), wrong, "tokenizer is NULL");
  EXPECT_REFUSED(typecase_tokenize(tokenizer.get(), nullptr, 0, 0, &ids, &n), wrong,
                 "text is NULL");
  EXPECT_REFUSED(typecase_tokenize(tokenizer.get(), "a", 1, 0, nullptr, &n), wrong, "ids is NULL");
  EXPECT_REFUSED(typecase_tokenize(tokenizer.get(), "a", 1, 0, &ids, nullptr), wrong,
                 "count is NULL");
  EXPECT_REFUSED(typecase_detokenize(tokenizer.get(), nullptr, 3, 0, &text, &n), wrong,
                 "ids is NULL");
  EXPECT_REFUSED(typecase_detokenize(tokenizer.get(), kPrompt.data(), 3, 0, nullptr, &n), wrong,
                 "text is NULL");
  EXPECT_REFUSED(typecase_render_chat(tokenizer.get(), nullptr, &text, &n), wrong,
                 "request_json is NULL");
  EXPECT_REFUSED(typecase_generate(nullptr, &request, nullptr, &r), wrong, "model is NULL");
  EXPECT_REFUSED(typecase_generate(model.get(), nullptr, nullptr, &r), wrong, "request is NULL");
  EXPECT_REFUSED(typecase_generate(model.get(), &request, nullptr, nullptr), wrong,
                 "result is NULL");
  EXPECT_REFUSED(typecase_text_generation(model.get(), nullptr, nullptr, nullptr, &text), wrong,
                 "inputs_json is NULL");
  EXPECT_REFUSED(typecase_result_ids(nullptr, 0, &view, &n), wrong, "result is NULL");
  EXPECT_REFUSED(typecase_result_score(nullptr, 0, &score), wrong, "result is NULL");
  EXPECT_EQ(typecase_result_rows(nullptr), 0u);
  EXPECT_EQ(typecase_result_stopped(nullptr), 0);
  typecase_model_close(nullptr);
  typecase_tokenizer_close(nullptr);
  typecase_result_close(nullptr);
  typecase_free(nullptr);
}

TEST(CInterfaceRefuses, StructsOfNoVersion) {
  typecase_model* model = nullptr;
  typecase_model_options options{};
  EXPECT_REFUSED(typecase_model_open(kText.c_str(), &options, &model), TYPECASE_INVALID_ARGUMENT,
                 "options: size is 0, expected " + std::to_string(sizeof options));
  options.size = 8;
  EXPECT_REFUSED(typecase_model_open(kText.c_str(), &options, &model), TYPECASE_INVALID_ARGUMENT,
                 "size is 8");
  options.size = std::size_t{1} << 40;
  EXPECT_REFUSED(typecase_model_open(kText.c_str(), &options, &model), TYPECASE_INVALID_ARGUMENT,
                 "size is 1099511627776");
  EXPECT_EQ(model, nullptr);
}

TEST(CInterface, TakesOptionsOfTheFirstVersion) {
  typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
  options.size = offsetof(typecase_model_options, recode);
  options.recode = "behind the end of what an older program has";
  typecase_model* model = nullptr;
  EXPECT_EQ(typecase_model_open(kText.c_str(), &options, &model), TYPECASE_OK);
  typecase_model_close(model);
}

void expect_no_choice(const typecase_model_options& options, const char* message) {
  typecase_model* model = nullptr;
  EXPECT_REFUSED(typecase_model_open(kText.c_str(), &options, &model), TYPECASE_INVALID_ARGUMENT,
                 message);
  EXPECT_EQ(model, nullptr);
}

TEST(CInterfaceRefuses, RecodingThatIsNoChoice) {
  typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
  options.recode = "yes";
  expect_no_choice(options, "recode: auto, on or off, not 'yes'");
}

TEST(CInterfaceRefuses, SpeculationThatIsNoChoice) {
  typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
  options.self_speculation = "yes";
  expect_no_choice(options, "self_speculation: auto, on or off, not 'yes'");
}

TEST(CInterfaceRefuses, ActivationsThatAreNoChoice) {
  typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
  options.activations = "int4";
  expect_no_choice(options, "activations: full or int8, not 'int4'");
}

TEST(CInterfaceRefuses, FieldsOfALaterVersionUnlessTheyAreZero) {
  struct Later {
    typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
    std::int64_t unheard_of = 0;
  } later;
  later.options.size = sizeof later;
  typecase_model* model = nullptr;
  EXPECT_EQ(typecase_model_open(kText.c_str(), &later.options, &model), TYPECASE_OK);
  typecase_model_close(model);
  later.unheard_of = 1;
  EXPECT_REFUSED(typecase_model_open(kText.c_str(), &later.options, &model), TYPECASE_UNSUPPORTED,
                 "fields are set that this version of the library does not know");
  EXPECT_EQ(model, nullptr);
}

TEST(CInterfaceRefuses, BytesThatAreNoText) {
  const auto model = open();
  const auto tokenizer = tokenizer_of(model);
  std::int32_t* ids = nullptr;
  std::size_t count = 0;
  EXPECT_REFUSED(typecase_tokenize(tokenizer.get(), "ab\xff", 3, 0, &ids, &count),
                 TYPECASE_INVALID_ARGUMENT, "text is not UTF-8 at byte 2");
  char* text = nullptr;
  EXPECT_REFUSED(typecase_text_generation(model.get(), "\"\xed\xa0\x80\"", nullptr, nullptr, &text),
                 TYPECASE_INVALID_ARGUMENT, "inputs_json is not UTF-8 at byte 1");
  EXPECT_EQ(ids, nullptr);
  EXPECT_EQ(text, nullptr);
}

TEST(CInterfaceRefuses, JsonThatIsNone) {
  const auto model = open();
  char* text = nullptr;
  EXPECT_REFUSED(typecase_text_generation(model.get(), "\"a", nullptr, nullptr, &text),
                 TYPECASE_INVALID_ARGUMENT, "inputs_json: ");
  EXPECT_REFUSED(typecase_text_generation(model.get(), "\"a\"", "[]", nullptr, &text),
                 TYPECASE_INVALID_ARGUMENT, "kwargs_json: not an object");
  EXPECT_REFUSED(typecase_render_chat(tokenizer_of(model).get(), "3", &text, nullptr),
                 TYPECASE_INVALID_ARGUMENT, "request_json: not an object");
  typecase_request request = greedy();
  request.config_json = "{";
  typecase_result* result = nullptr;
  EXPECT_REFUSED(typecase_generate(model.get(), &request, nullptr, &result),
                 TYPECASE_INVALID_ARGUMENT, "config_json: ");
  request.config_json = R"({"temperature": 0, "do_sample": true})";
  EXPECT_REFUSED(typecase_generate(model.get(), &request, nullptr, &result),
                 TYPECASE_INVALID_ARGUMENT, "temperature");
  EXPECT_EQ(result, nullptr);
}

TEST(CInterfaceRefuses, ShapesThatAreNone) {
  const auto model = open();
  typecase_result* result = nullptr;
  typecase_request request = greedy();
  request.rows = 0;
  EXPECT_REFUSED(typecase_generate(model.get(), &request, nullptr, &result),
                 TYPECASE_INVALID_ARGUMENT, "input_ids without rows or length");
  request = greedy();
  request.input_ids = nullptr;
  EXPECT_REFUSED(typecase_generate(model.get(), &request, nullptr, &result),
                 TYPECASE_INVALID_ARGUMENT, "input_ids is NULL");
  const Tokens unknown{-1, 1 << 30};
  request = greedy(unknown);
  EXPECT_REFUSED(typecase_generate(model.get(), &request, nullptr, &result),
                 TYPECASE_INVALID_ARGUMENT, "-1");
}

TEST(CInterfaceRefuses, ModelsThatAreNotThere) {
  typecase_model* model = nullptr;
  EXPECT_REFUSED(typecase_model_open("/no/such/folder", nullptr, &model), TYPECASE_NOT_FOUND,
                 "/no/such/folder");
  EXPECT_EQ(model, nullptr);
  typecase_tokenizer* tokenizer = nullptr;
  EXPECT_REFUSED(typecase_tokenizer_open("/no/such/file", &tokenizer), TYPECASE_NOT_FOUND,
                 "/no/such/file");
}

TEST(CInterfaceRefuses, HubNamesThatTheCacheDoesNotHaveWhenOffline) {
  setenv("HF_HUB_OFFLINE", "1", 1);
  setenv("HF_HUB_CACHE", "/no/such/cache", 1);
  char* path = nullptr;
  EXPECT_REFUSED(typecase_model_path("acme/none", &path), TYPECASE_NETWORK, "acme/none");
  EXPECT_EQ(path, nullptr);
  unsetenv("HF_HUB_OFFLINE");
  unsetenv("HF_HUB_CACHE");
}

TEST(CInterfaceRefuses, TextOfSeveralRows) {
  Heard heard;
  typecase_callbacks callbacks = heard.callbacks();
  callbacks.on_text = &Heard::on_text;
  typecase_request request = greedy();
  request.config_json = R"({"max_new_tokens": 2, "do_sample": true, "num_return_sequences": 2})";
  typecase_result* result = nullptr;
  EXPECT_REFUSED(typecase_generate(open().get(), &request, &callbacks, &result),
                 TYPECASE_INVALID_ARGUMENT, "on_text needs one row, there are 2");
}

TEST(CInterface, EveryThreadHasItsOwnLastError) {
  typecase_model* model = nullptr;
  typecase_model_open("/no/such/folder", nullptr, &model);
  std::thread([] { EXPECT_STREQ(typecase_last_error(), ""); }).join();
  EXPECT_THAT(typecase_last_error(), HasSubstr("/no/such/folder"));
}

}  // namespace
}  // namespace typecase
