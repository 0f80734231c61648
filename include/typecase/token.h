#pragma once

#include <cstdint>
#include <vector>

namespace typecase {

/// A row of the vocabulary. Never negative in a checked sequence.
using TokenId = std::int32_t;
using Tokens = std::vector<TokenId>;

}  // namespace typecase
