#include "batch.h"

#include <typecase/error.h>

#include <new>
#include <optional>

namespace typecase::cli {
namespace {

constexpr std::size_t kLongestRequest = 64 << 20;  // bytes of one line

Json parse_request(const LineReader& lines, const std::string& line) {
  if (lines.too_long()) {
    throw Error(Code::limit, "the request is longer than the limit of " +
                                 std::to_string(kLongestRequest) + " bytes");
  }
  Json request;
  try {
    request = Json::parse(line);
  } catch (const Error& error) {
    // The place in the request counts, not that it is the first line of its own text.
    const Code code = error.code() == Code::bad_file ? Code::invalid_argument : error.code();
    throw Error(code, error.message(), Place{.file = {}, .offset = error.place().offset});
  }
  if (!request.is_object()) {
    throw Error(Code::invalid_argument,
                "a request is a JSON object, found " + std::string(request.kind()));
  }
  return request;
}

void append_error(std::string& members, std::string_view code, const std::string& message) {
  members.clear();
  append_member(members, "error", Json::Object{{"code", Json(code)}, {"message", Json(message)}});
}

// One answer line. Returns whether the request succeeded.
bool answer_line(const LineReader& lines, const std::string& line, const Answer& answer,
                 Output& out) {
  const std::string where = "line " + std::to_string(lines.number()) + ": ";
  Json id;
  std::string members;
  bool good = false;
  try {
    const Json request = parse_request(lines, line);
    if (const Json* given = request.find("id")) id = *given;
    answer(request, members);
    good = true;
  } catch (const Error& error) {
    append_error(members, batch_name(error.code()), (id.is_null() ? where : "") + error.what());
  } catch (const std::bad_alloc&) {
    append_error(members, "failed", where + "not enough memory for this request");
  } catch (const std::exception& error) {
    append_error(members, "failed", where + "internal error, please report: " + error.what());
  }
  out << "{\"id\": " << id.dump() << members << "}\n";
  out.flush();
  return good;
}

bool blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

}  // namespace

void BatchFlags::add_to(Options& table) {
  table.group("Batch");
  table.text("requests", "IN.jsonl", "answer the requests of a file, one JSON object a line",
             requests);
  table.text("output", "OUT.jsonl", "... into this file (else standard output)", output, 'o');
}

int answer_requests(const BatchFlags& flags, Output& standard_output,
                    const std::function<Answer()>& open) {
  LineReader lines(flags.requests, kLongestRequest);
  const Answer answer = open();
  std::optional<Output> file;
  if (!flags.output.empty() && flags.output != "-") file.emplace(Output::to_file(flags.output));
  Output& out = file ? *file : standard_output;

  bool good = true;
  std::string line;
  while (lines.next(line)) {
    if (!lines.too_long() && blank(line)) continue;
    good = answer_line(lines, line, answer, out) && good;
  }
  return good ? 0 : 1;
}

void append_member(std::string& members, std::string_view key, const Json& value) {
  members += ", ";
  append_json_string(members, key);
  members += ": ";
  value.dump_to(members);
}

}  // namespace typecase::cli
