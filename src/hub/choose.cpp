#include "hub/choose.h"

#include "hub/names.h"

#include <typecase/error.h>

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <map>

namespace typecase::hub {
namespace {

constexpr std::string_view kWeights = "model.safetensors";
constexpr std::string_view kIndex = "model.safetensors.index.json";

/// What a model may have beside its weights, in its main folder unless a path is given.
constexpr std::array<std::string_view, 20> kOptional = {
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "adapter_config.json",
    "adapter_model.safetensors",
};

bool is_template(std::string_view path) {
  return path.starts_with("additional_chat_templates/") && path.ends_with(".jinja");
}

bool is_gguf(const RepoFile& file) { return file.path.ends_with(".gguf"); }

bool matches(const std::vector<std::string>& patterns, const std::string& path) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    // As `hf download` has it: * crosses '/', and a folder means all that is in it.
    const std::string whole = pattern.ends_with('/') ? pattern + "*" : pattern;
    return ::fnmatch(whole.c_str(), path.c_str(), 0) == 0;
  });
}

const RepoFile* find(const std::vector<RepoFile>& all, std::string_view path) {
  const auto it = std::ranges::find(all, path, &RepoFile::path);
  return it == all.end() ? nullptr : &*it;
}

std::string some_names(const std::vector<RepoFile>& files) {
  std::string out;
  for (std::size_t i = 0; i < files.size() && i < 8; ++i) {
    out += (i == 0 ? "" : ", ") + quote(files[i].path);
  }
  return out + (files.size() > 8 ? ", …" : "");
}

std::vector<RepoFile> ggufs(const std::vector<RepoFile>& all) {
  std::vector<RepoFile> out;
  std::ranges::copy_if(all, std::back_inserter(out), is_gguf);
  return out;
}

// ":Q4_K_M" means the file whose name ends in "Q4_K_M.gguf", behind '-', '.' or '_'.
bool has_tag(const RepoFile& file, std::string_view tag) {
  const std::string end = lower(tag) + ".gguf";
  const std::string path = lower(file.path);
  if (!path.ends_with(end)) return false;
  const std::size_t before = path.size() - end.size();
  return before == 0 || std::string_view("-._/").find(path[before - 1]) != std::string_view::npos;
}

Choice one_file(const Name& name, const std::vector<RepoFile>& all) {
  if (const RepoFile* exact = find(all, name.file)) return {.files = {*exact}, .absent = {}};
  std::vector<RepoFile> tagged;
  for (const RepoFile& file : ggufs(all)) {
    if (has_tag(file, name.file)) tagged.push_back(file);
  }
  if (tagged.size() == 1) return {.files = std::move(tagged), .absent = {}};
  const auto those = tagged.empty() ? ggufs(all) : tagged;
  throw Error(
      Code::not_found,
      name.repo + (tagged.empty() ? " has no file " : " has several files ") + quote(name.file) +
          (those.empty() ? "; it has no GGUF file at all" : "; it has " + some_names(those)));
}

// Throws what fits a repository without weights that can be run.
[[noreturn]] void fail_without_weights(const Name& name, const std::vector<RepoFile>& all) {
  if (const auto found = ggufs(all); !found.empty()) {
    throw Error(Code::not_found, name.repo + " has several GGUF files; name one: " + name.repo +
                                     ":FILE.gguf, with FILE one of " + some_names(found));
  }
  for (const std::string_view end : {".bin", ".pt", ".pth", ".h5", ".msgpack", ".onnx"}) {
    const auto it = std::ranges::find_if(all, [&](const auto& f) { return f.path.ends_with(end); });
    if (it == all.end()) continue;
    throw Error(Code::unsupported,
                name.repo + " has its weights as " + quote(it->path) +
                    " only, which cannot be run; look for a copy with safetensors, or convert it "
                    "with transformers' save_pretrained()");
  }
  throw Error(Code::not_found, name.repo + " has no weights; it has " + some_names(all));
}

void add_weights(Choice& out, const Name& name, const std::vector<RepoFile>& all) {
  if (const RepoFile* whole = find(all, kWeights)) {
    out.files.push_back(*whole);
  } else if (const RepoFile* index = find(all, kIndex)) {
    out.files.push_back(*index);
    out.sharded = true;
  } else if (const auto found = ggufs(all); found.size() == 1) {
    out = {.files = found, .absent = {}};
  } else if (find(all, "adapter_model.safetensors") == nullptr) {
    fail_without_weights(name, all);
  }
}

Choice whole_model(const Name& name, const std::vector<RepoFile>& all) {
  Choice out;
  for (const std::string_view path : kOptional) {
    if (const RepoFile* file = find(all, path)) {
      out.files.push_back(*file);
    } else {
      out.absent.emplace_back(path);
    }
  }
  std::ranges::copy_if(all, std::back_inserter(out.files),
                       [](const RepoFile& f) { return is_template(f.path); });
  add_weights(out, name, all);
  return out;
}

}  // namespace

Choice choose_files(const Name& name, const std::vector<RepoFile>& all,
                    const std::vector<std::string>& include,
                    const std::vector<std::string>& exclude) {
  Choice out;
  if (!name.file.empty()) {
    out = one_file(name, all);
  } else if (include.empty()) {
    out = whole_model(name, all);
  } else {
    std::ranges::copy_if(all, std::back_inserter(out.files),
                         [&](const RepoFile& f) { return matches(include, f.path); });
  }
  std::erase_if(out.files, [&](const RepoFile& f) { return matches(exclude, f.path); });
  if (out.files.empty()) {
    throw Error(Code::not_found, "no file of " + name.repo + " matches; it has " + some_names(all));
  }
  if (find(out.files, kIndex) == nullptr) out.sharded = false;
  check_files(out.files);
  return out;
}

std::string file_of_model(const Name& name, const std::vector<RepoFile>& chosen) {
  const bool one_gguf = chosen.size() == 1 && is_gguf(chosen[0]);
  return one_gguf || !name.file.empty() ? chosen[0].path : "";
}

std::vector<RepoFile> files_named(const std::vector<std::string>& names,
                                  const std::vector<RepoFile>& all) {
  std::vector<RepoFile> out;
  for (const std::string& name : names) {
    const RepoFile* file = find(all, name);
    if (file == nullptr) {
      throw Error(Code::bad_file, "names " + quote(name) + ", which the repository does not have",
                  {.file = std::string(kIndex)});
    }
    out.push_back(*file);
  }
  return out;
}

void check_files(const std::vector<RepoFile>& files) {
  std::map<std::string, const std::string*> seen;  // also every folder on the way
  for (const RepoFile& file : files) {
    check_path(file.path);
    const std::string key = lower(file.path);
    if (const auto [it, fresh] = seen.emplace(key, &file.path); !fresh) {
      throw Error(Code::bad_file, "the hub names files " + quote(*it->second) + " and " +
                                      quote(file.path) + ", which some systems hold for one");
    }
  }
  for (const RepoFile& file : files) {
    const std::string key = lower(file.path);
    for (auto slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1)) {
      if (!seen.contains(key.substr(0, slash))) continue;
      throw Error(Code::bad_file, "the hub names " + quote(file.path.substr(0, slash)) +
                                      " both as a file and as a folder");
    }
  }
}

}  // namespace typecase::hub
