#pragma once

#include "story.h"

#include <map>
#include <string>
#include <vector>

namespace typecase::cli {

/// The hypotheses of one beam search: what each open one was extended by, and what became of that.
struct BeamTree {
  struct Node {
    const trace::BeamStep::Candidate* candidate;
    const trace::BeamStep* step;
    Tokens ids;  ///< generated, its own token included
  };
  std::map<Tokens, std::vector<Node>> children{};  ///< of what was generated so far, by rank

  /// What the search returns or ended with, best first: sum of ln p, and with the length penalty.
  struct Ranked {
    Tokens ids;
    std::vector<double> factors;  ///< p of each token
    float sum = 0;
    float score = 0;
    bool displaced = false;  ///< finished, and later pushed out by better ones
  };
  std::vector<Ranked> ranking{};
  /// Always the most probable next token: the greedy path, as far as the search followed it.
  std::vector<Node> greedy{};
  double length_penalty = 1;
};

BeamTree tree_of(const Story& story, std::size_t prompt);

/// Why a candidate did not go on, in a few words; "" when it did.
std::string why_not(const trace::BeamStep::Candidate& candidate);

/// "0.40 × 0.90 = 0.36", for a few factors; "0.0312" for more.
std::string product(const std::vector<double>& factors);

/// "−1.022 / 2^1 = −0.511"
std::string arithmetic(const BeamTree::Ranked& hypothesis, double length_penalty);

/// Why the search ended, as a sentence.
std::string stop_sentence(const std::string& reason);

}  // namespace typecase::cli
