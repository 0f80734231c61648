#include "base/limits.h"
#include "text/pattern/pattern.h"

#include <typecase/error.h>
#include <typecase/utf8.h>

#include <oniguruma.h>

#include <chrono>
#include <mutex>

namespace typecase {
namespace {

using Clock = std::chrono::steady_clock;

std::string message_of(int code, const OnigErrorInfo* info) {
  UChar text[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int size =
      info ? onig_error_code_to_str(text, code, info) : onig_error_code_to_str(text, code);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

const UChar* bytes_of(std::string_view text) { return reinterpret_cast<const UChar*>(text.data()); }

struct FreeRegex {
  void operator()(regex_t* regex) const { onig_free(regex); }
};
struct FreeRegion {
  void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};
struct FreeParameters {
  void operator()(OnigMatchParam* parameters) const { onig_free_match_param(parameters); }
};

/// A regular expression, with budgets: a single match may take limits::kRegexSteps steps back, the
/// search through one text limits::kRegexSeconds, and kRegexMicroseconds more for each byte.
class Regex final : public TextPattern {
 public:
  Regex(std::string_view source, regex_t* regex) : source_(source), regex_(regex) {
    parameters_.reset(onig_new_match_param());
    onig_initialize_match_param(parameters_.get());
    onig_set_retry_limit_in_match_of_match_param(parameters_.get(), limits::kRegexSteps);
    onig_set_retry_limit_in_search_of_match_param(parameters_.get(), limits::kRegexSteps * 10);
    onig_set_match_stack_limit_size_of_match_param(parameters_.get(), limits::kRegexStack);
  }

  void find(std::string_view text, std::vector<Match>& out) const override {
    out.clear();
    const std::unique_ptr<OnigRegion, FreeRegion> region(onig_region_new());
    const auto deadline = Clock::now() + std::chrono::seconds(limits::kRegexSeconds) +
                          std::chrono::microseconds(text.size() * limits::kRegexMicroseconds);
    std::size_t at = 0;
    // An empty match directly behind another match is none; the search goes on one character later.
    constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::uint32_t last_end = kNone;
    while (!text.empty() && at <= text.size() && search(text, at, region.get())) {
      const Match match{static_cast<std::uint32_t>(region->beg[0]),
                        static_cast<std::uint32_t>(region->end[0])};
      if (match.begin == match.end && match.end == last_end) {
        do {
          ++at;
        } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
      } else {
        out.push_back(match);
        at = last_end = match.end;
      }
      if (Clock::now() > deadline) {
        throw Error(Code::limit, "the pattern " + quote(source_) + " takes too long on " +
                                     std::to_string(text.size()) + " bytes of text");
      }
    }
  }

 private:
  bool search(std::string_view text, std::size_t at, OnigRegion* region) const {
    const UChar* begin = bytes_of(text);
    const UChar* end = begin + text.size();
    const int found = onig_search_with_param(regex_.get(), begin, end, begin + at, end, region,
                                             ONIG_OPTION_NONE, parameters_.get());
    if (found == ONIG_MISMATCH) return false;
    if (found >= 0) return true;
    throw Error(Code::limit, "the pattern " + quote(source_) + " gives up on " +
                                 std::to_string(text.size()) +
                                 " bytes of text: " + message_of(found, nullptr));
  }

  std::string source_;
  std::unique_ptr<regex_t, FreeRegex> regex_;
  std::unique_ptr<OnigMatchParam, FreeParameters> parameters_;
};

}  // namespace

std::unique_ptr<TextPattern> make_regex(std::string_view pattern) {
  static std::once_flag once;
  std::call_once(once, [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_initialize(encodings, 1);
  });
  if (pattern.size() > limits::kRegexPattern) {
    throw Error(Code::limit, "the pattern has " + std::to_string(pattern.size()) +
                                 " bytes, the limit is " + std::to_string(limits::kRegexPattern));
  }
  const std::string pinned = with_pinned_classes(pattern);
  regex_t* regex = nullptr;
  OnigErrorInfo info;
  const int code = onig_new(&regex, bytes_of(pinned), bytes_of(pinned) + pinned.size(),
                            ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_ONIGURUMA, &info);
  if (code != ONIG_NORMAL) {
    throw Error(Code::bad_file,
                "the pattern " + quote(pattern) + " does not compile: " + message_of(code, &info));
  }
  return std::make_unique<Regex>(pattern, regex);
}

}  // namespace typecase
