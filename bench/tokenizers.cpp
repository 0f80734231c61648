/// Speed of a tokenizer on a text, one number a command, for bench/compare_tokenizers.py, which
/// runs the reference between the commands:
///
///     bench_tokenizers TOKENIZER DOCUMENTS        TOKENIZER: a folder, a tokenizer.json or a GGUF
///     file
///
/// DOCUMENTS is a file of texts with a NUL behind each. Commands, one a line on standard input:
///     load          reads the tokenizer once more
///     encode        all documents, one after the other, on one thread
///     batch N       all documents on N threads
///     decode        the tokens of each document to text at once, and
///     stream        one by one
/// Each is answered by one line of JSON: seconds, tokens, bytes and FNV-1a 64 of ids or text.
#include "base/mapped_file.h"
#include "checkpoint/gguf.h"
#include "checkpoint/gguf_config.h"
#include "text/gguf.h"

#include <typecase/stream_decoder.h>
#include <typecase/tokenizer.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace typecase {
namespace {

struct Answer {
  double seconds = 0;
  std::size_t tokens = 0;
  std::size_t bytes = 0;
  std::uint64_t fnv = 0xCBF29CE484222325;

  void mix(std::string_view bytes_of) {
    for (const char byte : bytes_of) {
      fnv = (fnv ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
    }
  }
  void mix(const Tokens& ids) {
    tokens += ids.size();
    mix({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(TokenId)});
  }
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Tokenizer load(const std::string& path) {
  if (path.ends_with(".gguf")) {
    const MappedFile file(path);
    return tokenizer_from_gguf(tokenizer_from_gguf(Gguf::parse(file.bytes())));
  }
  return path.ends_with(".json") ? Tokenizer::from_file(path) : Tokenizer::from_folder(path);
}

class Bench {
 public:
  Bench(std::string path, const std::string& documents)
      : path_(std::move(path)), tokenizer_(load(path_)), text_(read_file(documents, 1ull << 32)) {
    for (std::size_t at = 0; at < text_.size();) {
      const auto end = std::min(text_.find('\0', at), text_.size());
      documents_.push_back(std::string_view(text_).substr(at, end - at));
      at = end + 1;
    }
  }

  Answer answer(const std::string& command) {
    Answer out;
    if (command == "load") {
      out.seconds = seconds_of([&] { tokenizer_ = load(path_); });
    } else if (command == "encode") {
      out.seconds = seconds_of([&] {
        ids_.clear();
        for (const auto document : documents_) {
          ids_.push_back(tokenizer_.encode_ids(document, false));
        }
      });
    } else if (command.starts_with("batch ")) {
      const int threads = std::stoi(command.substr(6));
      out.seconds =
          seconds_of([&] { ids_ = tokenizer_.encode_ids_batch(documents_, false, threads); });
    } else if (command == "decode" || command == "stream") {
      return decode(command == "stream");
    } else {
      throw std::invalid_argument("unknown command " + command);
    }
    for (const Tokens& ids : ids_) out.mix(ids);
    for (const auto document : documents_) out.bytes += document.size();
    return out;
  }

 private:
  Answer decode(bool stream) {
    Answer out;
    for (const Tokens& ids : ids_) {
      std::string text;
      out.seconds += seconds_of([&] {
        if (!stream) {
          text = tokenizer_.decode(ids);
          return;
        }
        StreamDecoder decoder(tokenizer_);
        for (const TokenId id : ids) text += decoder.push(id);
        text += decoder.finish();
      });
      out.mix(text);
      out.tokens += ids.size();
      out.bytes += text.size();
    }
    return out;
  }

  std::string path_;
  Tokenizer tokenizer_;
  std::string text_;
  std::vector<std::string_view> documents_;
  std::vector<Tokens> ids_;
};

}  // namespace
}  // namespace typecase

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s TOKENIZER DOCUMENTS\n", argv[0]);
    return 2;
  }
  typecase::Bench bench(argv[1], argv[2]);
  for (std::string command; std::getline(std::cin, command);) {
    const auto a = bench.answer(command);
    std::printf(R"({"seconds": %.6f, "tokens": %zu, "bytes": %zu, "fnv": "%016llx"})"
                "\n",
                a.seconds, a.tokens, a.bytes, static_cast<unsigned long long>(a.fnv));
    std::fflush(stdout);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_tokenizers: %s\n", error.what());
  return 1;
}
