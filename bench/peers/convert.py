#!/usr/bin/env python3
"""Makes one file of weights for a peer: convert.py FOLDER WHAT, for example `checkpoints/smollm2-bf16`.

One set of numbers for all: tools/make_checkpoints.py's, a pure function of a tensor's name and index, so every machine
makes the same bytes. `checkpoints/` are Hugging Face folders, `gguf/` our own writing, `openvino/`, `onnx/` and
`ctranslate2/` come from those peers' own converters. Nothing is made twice; what is half done is not kept.

Needs numpy and gguf, and for the last three what peers.toml's environment `convert` has.
"""

import json
import math
import os
import shutil
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tools"))

from make_checkpoints import SHAPES, gpt2_config, gpt2_recipe, llama_config, llama_recipe, make, weight  # noqa: E402

RECIPES = {
    "smollm2": SHAPES["smollm2-shaped"],
    "gpt2": SHAPES["gpt2-shaped"],
    "llama1b": SHAPES["llama-3.2-1b-shaped"],
    # to try the whole way in seconds
    "tiny": llama_recipe(llama_config(vocab_size=512, hidden_size=64, intermediate_size=128, max_position_embeddings=4096)),
    "tiny-gpt2": gpt2_recipe(gpt2_config(vocab_size=512, n_positions=1024, n_embd=64)),
}
DTYPE = {"f32": ("F32", "float32"), "bf16": ("BF16", "bfloat16")}


def split(name):
    """"smollm2-f32" -> its recipe and "f32"."""
    model, _, form = name.rpartition("-")
    return RECIPES[model], form


# ---- Hugging Face folders ----


def checkpoint(folder, recipe, form):
    stored, dtype = DTYPE[form]
    config = {**recipe["config"], "dtype": dtype, "torch_dtype": dtype}
    make(folder, {**recipe, "config": config, "dtype": stored})
    tokenizer(folder, config)


def tokenizer(folder, config):
    """Some converters ask for one. Token i is spelled <i>, so that names sort and count as ids do."""
    vocabulary = {f"<{i}>": i for i in range(config["vocab_size"])}
    first = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<0>"}
    text = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None, "model": first}  # fmt: skip
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<0>", "bos_token": f"<{config['bos_token_id']}>",
                "eos_token": f"<{config['eos_token_id']}>"}  # fmt: skip
    for name, value in (("tokenizer.json", text), ("tokenizer_config.json", settings)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file)


# ---- GGUF ----


def bare(name):
    return name.removeprefix("transformer.")


def gguf_file(path, recipe, form):
    """Matrices in the format, vectors in float32."""
    import gguf
    import numpy as np
    from make_gguf import gguf_name

    config = recipe["config"]
    writer = gguf.GGUFWriter(path, config["model_type"])
    metadata(writer, config)
    kind = gguf.GGMLQuantizationType[form.upper()]
    for name, (what, shape) in recipe["tensors"].items():
        values = gguf_values(name, (what, shape), config)
        target = kind if len(shape) == 2 and "wpe" not in name else gguf.GGMLQuantizationType.F32
        if form == "bf16" and target == gguf.GGMLQuantizationType.F32:  # vectors are rounded there, too
            values = gguf.dequantize(gguf.quantize(values, gguf.GGMLQuantizationType.BF16), gguf.GGMLQuantizationType.BF16)
        data = values if target == gguf.GGMLQuantizationType.F32 else gguf.quantize(values, target)
        writer.add_tensor(gguf_name(bare(name)), np.ascontiguousarray(data), raw_dtype=target)
    if config["model_type"] == "llama" and "rope_scaling" in config:
        writer.add_tensor("rope_freqs.weight", llama3_factors(config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_values(name, tensor, config):
    """As make_gguf.values_of() stores them, on the numbers of the whole name."""
    import numpy as np
    from make_gguf import rotary_pairs

    values = weight(name, tensor).reshape(tensor[1])
    if tensor[0] == "conv1d":
        return np.ascontiguousarray(values.T)
    for part, heads in (("q_proj", "num_attention_heads"), ("k_proj", "num_key_value_heads")):
        if name.endswith(part + ".weight"):
            return rotary_pairs(values, config[heads])
    return values


def metadata(writer, config):
    from_gpt2 = {"max_position_embeddings": "n_positions", "hidden_size": "n_embd", "num_hidden_layers": "n_layer",
                 "num_attention_heads": "n_head"}  # fmt: skip
    gpt2 = config["model_type"] == "gpt2"

    def at(key):
        return config[from_gpt2[key] if gpt2 else key]

    writer.add_context_length(at("max_position_embeddings"))
    writer.add_embedding_length(at("hidden_size"))
    writer.add_block_count(at("num_hidden_layers"))
    writer.add_head_count(at("num_attention_heads"))
    writer.add_feed_forward_length(4 * config["n_embd"] if gpt2 else config["intermediate_size"])
    writer.add_vocab_size(config["vocab_size"])
    vocabulary(writer, config["vocab_size"])
    if gpt2:
        writer.add_layer_norm_eps(config["layer_norm_epsilon"])
        return
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_rope_freq_base(config.get("rope_theta", 10000.0))
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])


