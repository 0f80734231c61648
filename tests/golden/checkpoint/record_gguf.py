#!/usr/bin/env python3
"""Records what the reference makes of GGUF files: config and weights.

    python3 tests/golden/checkpoint/record_gguf.py tests/golden/*/model.gguf > tests/golden/checkpoint/gguf.jsonl

One line a file: {"file", "config": the keys the loader takes from the metadata,
"tensors": {name: [shape, CRC-32 of the float32 values, little-endian]}}. transformers 5.23.0.
"""
import json
import os
import sys
import zlib

import torch
from transformers import AutoModelForCausalLM
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

torch.set_num_threads(1)
for path in sys.argv[1:]:
    folder, name = os.path.split(path)
    config = load_gguf_checkpoint(path)["config"]
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name)
    tensors = {}
    for key, value in model.named_parameters():  # tied weights once
        data = value.detach().contiguous().numpy().astype("<f4")
        tensors[key] = [list(data.shape), zlib.crc32(data.tobytes())]
    print(json.dumps({"file": path, "config": config, "tensors": tensors}))
