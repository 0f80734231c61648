#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace typecase {

/// Bytes this process may still take: what the system says is available, and what the limit of its
/// control group leaves. Nothing when neither can be read. An estimate: others take memory too.
std::optional<std::uint64_t> available_memory();

/// Throws Error(out_of_memory) when `bytes` are more than available_memory(), naming both numbers;
/// `what` begins the message ("the weights").
void require_memory(std::uint64_t bytes, std::string_view what);

/// "1.4 GB"
std::string in_gigabytes(std::uint64_t bytes);

}  // namespace typecase
