#include "text/tokenizer_class.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// Classes that build their own normalizer, pre-tokenizer and decoder and are not supported yet.
constexpr std::string_view kRebuilding[] = {
    "AlbertTokenizer",      "BarthezTokenizer", "BertTokenizer",        "BigBirdTokenizer",
    "BlenderbotTokenizer",  "CLIPTokenizer",    "CamembertTokenizer",   "CodeLlamaTokenizer",
    "CohereTokenizer",      "DebertaTokenizer", "DebertaV2Tokenizer",   "DistilBertTokenizer",
    "ElectraTokenizer",     "GPTNeoXTokenizer", "GemmaTokenizer",       "HerbertTokenizer",
    "LlamaTokenizer",       "MBartTokenizer",   "MPNetTokenizer",       "NllbTokenizer",
    "PegasusTokenizer",     "Qwen2Tokenizer",   "ReformerTokenizer",    "RobertaTokenizer",
    "SeamlessM4TTokenizer", "T5Tokenizer",      "WhisperTokenizer",     "XGLMTokenizer",
    "XLMRobertaTokenizer",  "XLNetTokenizer",   "MistralCommonBackend",
};

/// Model types whose files the reference loads as they stand, whatever class they declare.
constexpr std::string_view kGenericTypes[] = {
    "aria",
    "arctic",
    "chatlm",
    "ernie4_5",
    "ernie4_5_moe",
    "flex_olmo",
    "fuyu",
    "glm",
    "glm4",
    "glm4_moe",
    "gpt_bigcode",
    "granite",
    "granitemoe",
    "granitemoehybrid",
    "granitemoeshared",
    "h2ovl_chat",
    "hyperclovax",
    "internlm2",
    "internlm3",
    "iquestcoder",
    "jamba",
    "kimi_linear",
    "llava",
    "llava_next",
    "minicpm3",
    "minicpmv",
    "minimax_m2",
    "ministral",
    "ministral3",
    "mistral",
    "mistral3",
    "mixtral",
    "modernbert",
    "modernbert-decoder",
    "molmo",
    "molmo2",
    "nemotron",
    "nystromformer",
    "olmo2",
    "olmo3",
    "olmo_hybrid",
    "opencua",
    "persimmon",
    "phi3",
    "phi3_v",
    "phimoe",
    "pixtral",
    "smolvlm",
    "stablelm",
    "step3_vl",
    "umt5",
    "vipllava",
    "xlm-roberta-xl",
};

/// Model types that have GPT2Tokenizer when nothing is declared.
constexpr std::string_view kGpt2Types[] = {"blip-2", "codegen", "dbrx", "gpt2",      "gpt_neo",
                                           "gptj",   "opt",     "phi",  "starcoder2"};

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}

}  // namespace

TokenizerClass tokenizer_class(std::string_view declared, std::string_view model_type,
                               bool byte_level) {
  if (declared.ends_with("Fast")) declared.remove_suffix(4);
  if (!declared.empty() && contains(kGenericTypes, model_type)) return TokenizerClass::as_is;
  if (declared == "LlamaTokenizer" && byte_level) return TokenizerClass::as_is;
  if (declared.empty() && contains(kGpt2Types, model_type)) declared = "GPT2Tokenizer";
  if (declared == "GPT2Tokenizer") return TokenizerClass::gpt2;
  if (contains(kRebuilding, declared)) {
    throw Error(Code::unsupported,
                "the tokenizer class " + quote(declared) +
                    " is not supported yet; supported are GPT2Tokenizer and the generic class",
                {.file = {}, .offset = {}, .line = {}, .key = "/tokenizer_class"});
  }
  return TokenizerClass::as_is;
}

}  // namespace typecase
