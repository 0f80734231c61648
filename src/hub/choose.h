#pragma once

#include "hub/listing.h"

#include <typecase/hub.h>

#include <string>
#include <vector>

namespace typecase::hub {

/// Which files of a repository a model needs.
struct Choice {
  std::vector<RepoFile> files;
  /// Optional files that the repository does not have: what .no_exist/ remembers.
  std::vector<std::string> absent;
  /// model.safetensors.index.json is among `files`: its shards are needed too.
  bool sharded = false;
};

/// Config, tokenizer, templates; model.safetensors, else its index, else the only GGUF file; what
/// `name.file` says; or what `include` matches. Less what `exclude` matches.
/// Throws Error(not_found) or Error(unsupported) saying what the repository holds instead,
/// Error(bad_file) for names that no file may have.
Choice choose_files(const Name& name, const std::vector<RepoFile>& all,
                    const std::vector<std::string>& include = {},
                    const std::vector<std::string>& exclude = {});

/// The file that is the model: what was named, or the only GGUF file; empty: the snapshot's folder
/// is.
std::string file_of_model(const Name& name, const std::vector<RepoFile>& chosen);

/// The listed files of these names. Throws Error(bad_file) for one that is not listed.
std::vector<RepoFile> files_named(const std::vector<std::string>& names,
                                  const std::vector<RepoFile>& all);

/// Throws Error(bad_file) for a name that is unsafe, and for two that differ in case only or of
/// which one is a folder of the other.
void check_files(const std::vector<RepoFile>& files);

}  // namespace typecase::hub
