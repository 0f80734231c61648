#pragma once

#include <typecase/json.h>
#include <typecase/model.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reading the members of a request. All throw Error(invalid_argument) naming the key and what is
/// expected; a null member counts as absent where absence is allowed.
namespace typecase::cli {

const Json* optional_member(const Json& request, std::string_view key);

/// A member that must be true or false when it is there.
bool flag_or(const Json& request, std::string_view key, bool otherwise);

/// A string, or a list of strings.
std::vector<std::string> texts_of(const Json& request, std::string_view key);

/// One list of ids, each 0 … 2³¹ − 1.
Tokens ids_of(const Json& list, std::string_view key);

/// [[id, …], …]: at least one row, all of one length.
std::vector<Tokens> token_rows(const Json& request, std::string_view key);

/// The same shape, of 0 and 1; empty when absent.
std::vector<Mask> mask_rows(const Json& request, std::string_view key,
                            const std::vector<Tokens>& shape);

/// The process-wide generator is seeded when the request says so, as torch.manual_seed does.
void seed_as_asked(const Json& request);

/// Left-pads rows of different lengths with `pad`; the masks say what is real.
std::vector<Mask> pad_left(std::vector<Tokens>& rows, TokenId pad);

}  // namespace typecase::cli