def vocabulary(writer, size):
    """What a reader may insist on: 256 bytes, one merge, the rest spelled by number."""
    from make_gguf import byte_alphabet

    tokens = [*byte_alphabet(), "Ġt"]
    tokens += [f"<{i}>" for i in range(len(tokens), size)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * size)
    writer.add_token_merges(["Ġ t"])


def llama3_factors(config):
    """What each rotary frequency is divided by: 1 for short waves, `factor` for long ones, between them a ramp."""
    import numpy as np

    s, half = config["rope_scaling"], config["head_dim"] // 2
    wave = 2 * math.pi * config["rope_theta"] ** (np.arange(half) / half)
    turns = s["original_max_position_embeddings"] / wave
    ramp = np.clip((turns - s["low_freq_factor"]) / (s["high_freq_factor"] - s["low_freq_factor"]), 0, 1)
    return (1 / ((1 - ramp) / s["factor"] + ramp)).astype(np.float32)


# ---- the peers' own converters ----


def run(*command):
    where = os.path.dirname(sys.executable)
    subprocess.run([sys.executable if command[0] == "python" else os.path.join(where, command[0]), *command[1:]], check=True,
                   env={**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"})  # fmt: skip


def openvino(source, target, form):
    more = ["--sym", "--group-size", "64", "--ratio", "1.0"] if form == "int4" else []
    run("optimum-cli", "export", "openvino", "--task", "text-generation-with-past", "-m", source, "--weight-format", form, *more, target)


def onnx(source, target, form):
    run("python", "-m", "onnxruntime_genai.models.builder", "-i", source, "-o", target, "-p", form, "-e", "cpu", "-c", target + "-cache")


def main():
    folder, what = sys.argv[1:]
    path = os.path.join(folder, what)
    if os.path.exists(path):
        return
    place, _, name = what.partition("/")
    half = os.path.join(folder, place, "half-" + name)
    os.makedirs(os.path.dirname(half), exist_ok=True)
    shutil.rmtree(half, ignore_errors=True)
    if place == "checkpoints":
        checkpoint(half, *split(name))
    elif place == "gguf":
        gguf_file(half, *split(name.removesuffix(".gguf")))
    else:
        model, _, form = name.rpartition("-") if place != "ctranslate2" else (name, "", "")
        first = os.path.join(folder, "checkpoints", model + ("-f32" if model != "llama1b" else "-bf16"))
        if place == "openvino":
            openvino(first, half, form)
        elif place == "onnx":
            onnx(first, half, form)
        else:
            run("ct2-transformers-converter", "--model", first, "--output_dir", half)
    os.replace(half, path)


if __name__ == "__main__":
    main()
