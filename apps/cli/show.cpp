#include "commands.h"
#include "shared_options.h"
#include "sizes.h"

#include <typecase/error.h>
#include <typecase/families.h>
#include <typecase/model.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace typecase::cli {
namespace {

// 124439808 → "124,439,808"
std::string with_separators(std::int64_t value) {
  std::string out = std::to_string(value);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

class Sheet {
 public:
  explicit Sheet(Output& out) : out_(out) {}

  void row(std::string label, const std::string& text) {
    label.resize(16, ' ');
    out_ << label << text << "\n";
  }

 private:
  Output& out_;
};

std::string plain(const Json& value) {
  return value.is_string() ? value.as_string() : value.dump();
}

std::string formats(const Json& counts) {
  std::string out;
  for (const auto& [format, count] : counts.as_object()) {
    out += (out.empty() ? "" : ", ") + format + " (" + count.dump() + " tensors)";
  }
  return out;
}

std::string memory(const Json& summary) {
  const std::int64_t weights = summary.at("weight_bytes").as_integer();
  const std::int64_t token = summary.at("cache_bytes_per_token").as_integer();
  std::string out = bytes_for_people(weights) + " for the weights, " + bytes_for_people(token) +
                    " for each token of context";
  const Json* positions = summary.find("max_position_embeddings");
  if (positions != nullptr && positions->is_integer() && positions->as_integer() < 1 << 30) {
    out += "; " + bytes_for_people(weights + token * positions->as_integer()) + " for all " +
           with_separators(positions->as_integer());
  }
  return out;
}

std::string about_tokenizer(const Json& tokenizer) {
  if (tokenizer.is_null()) return "none that can be read";
  std::string out;
  for (const auto& [key, value] : tokenizer.as_object()) {
    out += (out.empty() ? "" : ", ") + key + " " + plain(value);
  }
  return out;
}

void print(const Json& summary, Output& out) {
  Sheet sheet(out);
  sheet.row("model", plain(summary.at("model")));
  sheet.row("architecture", plain(summary.at("architecture")));
  sheet.row("parameters", with_separators(summary.at("num_parameters").as_integer()));
  sheet.row("dtype", plain(summary.at("dtype")));
  sheet.row("stored as", formats(summary.at("stored_formats")));
  sheet.row("layers", plain(summary.at("layers")));
  sheet.row("hidden size", plain(summary.at("hidden_size")));
  sheet.row("vocabulary", plain(summary.at("vocabulary")));
  if (const Json* positions = summary.find("max_position_embeddings")) {
    sheet.row("positions", plain(*positions));
  }
  sheet.row("memory", memory(summary));
  sheet.row("tokenizer", about_tokenizer(summary.at("tokenizer")));
  sheet.row("generation", summary.at("generation_config").dump());
  std::string label = "files";
  for (const Json& file : summary.at("files").as_array()) {
    sheet.row(label, plain(file));
    label.clear();
  }
}

/// The families that can be run, one a line.
void print_families(Output& out, bool json) {
  if (json) {
    Json list = Json::array();
    for (const ModelFamily& f : model_families()) {
      Json row = Json::object();
      row.set("architecture", Json(f.architecture));
      row.set("model_type", Json(f.model_type));
      row.set("description", Json(f.description));
      list.push_back(std::move(row));
    }
    out << list.pretty() << "\n";
    return;
  }
  std::size_t width = 0;
  for (const ModelFamily& f : model_families()) width = std::max(width, f.architecture.size());
  for (const ModelFamily& f : model_families()) {
    out << f.architecture << std::string(width + 2 - f.architecture.size(), ' ') << f.description
        << "\n";
  }
}

struct Show {
  ModelFlags model{};
  TalkFlags talk{};
  bool json = false;

  int operator()(Output& out) const {
    if (model.path.empty() && std::getenv("TYPECASE_MODEL") == nullptr) {
      print_families(out, json);
      return 0;
    }
    const Model opened = model.open(talk);
    const Json summary = opened.summary();
    if (json) {
      out << summary.pretty() << "\n";
    } else {
      print(summary, out);
    }
    return 0;
  }
};

}  // namespace

Action declare_show(Options& table) {
  const auto show = std::make_shared<Show>();
  table.positional("MODEL", "the same as --model", show->model.path);
  table.flag("json", "as one JSON document", show->json);
  show->talk.add_to(table);
  show->model.add_to(table);
  return [show](Output& out) { return (*show)(out); };
}

}  // namespace typecase::cli
