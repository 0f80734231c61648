#!/usr/bin/env python3
"""Makes the tiny GGUF checkpoints of tests/golden: make_gguf.py --into tests/golden [NAME ...]

Needs numpy and gguf 0.19.0; the families' files torch and transformers 5.23.0 too, for names and shapes. The numbers are those of tools/make_checkpoints.py, stored in the type
each recipe names per tensor. What gguf can quantise it quantises; of the other types (Q2_K … IQ4_XS)
random blocks are written: any bytes are valid there, only the block's scales must be of a fair size.
"""

import argparse
import os
import re

import gguf
import numpy as np

from make_checkpoints import gpt2_config, gpt2_tensors, hashed, llama_config, llama_tensors, weight

MERGES = (
    "Ġ t|h e|i n|r e|o n|Ġt he|e r|Ġ a|a t|Ġ s|e n|Ġ w|o u|n d|i s|o r|Ġ c|e s|Ġ b|i t|Ġ o|in g|a n|Ġ f|Ġa nd|e d|Ġo f|a l|Ġt o"
).split("|")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

# type -> (offset of d, offset of dmin or None, spread of a value in units of d, dmin in units of d)
SCALES = {
    "Q2_K": (80, 82, 11, 1.5), "Q3_K": (108, None, 42, 0), "Q4_K": (0, 2, 230, 7.5), "Q5_K": (0, 2, 460, 15.5),
    "Q6_K": (208, None, 1370, 0), "IQ4_NL": (0, None, 70, 0), "IQ4_XS": (0, None, 1300, 0),
}  # fmt: skip


