#pragma once

#include <typecase/tokenizer.h>

#include <string>

namespace typecase::cli {

/// Tokens as cells, their text above their id, in lines of at most `columns`: coloured in turn on a
/// terminal, with bars between them elsewhere. A line ends behind a token with a line end.
///
///     The│·rain│·in│·Spain
///     504│ 5249│281│  7476
std::string token_cells(const Tokenizer& tokenizer, const Tokens& ids, std::size_t columns);

}  // namespace typecase::cli
