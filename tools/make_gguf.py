#!/usr/bin/env python3
"""Makes the tiny GGUF checkpoints of tests/golden: make_gguf.py --into tests/golden [NAME ...]

Needs numpy and gguf 0.19.0. The numbers are those of tools/make_checkpoints.py, stored in the type
each recipe names per tensor. What gguf can quantise it quantises; of the other types (Q2_K … IQ4_XS)
random blocks are written: any bytes are valid there, only the block's scales must be of a fair size.
"""

import argparse
import os

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
