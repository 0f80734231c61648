#!/usr/bin/env python3
"""Records what transformers answers to the calls of python/tests/calls.py.

    record_python.py [--default-model FILE.gguf] > tests/golden/python.json.gz

Run from the repository's root, with transformers 5.23.0 and torch 2.15.0.
"""
import argparse
import gzip
import json
import os
import sys

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
sys.path.insert(0, "python/tests")

import calls
import torch
import transformers


def short(value):
    """Floats with seven digits: results are compared within 1e-4."""
    if isinstance(value, float):
        return float("%.7g" % value)
    if isinstance(value, list):
        return [short(v) for v in value]
    return {k: short(v) for k, v in value.items()} if isinstance(value, dict) else value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--default-model")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    known = calls.names(transformers, arguments.default_model)
    listed = calls.CALLS + (calls.CALLS_DEFAULT_MODEL if arguments.default_model else [])
    answers = {call: short(calls.answer(call, known)) for call in listed}
    data = json.dumps(answers, ensure_ascii=False, separators=(",", ":")).encode()
    sys.stdout.buffer.write(gzip.compress(data, 9, mtime=0))


if __name__ == "__main__":
    main()
