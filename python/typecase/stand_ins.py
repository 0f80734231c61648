"""Weights in the place of published ones, for machines that do not reach a hub. Pure Python."""

from __future__ import annotations

import json
import struct
from pathlib import Path

_GPT2 = {
    "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 50257, "n_positions": 1024,
    "n_embd": 768, "n_layer": 12, "n_head": 12, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
    "bos_token_id": 50256, "eos_token_id": 50256, "dtype": "float32"}


def gpt2_shaped(folder: str | Path) -> str:
    """Makes a checkpoint of GPT-2's shape in `folder` and returns its path: for counting parameters.

    Every weight is 0. The file has a hole in place of its 498 MB, so it takes no room on the disk.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(_GPT2, indent=2))
    tensors, at = {}, 0
    for name, shape in _gpt2_weights():
        size = 4
        for n in shape:
            size *= n
        tensors[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    header = json.dumps({"__metadata__": {"format": "pt"}, **tensors}).encode()
    header += b" " * (-len(header) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + at)
    return str(folder)


def _gpt2_weights():
    n = _GPT2["n_embd"]
    yield "transformer.wte.weight", [_GPT2["vocab_size"], n]
    yield "transformer.wpe.weight", [_GPT2["n_positions"], n]
    for layer in range(_GPT2["n_layer"]):
        at = f"transformer.h.{layer}."
        for name, rows, columns in (("attn.c_attn", n, 3 * n), ("attn.c_proj", n, n), ("mlp.c_fc", n, 4 * n),
                                    ("mlp.c_proj", 4 * n, n)):
            yield at + name + ".weight", [rows, columns]
            yield at + name + ".bias", [columns]
        for name in ("ln_1", "ln_2"):
            yield at + name + ".weight", [n]
            yield at + name + ".bias", [n]
    yield "transformer.ln_f.weight", [n]
    yield "transformer.ln_f.bias", [n]
