#pragma once

#include <typecase/token.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase {

/// Half-open range of code points in a text.
struct Offsets {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Offsets&, const Offsets&) = default;
};

/// How a text that is too long is cut.
struct Truncation {
  enum class Strategy {
    longest_first,  ///< of a pair, the longer text first
    only_first,
    only_second,
  };
  std::size_t max_length = 512;  ///< with the special tokens that are added
  std::size_t stride = 0;        ///< must be below what is left of a text
  Strategy strategy = Strategy::longest_first;
  bool left = false;  ///< cut at the beginning
};

/// How a short encoding is filled up.
struct Padding {
  std::optional<std::size_t> fixed{};  ///< to this length; unset: to the longest of the batch
  std::size_t multiple = 0;            ///< then up to a multiple of this; 0: not
  bool left = false;                   ///< in front
  TokenId id = 0;
  std::uint8_t type_id = 0;
  std::string token = "[PAD]";
};

struct EncodeOptions {
  bool add_special_tokens = true;  ///< what the post-processor's template adds (BOS, …)
  bool offsets = false;            ///< fill Encoding::offsets; costs time
  /// Special tokens in the text are text, not cut out. Unset: the tokenizer's own setting.
  std::optional<bool> split_special_tokens{};
  /// Unset: what a tokenizer.json that stands alone says. With a tokenizer_config.json beside it
  /// the reference applies neither unless asked to, and so do we.
  std::optional<Truncation> truncation{};
  std::optional<Padding> padding{};
};

/// A text as tokens.
struct Encoding {
  Tokens ids;
  /// The string of each token, as the vocabulary spells it; for added tokens the matched text.
  std::vector<std::string> tokens;
  std::vector<std::uint8_t> type_ids;  ///< 0, or 1 for the second text (as the template says)
  std::vector<Offsets> offsets;  ///< into the text the token came from; (0,0) for template tokens
  std::size_t pads = 0;          ///< how many of the tokens are padding …
  bool pads_left = false;        ///< … and whether they stand in front
};

struct DecodeOptions {
  bool skip_special_tokens = false;
  /// Unset: the tokenizer's own setting. Has no effect for BPE models, as in the reference.
  std::optional<bool> clean_up_tokenization_spaces{};
};

/// Text ↔ tokens, equal to the reference's tokenizer of the same files.
///
/// Movable, not copyable. Const methods may be called from many threads at once.
class Tokenizer {
 public:
  /// What a model folder holds: tokenizer.json, else vocab.json and merges.txt; settings from
  /// tokenizer_config.json and its neighbours.
  /// Throws Error(not_found), Error(bad_file) or Error(unsupported) naming file and JSON pointer.
  static Tokenizer from_folder(const std::string& path);

  /// A tokenizer.json and nothing else.
  static Tokenizer from_file(const std::string& path);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// The tokens of `text`. Throws Error(invalid_argument) for text that is not valid UTF-8 and for
  /// text that the model cannot express.
  Tokens encode_ids(std::string_view text, bool add_special_tokens = true) const;

  /// The tokens of many texts, on `threads` threads (≤ 0: as many as this process may use). Equal
  /// to encode_ids of each; of several texts that cannot be encoded the first one's error is
  /// thrown.
  std::vector<Tokens> encode_ids_batch(std::span<const std::string_view> texts,
                                       bool add_special_tokens = true, int threads = 0) const;

  /// A text's tokens with their strings and, on request, offsets; `pair` is the second text of a
  /// pair.
  Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;
  Encoding encode(std::string_view text, std::string_view pair,
                  const EncodeOptions& options = {}) const;

  /// The text of `ids`. Ids nobody has are left out; always valid UTF-8.
  std::string decode(std::span<const TokenId> ids, const DecodeOptions& options = {}) const;

  /// The string of a token (added tokens too), or nothing for ids nobody has.
  std::optional<std::string> token_of(TokenId id) const;
  std::optional<TokenId> id_of(std::string_view token) const;
  /// Whether skip_special_tokens hides it.
  bool is_special(TokenId id) const;

  /// How many tokens there are, added ones included. Ids may have holes: see end_id().
  std::size_t vocabulary_size() const;
  TokenId end_id() const;  ///< one above the highest id

  std::optional<TokenId> bos_id() const;
  std::optional<TokenId> eos_id() const;
  std::optional<TokenId> pad_id() const;
  std::optional<TokenId> unk_id() const;

  /// The chat template's source, if the files have one (of several: the one called "default").
  const std::optional<std::string>& chat_template() const;
  /// {name, source} of all templates where the files name them; else empty.
  const std::vector<std::pair<std::string, std::string>>& named_chat_templates() const;
  /// The longest sequence the files promise, if they say.
  std::optional<std::int64_t> model_max_length() const;
  bool pads_left() const;  ///< padding_side is "left"

  /// "BPE", "WordPiece", …: the model's type.
  std::string_view kind() const;
  /// Where it came from: "tokenizer.json", "vocab.json", "GGUF".
  std::string_view source() const;

  /// For stop strings. Whether text is compared as bytes (the decoder works on bytes) …
  bool stop_strings_are_bytes() const;
  /// … and what a token contributes: its bytes, or its text behind another token.
  std::string stop_string_text(TokenId id) const;

  /// The reference's removal of spaces in front of punctuation and contractions.
  static std::string clean_up(std::string text);

  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace typecase
