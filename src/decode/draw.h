#pragma once

#include "decode/order.h"

#include <typecase/generator.h>
#include <typecase/token.h>

#include <span>

namespace typecase {

/// One token per row drawn from its probabilities, as torch.multinomial(p, 1) draws:
///     token = argmax_i p_i / e_i ,   e_i ~ Exp(1)
/// (the exponential race). Two words of `random` are consumed for every element of every row.
///
/// `probabilities` is [rows, vocabulary]. Throws Error(failed) when one is negative, NaN or
/// infinite, or a row sums to zero.
void draw(std::span<const float> probabilities, std::size_t vocabulary, Generator& random,
          std::span<TokenId> tokens);

/// K different indices of one row in the order of the race, as torch.multinomial(p, K); `value` is
/// p/e. With fewer than K positive probabilities the rest have probability zero.
/// Throws as draw() does, and when K is larger than the row.
std::vector<Ranked> draw_without_replacement(std::span<const float> probabilities, std::size_t k,
                                             Generator& random);

}  // namespace typecase
