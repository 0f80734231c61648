#include "shared_options.h"

#include "download_bars.h"
#include "terminal.h"

#include <typecase/error.h>
#include <typecase/hub.h>
#include <typecase/system.h>
#include <typecase/utf8.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace typecase::cli {
namespace {

constexpr std::size_t kLongestText = 64 << 20;

}  // namespace

void ModelFlags::add_to(Options& table) {
  table.group("Model");
  table.text(
      "model", "X",
      "folder with config.json, a .gguf file, or a hub name such as gpt2 (else $TYPECASE_MODEL, "
      "else the default model)",
      path, 'm');
  table.choice("dtype", {"auto", "float32", "bfloat16", "float16"},
               "arithmetic; auto is the checkpoint's own", options.dtype);
  table.choice("attn-implementation", {"auto", "sdpa", "eager"},
               "whose rounding attention follows; auto is the family's default",
               options.attn_implementation);
  table.choice("device", {"auto", "cpu", "cuda"}, "where to compute", options.device);
  table.integer("threads", "N", "processor threads (else all this process may use)",
                options.threads, 1, 4096, 't');
  table.choice("recode", {"auto", "on", "off"},
               "bfloat16 weights in 12 bits, without loss: faster for a few sequences, slower for "
               "many; auto: on for one",
               options.recode);
  table.choice("lookup", {"auto", "on", "off"},
               "drafts tokens of one text where it repeats itself, as long as that pays: the same "
               "tokens, sooner; auto: on where one text is continued",
               options.lookup);
  table.choice("screen-head", {"auto", "on", "off"},
               "a copy of the head in 8 bits finds the few outputs that can win, in greedy "
               "decoding of one text: the same tokens, sooner; auto: of float32 where one text is "
               "continued",
               options.screen_head);
  table.choice("self-speculation", {"auto", "on", "off"},
               "a copy of the model in 8 bits drafts tokens of one text, checked in one step: the "
               "same tokens; auto: in float32, greedy, where one text is continued",
               options.self_speculation);
  table.choice("activations", {"full", "int8"},
               "int8: numbers that meet weights of Q8_0, Q4_0 or Q4_1 are rounded to 8 bits: long "
               "prompts and batches in half the time, other results (docs/divergence.md)",
               options.activations);
  table.text("isa", "LEVEL", "instruction set: see `typecase env`; reference is the plain one",
             options.isa);
}

std::string ModelFlags::chosen() const {
  const std::string named = path.empty() ? default_model() : path;
  std::error_code ignored;
  if (std::filesystem::exists(named, ignored) || !hub::looks_like_name(named)) return named;
  DownloadBars bars(false);
  const CatchInterrupt interrupt;
  return hub::path_of(named, reporting(bars));
}

void ModelFlags::for_one_sequence() { options.one_text = true; }

Model ModelFlags::open() const { return Model::open(chosen(), options); }

Model ModelFlags::open(const TalkFlags& talk) const {
  Model opened = open();
  Messages messages(talk);
  for (const auto& warning : opened.warnings()) messages.warn(warning);
  return opened;
}

void TalkFlags::add_to(Options& table) {
  table.flag("quiet", "no warnings", quiet, 'q');
  table.flag("verbose", "also seed, timing and backend, on standard error", verbose, 'v');
}

void Messages::warn(const std::string& text) {
  if (flags_.quiet || std::find(said_.begin(), said_.end(), text) != said_.end()) return;
  said_.push_back(text);
  std::cerr << paint(Stream::error, Paint::yellow, "warning:") << ' ' << text << '\n';
}

void Messages::note(const std::string& text) const {
  if (flags_.verbose) std::cerr << paint(Stream::error, Paint::faint, text) << '\n';
}

void Messages::progress(const std::string& text) const {
  if (flags_.quiet || !is_terminal(Stream::error)) return;
  std::cerr << "\r\033[K" << text << std::flush;
}

Json json_option(const std::string& option, const std::string& allowed, const std::string& text) {
  try {
    return Json::parse(text);
  } catch (const Error&) {
    throw Error(Code::invalid_argument,
                option + ": expected " + allowed + ", found " + quote(text));
  }
}

void TextFlags::add_to(Options& table, const std::string& name) {
  table.add({.kind = Option::Kind::positional,
             .name = name,
             .value = {},
             .help = "the text; else standard input without its last line end",
             .accept = [this](const std::string& value) { text = value, given = true; }});
  table.flag("replace-invalid", "invalid UTF-8 in the text becomes U+FFFD", replace_invalid);
}

std::string TextFlags::read() const {
  if (!given && ::isatty(STDIN_FILENO)) {
    throw Error(Code::invalid_argument, "a text is needed, as an argument or on standard input");
  }
  std::string bytes = given ? text : read_all("-", kLongestText);
  // What `echo` adds is not meant as part of the text.
  if (!given && bytes.ends_with('\n')) bytes.pop_back();
  if (replace_invalid) return replace_invalid_utf8(bytes);
  if (const auto offset = first_invalid_utf8(bytes)) {
    throw Error(Code::invalid_argument,
                "the text is not valid UTF-8; --replace-invalid puts U+FFFD there",
                Place{.file = {}, .offset = *offset});
  }
  return bytes;
}

}  // namespace typecase::cli
