#!/usr/bin/env python3
"""Records the log-probability that the reference gives every token of a text, in float32.

    record.py --into FILE.jsonl [--smollm2 SmolLM2-135M-Instruct.Q4_1.gguf]

Needs torch 2.15.0 and transformers 5.23.0. Long texts go through windows of max_length tokens that move on
by stride; each token is scored in the first window that holds it, and not where nothing stands before it.
Tiny checkpoints get the ids of tests/end_to_end/cli_support.py (one token a character).
"""

import argparse
import json
import os
import pathlib
import sys
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
warnings.filterwarnings("ignore")

import torch
import transformers

GOLDEN = pathlib.Path(__file__).resolve().parent.parent

TEXTS = {
    "fable": "A fox saw a bunch of ripe grapes hanging from a vine over a high wall. He jumped and jumped, "
             "but could not reach them. At last he walked away and said: they are sour anyway.",
    "code": "for i in range(10): print(i * i)  # squares",
    "odd": "zzzz zzzz 31415926535 ~~~ AAAAAAAA the the the the",
}
WINDOWS = {"fable": [(64, 32), (64, 64), (50, 7)], "code": [(64, 32)], "odd": [(16, 5), (128, 64)]}


def log_probabilities(model, ids, max_length, stride):
    """ln p of each id; None where nothing stands before it in its window."""
    out, begin = [], 0
    while len(out) < len(ids):
        window = ids[begin:begin + max_length]
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([window])).logits[0].float()
        log_p = torch.log_softmax(logits, dim=-1)
        for i in range(len(out) - begin, len(window)):
            out.append(None if i == 0 else float("%.9g" % log_p[i - 1, window[i]].item()))
        begin += stride
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--into", required=True)
    parser.add_argument("--smollm2")
    options = parser.parse_args()
    torch.set_num_threads(1)
    sys.path.insert(0, str(GOLDEN.parent / "end_to_end"))
    from cli_support import VOCABULARY  # takes the program's name off sys.argv, so only now

    def characters(text):
        return [VOCABULARY["\u0120" if c == " " else c] for c in text]

    load = transformers.AutoModelForCausalLM.from_pretrained
    models = [(name, load(GOLDEN / name, dtype=torch.float32).eval(), characters) for name in ("gpt2", "llama-3")]
    if options.smollm2:
        folder, file = os.path.split(os.path.abspath(options.smollm2))
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=file)
        models.append(("smollm2", load(folder, gguf_file=file, dtype=torch.float32).eval(),
                       lambda text: tokenizer(text).input_ids))
    with open(options.into, "w", encoding="utf-8") as out:
        for name, model, encode in models:
            longest = getattr(model.config, "max_position_embeddings", 1024)
            for text, windows in WINDOWS.items():
                ids = encode(TEXTS[text])
                for max_length, stride in windows:
                    if max_length > longest:
                        continue
                    values = log_probabilities(model, ids, max_length, stride)
                    out.write(json.dumps({"model": name, "text": TEXTS[text], "max_length": max_length, "stride": stride,
                                          "ids": ids, "log_probabilities": values}) + "\n")


if __name__ == "__main__":
    main()
