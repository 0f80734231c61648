#!/usr/bin/env python3
"""Makes the tiny seeded checkpoints of the model families: make_family_checkpoints.py --into tests/golden [NAME ...]

A recipe is a config.json. Names and shapes of the tensors are those the reference would save for it
(so torch and transformers 5.23.0 are needed); every value is a pure function of its tensor's name
and its index (tools/make_checkpoints.py), so the files are the same bytes on every machine.
"""

import argparse
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from make_checkpoints import write_json, write_safetensors

HEADS = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
GROUPED = {**HEADS, "intermediate_size": 40, "num_key_value_heads": 2}
ENDS = {"vocab_size": 128, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def recipe(architecture, model_type, *parts, dtype="float16", **keys):
    """`dtype` is how the weights are stored, and what the config says of them."""
    config = {"architectures": [architecture], "model_type": model_type, **ENDS}
    for part in parts:
        config.update(part)
    return {**config, "torch_dtype": dtype, **keys}


LONG = {
    "type": "longrope", "short_factor": [1.0, 1.02, 1.05, 1.1, 1.2, 1.4], "long_factor": [1.1, 1.4, 1.9, 2.6, 3.5, 5.0],
}  # fmt: skip

RECIPES = {
    # A window shorter than the text; heads wider than hidden / heads.
    "mistral": recipe("MistralForCausalLM", "mistral", GROUPED, sliding_window=8, head_dim=12, rope_theta=10000.0),
    "qwen2": recipe("Qwen2ForCausalLM", "qwen2", GROUPED, dtype="bfloat16", tie_word_embeddings=True, rope_theta=1000000.0,
                    use_sliding_window=False, sliding_window=4, max_window_layers=1),
    # The first layers see all, the others a window.
    "qwen2-window": recipe("Qwen2ForCausalLM", "qwen2", GROUPED, num_hidden_layers=3, use_sliding_window=True, sliding_window=6,
                           max_window_layers=1),
    "qwen3": recipe("Qwen3ForCausalLM", "qwen3", GROUPED, head_dim=16, attention_bias=True, tie_word_embeddings=True,
                    rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}),
    # Every second layer without positions, one of them with a window.
    "smollm3": recipe("SmolLM3ForCausalLM", "smollm3", GROUPED, num_hidden_layers=4, no_rope_layer_interval=2, use_sliding_window=True,
                      sliding_window=9, layer_types=["full_attention", "sliding_attention", "full_attention", "full_attention"]),
    "olmo2": recipe("Olmo2ForCausalLM", "olmo2", GROUPED, rope_theta=500000.0),
    "phi": recipe("PhiForCausalLM", "phi", HEADS, intermediate_size=72, partial_rotary_factor=0.5, layer_norm_eps=1e-5),
    "phi-normed-heads": recipe("PhiForCausalLM", "phi", HEADS, intermediate_size=72, num_key_value_heads=2, qk_layernorm=True,
                               partial_rotary_factor=0.75, hidden_act="gelu_fast"),
    # Both sets of factors are met: the texts cross 24 positions.
    "phi3": recipe("Phi3ForCausalLM", "phi3", GROUPED, dtype="bfloat16", num_attention_heads=2, num_key_value_heads=1,
                   partial_rotary_factor=0.75, original_max_position_embeddings=24, max_position_embeddings=96,
                   rope_scaling=LONG, rms_norm_eps=1e-5),
    "phi3-window": recipe("Phi3ForCausalLM", "phi3", GROUPED, sliding_window=10, tie_word_embeddings=True),
    "stablelm": recipe("StableLmForCausalLM", "stablelm", GROUPED, use_qkv_bias=True, rope_scaling=None, partial_rotary_factor=0.5),
    "stablelm-parallel": recipe("StableLmForCausalLM", "stablelm", GROUPED, use_parallel_residual=True, qk_layernorm=True,
                                rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.25}),
    "starcoder2": recipe("Starcoder2ForCausalLM", "starcoder2", GROUPED, sliding_window=9, intermediate_size=72),
    "granite": recipe("GraniteForCausalLM", "granite", GROUPED, attention_multiplier=0.3, embedding_multiplier=3.0, logits_scaling=0.7,
                      residual_multiplier=0.4, attention_bias=True, mlp_bias=True),
    "cohere": recipe("CohereForCausalLM", "cohere", GROUPED, logit_scale=0.8),
    "cohere-normed-heads": recipe("CohereForCausalLM", "cohere", GROUPED, logit_scale=0.5, use_qk_norm=True, attention_bias=True),
    "gemma": recipe("GemmaForCausalLM", "gemma", GROUPED, head_dim=12, hidden_act="gelu", hidden_activation=None),
    # Both caps small enough to bend the scores.
    "gemma2": recipe("Gemma2ForCausalLM", "gemma2", GROUPED, head_dim=12, num_hidden_layers=3, sliding_window=6, query_pre_attn_scalar=10,
                     attn_logit_softcapping=2.0, final_logit_softcapping=3.0),
    "gemma3": recipe("Gemma3ForCausalLM", "gemma3_text", GROUPED, dtype="bfloat16", head_dim=12, num_hidden_layers=3, sliding_window=6,
                     sliding_window_pattern=3, query_pre_attn_scalar=14, rope_theta=1000000.0, rope_local_base_freq=10000.0,
                     rope_scaling={"rope_type": "linear", "factor": 8.0}, max_position_embeddings=256),
    # The text part of a file with images; the layer types spelt out.
    "gemma3-multimodal": recipe("Gemma3ForConditionalGeneration", "gemma3", text_config={
        **GROUPED, "model_type": "gemma3_text", "vocab_size": 128, "head_dim": 16, "sliding_window": 7, "query_pre_attn_scalar": 16,
        "layer_types": ["sliding_attention", "full_attention"], "max_position_embeddings": 256}, vision_config={
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 28, "patch_size": 14,
        "model_type": "siglip_vision_model"}, mm_tokens_per_image=4, image_token_index=127, boi_token_index=126, eoi_token_index=125),
    "gpt-neox": recipe("GPTNeoXForCausalLM", "gpt_neox", HEADS, intermediate_size=72, rotary_pct=0.25, rotary_emb_base=10000,
                       use_parallel_residual=True),
    "gpt-neox-serial": recipe("GPTNeoXForCausalLM", "gpt_neox", HEADS, intermediate_size=72, attention_bias=False,
                              use_parallel_residual=False, rope_parameters={"rope_type": "default", "rope_theta": 5000.0,
                                                                            "partial_rotary_factor": 1.0}),
    "gpt-neo": recipe("GPTNeoForCausalLM", "gpt_neo", hidden_size=32, num_layers=2, num_heads=4, window_size=5,
                      attention_types=[[["global", "local"], 1]], max_position_embeddings=96),
    "gptj": recipe("GPTJForCausalLM", "gptj", n_embd=32, n_layer=2, n_head=4, rotary_dim=4, n_positions=96, n_inner=None),
    "opt": recipe("OPTForCausalLM", "opt", HEADS, ffn_dim=72, word_embed_proj_dim=32, max_position_embeddings=96),
    # Norms after the sums, narrower embeddings, no last norm.
    "opt-350m": recipe("OPTForCausalLM", "opt", HEADS, ffn_dim=72, word_embed_proj_dim=20, do_layer_norm_before=False,
                       max_position_embeddings=96),
    "bloom": recipe("BloomForCausalLM", "bloom", hidden_size=32, n_layer=2, n_head=4),
    # Six heads: the slopes of a number that is no power of two.
    "bloom-normed-residual": recipe("BloomForCausalLM", "bloom", hidden_size=48, n_layer=2, n_head=6,
                                    apply_residual_connection_post_layernorm=True),
    "falcon-7b": recipe("FalconForCausalLM", "falcon", HEADS, multi_query=True, parallel_attn=True, new_decoder_architecture=False,
                        bias=False, alibi=False),
    "falcon-40b": recipe("FalconForCausalLM", "falcon", HEADS, num_kv_heads=2, new_decoder_architecture=True, bias=False, alibi=False,
                         rope_theta=10000.0),
    "falcon-rw": recipe("FalconForCausalLM", "falcon", HEADS, multi_query=False, parallel_attn=False, new_decoder_architecture=False,
                        bias=True, alibi=True, ffn_hidden_size=72),
    "mixtral": recipe("MixtralForCausalLM", "mixtral", GROUPED, num_local_experts=5, num_experts_per_tok=2, rope_theta=1000000.0,
                      sliding_window=None),
    # The first layer dense, a shared expert with its gate, shares that do not add up to one.
    "qwen2-moe": recipe("Qwen2MoeForCausalLM", "qwen2_moe", GROUPED, num_hidden_layers=3, num_experts=6, num_experts_per_tok=2,
                        moe_intermediate_size=24, shared_expert_intermediate_size=40, mlp_only_layers=[0], norm_topk_prob=False),
    "qwen3-moe": recipe("Qwen3MoeForCausalLM", "qwen3_moe", GROUPED, num_hidden_layers=3, head_dim=16, num_experts=6,
                        num_experts_per_tok=3, moe_intermediate_size=24, decoder_sparse_step=2, norm_topk_prob=True),
}  # fmt: skip

