/// Templates that want too much: each ends in an error that names the limit and the place, soon.
#include <typecase/chat.h>
#include <typecase/error.h>

#include <gtest/gtest.h>

#include <ctime>
#include <functional>

namespace typecase {
namespace {

struct Hostile {
  std::string source;
  std::string limit;  // what the message must name
};

std::string repeated(std::string_view piece, std::size_t n) {
  std::string out;
  while (n-- > 0) out += piece;
  return out;
}

/// Texts and lists that grow beyond their limit in one operation.
std::vector<Hostile> growth() {
  std::vector<Hostile> out;
  const char* const kStrings[] = {"'a' * 10**10",
                                  "10**10 * 'a'",
                                  "'ab'.center(10**10)",
                                  "'a'.ljust(10**10)",
                                  "'a'.rjust(10**12)",
                                  "'a'.zfill(10**10)",
                                  "'a'|center(10**10)",
                                  "'\\t'.expandtabs(10**10)",
                                  "'a'|indent(10**10)",
                                  "'%10000000000d' % 1",
                                  "'%*d' % (10**10, 1)",
                                  "'%.9999999999f' % 1.5",
                                  "'{:10000000000}'.format(1)",
                                  "'{:>99999999999}'.format('x')",
                                  "'{:.9999999999f}'.format(1.5)",
                                  "('x' * 10**6).replace('x', 'y' * 10**6)",
                                  "('x' * 10**6)|replace('x', 'y' * 10**6)",
                                  "('x' * 10**4).join(['a'] * 10**5)",
                                  "(['a'] * 10**5)|join('x' * 10**4)",
                                  "('x' * 10**5).replace('', 'y' * 10**5)",
                                  "[1]|tojson(indent=10**10)",
                                  "'x' * (2**62)",
                                  "'x' * 10**30",
                                  "'{:{}}'.format('x', 10**10)",
                                  "'%-10000000000s' % 'x'"};
  for (const char* e : kStrings)
    out.push_back({std::string("{{ (") + e + ")|length }}", "string limit"});
  const char* const kLists[] = {"[0] * 10**9",
                                "10**9 * [0]",
                                "(0,) * 10**9",
                                "[0, 1] * 2**62",
                                "[1]|batch(10**9, 0)|list",
                                "[1]|slice(10**9)|list"};
  for (const char* e : kLists)
    out.push_back({std::string("{{ (") + e + ")|length }}", "list limit"});
  return out;
}

/// Values that double with every round of a loop.
std::vector<Hostile> doubling() {
  const std::pair<const char*, const char*> kSteps[] = {{"'x'", "n.v + n.v"},
                                                        {"'x'", "n.v ~ n.v"},
                                                        {"'x'", "n.v * 2"},
                                                        {"'x'", "n.v.replace('x', 'xx')"},
                                                        {"'x'", "n.v|replace('x', 'xx')"},
                                                        {"'x'", "[n.v, n.v]|join"},
                                                        {"'x'", "'%s%s' % (n.v, n.v)"},
                                                        {"'x'", "'{0}{0}'.format(n.v)"},
                                                        {"'x'", "(n.v, n.v)|string"},
                                                        {"'\\\\'", "[n.v]|string"},
                                                        {"'\"'", "n.v|tojson"},
                                                        {"'&'", "(n.v|string|e)|string + n.v"},
                                                        {"[0]", "n.v + n.v"},
                                                        {"[0]", "n.v * 2"},
                                                        {"(0,)", "n.v + n.v"},
                                                        {"[0]", "(n.v|list) + n.v"},
                                                        {"'x'", "(n.v|list + n.v|list)|join"},
                                                        {"'x'", "n.v.upper() + n.v.lower()"},
                                                        {"'x'", "n.v|indent + n.v"},
                                                        {"'x'", "n.v.center(n.v|length * 3)"}};
  std::vector<Hostile> out;
  for (const auto& [first, next] : kSteps) {
    out.push_back({std::string("{% set n = namespace(v=") + first +
                       ") %}{% for i in range(100000) %}{% set n.v = " + next + " %}{% endfor %}",
                   "limit is reached"});
  }
  return out;
}

std::vector<Hostile> numbers() {
  std::vector<Hostile> out;
  for (const char* e : {"10**(10**10)", "2**99999", "9**(9**9)", "(10**4000) * (10**4000)",
                        "2**(2**70)", "10**5000", "(2**10000)**2", "99999**99999", "7**20000"}) {
    out.push_back({std::string("{{ ") + e + " }}", "integer limit"});
  }
  out.push_back({"{{ " + repeated("9", 5000) + " }}", "integer limit"});
  out.push_back({"{{ '" + repeated("9", 5000) + "'|int }}", "integer limit"});
  out.push_back(
      {"{% set n = namespace(v=3) %}{% for i in range(99) %}{% set n.v = n.v * n.v %}{% endfor %}",
       "integer limit"});
  for (const char* e :
       {"range(10**9)", "range(100001)", "range(0, 10**18, 3)", "range(0, -10**9, -1)",
        "range(-(2**62), 2**62)", "range(10**9)|list", "range(10**6)|sum"}) {
    out.push_back({std::string("{{ ") + e + " }}", "range limit"});
  }
  out.push_back({"{{ 1e300 ** 2 }}", "float limit"});
  out.push_back({"{{ (10**400) / 3 }}", "float limit"});
  return out;
}

std::vector<Hostile> nesting() {
  std::vector<Hostile> out;
  const std::pair<const char*, const char*> kPairs[] = {
      {"(", ")"},        {"[", "]"},           {"{1:", "}"},  {"f(", ")"},
      {"a[", "]"},       {"not ", ""},         {"- ", ""},    {"+ ", ""},
      {"1 if ", ""},     {"1 if 1 else ", ""}, {"(1, ", ")"}, {"'a'|default(", ")"},
      {"1 is eq(", ")"}, {"dict(a=", ")"},     {"[1][", "]"}};
  for (const std::size_t depth : {201u, 5000u, 100000u}) {
    for (const auto& [open, close] : kPairs) {
      out.push_back(
          {"{{ " + repeated(open, depth) + "1" + repeated(close, depth) + " }}", "limit"});
    }
  }
  for (const char* tag : {"if 1", "for i in l", "with", "filter upper", "set x", "generation",
                          "macro m()", "call m()", "autoescape 1"}) {
    out.push_back({repeated(std::string("{% ") + tag + " %}", 5000), "nesting limit"});
  }
  return out;
}

std::vector<Hostile> chains() {
  std::vector<Hostile> out;
  for (const char* piece : {" + 1", " - 1", " * 1", " ~ 1", " and 1", " or 0", " == 1", " < 1",
                            "|abs", ".a", "[0]", "()", " ** 1", " // 1", " % 1", " in 1"}) {
    out.push_back({"{{ 1" + repeated(piece, 20000) + " }}", "chain limit"});
  }
  return out;
}

std::vector<Hostile> recursion() {
  return {
      {"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "depth limit"},
      {"{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
       "depth limit"},
      {"{% macro m() %}{{ m()|upper }}{% endmacro %}{{ m() }}", "depth limit"},
      {"{% macro m() %}{% call m() %}{% endcall %}{{ caller }}{% endmacro %}{{ m() }}",
       "depth limit"},
      {"{% macro m(a=m()) %}{% endmacro %}{{ m() }}", "depth limit"},
      {"{% macro m(x) %}{{ m(x + x) }}{% endmacro %}{{ m('aa') }}", "limit"},
      {"{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}", "depth limit"},
      {"{% macro m() %}{% for i in range(9) %}{{ m() }}{% endfor %}{% endmacro %}{{ m() }}",
       "depth limit"},
      {"{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "depth limit"},
      {"{% for i in [1, 2] recursive %}{{ loop([1, 2]) }}{{ loop([1]) }}{% endfor %}",
       "depth limit"},
      {"{% set n = namespace() %}{% set n.n = n %}{{ n }}", "depth limit"},
      {"{% set n = namespace() %}{% set n.l = [n] %}{{ n.l }}", "depth limit"},
      {"{% set n = namespace(v=[]) %}{% for i in range(900) %}{% set n.v = [n.v] %}{% endfor %}{{ "
       "n.v }}",
       "depth limit"},
      {"{% set n = namespace(v=[]) %}{% for i in range(900) %}{% set n.v = {'a': n.v} %}{% endfor "
       "%}{{ n.v|tojson }}",
       "depth limit"},
      {"{% set n = namespace(v=[],w=[]) %}{% for i in range(900) %}{% set n.v = [n.v] %}{% set n.w "
       "= [n.w] %}{% endfor %}{{ n.v == n.w }}",
       "depth limit"},
      {"{% set n = namespace(v=[],w=[]) %}{% for i in range(900) %}{% set n.v = [n.v] %}{% set n.w "
       "= [n.w] %}{% endfor %}{{ n.v < n.w }}",
       "depth limit"},
      {"{% set n = namespace(v=[0]) %}{% for i in range(60) %}{% set n.v = [n.v, n.v] %}{% endfor "
       "%}{{ n.v }}",
       "limit"},
      {"{% set n = namespace(v=[0]) %}{% for i in range(60) %}{% set n.v = [n.v, n.v] %}{% endfor "
       "%}{{ n.v|tojson }}",
       "limit"},
      {"{% set n = namespace(v=[0],w=[0]) %}{% for i in range(60) %}{% set n.v = [n.v, n.v] %}{% "
       "set n.w = [n.w, n.w] %}{% endfor %}{{ n.v == n.w }}",
       "limit"},
  };
}

std::vector<Hostile> work() {
  std::vector<Hostile> out;
  const char* const kBodies[] = {"",
                                 "x",
                                 "{{ i }}",
                                 "{% if i %}{% endif %}",
                                 "{% set x = i * i %}",
                                 "{{ 'a' in 'b' }}",
                                 "{{ [i]|sort }}",
                                 "{{ i|string }}",
                                 "{{ range(1000)|list|length }}",
                                 "{{ range(100000)|sum }}",
                                 "{{ 'a,b'.split(',') }}",
                                 "{{ {'a': i}|tojson }}",
                                 "{{ range(9999)|map('string')|join|length }}",
                                 "{{ 'ab' * 9999 == 'ba' * 9999 }}",
                                 "{{ ('a' * 100000).count('b') }}",
                                 "{{ (i,) in [(1,)] }}",
                                 "{{ range(9999)|list == range(9999)|list }}",
                                 "{{ range(9999)|select('odd')|list|length }}",
                                 "{{ ('a b ' * 9999).split()|length }}",
                                 "{{ ('a' * 99999).upper()|length }}",
                                 "{{ range(999)|sort(reverse=true)|first }}",
                                 "{{ range(999)|unique|list|length }}"};
  for (const char* body : kBodies) {
    out.push_back({"{% for j in range(100000) %}{% for i in range(100000) %}" + std::string(body) +
                       "{% endfor %}{% endfor %}",
                   "limit is reached"});
  }
  return out;
}

/// What reaches for Python itself, or for files.
std::vector<Hostile> refused() {
  std::vector<Hostile> out;
  for (const char* e : {"''.__class__.__mro__",
                        "''.__class__.__base__.__subclasses__()",
                        "[].__class__()",
                        "self.__init__.__globals__",
                        "cycler.__init__.__globals__",
                        "lipsum.__globals__['os']",
                        "request.application",
                        "''['__class__']['__mro__']",
                        "(''|attr('__class__')).x",
                        "{}.__class__.x",
                        "'{0.__class__.x}'.format(1)",
                        "namespace.__init__.x",
                        "dict.__class__.x",
                        "range.__class__.x",
                        "nope.__class__.__x__",
                        "l.append(1)",
                        "[].append(1)",
                        "[].extend([1])",
                        "{}.update({})",
                        "{}.pop('a')",
                        "{}.setdefault('a', 1)",
                        "[1].sort()",
                        "[1].reverse()",
                        "[1].clear()",
                        "open('/etc/passwd')",
                        "__import__('os')",
                        "exec('1')",
                        "lipsum()",
                        "[1]|random",
                        "namespace(_x=1)",
                        "namespace(**{'__class__': 1})",
                        "raise_exception('stop')",
                        "1 / 0",
                        "1 // 0",
                        "1 % 0",
                        "nope.x",
                        "nope()",
                        "messages()",
                        "messages.x.y",
                        "{[]: 1}"}) {
    out.push_back({"\n {{ " + std::string(e) + " }}", "line 2, column "});
  }
  for (const char* tag : {"include 'x'", "import 'x' as y", "extends 'x'", "from 'x' import y",
                          "do x", "debug", "trans", "nope", "endif", "else", "elif 1"}) {
    out.push_back({"\n{% " + std::string(tag) + " %}", "line 2, column "});
  }
  return out;
}

/// Sanitizers make everything some ten times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kMostMilliseconds = 10'000;
#else
constexpr double kMostMilliseconds = 500;  // 50 on an idle machine
#endif

double milliseconds() { return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The message of the error, which names the line too. Steps and strings are bounded more tightly
/// than by default (a sixtieth), so that what works on and on ends as soon as what is refused at
/// once.
std::string message_of(const std::string& source) {
  ChatRequest request;
  request.messages = Json::parse(R"([{"role": "user", "content": "hi"}])");
  request.limits.steps = 300'000;
  request.limits.string = 1u << 20;
  try {
    ChatTemplate::parse(source).render(request);
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

TEST(HostileTemplates, EndSoonWithTheLimitAndThePlace) {
  std::size_t count = 0;
  double slowest = 0;
  for (const auto& table : {growth, doubling, numbers, nesting, chains, recursion, work, refused}) {
    for (const Hostile& hostile : std::invoke(table)) {
      const double begin = milliseconds();
      const std::string message = message_of(hostile.source);
      const double took = milliseconds() - begin;
      slowest = std::max(slowest, took);
      EXPECT_LT(took, kMostMilliseconds) << hostile.source.substr(0, 120);
      EXPECT_NE(message.find(hostile.limit), std::string::npos)
          << hostile.source.substr(0, 200) << "\n"
          << message;
      EXPECT_TRUE(message.starts_with("line ")) << hostile.source.substr(0, 200) << "\n" << message;
      ++count;
    }
  }
  EXPECT_GE(count, 230u);
  RecordProperty("templates", static_cast<int>(count));
  RecordProperty("slowest_ms", static_cast<int>(slowest));
  std::cout << count << " templates, the slowest took " << slowest << " ms\n";
}

TEST(HostileTemplates, LegitimateUseFits) {
  ChatRequest request;
  request.messages = Json::array();
  for (int i = 0; i < 3000; ++i) {
    request.messages.push_back(Json::parse(R"({"role": "user", "content": "hello there"})"));
  }
  const auto renders = [&](const std::string& source) {
    return ChatTemplate::parse(source).render(request).text.size();
  };
  EXPECT_EQ(renders("{% for m in messages %}{{ m.role }}{% endfor %}"), 12000u);
  EXPECT_EQ(renders("{% for i in range(50000) %}x{% endfor %}"), 50000u);
  EXPECT_EQ(renders("{% for i in range(300) %}{% for j in range(300) %}x{% endfor %}{% endfor %}"),
            90000u);
  EXPECT_EQ(
      renders("{% macro m(n) %}x{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(39) }}"),
      40u);
  EXPECT_EQ(renders("{{ " + repeated("(", 30) + "1" + repeated(")", 30) + " }}"), 1u);
  EXPECT_EQ(renders(repeated("{% if 1 %}", 15) + "x" + repeated("{% endif %}", 15)), 1u);
  EXPECT_EQ(renders("{{ 'x'" + repeated(" + 'x'", 150) + " }}"), 151u);
  EXPECT_EQ(renders("{{ range(100000)|list|length }}"), 6u);
  EXPECT_EQ(renders(repeated("{% if 1 %}x{% endif %}", 3000)), 3000u);
  request.messages = Json::array();
  Json large = Json::object();
  large.set("content", repeated("abcd ", 80000));
  request.messages.push_back(large);
  EXPECT_EQ(renders("{{ messages[0].content|trim }}"), 399999u);
}

}  // namespace
}  // namespace typecase
