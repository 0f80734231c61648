#include "models/registry.h"

#include "models/families/families.h"

#include <typecase/error.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace typecase {
namespace {

constexpr Family kFamilies[] = {
    {"BartForConditionalGeneration", "bart", "BART", bart},
    {"BertForMaskedLM", "bert", "BERT: masked words", bert},
    {"BertModel", "bert", "BERT: embeddings, MiniLM and other sentence transformers", bert},
    {"BloomForCausalLM", "bloom", "BLOOM, BLOOMZ", bloom},
    {"CohereForCausalLM", "cohere", "Command R and R+, Aya 23", cohere},
    {"DistilBertForMaskedLM", "distilbert", "DistilBERT: masked words", distilbert},
    {"DistilBertModel", "distilbert", "DistilBERT: embeddings", distilbert},
    {"FalconForCausalLM", "falcon", "Falcon 7B, 40B, RW", falcon},
    {"GPT2LMHeadModel", "gpt2", "GPT-2, DistilGPT-2, DialoGPT", gpt2},
    {"GPTJForCausalLM", "gptj", "GPT-J 6B", gptj},
    {"GPTNeoForCausalLM", "gpt_neo", "GPT-Neo, TinyStories", gpt_neo},
    {"GPTNeoXForCausalLM", "gpt_neox", "GPT-NeoX 20B, Pythia, Dolly", gpt_neox},
    {"Gemma2ForCausalLM", "gemma2", "Gemma 2", gemma2},
    {"Gemma3ForCausalLM", "gemma3_text", "Gemma 3, text", gemma3_text},
    {"Gemma3ForConditionalGeneration", "gemma3", "Gemma 3 with images: its text part", gemma3},
    {"GemmaForCausalLM", "gemma", "Gemma 1, CodeGemma", gemma},
    {"GraniteForCausalLM", "granite", "Granite 3", granite},
    {"LlamaForCausalLM", "llama", "Llama 1 to 3.2, SmolLM2, TinyLlama, Vicuna", llama},
    {"MPNetForMaskedLM", "mpnet", "MPNet: masked words", mpnet},
    {"MPNetModel", "mpnet", "MPNet: embeddings", mpnet},
    {"MT5ForConditionalGeneration", "mt5", "mT5", mt5},
    {"MarianMTModel", "marian", "Marian: the OPUS translators", marian},
    {"MistralForCausalLM", "mistral", "Mistral 7B, Nemo, Small", mistral},
    {"MixtralForCausalLM", "mixtral", "Mixtral 8x7B and 8x22B", mixtral},
    {"OPTForCausalLM", "opt", "OPT", opt},
    {"Olmo2ForCausalLM", "olmo2", "OLMo 2", olmo2},
    {"Phi3ForCausalLM", "phi3", "Phi 3, 3.5 and 4", phi3},
    {"PhiForCausalLM", "phi", "Phi 1, 1.5 and 2", phi},
    {"Qwen2ForCausalLM", "qwen2", "Qwen 1.5, 2 and 2.5", qwen2},
    {"Qwen2MoeForCausalLM", "qwen2_moe", "Qwen 1.5 MoE, Qwen 2 57B-A14B", qwen2_moe},
    {"Qwen3ForCausalLM", "qwen3", "Qwen 3", qwen3},
    {"Qwen3MoeForCausalLM", "qwen3_moe", "Qwen 3 30B-A3B, 235B-A22B", qwen3_moe},
    {"RobertaForMaskedLM", "roberta", "RoBERTa: masked words", roberta},
    {"RobertaModel", "roberta", "RoBERTa: embeddings", roberta},
    {"SmolLM3ForCausalLM", "smollm3", "SmolLM3", smollm3},
    {"StableLmForCausalLM", "stablelm", "StableLM 3B, StableLM 2", stablelm},
    {"Starcoder2ForCausalLM", "starcoder2", "StarCoder 2", starcoder2},
    {"T5ForConditionalGeneration", "t5", "T5, T5 1.1, Flan-T5", t5},
    {"UMT5ForConditionalGeneration", "umt5", "umT5", umt5},
};

/// Changes of a letter that turn a into b.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// The supported name most like `asked`; a hostile name is compared by its beginning alone.
std::string nearest_to(std::string_view asked, std::string_view Family::* field) {
  const std::string_view begin = asked.substr(0, 100);
  const auto nearest = std::ranges::min_element(
      kFamilies, {}, [&](const Family& f) { return edits(begin, f.*field); });
  return std::string(nearest->*field);
}

std::string known_architectures() {
  std::string out;
  for (const Family& f : kFamilies) {
    if (!out.empty()) out += ", ";
    out += f.architecture;
  }
  return out;
}

/// The name a config gives its network, for look-up and for messages.
std::string architecture_of(const Config& c) {
  if (const Json* list = c.find("architectures")) {
    if (!list->is_array() || list->size() == 0 || !list->as_array()[0].is_string()) {
      c.fail("architectures", "expected a list of class names");
    }
    return list->as_array()[0].as_string();
  }
  const std::string type = c.text("model_type", "");
  for (const Family& f : kFamilies) {
    if (f.model_type == type) return std::string(f.architecture);
  }
  if (type.empty()) c.fail("architectures", "this key is missing, and model_type too");
  c.fail_unsupported("model_type", "no family is called " + quote(type) + "; the nearest is '" +
                                       nearest_to(type, &Family::model_type) + "'; supported are " +
                                       known_architectures());
}

const Family& family_of(const Config& c) {
  const std::string architecture = architecture_of(c);
  for (const Family& f : kFamilies) {
    if (f.architecture == architecture) return f;
  }
  std::string message = quote(architecture) + " is not supported; the nearest is '" +
                        nearest_to(architecture, &Family::architecture) + "'; supported are " +
                        known_architectures();
  if (c.has("auto_map")) {
    message += ". The checkpoint brings Python code of its own (auto_map), which is never executed";
  }
  c.fail_unsupported("architectures", message);
}

void set_implementation(Plan& plan, std::string_view option) {
  if (option == "auto") return;
  if (option != "sdpa" && option != "eager") {
    throw Error(Code::invalid_argument, "attn_implementation: " + quote(option) +
                                            " is unknown; choose auto, sdpa or eager");
  }
  const auto implementation =
      option == "sdpa" ? Attention::Implementation::sdpa : Attention::Implementation::eager;
  const auto set = [&](Attention& a) {
    if (option == "sdpa" && a.implementation == Attention::Implementation::eager) {
      throw Error(Code::invalid_argument, "attn_implementation: " + plan.architecture +
                                              " has no sdpa form, in the reference neither; "
                                              "choose auto or eager");
    }
    a.implementation = implementation;
  };
  const auto set_all = [&](Stack& stack) {
    for (Block& b : stack.blocks) {
      set(b.attention);
      if (b.cross_attention) set(*b.cross_attention);
    }
  };
  set_all(plan.decoder);
  if (plan.encoder) set_all(*plan.encoder);
}

}  // namespace

