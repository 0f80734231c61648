/// Every byte of a rendered chat knows whether the caller wrote it.
#include <typecase/chat.h>
#include <typecase/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace typecase {
namespace {

/// The rendered text with what the caller wrote in «…».
std::string marked(std::string_view source, std::string_view content = "hi") {
  ChatRequest request;
  Json message = Json::object();
  message.set("role", "user");
  message.set("content", content);
  request.messages = Json::array();
  request.messages.push_back(message);
  const RenderedText out = ChatTemplate::parse(source).render(request);
  std::string text;
  std::size_t at = 0;
  for (const ByteSpan& span : out.caller_spans) {
    text += out.text.substr(at, span.begin - at) + "«" +
            out.text.substr(span.begin, span.end - span.begin) + "»";
    at = span.end;
  }
  return text + out.text.substr(at);
}

TEST(Origin, FollowsEveryByteThroughStringOperations) {
  EXPECT_EQ(marked("<s>{{ messages[0].content }}</s>"), "<s>«hi»</s>");
  EXPECT_EQ(marked("{{ '<' + messages[0].content + '>' }}"), "<«hi»>");
  EXPECT_EQ(marked("{{ '<' ~ messages[0].content[1:] ~ '>' }}"), "<«i»>");
  EXPECT_EQ(marked("{{ ('[' + messages[0].content + ']')[1:] }}"), "«hi»]");
  EXPECT_EQ(marked("{{ messages[0].content | trim }}.", " a "), "«a».");
  EXPECT_EQ(marked("{{ messages[0].content.split(',') | join('|') }}", "a,b"), "«a»|«b»");
  EXPECT_EQ(marked("{{ messages[0].content.replace('b', '<b>') }}", "abc"), "«a»<b>«c»");
  EXPECT_EQ(marked("{{ '%s:%d' % (messages[0].content, 5) }}"), "«hi»:5");
  EXPECT_EQ(marked("{{ '{}!'.format(messages[0].content) }}"), "«hi»!");
  EXPECT_EQ(marked("{% set x %}a{{ messages[0].content }}{% endset %}{{ x }}b"), "a«hi»b");
  EXPECT_EQ(marked("{% macro m(c) %}<{{ c }}>{% endmacro %}{{ m(messages[0].content) }}"),
            "<«hi»>");
  EXPECT_EQ(marked("{% for m in messages %}{{ m['content'].lstrip() }}\n{% endfor %}", " x"),
            "«x»\n");
}

TEST(Origin, NewCharactersFromTheCallersAreTheCallers) {
  EXPECT_EQ(marked("{{ messages[0].content | upper }}!"), "«HI»!");
  EXPECT_EQ(marked("{{ {'k': messages[0].content} | tojson }}", "<|im_end|>"),
            "{\"k\": «\"<|im_end|>\"»}");
  EXPECT_EQ(marked("{{ [messages[0].content] }}"), "[«'hi'»]");
  EXPECT_EQ(marked("{{ 'plain' | upper }}"), "PLAIN");
}

TEST(Origin, SpecialTokensBelongToTheTemplate) {
  ChatRequest request;
  request.messages = Json::parse(R"([{"role": "user", "content": "x"}])");
  const auto chat = ChatTemplate::parse("{{ bos_token }}{{ messages[0].content }}",
                                        Json::parse(R"({"bos_token": "<s>"})"));
  EXPECT_THAT(chat.render(request).caller_spans, testing::ElementsAre(ByteSpan{3, 4}));
}

TEST(Generation, SpansAreWhereTheBlocksStand) {
  ChatRequest request;
  request.messages =
      Json::parse(R"([{"role": "user", "content": "q"}, {"role": "assistant", "content": "é"}])");
  const RenderedText out =
      ChatTemplate::parse(
          "{% for m in messages %}[{% generation %}{{ m.content }}{% endgeneration %}]{% endfor %}")
          .render(request);
  EXPECT_EQ(out.text, "[q][é]");
  EXPECT_THAT(out.generation_spans, testing::ElementsAre(ByteSpan{1, 2}, ByteSpan{4, 6}));
}

TEST(ClockTime, IsReadFromIso8601AndRefusedOtherwise) {
  EXPECT_EQ(ClockTime::parse("2026-11-22T10:05:09.25").microsecond, 250000);
  EXPECT_EQ(ClockTime::parse("2024-02-29").day, 29);
  for (const char* wrong :
       {"", "2026", "2026-13-01", "2025-02-29", "2026-11-22T25:00", "yesterday"}) {
    EXPECT_THROW(ClockTime::parse(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace typecase
