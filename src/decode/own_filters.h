#pragma once

#include <typecase/generation_config.h>
#include <typecase/token.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase {

/// Filters that users know from other programs and that the reference does not have. All are off
/// unless the call or its config object names them: a checkpoint's own files never switch one on,
/// because the reference would ignore the field there.
///
/// Where they act: logit_bias, presence_penalty with frequency_penalty, and DRY follow the
/// reference's penalties and n-gram bans and precede everything that allows, forbids or forces. So
/// what the reference forbids or forces stays so. Among the warpers, top_n_sigma comes right after
/// temperature; XTC and then mirostat come last, behind every cut of the reference (and `top_k`
/// cuts to 50 unless it is set to 0).
struct OwnFilters {
  double presence_penalty = 0;
  double frequency_penalty = 0;
  std::vector<std::pair<TokenId, double>> logit_bias{};

  // DRY
  double dry_multiplier = 0;  ///< 0: off
  double dry_base = 1.75;
  std::size_t dry_allowed_length = 2;
  Tokens dry_sequence_breakers{};

  // Sampling only
  std::optional<double> top_n_sigma{};
  double xtc_probability = 0;  ///< 0: off
  double xtc_threshold = 0.1;
  std::optional<double> mirostat_tau{};  ///< bits; empty: off
  double mirostat_eta = 0.1;
};

/// The token ids of a text, without special tokens around it.
using EncodeText = std::function<Tokens(std::string_view)>;

/// presence_penalty, frequency_penalty, logit_bias, dry_…, top_n_sigma, xtc_…, mirostat_….
bool is_own_field(std::string_view name);

/// Reads them from where the caller may name them; a keyword wins, null included.
///
/// logit_bias is {"text or id": bias} or [["text" or id, bias], …]. A key of digits is an id, as in
/// OpenAI's interface; in a list a string is always text. Of a text, every token is biased.
/// `sampling` says whether filters that only make sense there may act. Throws
/// Error(invalid_argument), naming the field.
OwnFilters read_own_filters(const GenerationConfig& keywords, const GenerationConfig* config_object,
                            std::size_t vocabulary, bool sampling, const EncodeText& encode);

}  // namespace typecase