STORED = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
EMBEDDINGS = re.compile(r"(embed_tokens|embed_positions|embed_in|wte|wpe|word_embeddings)\.weight$")
LAST_NORM = re.compile(r"^(model\.|transformer\.|gpt_neox\.|model\.decoder\.)?(norm|ln_f|final_layernorm|final_layer_norm)\.weight$")


def saved_tensors(config):
    """{name: shape} of what the reference saves for this config."""
    import safetensors
    import transformers

    transformers.logging.set_verbosity_error()
    with tempfile.TemporaryDirectory() as folder:
        write_json(os.path.join(folder, "config.json"), config)
        settings = transformers.AutoConfig.from_pretrained(folder)
        model = transformers.AutoModelForCausalLM.from_config(settings)
        model.save_pretrained(folder)
        with safetensors.safe_open(os.path.join(folder, "model.safetensors"), "pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}


def kind_of(name, shape, config):
    """What make_checkpoints.weight() should make of it."""
    if name.endswith(".bias"):
        return "bias"
    if len(shape) == 1 or "norms." in name or name.endswith(("q_norm.weight", "k_norm.weight")):
        # Gemma's norms multiply by 1 + w: around zero, as in its files.
        return "bias" if config["model_type"].startswith("gemma") else "last norm" if LAST_NORM.search(name) else "norm"
    return "embedding" if EMBEDDINGS.search(name) else "linear"


def make(folder, config):
    os.makedirs(folder, exist_ok=True)
    write_json(os.path.join(folder, "config.json"), config)
    tensors = {name: (kind_of(name, shape, config), shape) for name, shape in sorted(saved_tensors(config).items())
               if not name.startswith(("vision_tower", "model.vision_tower"))}  # fmt: skip
    write_safetensors(os.path.join(folder, "model.safetensors"), tensors, STORED[config["torch_dtype"]], "hashed")


def main():
    parser = argparse.ArgumentParser(description="Makes the seeded checkpoints of the model families.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--into", required=True, metavar="FOLDER")
    options = parser.parse_args()
    for name in options.names or RECIPES:
        make(os.path.join(options.into, name), RECIPES[name])


if __name__ == "__main__":
    main()
