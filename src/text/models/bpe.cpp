#include "text/models/bpe.h"

#include "base/checked.h"
#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/models/word_cache.h"

#include <typecase/error.h>

#include <array>
#include <cstring>
#include <span>

namespace typecase {
namespace {

/// The tokens of words met before.
struct WordCaches {
  ShortWordCache short_words{1u << 15};
  LongWordCache long_words{1u << 13};
};

struct BpeWorkspace final : ModelWorkspace {
  WordCaches spelled_as_bytes;  // the same word may be spelled in both ways,
  WordCaches spelled_as_text;   // so they never share a table
  BpeMerger merger;
  std::vector<Symbol> symbols;
};

/// Ids on their way to a Tokens: written a few at a time without asking for room each time.
class IdBuffer {
 public:
  explicit IdBuffer(Tokens& out) : out_(out) {}
  ~IdBuffer() = default;
  IdBuffer(const IdBuffer&) = delete;
  IdBuffer& operator=(const IdBuffer&) = delete;

  /// `ids` holds kIds, of which the first `count` are meant.
  void put(const std::array<TokenId, ShortWordCache::kIds>& ids, std::size_t count) {
    std::memcpy(buffer_.data() + size_, ids.data(), sizeof ids);
    size_ += count;
    if (size_ > kRoom) flush();
  }
  void put(std::span<const TokenId> ids) {
    flush();
    out_.insert(out_.end(), ids.begin(), ids.end());
  }
  void flush() {
    out_.insert(out_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ = 0;
  }

 private:
  static constexpr std::size_t kRoom = 256;
  Tokens& out_;
  std::array<TokenId, kRoom + ShortWordCache::kIds> buffer_;
  std::size_t size_ = 0;
};

/// Bytes that valid UTF-8 never holds.
constexpr bool impossible(std::size_t byte) { return byte == 0xC0 || byte == 0xC1 || byte > 0xF4; }

}  // namespace

Bpe::Builder::Builder(Vocabulary vocabulary, BpeOptions options)
    : vocabulary_(std::move(vocabulary)), options_(std::move(options)) {}

void Bpe::Builder::add_merge(std::string_view left, std::string_view right) {
  const auto known = [&](std::string_view token) {
    const auto id = vocabulary_.find(token);
    if (!id) {
      throw Error(Code::bad_file, "the merge of " + quote(left) + " and " + quote(right) +
                                      " needs the token " + quote(token) +
                                      ", which is not in the vocabulary");
    }
    return *id;
  };
  const TokenId left_id = known(left);
  const TokenId right_id = known(right);
  const std::size_t prefix = options_.continuing_subword_prefix.size();
  if (right.size() < prefix) {
    throw Error(Code::bad_file, "the merge's right part " + quote(right) +
                                    " is shorter than continuing_subword_prefix");
  }
  joined_.assign(left);
  joined_ += right.substr(prefix);
  merges_.set(left_id, right_id, {next_rank_++, known(joined_)});
}

std::unique_ptr<Bpe> Bpe::Builder::build() && {
  return std::unique_ptr<Bpe>(new Bpe(std::move(*this)));
}

Bpe::Bpe(Builder&& parts)
    : vocabulary_(std::move(parts.vocabulary_)),
      options_(std::move(parts.options_)),
      merges_(std::move(parts.merges_)) {
  has_affixes_ =
      !options_.continuing_subword_prefix.empty() || !options_.end_of_word_suffix.empty();
  if (options_.has_unk) unk_ = vocabulary_.find(options_.unk_token);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const char raw = static_cast<char>(byte);
    byte_id_[byte] = vocabulary_.find(byte_alphabet::spell({&raw, 1})).value_or(-1);
    all_bytes_ = all_bytes_ && (byte_id_[byte] >= 0 || impossible(byte));
    constexpr char kHex[] = "0123456789ABCDEF";
    const char code[] = {'<', '0', 'x', kHex[byte >> 4], kHex[byte & 15], '>'};
    fallback_[byte] = vocabulary_.find({code, sizeof code}).value_or(-1);
  }
  if (!options_.ignore_merges) return;
  std::string bytes;
  for (std::size_t id = 0; id < vocabulary_.end(); ++id) {
    const auto token = vocabulary_.at(static_cast<TokenId>(id));
    bytes.clear();
    if (!token.empty() && byte_alphabet::append_bytes(bytes, token)) {
      byte_words_.add(bytes, static_cast<TokenId>(id));
    }
  }
}

std::unique_ptr<ModelWorkspace> Bpe::make_workspace() const {
  return std::make_unique<BpeWorkspace>();
}

bool Bpe::works_on_bytes(std::string_view text) const noexcept {
  if (has_affixes_) return false;
  if (all_bytes_) return true;
  for (const char byte : text) {
    if (byte_id_[static_cast<unsigned char>(byte)] < 0) return false;
  }
  return true;
}

std::optional<TokenId> Bpe::whole_word(std::string_view word, bool bytes) const {
  return (bytes ? byte_words_ : vocabulary_).find(word);
}

void Bpe::symbols_of_bytes(std::string_view word, std::vector<Symbol>& out) const {
  out.resize(word.size());
  for (std::size_t i = 0; i < word.size(); ++i) {
    out[i] = {byte_id_[static_cast<unsigned char>(word[i])], 1};
  }
}

bool Bpe::push_bytes(std::string_view symbol, std::vector<Symbol>& out) const {
  for (const char byte : symbol) {
    if (fallback_[static_cast<unsigned char>(byte)] < 0) return false;
  }
  for (const char byte : symbol) out.push_back({fallback_[static_cast<unsigned char>(byte)], 1});
  return true;
}

TokenId Bpe::unknown() const {
  if (unk_) return *unk_;
  throw Error(Code::invalid_argument,
              "the text needs the unknown token " + quote(options_.unk_token) +
                  ", which is not in the vocabulary",
              {.file = {}, .offset = {}, .line = {}, .key = "/model/unk_token"});
}

/// One symbol per character. An unknown symbol that waits to be joined with the next is written
/// when a known one or the end comes; bytes of a fallback overtake it (the reference does so).
void Bpe::symbols_of_characters(std::string_view word, std::vector<Symbol>& out) const {
  out.clear();
  std::optional<Symbol> waiting;
  std::string affixed;
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t size = decode_utf8(word, at).size;
    std::string_view symbol = word.substr(at, size);
    if (has_affixes_) {
      affixed = at == 0 ? std::string() : options_.continuing_subword_prefix;
      affixed += symbol;
      if (at + size == word.size()) affixed += options_.end_of_word_suffix;
      symbol = affixed;
    }
    at += size;
    const auto length = static_cast<std::uint32_t>(size);
    if (const auto id = vocabulary_.find(symbol)) {
      if (waiting) out.push_back(*std::exchange(waiting, std::nullopt));
      out.push_back({*id, length});
    } else if (options_.byte_fallback && push_bytes(symbol, out)) {
      continue;
    } else if (options_.has_unk) {
      if (waiting && options_.fuse_unk) {
        waiting->size += length;
      } else {
        if (waiting) out.push_back(*waiting);
        waiting = Symbol{unknown(), length};
      }
    }
  }
  if (waiting) out.push_back(*waiting);
}

