#include "text/chat/clock.h"

#include <typecase/error.h>

#include <locale.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <clocale>
#include <ctime>

namespace typecase::chat {
namespace {

std::tm broken_down(const ClockTime& moment) {
  using namespace std::chrono;
  const year_month_day day{year{moment.year}, month{static_cast<unsigned>(moment.month)},
                           std::chrono::day{static_cast<unsigned>(moment.day)}};
  const sys_days date = day;
  const sys_days new_year = year_month_day{day.year(), January, std::chrono::day{1}};
  std::tm out{};
  out.tm_year = moment.year - 1900;
  out.tm_mon = moment.month - 1;
  out.tm_mday = moment.day;
  out.tm_hour = moment.hour;
  out.tm_min = moment.minute;
  out.tm_sec = moment.second;
  out.tm_wday = static_cast<int>(weekday{date}.c_encoding());
  out.tm_yday = static_cast<int>((date - new_year).count());
  out.tm_isdst = -1;
  return out;
}

std::string six_digits(int n) {
  std::string out = std::to_string(n);
  return std::string(6 - out.size(), '0') + out;
}

// Python answers these itself: microseconds, and nothing for the zone of a moment without one.
std::string with_own_directives(std::string_view format, const ClockTime& moment) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    const char directive = format[++i];
    if (directive == 'f') {
      out += six_digits(moment.microsecond);
    } else if (directive != 'z' && directive != 'Z') {
      out += '%';
      out += directive;
    }
  }
  return out;
}

locale_t c_locale() {
  static const locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}

}  // namespace

std::string format_time(const ClockTime& moment, std::string_view format, Meter* meter) {
  constexpr std::size_t kMaxFormat = 4096;
  if (format.size() > kMaxFormat) {
    throw Error(Code::limit, "the date format limit is reached: more than " +
                                 std::to_string(kMaxFormat) + " bytes");
  }
  // A trailing character tells an empty result from one that did not fit.
  const std::string pattern = with_own_directives(format, moment) + "|";
  const std::tm tm = broken_down(moment);
  std::string out(256 + pattern.size() * 64, '\0');
  meter->work(out.size());
  const std::size_t size = strftime_l(out.data(), out.size(), pattern.c_str(), &tm, c_locale());
  if (size == 0) {
    throw Error(Code::limit, "the date limit is reached: the formatted date is too long");
  }
  out.resize(size - 1);
  return out;
}

}  // namespace typecase::chat

namespace typecase {
namespace {

/// Reads digits of an ISO 8601 moment one after the other.
struct IsoReader {
  std::string_view text;
  std::size_t at = 0;

  int number(std::size_t digits) {
    int out = 0;
    const char* begin = text.data() + at;
    const char* end = text.data() + std::min(text.size(), at + digits);
    const auto result = std::from_chars(begin, end, out);
    if (result.ec != std::errc() || result.ptr != begin + digits || out < 0) fail();
    at += digits;
    return out;
  }
  void expect(std::string_view one_of) {
    if (at >= text.size() || one_of.find(text[at]) == std::string_view::npos) fail();
    ++at;
  }
  bool done() const { return at == text.size(); }
  [[noreturn]] void fail() const {
    throw Error(Code::invalid_argument,
                "now: a moment like 2026-11-22T10:00:00 is needed, found " + quote(text));
  }
};

}  // namespace

ClockTime ClockTime::now() {
  timespec moment{};
  clock_gettime(CLOCK_REALTIME, &moment);
  std::tm local{};
  localtime_r(&moment.tv_sec, &local);
  return {local.tm_year + 1900,
          local.tm_mon + 1,
          local.tm_mday,
          local.tm_hour,
          local.tm_min,
          std::min(local.tm_sec, 59),
          static_cast<int>(moment.tv_nsec / 1000)};
}

ClockTime ClockTime::parse(std::string_view iso8601) {
  IsoReader in{iso8601};
  ClockTime out;
  out.year = in.number(4);
  in.expect("-");
  out.month = in.number(2);
  in.expect("-");
  out.day = in.number(2);
  if (!in.done()) {
    in.expect("T ");
    out.hour = in.number(2);
    if (!in.done()) {
      in.expect(":");
      out.minute = in.number(2);
    }
    if (!in.done()) {
      in.expect(":");
      out.second = in.number(2);
    }
    if (!in.done()) {
      in.expect(".,");
      std::string fraction(iso8601.substr(in.at));
      if (fraction.empty() || fraction.find_first_not_of("0123456789") != std::string::npos)
        in.fail();
      fraction.resize(6, '0');
      out.microsecond = std::stoi(fraction);
    }
  }
  const std::chrono::year_month_day date{std::chrono::year{out.year},
                                         std::chrono::month{static_cast<unsigned>(out.month)},
                                         std::chrono::day{static_cast<unsigned>(out.day)}};
  if (out.year < 1 || !date.ok() || out.hour > 23 || out.minute > 59 || out.second > 59) in.fail();
  return out;
}

}  // namespace typecase
