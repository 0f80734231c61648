#include "text/merges_file.h"

#include "base/limits.h"
#include "base/mapped_file.h"
#include "base/utf8.h"
#include "text/json_document.h"
#include "text/models/vocabulary_reader.h"

#include <typecase/error.h>

namespace typecase {
namespace {

Error on_line(int line, const std::string& message) {
  return Error(Code::bad_file, message, {.file = {}, .offset = {}, .line = line, .key = {}});
}

void read_line(std::string_view line, int number, Bpe::Builder& builder) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  // Nothing else is a comment: "# #" is a merge.
  if (line.empty() || line.starts_with("#version")) return;
  if (first_invalid_utf8(line)) throw on_line(number, "the line is not valid UTF-8");
  if (line.starts_with("\xEF\xBB\xBF")) {
    throw on_line(number, "the file starts with a byte order mark; save it as plain UTF-8");
  }
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    throw on_line(number, "expected two parts with one space between, found " + quote(line));
  }
  try {
    builder.add_merge(line.substr(0, space), line.substr(space + 1));
  } catch (const Error& error) {
    throw error.at({.file = {}, .offset = {}, .line = number, .key = {}});
  }
}

}  // namespace

void read_merges(std::string_view text, Bpe::Builder& builder) {
  if (text.empty()) throw on_line(1, "the file is empty; was the download complete?");
  int number = 1;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const auto end = std::min(text.find('\n', at), text.size());
    read_line(text.substr(at, end - at), number, builder);
    at = end + 1;
  }
}

std::unique_ptr<Model> read_vocab_and_merges(const std::string& vocab_path,
                                             const std::string& merges_path, BpeOptions options) {
  Vocabulary vocabulary;
  try {
    const std::string text = read_file(vocab_path, limits::kTokenizerFile);
    vocabulary = read_vocabulary_object(JsonDocument(text).root(), "");
  } catch (const Error& error) {
    throw error.at({.file = vocab_path, .offset = {}, .line = {}, .key = {}});
  }
  Bpe::Builder builder(std::move(vocabulary), std::move(options));
  try {
    read_merges(read_file(merges_path, limits::kTokenizerFile), builder);
  } catch (const Error& error) {
    throw error.at({.file = merges_path, .offset = {}, .line = {}, .key = {}});
  }
  return std::move(builder).build();
}

}  // namespace typecase
