#!/usr/bin/env python3
"""Makes the tiny seeded checkpoints of tests/golden, and model-shaped ones for benchmarks.

    make_checkpoints.py --into tests/golden [NAME ...]          the tiny ones (all, or those named)
    make_checkpoints.py --shaped gpt2-shaped --into FOLDER      real shapes: gpt2-shaped,
                        [--weights zeros|hashed]                smollm2-shaped, llama-3.2-1b-shaped

Every weight is a pure function of its name and index (an integer hash), so the files are the same
bytes on every machine. `zeros` writes a sparse file and needs the standard library alone; the rest
needs numpy. GGUF files: tools/make_gguf.py, which takes its numbers from here.
"""

import argparse
import json
import math
import os
import struct

SIZES = {"F32": 4, "F16": 2, "BF16": 2}


def hashed(name, count, start=0):
    """`count` numbers in [-1, 1): splitmix64's finaliser over the name's FNV-1a hash plus the index."""
    import numpy as np

    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    x = np.arange(start, start + count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return (x >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)


def weight(name, tensor):
    """Values of one tensor, float32, flat. The spreads keep logits a few units apart."""
    import numpy as np

    kind, shape = tensor
    x = hashed(name, math.prod(shape))
    if kind in ("norm", "last norm"):  # a larger last one keeps logits apart
        last = kind == "last norm" or name.endswith(("model.norm.weight", "ln_f.weight"))
        return np.float32(2 if last else 1) * (np.float32(1) + np.float32(0.25) * x)
    if kind == "bias":
        return np.float32(0.3) * x
    if kind == "embedding":
        return np.float32(0.6 * math.sqrt(32 / shape[-1])) * x
    fan_in = {"linear": shape[-1], "conv1d": shape[0]}[kind]
    return np.float32(1.5 * math.sqrt(3 / fan_in)) * x


def stored(values, dtype):
    """float32 values as the bytes of a safetensors dtype, rounded to nearest even."""
    import numpy as np

    if dtype == "F32":
        return values.astype("<f4").tobytes()
    if dtype == "F16":
        return values.astype("<f2").tobytes()
    bits = values.view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    return ((bits + np.uint32(0x7FFF) + odd) >> np.uint32(16)).astype("<u2").tobytes()


# ---- the families: config -> {tensor name: (kind, shape)} ----


def gpt2_tensors(config, prefix="transformer."):
    hidden, inner = config["n_embd"], config.get("n_inner") or 4 * config["n_embd"]
    tensors = {
        "wte.weight": ("embedding", (config["vocab_size"], hidden)),
        "wpe.weight": ("embedding", (config["n_positions"], hidden)),
    }
    for i in range(config["n_layer"]):
        layer = f"h.{i}."
        for norm in ("ln_1", "ln_2"):
            tensors[layer + norm + ".weight"] = ("norm", (hidden,))
            tensors[layer + norm + ".bias"] = ("bias", (hidden,))
        for name, shape in {
            "attn.c_attn": (hidden, 3 * hidden),
            "attn.c_proj": (hidden, hidden),
            "mlp.c_fc": (hidden, inner),
            "mlp.c_proj": (inner, hidden),
        }.items():
            tensors[layer + name + ".weight"] = ("conv1d", shape)
            tensors[layer + name + ".bias"] = ("bias", (shape[1],))
    tensors["ln_f.weight"] = ("norm", (hidden,))
    tensors["ln_f.bias"] = ("bias", (hidden,))
    return {prefix + name: tensor for name, tensor in tensors.items()}


def llama_tensors(config):
    hidden, inner, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    heads = config["num_attention_heads"]
    kv_heads = config.get("num_key_value_heads") or heads
    head_dim = config.get("head_dim") or hidden // heads
    tensors = {"model.embed_tokens.weight": ("embedding", (vocab, hidden))}

    def linear(name, rows, columns, bias):
        tensors[name + ".weight"] = ("linear", (rows, columns))
        if bias:
            tensors[name + ".bias"] = ("bias", (rows,))

    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        tensors[layer + "input_layernorm.weight"] = ("norm", (hidden,))
        tensors[layer + "post_attention_layernorm.weight"] = ("norm", (hidden,))
        bias = config.get("attention_bias", False)
        linear(layer + "self_attn.q_proj", heads * head_dim, hidden, bias)
        linear(layer + "self_attn.k_proj", kv_heads * head_dim, hidden, bias)
        linear(layer + "self_attn.v_proj", kv_heads * head_dim, hidden, bias)
        linear(layer + "self_attn.o_proj", hidden, heads * head_dim, bias)
        bias = config.get("mlp_bias", False)
        linear(layer + "mlp.gate_proj", inner, hidden, bias)
        linear(layer + "mlp.up_proj", inner, hidden, bias)
        linear(layer + "mlp.down_proj", hidden, inner, bias)
    tensors["model.norm.weight"] = ("norm", (hidden,))
    if not config.get("tie_word_embeddings", False):
        tensors["lm_head.weight"] = ("linear", (vocab, hidden))
    return tensors


def gpt2_config(**changes):
    return {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 128, "n_positions": 96,
        "n_embd": 32, "n_layer": 2, "n_head": 4, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
        "bos_token_id": 126, "eos_token_id": 127, **changes,
    }  # fmt: skip


def llama_config(**changes):
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 128, "hidden_size": 32,
        "intermediate_size": 56, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "hidden_act": "silu", "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "bos_token_id": 1,
        "eos_token_id": 2, "tie_word_embeddings": True, **changes,
    }  # fmt: skip