std::span<const Family> families() { return kFamilies; }

DType arithmetic_dtype(const Checkpoint& checkpoint, std::string_view option) {
  const auto usable = [](DType d) {
    return d == DType::float32 || d == DType::bfloat16 || d == DType::float16;
  };
  if (option != "auto") {
    const auto found = dtype_named(option);
    if (!found || !usable(*found)) {
      throw Error(Code::invalid_argument, "dtype: " + quote(option) +
                                              " is unknown; choose auto, float32, bfloat16 or "
                                              "float16");
    }
    return *found;
  }
  if (checkpoint.is_gguf()) return DType::float32;
  const Config c(checkpoint.config(), checkpoint.path() + "/config.json");
  for (const std::string_view key : {"dtype", "torch_dtype"}) {
    if (!c.has(key) || c.text(key, "") == "auto") continue;
    const auto found = dtype_named(c.text(key, ""));
    if (!found || !usable(*found)) {
      c.fail_unsupported(key, "arithmetic in " + quote(c.text(key, "")) +
                                  " cannot be run; pass --dtype float32, bfloat16 or float16");
    }
    return *found;
  }
  const DType first = checkpoint.first_floating_dtype().value_or(DType::float32);
  return usable(first) ? first : DType::float32;
}

Plan make_plan(const Checkpoint& checkpoint, const PlanOptions& options) {
  const std::string file =
      checkpoint.is_gguf() ? checkpoint.path() : checkpoint.path() + "/config.json";
  const Config config(checkpoint.config(), file);
  const Family& family = family_of(config);
  const Weights weights(checkpoint);
  Plan plan = family.plan(config, weights);
  weights.raise();
  plan.architecture = family.architecture;
  plan.dtype = arithmetic_dtype(checkpoint, options.dtype);
  set_implementation(plan, options.attn_implementation);
  return plan;
}

}  // namespace typecase
