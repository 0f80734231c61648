#include "text/gguf_parts.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

constexpr std::string_view kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr std::string_view kQwen35 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kO200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The values of tokenizer.ggml.pre for which the reference sets a split pattern of its own …
constexpr std::pair<std::string_view, std::string_view> kPatterns[] = {
    {"llama3", kLlama3},          {"llama-v3", kLlama3},
    {"llama-bpe", kLlama3},       {"falcon3", kLlama3},
    {"falcon-h1", kLlama3},       {"pixtral", kLlama3},
    {"midm-2.0", kLlama3},        {"lfm2", kLlama3},
    {"jina-v5-nano", kLlama3},    {"dbrx", kLlama3},
    {"smaug-bpe", kLlama3},       {"qwen2", kQwen2},
    {"deepseek-r1-qwen", kQwen2}, {"kormo", kQwen2},
    {"f2llmv2", kQwen2},          {"megrez", kQwen2},
    {"qwen35", kQwen35},          {"tekken", kTekken},
    {"gpt-4o", kO200k},           {"llama4", kO200k},
    {"kanana2", kO200k},          {"talkie", kO200k},
    {"minimax-m2", kO200k},
};

/// … and those that keep the pattern of the class, whatever the original model does.
constexpr std::string_view kUnchanged[] = {
    "",
    "default",
    "gpt-2",
    "gpt2",
    "smollm",
    "starcoder",
    "refact",
    "command-r",
    "deepseek-llm",
    "deepseek-coder",
    "deepseek-v3",
    "falcon",
    "mpt",
    "olmo",
    "olmo2",
    "stablelm2",
    "poro-chat",
    "bloom",
    "gpt3-finnish",
    "exaone",
    "exaone4",
    "chameleon",
    "minerva-7b",
    "codeshell",
    "viking",
    "phi-2",
    "jais",
    "jina-es",
    "jina-de",
    "jina-v1-en",
    "jina-v2-es",
    "jina-v2-de",
    "jina-v2-code",
    "roberta-bpe",
    "gigachat",
    "granite-docling",
    "superbpe",
    "trillion",
    "bailingmoe",
    "seed-coder",
    "hunyuan",
    "hunyuan-dense",
    "chatglm-bpe",
    "glm4",
    "dots1",
    "a.x-4.0",
    "mellum",
    "kimi-k2",
    "grok-2",
    "afmoe",
    "solar-open",
    "nemotron",
    "llama-spm",
    "t5",
    "jina-v2-zh",
    "bert",
    "bert-bge",
    "gemma4",
    "pangu-embedded",
    "whisper",
    "modern-bert",
    "granite-embed-multi-97m",
    "granite-embed-multi-311m",
    "hunyuan-vl",
    "joyai-llm",
    "exaone-moe",
    "youtu",
    "phi-4",
    "roberta-base",
    "tiny_aya",
    "bailingmoe2",
    "llada-moe",
    "deepseek-r1",
    "sarvam-moe",
    "glm5",
    "mistral-bpe",
    "spm",
};

}  // namespace

std::unique_ptr<PreTokenizer> gguf_split(std::string_view pre) {
  for (const auto& [name, pattern] : kPatterns) {
    if (pre != name) continue;
    std::vector<std::unique_ptr<PreTokenizer>> parts;
    parts.push_back(make_known_pattern(pattern));
    parts.push_back(make_byte_level(false, false));
    return make_pre_tokenizer_sequence(std::move(parts));
  }
  if (std::ranges::find(kUnchanged, pre) != std::end(kUnchanged)) return nullptr;
  throw Error(Code::unsupported,
              "the pre-tokenizer " + quote(pre) + " is not one this program knows",
              {.file = {}, .offset = {}, .line = {}, .key = "tokenizer.ggml.pre"});
}

}  // namespace typecase