def rotary(**changes):
    """Two wide heads and a short original context, so that every branch of a scaling rule is met."""
    return llama_config(**{"num_attention_heads": 2, "num_key_value_heads": 1, "dtype": "float16", **changes})


def llama_recipe(config, dtype="F32", **more):
    return {"config": config, "tensors": llama_tensors(config), "dtype": dtype, **more}


def gpt2_recipe(config, dtype="F32", prefix="transformer.", **more):
    return {"config": config, "tensors": gpt2_tensors(config, prefix), "dtype": dtype, **more}


RECIPES = {
    "gpt2": gpt2_recipe(gpt2_config()),
    # As the first hub uploads: no "transformer." before the names, causal masks stored as buffers.
    "gpt2-bare-names": gpt2_recipe(
        gpt2_config(scale_attn_by_inverse_layer_idx=True, n_layer=3, n_embd=20, n_head=2, n_inner=52, torch_dtype="float16"),
        dtype="F16", prefix="", masks=True,
    ),
    "gpt2-no-scale": gpt2_recipe(gpt2_config(scale_attn_weights=False, n_embd=24, n_head=3, dtype="bfloat16"), dtype="BF16"),
    # Llama 2: every head its own keys, untied head, the older names of the keys.
    "llama-2": llama_recipe(
        llama_config(num_key_value_heads=4, tie_word_embeddings=False, torch_dtype="float32", rope_theta=10000.0,
                     rope_scaling=None, pad_token_id=0),
        generation={"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "do_sample": True, "temperature": 0.6, "top_p": 0.9},
    ),
    # Llama 3.2: grouped queries, tied, llama3 scaling, several ids that end a text.
    "llama-3": llama_recipe(
        llama_config(dtype="bfloat16", num_attention_heads=4, num_key_value_heads=1, head_dim=16, eos_token_id=[2, 17, 41],
                     rope_parameters={"rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0,
                                      "high_freq_factor": 4.0, "original_max_position_embeddings": 64}),
        dtype="BF16", generation={"bos_token_id": 1, "eos_token_id": [2, 17, 41], "pad_token_id": 3},
    ),
    "llama-linear": llama_recipe(rotary(rope_theta=10000.0, rope_scaling={"type": "linear", "factor": 4.0}), "F16"),
    "llama-dynamic": llama_recipe(
        rotary(max_position_embeddings=24, rope_theta=10000.0, rope_scaling={"rope_type": "dynamic", "factor": 2.0}), "F16"),
    "llama-yarn": llama_recipe(
        rotary(rope_parameters={"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0,
                                "original_max_position_embeddings": 32, "beta_fast": 8.0, "beta_slow": 1.0}), "F16"),
    "llama-yarn-mscale": llama_recipe(
        rotary(rope_parameters={"rope_type": "yarn", "rope_theta": 5000.0, "factor": 4.0, "mscale": 1.0, "mscale_all_dim": 0.5,
                                "original_max_position_embeddings": 32, "beta_fast": 4.0, "truncate": False}), "F16"),
    "llama-longrope": llama_recipe(
        rotary(rope_parameters={"rope_type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": 24,
                                "short_factor": [1.0, 1.01, 1.05, 1.1, 1.2, 1.3, 1.5, 1.8],
                                "long_factor": [1.1, 1.3, 1.8, 2.5, 3.5, 5.0, 7.0, 9.0]}), "F16"),
    "llama-proportional": llama_recipe(
        rotary(rope_parameters={"rope_type": "proportional", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}), "F16"),
    # Sizes that are no multiple of a vector, an explicit head_dim, biases everywhere.
    "llama-biased": llama_recipe(
        llama_config(hidden_size=36, intermediate_size=50, vocab_size=128, num_attention_heads=3, num_key_value_heads=3,
                     head_dim=10, attention_bias=True, mlp_bias=True, torch_dtype="float32", rms_norm_eps=1e-6,
                     rope_theta=1000000.0)),
    # With text: a BOS before every text and a pad token; and neither of the two.
    "llama-text": llama_recipe(
        llama_config(dtype="float32", vocab_size=704, bos_token_id=700, eos_token_id=[700, 40], max_position_embeddings=256), "F16",
        generation={"bos_token_id": 700, "eos_token_id": [700, 40]},
        tokenizer=("llama3", {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<pad>", "model_max_length": 40}),
    ),
    "gpt2-text": gpt2_recipe(
        gpt2_config(dtype="float32", vocab_size=704, bos_token_id=700, eos_token_id=700), "F16",
        tokenizer=("gpt2", {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}),
    ),
    # Drafts for the two above: another vocabulary size, and fewer merges.
    "gpt2-drafts": gpt2_recipe(
        gpt2_config(dtype="float32", vocab_size=720, bos_token_id=700, eos_token_id=700, n_layer=1), "F16",
        tokenizer=("gpt2", {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}), merges=150,
    ),
    "llama-sharded": llama_recipe(llama_config(dtype="float32", rope_parameters={"rope_type": "default", "rope_theta": 10000.0}), shards=3),
}  # fmt: skip

SHAPES = {
    "gpt2-shaped": gpt2_recipe(gpt2_config(
        vocab_size=50257, n_positions=1024, n_embd=768, n_layer=12, n_head=12, bos_token_id=50256, eos_token_id=50256,
        dtype="float32")),
    "smollm2-shaped": llama_recipe(llama_config(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=8192, rope_theta=100000.0, torch_dtype="bfloat16"), "BF16"),
    "llama-3.2-1b-shaped": llama_recipe(llama_config(
        vocab_size=128256, hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, num_attention_heads=32,
        num_key_value_heads=8, head_dim=64, max_position_embeddings=131072, torch_dtype="bfloat16", bos_token_id=128000,
        eos_token_id=128001, rope_theta=500000.0,
        rope_scaling={"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                      "original_max_position_embeddings": 8192}), "BF16"),
}  # fmt: skip


# ---- files ----


def header_of(tensors, dtype):
    """The head of a safetensors file: its length in 8 bytes, then JSON padded to a multiple of 8."""
    entries, at = {"__metadata__": {"format": "pt"}}, 0
    for name, (_, shape) in tensors.items():
        size = math.prod(shape) * SIZES[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text, at


def causal_mask(shape):
    import numpy as np

    return np.tril(np.ones(shape[-2:], dtype=np.float32)).reshape(-1)


def write_safetensors(path, tensors, dtype, weights):
    """Tensor after tensor; with `zeros` only the file's size is set, so it takes no room on disk."""
    header, size = header_of(tensors, dtype)
    with open(path, "wb") as file:
        file.write(header)
        if weights == "zeros":
            file.truncate(len(header) + size)
            return
        for name, tensor in tensors.items():
            values = causal_mask(tensor[1]) if tensor[0] == "mask" else weight(name, tensor)
            file.write(stored(values, dtype))


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(value, indent=2) + "\n")


def write_sharded(folder, tensors, dtype, shards, weights):
    names = list(tensors)
    weight_map = {}
    for i in range(shards):
        file = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
        part = {name: tensors[name] for name in names[i::shards]}
        write_safetensors(os.path.join(folder, file), part, dtype, weights)
        weight_map.update(dict.fromkeys(part, file))
    total = sum(math.prod(shape) for _, shape in tensors.values()) * SIZES[dtype]
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    write_json(os.path.join(folder, "model.safetensors.index.json"), index)


def write_tokenizer(folder, name, settings, merges=None):
    """A recorded small tokenizer, with <pad> where the settings name it."""
    small = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden", "tokenizers", "small")
    with open(os.path.join(small, name, "tokenizer.json"), encoding="utf-8") as file:
        tokenizer = json.load(file)
    if "pad_token" in settings:
        plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        pad = {"id": 701, "content": settings["pad_token"], **plain, "special": True}
        tokenizer["added_tokens"].append(pad)
    if merges is not None:
        tokenizer["model"]["merges"] = tokenizer["model"]["merges"][:merges]
    with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as file:
        json.dump(tokenizer, file, ensure_ascii=False, separators=(",", ":"))
    write_json(os.path.join(folder, "tokenizer_config.json"), {"tokenizer_class": "PreTrainedTokenizerFast", **settings})


def make(folder, recipe, weights="hashed"):
    os.makedirs(folder, exist_ok=True)
    write_json(os.path.join(folder, "config.json"), recipe["config"])
    if "generation" in recipe:
        write_json(os.path.join(folder, "generation_config.json"), recipe["generation"])
    if "tokenizer" in recipe:
        write_tokenizer(folder, *recipe["tokenizer"], recipe.get("merges"))
    tensors = dict(recipe["tensors"])
    if recipe.get("masks"):
        for i in range(recipe["config"]["n_layer"]):
            tensors[f"h.{i}.attn.bias"] = ("mask", (1, 1, 16, 16))
    if "shards" in recipe:
        write_sharded(folder, tensors, recipe["dtype"], recipe["shards"], weights)
    else:
        write_safetensors(os.path.join(folder, "model.safetensors"), tensors, recipe["dtype"], weights)


def main():
    parser = argparse.ArgumentParser(description="Makes seeded checkpoints.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which of the tiny ones; default all")
    parser.add_argument("--into", required=True, metavar="FOLDER")
    parser.add_argument("--shaped", choices=list(SHAPES))
    parser.add_argument("--weights", choices=["zeros", "hashed"], default="zeros", help="of a --shaped one")
    options = parser.parse_args()
    if options.shaped:
        make(os.path.join(options.into, options.shaped), SHAPES[options.shaped], options.weights)
        return
    for name in options.names or RECIPES:
        make(os.path.join(options.into, name), RECIPES[name])


if __name__ == "__main__":
    main()