def byte_alphabet():
    """GPT-2's printable stand-ins for the 256 bytes, in the order of the bytes they stand for."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(b) if b in plain else chr(next(spare)) for b in range(256)]


def add_tokenizer(writer, pre):
    tokens = SPECIAL + byte_alphabet() + [merge.replace(" ", "") for merge in MERGES]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(SPECIAL) + [1] * (len(tokens) - len(SPECIAL)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)


VOCAB = len(SPECIAL) + 256 + len(MERGES)  # 288


def random_blocks(name, shape, kind, spread):
    """Blocks of random bytes whose values have about the given standard deviation."""
    size, step = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]]
    count = shape[0] * shape[1] // size
    blocks = ((hashed(name, count * step) + np.float32(1)) * np.float32(128)).astype(np.uint8).reshape(count, step)
    d_at, dmin_at, units, ratio = SCALES[kind]
    d = (spread / units * (1 + 0.25 * hashed(name + "#d", count))).astype("<f2")
    blocks[:, d_at : d_at + 2] = d[:, None].view(np.uint8)
    if dmin_at is not None:
        blocks[:, dmin_at : dmin_at + 2] = (ratio * d.astype(np.float32)).astype("<f2")[:, None].view(np.uint8)
    return blocks.reshape(shape[0], -1)


def add_tensor(writer, name, values, kind):
    quantisation = gguf.GGMLQuantizationType[kind]
    if kind in SCALES:
        data = random_blocks(name, values.shape, kind, float(values.std()))
    elif kind in ("F32", "F16"):
        data = values.astype({"F32": np.float32, "F16": np.float16}[kind])
    else:
        data = gguf.quantize(values, quantisation)
    writer.add_tensor(name, data, raw_dtype=quantisation)


# ---- names: the checkpoint's -> GGUF's ----

LLAMA = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
GPT2 = {
    "ln_1": "attn_norm", "ln_2": "ffn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}  # fmt: skip
OUTER = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "wte": "token_embd", "wpe": "position_embd",
    "ln_f": "output_norm",
}  # fmt: skip


def gguf_name(name):
    stem, _, last = name.rpartition(".")
    if stem in OUTER:
        return f"{OUTER[stem]}.{last}"
    layer, _, part = stem.removeprefix("model.layers.").removeprefix("h.").partition(".")
    return f"blk.{layer}.{ {**LLAMA, **GPT2}[part]}.{last}"


def rotary_pairs(values, heads):
    """GGUF stores the rows of q and k so that the two halves of a rotation stand side by side."""
    rows, columns = values.shape
    return values.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def values_of(name, tensor, config):
    values = weight(name, tensor).reshape(tensor[1])
    if tensor[0] == "conv1d":
        return np.ascontiguousarray(values.T)
    if name.endswith("q_proj.weight"):
        return rotary_pairs(values, config["num_attention_heads"])
    if name.endswith("k_proj.weight"):
        return rotary_pairs(values, config["num_key_value_heads"])
    return values


def write_llama(path, config, kinds, version=3):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    finish(writer, "smollm", config, llama_tensors(config), kinds)


def write_gpt2(path, config, kinds):
    writer = gguf.GGUFWriter(path, "gpt2")
    writer.add_name("tiny")
    writer.add_context_length(config["n_positions"])
    writer.add_embedding_length(config["n_embd"])
    writer.add_block_count(config["n_layer"])
    writer.add_feed_forward_length(4 * config["n_embd"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    finish(writer, "gpt-2", config, gpt2_tensors(config, ""), kinds)


def finish(writer, pre, config, tensors, kinds):
    """Matrices take the recipe's types in turn, vectors stay float32."""
    add_tokenizer(writer, pre)
    turn = 0
    for name, tensor in tensors.items():
        kind = "F32"
        if len(tensor[1]) == 2:
            kind = kinds[turn % len(kinds)]
            turn += 1
        add_tensor(writer, gguf_name(name), values_of(name, tensor, config), kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# ---- the families: names and shapes as the reference saves them, keys and names as gguf has them ----

EXPERT = re.compile(r"^(.*\.experts)\.(\d+)\.(\w+)\.weight$")


def with_experts_together(tensors, config):
    """[(name, kind, values)]: the experts of a layer become one tensor [experts, out, in]."""
    together = {}
    for name, (kind, shape) in tensors.items():
        values = weight(name, (kind, shape)).reshape(shape)
        match = EXPERT.match(name)
        stem = f"{match[1]}.{match[3]}.weight" if match else name
        together.setdefault(stem, (kind, []))[1].append(values if match else None)
        if not match:
            together[stem] = (kind, values)
    return [(name, kind, np.stack(v) if isinstance(v, list) else v) for name, (kind, v) in together.items()]


def converted(name, values, config):
    """What the converter changes in the numbers."""
    kind = config["model_type"]
    if kind.startswith("gemma") and name.endswith("norm.weight"):
        return values + np.float32(1)
    if name.endswith("shared_expert_gate.weight"):
        return values.reshape(-1)
    if kind == "bloom" and "query_key_value" in name:
        heads = config["n_head"]
        split = values.reshape(heads, 3, values.shape[0] // heads // 3, -1)
        return split.swapaxes(0, 1).reshape(values.shape)
    return values


def gguf_names_of(architecture, layers):
    arch = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == architecture)
    return gguf.get_tensor_name_map(arch, layers)


def write_family(path, architecture, keys, config, kinds, pre=None):
    """`keys`: metadata after "architecture."; `config`: the config the reference makes of them."""
    from make_family_checkpoints import kind_of, saved_tensors

    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("tiny")
    for key, value in keys.items():
        (writer.add_float32 if isinstance(value, float) else writer.add_uint32)(f"{architecture}.{key}", value)
    if pre:
        add_tokenizer(writer, pre)
    else:
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_pad_token_id(0)
    layers = keys["block_count"]
    names, turn = gguf_names_of(architecture, layers), 0
    tensors = {name: (kind_of(name, shape, config), shape) for name, shape in sorted(saved_tensors(config).items())}
    for name, kind, values in with_experts_together(tensors, config):
        stem, _, last = name.rpartition(".")
        stored = "F32"
        if values.ndim > 1 and not name.endswith(("shared_expert_gate.weight", "mlp.gate.weight")):
            stored = kinds[turn % len(kinds)]
            turn += 1
        # BLOOM's converter starts from the model without its head, whose names lack the prefix.
        known = names.get_name(stem) or names.get_name(stem.removeprefix("transformer."))
        add_tensor(writer, f"{known}.{last}", converted(name, values, config), stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


ROTARY = {"context_length": 128, "embedding_length": 32, "block_count": 2, "feed_forward_length": 64, "attention.head_count": 4,
          "attention.head_count_kv": 2, "rope.freq_base": 10000.0, "attention.layer_norm_rms_epsilon": 1e-5, "vocab_size": 128}  # fmt: skip
CONFIG = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "vocab_size": 128, "rms_norm_eps": 1e-5, "layer_norm_eps": 1e-5, "max_position_embeddings": 128,
          "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}  # fmt: skip
TURNS = ("Q8_0", "F16", "Q5_1", "F32", "Q4_1")


def family(path, architecture, model_type, keys=None, config=None, kinds=TURNS, drop=(), **more):
    own = {**ROTARY, **(keys or {})}
    for key in drop:
        del own[key]
    return write_family(path, architecture, own, {"model_type": model_type, "architectures": [], **CONFIG, **(config or {})}, kinds, **more)


NORM = {"attention.layer_norm_epsilon": 1e-5}
NO_RMS = ("attention.layer_norm_rms_epsilon", "rope.freq_base")
FAMILIES = {
    "qwen2-gguf": ("qwen2", "qwen2", {}, {"tie_word_embeddings": True}, {}),
    "qwen3-gguf": ("qwen3", "qwen3", {"attention.head_count": 2, "attention.head_count_kv": 1},
                   {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 128}, {}),
    "phi3-gguf": ("phi3", "phi3", {}, {}, {}),
    "gemma2-gguf": ("gemma2", "gemma2", {"attention.key_length": 16, "attention.sliding_window": 6}, {"head_dim": 16}, {}),
    # Six layers: the last one sees all.
    "gemma3-gguf": ("gemma3", "gemma3_text", {"attention.key_length": 16, "attention.sliding_window": 7, "block_count": 6,
                                              "rope.freq_base": 1000000.0}, {"head_dim": 16, "num_hidden_layers": 6}, {}),
    "stablelm-gguf": ("stablelm", "stablelm", NORM, {"use_qkv_bias": True}, {"drop": NO_RMS}),
    "starcoder2-gguf": ("starcoder2", "starcoder2", NORM, {"vocab_size": VOCAB}, {"drop": (*NO_RMS, "vocab_size"), "pre": "smollm"}),
    "falcon-gguf": ("falcon", "falcon", {"feed_forward_length": 128, **NORM}, {}, {"drop": ("attention.layer_norm_rms_epsilon",)}),
    "bloom-gguf": ("bloom", "bloom", NORM, {"n_layer": 2, "n_head": 4}, {"drop": NO_RMS}),
    # The expert's sizes cannot be said in such a file: they are the configuration class's.
    "qwen3moe-gguf": ("qwen3moe", "qwen3_moe", {"attention.key_length": 8, "block_count": 1, "expert_count": 3, "expert_used_count": 2},
                      {"head_dim": 8, "num_hidden_layers": 1, "num_experts": 3, "num_experts_per_tok": 2, "moe_intermediate_size": 768},
                      {"kinds": ("Q4_0",)}),
    "qwen2moe-gguf": ("qwen2moe", "qwen2_moe", {"block_count": 1, "expert_count": 3, "expert_used_count": 2},
                      {"num_hidden_layers": 1, "num_experts": 3, "num_experts_per_tok": 2}, {"kinds": ("Q4_0",)}),
}  # fmt: skip

def write_t5(path, name, kinds=TURNS, **config):
    """T5 and umT5; `name` is how the reference tells one from the other."""
    from make_encoder_checkpoints import saved_tensors, t5, values_of

    config = t5(**{"d_ff": 64, **config}, d_kv=16, num_heads=2, relative_attention_max_distance=128)
    writer = gguf.GGUFWriter(path, "t5")
    writer.add_name(name)
    keys = {"context_length": 64, "embedding_length": 32, "block_count": 2, "feed_forward_length": config["d_ff"], "attention.head_count": 2,
            "attention.head_count_kv": 2, "attention.key_length": 16, "attention.value_length": 16,
            "attention.relative_buckets_count": 8, "decoder_start_token_id": 0, "vocab_size": 128}  # fmt: skip
    for key, value in keys.items():
        writer.add_uint32(f"t5.{key}", value)
    writer.add_float32("t5.attention.layer_norm_epsilon", 1e-6)
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(0)
    names, turn = gguf_names_of("t5", 2), 0
    for tensor, shape in sorted(saved_tensors(config).items()):
        stem, _, last = tensor.rpartition(".")
        stored = "F32"
        if len(shape) > 1 and "relative" not in tensor:
            stored = kinds[turn % len(kinds)]
            turn += 1
        add_tensor(writer, f"{names.get_name(stem)}.{last}", values_of(tensor, shape, config).reshape(shape), stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


SMALL = ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "F16", "BF16", "F32")
RECIPES = {
    # Every type with blocks of 32, a head of its own.
    "llama-blocks": lambda path: write_llama(
        path,
        llama_config(vocab_size=VOCAB, hidden_size=64, intermediate_size=96, rope_theta=10000.0, tie_word_embeddings=False),
        SMALL,
    ),
    # Every type with blocks of 256, tied to an embedding of that kind.
    "llama-superblocks": lambda path: write_llama(
        path,
        llama_config(vocab_size=VOCAB, hidden_size=256, intermediate_size=256, num_hidden_layers=1, rope_theta=100000.0),
        ("Q6_K", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "IQ4_NL", "IQ4_XS", "Q6_K"),
    ),
    # The reference takes no other context than 1024 from such a file.
    "gpt2-blocks": lambda path: write_gpt2(
        path, gpt2_config(vocab_size=VOCAB, n_positions=1024), ("Q8_0", "Q4_0", "F16", "Q5_1", "BF16", "Q4_1", "F32", "Q5_0")
    ),
    "t5-gguf": lambda path: write_t5(path, "tiny", feed_forward_proj="relu"),
    "t5-gated-gguf": lambda path: write_t5(path, "tiny", feed_forward_proj="gated-gelu"),
    "umt5-gguf": lambda path: write_t5(path, "Tiny umT5", architecture="UMT5ForConditionalGeneration", model_type="umt5",
                                       feed_forward_proj="gated-gelu", d_ff=32),
    **{
        name: lambda path, a=architecture, t=model_type, k=keys, c=config, m=more: family(path, a, t, k, c, **m)
        for name, (architecture, model_type, keys, config, more) in FAMILIES.items()
    },
}


def main():
    parser = argparse.ArgumentParser(description="Makes tiny GGUF checkpoints.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--into", required=True, metavar="FOLDER")
    options = parser.parse_args()
    for name in options.names or RECIPES:
        folder = os.path.join(options.into, name)
        os.makedirs(folder, exist_ok=True)
        RECIPES[name](os.path.join(folder, "model.gguf"))


if __name__ == "__main__":
    main()
