#pragma once

#include <typecase/embedding.h>
#include <typecase/json.h>

#include <cstdint>
#include <string>
#include <vector>

namespace typecase {

/// What the module files of sentence-transformers say about a checkpoint. Without modules.json the
/// reference's own defaults: the mean, normalised.
struct SentenceModules {
  std::vector<Pooling> pooling{Pooling::mean};  ///< several are put behind each other
  bool normalize = true;
  std::int64_t max_length = 0;  ///< of sentence_bert_config.json; 0: it does not say
};

/// Reads modules.json, the pooling's config.json and sentence_bert_config.json of a folder.
/// Throws Error(bad_file) with file and key, Error(unsupported) for modules and poolings that
/// cannot be run, Error(limit) for a file over limits::kConfigFile or over kMostModules modules.
inline constexpr std::size_t kMostModules = 16;
SentenceModules read_sentence_modules(const std::string& folder);

/// The two readers behind it, on parsed files. `folders`: for each module of modules.json its type
/// and folder.
struct SentenceModule {
  std::string type;  ///< the last word of its class: Transformer, Pooling, Normalize
  std::string path;
};
std::vector<SentenceModule> sentence_modules(const Json& modules, const std::string& file);
std::vector<Pooling> pooling_modes(const Json& config, const std::string& file);

}  // namespace typecase
