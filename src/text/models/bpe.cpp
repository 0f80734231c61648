#include "text/models/bpe.h"

#include "base/checked.h"
#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/models/word_cache.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace typecase {

/// The tokens of words met before.
struct WordCaches {
  ShortWordCache short_words{1u << 16};
  LongWordCache long_words{1u << 15};
};

struct BpeWorkspace final : ModelWorkspace {
  WordCaches spelled_as_bytes;  // the same word may be spelled in both ways,
  WordCaches spelled_as_text;   // so they never share a table
  BpeMerger merger;
  Symbols symbols;
  std::string spelled;
};

namespace {

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

namespace {

Error unknown_token(const MergeText& merge, std::string_view token) {
  return Error(Code::bad_file, "the merge of " + quote(merge.left) + " and " + quote(merge.right) +
                                   " needs the token " + quote(token) +
                                   ", which is not in the vocabulary");
}

}  // namespace

TokenId Bpe::Builder::id_of_part(const MergeText& merge, std::string_view part,
                                 std::uint64_t hash) const {
  const auto id = vocabulary_.find(part, hash);
  if (!id) throw unknown_token(merge, part);
  return *id;
}

/// In most files a merge makes the same token as the one before, or the next.
TokenId Bpe::Builder::id_of_result(const MergeText& merge) {
  const std::size_t prefix = options_.continuing_subword_prefix.size();
  if (merge.right.size() < prefix) {
    throw Error(Code::bad_file, "the merge's right part " + quote(merge.right) +
                                    " is shorter than continuing_subword_prefix");
  }
  const std::string_view right = merge.right.substr(prefix);
  for (const TokenId guess : {last_result_, last_result_ + 1}) {
    const auto token = vocabulary_.at(guess);
    if (token.size() == merge.left.size() + right.size() && vocabulary_.has(guess) &&
        token.starts_with(merge.left) && token.ends_with(right)) {
      return last_result_ = guess;
    }
  }
  joined_.assign(merge.left);
  joined_ += right;
  const auto id = vocabulary_.find(joined_);
  if (!id) throw unknown_token(merge, joined_);
  return last_result_ = *id;
}

void Bpe::Builder::note_pair(const MergeText& merge) {
  if (!options_.byte_fallback || merge.left.empty() || merge.right.empty()) return;
  pairs_.add(merge.left, merge.right);
  for (const auto part : {merge.left, merge.right}) {
    merges_byte_tokens_ = merges_byte_tokens_ || (part.size() == 6 && part.starts_with("<0x"));
  }
}

void Bpe::Builder::add_merge(std::string_view left, std::string_view right) {
  const MergeText merge{left, right};
  const TokenId left_id = id_of_part(merge, left, hash_bytes(left));
  const TokenId right_id = id_of_part(merge, right, hash_bytes(right));
  merges_.set(left_id, right_id, {next_rank_++, id_of_result(merge)});
  note_pair(merge);
}

void Bpe::Builder::add_merges(std::span<const MergeText> merges,
                              const std::function<Place(std::size_t)>& place) {
  TYPECASE_CHECK(merges.size() <= kBatch);
  std::array<std::array<std::uint64_t, 2>, kBatch> hash;
  std::array<std::array<TokenId, 3>, kBatch> id;
  for (std::size_t i = 0; i < merges.size(); ++i) {
    hash[i] = {hash_bytes(merges[i].left), hash_bytes(merges[i].right)};
    vocabulary_.prefetch(hash[i][0]);
    vocabulary_.prefetch(hash[i][1]);
  }
  for (std::size_t i = 0; i < merges.size(); ++i) {
    try {
      id[i] = {id_of_part(merges[i], merges[i].left, hash[i][0]),
               id_of_part(merges[i], merges[i].right, hash[i][1]), id_of_result(merges[i])};
    } catch (const Error& error) {
      throw error.at(place(i));
    }
    merges_.prefetch(id[i][0], id[i][1]);
  }
  for (std::size_t i = 0; i < merges.size(); ++i) {
    merges_.set(id[i][0], id[i][1], {next_rank_++, id[i][2]});
    note_pair(merges[i]);
  }
}

std::unique_ptr<Bpe> Bpe::Builder::build() && {
  return std::unique_ptr<Bpe>(new Bpe(std::move(*this)));
}

Bpe::Bpe(Builder&& parts)
    : vocabulary_(std::move(parts.vocabulary_)),
      options_(std::move(parts.options_)),
      merges_(std::move(parts.merges_)),
      pairs_(std::move(parts.pairs_)) {
  has_affixes_ =
      !options_.continuing_subword_prefix.empty() || !options_.end_of_word_suffix.empty();
  if (options_.has_unk) unk_ = vocabulary_.find(options_.unk_token);
  bool all_fallback = true;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const char raw = static_cast<char>(byte);
    byte_id_[byte] = vocabulary_.find(byte_alphabet::spell({&raw, 1})).value_or(-1);
    all_bytes_ = all_bytes_ && (byte_id_[byte] >= 0 || impossible(byte));
    constexpr char kHex[] = "0123456789ABCDEF";
    const char code[] = {'<', '0', 'x', kHex[byte >> 4], kHex[byte & 15], '>'};
    fallback_[byte] = vocabulary_.find({code, sizeof code}).value_or(-1);
    all_fallback = all_fallback && (fallback_[byte] >= 0 || impossible(byte));
  }
  // An unknown symbol may join the next one, or vanish and make neighbours of others; with a token
  // for every byte there are none.
  may_cut_ = options_.byte_fallback && all_fallback && !options_.ignore_merges && !has_affixes_ &&
             !parts.merges_byte_tokens_;
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

std::optional<TokenId> Bpe::whole_word(std::string_view word, bool bytes,
                                       std::string& spelled) const {
  if (!bytes) return vocabulary_.find(word);
  spelled.clear();
  byte_alphabet::append_spelled(spelled, word);
  return vocabulary_.find(spelled);
}

void Bpe::symbols_of_bytes(std::string_view word, Symbols& out) const {
  out.resize(word.size());
  for (std::size_t i = 0; i < word.size(); ++i) {
    out[i] = {byte_id_[static_cast<unsigned char>(word[i])], 1};
  }
}

bool Bpe::push_bytes(std::string_view symbol, Symbols& out) const {
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
void Bpe::symbols_of_characters(std::string_view word, Symbols& out) const {
  out.clear();
  if (word.size() > 4096) out.reserve(word.size());
  std::optional<Symbol> waiting;
  std::string affixed;
  std::string_view previous;  // a run of one character asks the vocabulary once
  std::optional<TokenId> id;
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t size = decode_utf8(word, at).size;
    std::string_view symbol = word.substr(at, size);
    const bool again = !has_affixes_ && symbol == std::exchange(previous, symbol);
    if (has_affixes_) {
      affixed = at == 0 ? std::string() : options_.continuing_subword_prefix;
      affixed += symbol;
      if (at + size == word.size()) affixed += options_.end_of_word_suffix;
      symbol = affixed;
    }
    at += size;
    const auto length = static_cast<std::uint32_t>(size);
    if (!again) id = vocabulary_.find(symbol);
    if (id) {
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

void Bpe::merged(std::string_view word, bool bytes, BpeWorkspace& work) const {
  work.symbols.clear();
  if (options_.ignore_merges) {
    if (const auto id = whole_word(word, bytes, work.spelled)) {
      work.symbols.push_back({*id, static_cast<std::uint32_t>(word.size())});
      return;
    }
  }
  bytes ? symbols_of_bytes(word, work.symbols) : symbols_of_characters(word, work.symbols);
  work.merger.merge(work.symbols, merges_);
}

/// Models without a pre-tokenizer see a whole text as one word. Parts between which nothing can
/// merge give the same tokens, and most of them have been met before.
void Bpe::cut_where_nothing_merges(Pieces& pieces) const {
  const std::string_view text = pieces.text.text;
  pieces.recut([&](Piece piece, std::vector<Piece>& out) {
    std::uint32_t begin = piece.begin;
    char32_t before = 0;
    for (std::uint32_t at = piece.begin; at < piece.end;) {
      const auto byte = static_cast<unsigned char>(text[at]);
      const Utf8Char c = byte < 0x80 ? Utf8Char{byte, 1, true, false} : decode_utf8(text, at);
      if (at != begin && !pairs_.may_merge(before, c.code_point)) {
        out.push_back({begin, at});
        begin = at;
      }
      before = c.code_point;
      at += static_cast<std::uint32_t>(c.size);
    }
    out.push_back({begin, piece.end});
  });
}

/// Tokens with the bytes they stand for: nobody does this for speed.
void Bpe::tokenize_detailed(const Pieces& pieces, ModelWorkspace& workspace,
                            ModelOutput out) const {
  auto& work = static_cast<BpeWorkspace&>(workspace);
  for (const Piece piece : pieces.list) {
    merged(pieces.at(piece), pieces.as_bytes, work);
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
  if (may_cut_ && !pieces.as_bytes) cut_where_nothing_merges(pieces);
  if (out.ranges) return tokenize_detailed(pieces, workspace, out);
  auto& work = static_cast<BpeWorkspace&>(workspace);
  const bool bytes = pieces.as_bytes;
  auto& [short_words, long_words] = bytes ? work.spelled_as_bytes : work.spelled_as_text;
  const std::string_view text = pieces.text.text;
  IdBuffer ids(out.ids);
  const auto merge = [&](std::string_view word) {
    merged(word, bytes, work);
    ids.flush();
    const std::size_t before = out.ids.size();
    for (const Symbol symbol : work.symbols) out.ids.push_back(symbol.id);
    return std::span(out.ids).subspan(before);
  };
  const auto remembered = [&](std::string_view word, const ShortWord& key) {
    if (word.size() > LongWordCache::kLongest) {
      merge(word);
      return;
    }
    const auto hash = key.hash;
    if (const auto found = long_words.find(word, hash); !found.empty()) {
      ids.put(found);
      return;
    }
    const auto made = merge(word);
    if (word.size() <= ShortWordCache::kLongest && made.size() <= ShortWordCache::kIds) {
      short_words.put(key, word.size(), made);
    } else {
      long_words.put(word, hash, made);
    }
  };
  // Some words at a time: their look-ups wait for memory together.
  constexpr std::size_t kAhead = 16;
  std::array<ShortWord, kAhead> keys;
  bool missed = false;  // in the last round: text in which short words often have many tokens
  for (std::size_t done = 0; done < pieces.list.size(); done += kAhead) {
    const auto some =
        std::span(pieces.list).subspan(done, std::min(kAhead, pieces.list.size() - done));
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::size_t size = some[i].end - some[i].begin;
      if (size > ShortWordCache::kLongest) {
        if (size > LongWordCache::kLongest) continue;
        keys[i].hash = hash_bytes(text.substr(some[i].begin, size));
        long_words.prefetch(keys[i].hash);
        continue;
      }
      keys[i] = ShortWord::load(text.data() + some[i].begin, size, text.size() - some[i].begin);
      short_words.prefetch(keys[i]);
    }
    for (std::size_t i = 0; missed && i < some.size(); ++i) {
      const std::size_t size = some[i].end - some[i].begin;
      if (size <= ShortWordCache::kLongest && short_words.find(keys[i], size) == nullptr) {
        long_words.prefetch(keys[i].hash);
      }
    }
    missed = false;
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::size_t size = some[i].end - some[i].begin;
      if (size <= ShortWordCache::kLongest) {
        if (const auto* entry = short_words.find(keys[i], size)) [[likely]] {
          ids.put(entry->ids, entry->count);
          continue;
        }
        missed = true;
      }
      remembered(text.substr(some[i].begin, size), keys[i]);
    }
  }
  ids.flush();
}

}  // namespace typecase
