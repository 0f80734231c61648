/// `typecase ls` and `typecase rm`: what the cache of hub models holds.
#include "commands.h"
#include "shared_options.h"
#include "sizes.h"

#include <typecase/error.h>
#include <typecase/hub.h>
#include <typecase/json.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <memory>

namespace typecase::cli {
namespace {

std::string name_of(const hub::CachedModel& model) {
  const bool is_main = std::ranges::find(model.refs, "main") != model.refs.end();
  if (is_main) return model.repo;
  return model.repo + "@" + (model.refs.empty() ? model.commit.substr(0, 7) : model.refs.front());
}

std::string day(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm local{};
  char text[32] = "";
  if (seconds > 0 && ::localtime_r(&time, &local) != nullptr) {
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
  }
  return text;
}

Json as_json(const hub::CachedModel& model) {
  return Json::Object{{"model", model.repo},
                      {"commit", model.commit},
                      {"refs", Json::array_of(model.refs)},
                      {"bytes", static_cast<std::int64_t>(model.bytes)},
                      {"files", static_cast<std::int64_t>(model.files)},
                      {"modified", model.modified},
                      {"complete", model.complete},
                      {"path", model.path}};
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

void print(const std::vector<hub::CachedModel>& models, Output& out) {
  std::size_t width = 5;
  for (const auto& model : models) width = std::max(width, name_of(model).size());
  out << padded("MODEL", width) << "  COMMIT   SIZE      FILES  CHANGED\n";
  for (const auto& model : models) {
    out << padded(name_of(model), width) << "  " << model.commit.substr(0, 7) << "  "
        << padded(bytes_for_people(static_cast<std::int64_t>(model.bytes)), 8) << "  "
        << padded(std::to_string(model.files), 5) << "  " << day(model.modified)
        << (model.complete ? "" : "  incomplete") << "\n";
  }
}

struct Remove {
  std::string model{};
  TalkFlags talk{};

  int operator()(Output&) const {
    if (model.empty()) {
      throw Error(Code::invalid_argument, "a model is needed; typecase ls lists those there are");
    }
    const hub::Name name = hub::parse_name(model);
    if (!name.file.empty()) {
      throw Error(Code::invalid_argument, "whole models or revisions can be removed, not files");
    }
    const bool one_revision = model.find('@') != std::string::npos;
    const auto freed = hub::remove(name, one_revision);
    if (!talk.quiet) {
      std::cerr << name.text() << " removed, " << bytes_for_people(static_cast<std::int64_t>(freed))
                << " freed\n";
    }
    return 0;
  }
};

}  // namespace

Action declare_ls(Options& table) {
  const auto json = std::make_shared<bool>(false);
  table.flag("json", "as one JSON document", *json);
  return [json](Output& out) {
    const auto models = hub::list();
    if (*json) {
      Json::Array all;
      for (const auto& model : models) all.push_back(as_json(model));
      out << Json(std::move(all)).pretty() << "\n";
    } else if (models.empty()) {
      std::cerr << "no models in " << hub::cache_folder() << "; typecase pull gpt2 fetches one\n";
    } else {
      print(models, out);
    }
    return 0;
  };
}

Action declare_rm(Options& table) {
  const auto remove = std::make_shared<Remove>();
  table.positional("MODEL", "ORG/NAME; with @REVISION only that revision", remove->model);
  remove->talk.add_to(table);
  return [remove](Output& out) { return (*remove)(out); };
}

}  // namespace typecase::cli
