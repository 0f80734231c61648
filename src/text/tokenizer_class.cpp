#include "text/tokenizer_class.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// Classes that are not built: the first reads words with boxes and never plain text, the second
/// is a library of its own.
constexpr std::string_view kRefused[] = {"UdopTokenizer", "MistralCommonBackend"};

constexpr std::pair<std::string_view, TokenizerClass> kClasses[] = {
    {"AlbertTokenizer", TokenizerClass::albert},
    {"BartTokenizer", TokenizerClass::roberta},
    {"BertTokenizer", TokenizerClass::bert},
    {"CamembertTokenizer", TokenizerClass::camembert},
    {"CohereTokenizer", TokenizerClass::cohere},
    {"DebertaV2Tokenizer", TokenizerClass::deberta_v2},
    {"GPT2Tokenizer", TokenizerClass::gpt2},
    {"GPTNeoXTokenizer", TokenizerClass::gpt_neox},
    {"GemmaTokenizer", TokenizerClass::gemma},
    {"LlamaTokenizer", TokenizerClass::llama},
    {"MPNetTokenizer", TokenizerClass::mpnet},
    {"Qwen2Tokenizer", TokenizerClass::qwen2},
    {"Qwen3_5Tokenizer", TokenizerClass::qwen3_5},
    {"RobertaTokenizer", TokenizerClass::roberta},
    {"T5Tokenizer", TokenizerClass::t5},
    {"XLMRobertaTokenizer", TokenizerClass::xlm_roberta},
    {"BarthezTokenizer", TokenizerClass::barthez},
    {"BigBirdTokenizer", TokenizerClass::big_bird},
    {"BlenderbotTokenizer", TokenizerClass::blenderbot},
    {"CLIPTokenizer", TokenizerClass::clip},
    {"CodeLlamaTokenizer", TokenizerClass::code_llama},
    {"CodeGenTokenizer", TokenizerClass::codegen},
    {"DebertaTokenizer", TokenizerClass::deberta},
    {"FunnelTokenizer", TokenizerClass::funnel},
    {"HerbertTokenizer", TokenizerClass::herbert},
    {"LukeTokenizer", TokenizerClass::luke},
    {"MBartTokenizer", TokenizerClass::mbart},
    {"MBart50Tokenizer", TokenizerClass::mbart50},
    {"NllbTokenizer", TokenizerClass::nllb},
    {"NougatTokenizer", TokenizerClass::nougat},
    {"OpenAIGPTTokenizer", TokenizerClass::openai_gpt},
    {"PegasusTokenizer", TokenizerClass::pegasus},
    {"RemBertTokenizer", TokenizerClass::rembert},
    {"ReformerTokenizer", TokenizerClass::reformer},
    {"SeamlessM4TTokenizer", TokenizerClass::seamless_m4t},
    {"Siglip2Tokenizer", TokenizerClass::siglip2},
    {"SplinterTokenizer", TokenizerClass::splinter},
    {"WhisperTokenizer", TokenizerClass::whisper},
    {"XGLMTokenizer", TokenizerClass::xglm},
    {"XLNetTokenizer", TokenizerClass::xlnet},
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

/// The classes of model types, for folders that declare none.
constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {"albert", "AlbertTokenizer"},
    {"yoso", "AlbertTokenizer"},
    {"bert", "BertTokenizer"},
    {"convbert", "BertTokenizer"},
    {"distilbert", "BertTokenizer"},
    {"electra", "BertTokenizer"},
    {"ernie", "BertTokenizer"},
    {"layoutlm", "BertTokenizer"},
    {"megatron-bert", "BertTokenizer"},
    {"nomic_bert", "BertTokenizer"},
    {"squeezebert", "BertTokenizer"},
    {"camembert", "CamembertTokenizer"},
    {"code_llama", "CodeLlamaTokenizer"},
    {"aya_vision", "CohereTokenizer"},
    {"cohere", "CohereTokenizer"},
    {"cohere2", "CohereTokenizer"},
    {"deberta-v2", "DebertaV2Tokenizer"},
    {"blip-2", "GPT2Tokenizer"},
    {"codegen", "GPT2Tokenizer"},
    {"dbrx", "GPT2Tokenizer"},
    {"gpt2", "GPT2Tokenizer"},
    {"gpt_neo", "GPT2Tokenizer"},
    {"gptj", "GPT2Tokenizer"},
    {"opt", "GPT2Tokenizer"},
    {"phi", "GPT2Tokenizer"},
    {"starcoder2", "GPT2Tokenizer"},
    {"falcon_mamba", "GPTNeoXTokenizer"},
    {"gpt_neox", "GPTNeoXTokenizer"},
    {"mamba", "GPTNeoXTokenizer"},
    {"mamba2", "GPTNeoXTokenizer"},
    {"mpt", "GPTNeoXTokenizer"},
    {"olmo", "GPTNeoXTokenizer"},
    {"olmoe", "GPTNeoXTokenizer"},
    {"rwkv", "GPTNeoXTokenizer"},
    {"xlstm", "GPTNeoXTokenizer"},
    {"gemma", "GemmaTokenizer"},
    {"gemma2", "GemmaTokenizer"},
    {"gemma3", "GemmaTokenizer"},
    {"gemma3_text", "GemmaTokenizer"},
    {"gemma3n", "GemmaTokenizer"},
    {"gemma3n_text", "GemmaTokenizer"},
    {"recurrent_gemma", "GemmaTokenizer"},
    {"t5gemma", "GemmaTokenizer"},
    {"mpnet", "MPNetTokenizer"},
    {"qwen2", "Qwen2Tokenizer"},
    {"qwen2_5_vl", "Qwen2Tokenizer"},
    {"qwen2_moe", "Qwen2Tokenizer"},
    {"qwen2_vl", "Qwen2Tokenizer"},
    {"qwen3", "Qwen2Tokenizer"},
    {"qwen3_moe", "Qwen2Tokenizer"},
    {"qwen3_next", "Qwen2Tokenizer"},
    {"qwen3_vl", "Qwen2Tokenizer"},
    {"qwen3_5", "Qwen3_5Tokenizer"},
    {"qwen3_5_moe", "Qwen3_5Tokenizer"},
    {"bart", "RobertaTokenizer"},
    {"longformer", "RobertaTokenizer"},
    {"roberta", "RobertaTokenizer"},
    {"roberta-prelayernorm", "RobertaTokenizer"},
    {"mt5", "T5Tokenizer"},
    {"switch_transformers", "T5Tokenizer"},
    {"t5", "T5Tokenizer"},
    {"xlm-roberta", "XLMRobertaTokenizer"},
    {"xmod", "XLMRobertaTokenizer"},
};

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
  for (const auto& [type, name] : kTypes) {
    if (declared.empty() && type == model_type) declared = name;
  }
  for (const auto& [name, cls] : kClasses) {
    if (declared == name) return cls;
  }
  if (contains(kRefused, declared)) {
    throw Error(Code::unsupported,
                "the tokenizer class " + quote(declared) +
                    " is not supported: it reads words with their places on a page, or "
                    "belongs to another library; without tokenizer_config.json the "
                    "tokenizer.json is taken as it stands",
                {.file = {}, .offset = {}, .line = {}, .key = "/tokenizer_class"});
  }
  return TokenizerClass::as_is;
}

}  // namespace typecase
