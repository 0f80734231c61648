#include "base/limits.h"
#include "text/config_value.h"
#include "text/json_document.h"
#include "text/models/bpe.h"
#include "text/models/model_reader.h"
#include "text/models/model_settings.h"
#include "text/models/vocabulary_reader.h"

#include <typecase/error.h>

#include <vector>

namespace typecase {
namespace {

using simdjson::dom::element;

BpeOptions read_options(const element& model) {
  const Json settings = model_settings(model);
  const ConfigValue config(settings, "/model");
  if (config.has("dropout") && config.at("dropout").number() != 0) {
    throw config.at("dropout").error(Code::unsupported, "dropout is for training; set it to null");
  }
  BpeOptions options;
  options.has_unk = config.has("unk_token");
  options.unk_token = config.text_or("unk_token", "");
  options.continuing_subword_prefix = config.text_or("continuing_subword_prefix", "");
  options.end_of_word_suffix = config.text_or("end_of_word_suffix", "");
  options.fuse_unk = config.flag_or("fuse_unk", false);
  options.byte_fallback = config.flag_or("byte_fallback", false);
  options.ignore_merges = config.flag_or("ignore_merges", false);
  return options;
}

MergeText cut_merge(const element& merge) {
  if (merge.is_string()) {
    const std::string_view text(merge);
    const auto space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
      throw Error(Code::bad_file,
                  "expected two parts with one space between, found " + quote(text));
    }
    return {text.substr(0, space), text.substr(space + 1)};
  }
  simdjson::dom::array pair;
  if (merge.get(pair) != simdjson::SUCCESS) {
    throw Error(Code::bad_file, "expected a string or a pair of strings");
  }
  std::string_view left, right;
  if (pair.size() != 2 || pair.at(0).get(left) != simdjson::SUCCESS ||
      pair.at(1).get(right) != simdjson::SUCCESS) {
    throw Error(Code::bad_file, "expected two strings");
  }
  return {left, right};
}

}  // namespace

std::unique_ptr<Model> read_bpe(const element& model, const ClassModel& cls) {
  Bpe::Builder builder(read_vocabulary(model), cls.kind.empty() ? read_options(model) : cls.bpe);
  element merges;
  if (model["merges"].get(merges) != simdjson::SUCCESS) {
    throw Error(Code::bad_file, "the key 'merges' is missing",
                {.file = {}, .offset = {}, .line = {}, .key = "/model"});
  }
  if (!merges.is_array()) wrong_kind(merges, "array", "/model/merges");
  const simdjson::dom::array list(merges);
  builder.reserve(list.size());
  std::vector<MergeText> batch;
  std::size_t done = 0;
  const auto place = [&](std::size_t i) {
    return Place{
        .file = {}, .offset = {}, .line = {}, .key = "/model/merges/" + std::to_string(done + i)};
  };
  const auto flush = [&] {
    builder.add_merges(batch, place);
    done += batch.size();
    batch.clear();
  };
  for (const element& merge : list) {
    try {
      batch.push_back(cut_merge(merge));
    } catch (const Error& error) {
      const std::size_t bad = batch.size();
      builder.add_merges(batch, place);  // what is wrong before it comes first
      throw error.at(place(bad));
    }
    if (batch.size() == Bpe::Builder::kBatch) flush();
  }
  flush();
  return std::move(builder).build();
}

}  // namespace typecase
