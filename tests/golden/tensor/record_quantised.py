#!/usr/bin/env python3
"""Records what the Python package gguf makes of random quantised blocks.

    python3 tests/golden/tensor/record_quantised.py > tests/golden/tensor/quantised.jsonl

One line a format: {"format", "blocks": hex of the bytes, "expected": hex of the float32 values}.
Every byte is random, but float16 scales that are infinite or NaN are replaced by 1: NaN has many
spellings.
"""
import json

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize

# format: (blocks, byte offsets of the float16 scales)
FORMATS = {
    "Q4_0": (16, [0]), "Q4_1": (16, [0, 2]), "Q5_0": (16, [0]), "Q5_1": (16, [0, 2]),
    "Q8_0": (16, [0]), "Q2_K": (3, [80, 82]), "Q3_K": (3, [108]), "Q4_K": (3, [0, 2]),
    "Q5_K": (3, [0, 2]), "Q6_K": (3, [208]), "IQ4_NL": (16, [0]), "IQ4_XS": (3, [0]),
}

rng = np.random.default_rng(20261123)
for name, (count, scales) in FORMATS.items():
    kind = GGMLQuantizationType[name]
    _, block_bytes = GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (count, block_bytes), dtype=np.uint8)
    for at in scales:
        half = blocks[:, at:at + 2].copy().view(np.float16)
        half[~np.isfinite(half)] = 1
        blocks[:, at:at + 2] = half.view(np.uint8)
    values = np.ascontiguousarray(dequantize(blocks, kind), dtype=np.float32)
    print(json.dumps({"format": name, "blocks": blocks.tobytes().hex(),
                      "expected": values.tobytes().hex()}))