void Bpe::merged(std::string_view word, bool bytes, std::vector<Symbol>& symbols,
                 BpeMerger& merger) const {
  symbols.clear();
  if (options_.ignore_merges) {
    if (const auto id = whole_word(word, bytes)) {
      symbols.push_back({*id, static_cast<std::uint32_t>(word.size())});
      return;
    }
  }
  bytes ? symbols_of_bytes(word, symbols) : symbols_of_characters(word, symbols);
  merger.merge(symbols, merges_);
}

/// Tokens with the bytes they stand for: nobody does this for speed.
void Bpe::tokenize_detailed(const Pieces& pieces, ModelWorkspace& workspace,
                            ModelOutput out) const {
  auto& work = static_cast<BpeWorkspace&>(workspace);
  for (const Piece piece : pieces.list) {
    merged(pieces.at(piece), pieces.as_bytes, work.symbols, work.merger);
    std::uint32_t at = piece.begin;
    for (const Symbol symbol : work.symbols) {
      out.ids.push_back(symbol.id);
      out.ranges->push_back({at, at + symbol.size});
      at += symbol.size;
    }
  }
}

void Bpe::tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const {
  if (pieces.as_bytes && !works_on_bytes(pieces.text.text)) pieces.spell_bytes();
  if (out.ranges) return tokenize_detailed(pieces, workspace, out);
  auto& work = static_cast<BpeWorkspace&>(workspace);
  const bool bytes = pieces.as_bytes;
  auto& [short_words, long_words] = bytes ? work.spelled_as_bytes : work.spelled_as_text;
  const std::string_view text = pieces.text.text;
  IdBuffer ids(out.ids);
  const auto merge = [&](std::string_view word) {
    merged(word, bytes, work.symbols, work.merger);
    ids.flush();
    const std::size_t before = out.ids.size();
    for (const Symbol symbol : work.symbols) out.ids.push_back(symbol.id);
    return std::span(out.ids).subspan(before);
  };
  for (const Piece piece : pieces.list) {
    const auto word = text.substr(piece.begin, piece.end - piece.begin);
    ShortWord key;
    if (word.size() <= ShortWordCache::kLongest) {
      key = ShortWord::load(word.data(), word.size(), text.size() - piece.begin);
      if (const auto* entry = short_words.find(key, word.size())) [[likely]] {
        ids.put(entry->ids, entry->count);
        continue;
      }
    } else if (word.size() > LongWordCache::kLongest) {
      merge(word);
      continue;
    }
    const auto hash = hash_bytes(word);
    if (const auto found = long_words.find(word, hash); !found.empty()) {
      ids.put(found);
      continue;
    }
    const auto made = merge(word);
    if (word.size() <= ShortWordCache::kLongest && made.size() <= ShortWordCache::kIds) {
      short_words.put(key, word.size(), made);
    } else {
      long_words.put(word, hash, made);
    }
  }
  ids.flush();
}

}  // namespace typecase
