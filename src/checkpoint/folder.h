#pragma once

#include "checkpoint/parts.h"

#include <cstddef>
#include <span>

namespace typecase {

/// Fills `parts` from a folder: config.json, generation_config.json when there is one, and the
/// tensors of model.safetensors or of the shards its index names.
void load_folder(Checkpoint::Parts& parts);

/// Fills `parts` from a .gguf file.
void load_gguf(Checkpoint::Parts& parts);

/// Throws the Error for a path that does not exist: what a hub name looks like is told apart.
[[noreturn]] void fail_not_found(const std::string& path);

/// Throws Error(unsupported) or Error(not_found) for a folder without safetensors: names the format
/// that is there and what to do.
[[noreturn]] void fail_without_weights(const std::string& folder);

/// Throws Error(unsupported) when config.json asks for weights nothing here can multiply
/// (quantization_config).
void refuse_quantised(const Json& config);

/// Throws Error(bad_file) for the small text file that Git leaves where a large one was not
/// fetched.
void refuse_lfs_pointer(std::span<const std::byte> file);

}  // namespace typecase
