#pragma once

#include <typecase/trace.h>

#include <cstddef>
#include <span>
#include <vector>

namespace typecase {

/// softmax(scores) in double, for people to look at; zeros when nothing is above −∞.
std::vector<double> probabilities_of(std::span<const float> scores);

/// H = −Σ p ln p, in nats.
double entropy_of(std::span<const double> p);

/// The `count` greatest above −∞, greatest first; of equal ones the lower id first.
std::vector<trace::Candidate> top_candidates(std::span<const float> scores,
                                             std::span<const double> p, std::size_t count);

}  // namespace typecase
