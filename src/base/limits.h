#pragma once

#include <cstdint>

/// What a file or request may at most ask of us. Each limit is tested at its value and one above.
namespace typecase::limits {

inline constexpr std::uint64_t kSafetensorsHeader = 100'000'000;  // bytes: the reference's figure
inline constexpr std::uint64_t kTensors = 1'000'000;
inline constexpr std::uint64_t kName = 4096;  // bytes of a tensor name
inline constexpr int kRank = 8;
inline constexpr std::uint64_t kShards = 10'000;
inline constexpr std::uint64_t kGgufKeys = 1'000'000;
inline constexpr std::uint64_t kGgufString = 64ull << 20;  // bytes
inline constexpr std::uint64_t kGgufArray = 16ull << 20;   // elements
inline constexpr std::uint64_t kConfigFile = 16ull << 20;  // bytes of config.json and its kind
inline constexpr std::uint64_t kIndexFile = 64ull << 20;   // model.safetensors.index.json
inline constexpr std::uint64_t kTokenizerFile = 256ull << 20;
inline constexpr std::uint64_t kVocabulary = 4'000'000;
inline constexpr std::uint64_t kVocabularyBytes = 32ull << 20;  // of models that keep a trie
inline constexpr std::uint64_t kPlaceholders = 65'536;  // tokens a file only counts, without names
inline constexpr std::uint64_t kToken = 64ull << 10;    // bytes of one token
inline constexpr std::uint64_t kReplacedText = 256ull << 20;  // bytes a text may grow to
inline constexpr std::uint64_t kPadding = 1ull << 20;         // tokens a file may fill up to
inline constexpr std::uint64_t kRegexPattern = 64ull << 10;   // bytes of a regular expression
inline constexpr unsigned long kRegexSteps =
    10'000'000;                                         // steps back in one match: as the reference
inline constexpr unsigned int kRegexStack = 16u << 20;  // places to go back to
inline constexpr int kRegexSeconds = 5;                 // one expression on one piece of text …
inline constexpr std::uint64_t kRegexMicroseconds = 5;  // … and more for each of its bytes
inline constexpr std::uint64_t kRequestLine = 64ull << 20;  // bytes of one line of a request file

}  // namespace typecase::limits
