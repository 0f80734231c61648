#!/usr/bin/env python3
"""Makes every recording that recordings.csv names: record_all.py [--smollm2 FILE.gguf] [MODEL ...]

One call of tools/record_reference.py a line and dtype, in one process because torch loads slowly.
"""

import argparse
import csv
import os
import sys

GOLDEN = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(GOLDEN, "..", "..", "tools"))

import fetch_gemma3
import fetch_minilm
import record_reference

PACKED = (".family", ".sentences", ".real-text")  # sets whose answers are stored compressed


def model_path(name, smollm2):
    if name == "smollm2":
        return smollm2
    if name == "minilm":
        path = fetch_minilm.folder()
        return str(path) if path.exists() else None
    if name == "gemma3-270m":
        return str(fetch_gemma3.file()) if fetch_gemma3.file().exists() else None
    gguf = os.path.join(GOLDEN, name, "model.gguf")
    return gguf if os.path.exists(gguf) else os.path.join(GOLDEN, name)


def main():
    parser = argparse.ArgumentParser(description="Makes the recordings of this folder.")
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--smollm2", help="the default model's file; without it its sets are left out")
    parser.add_argument("--set", help="only this set")
    options = parser.parse_args()
    with open(os.path.join(GOLDEN, "recordings.csv"), encoding="utf-8") as table:
        for line in csv.DictReader(table):
            model = model_path(line["model"], options.smollm2)
            if (options.models and line["model"] not in options.models) or model is None:
                continue
            if options.set and line["set"] != options.set:
                continue
            os.makedirs(os.path.join(GOLDEN, line["model"]), exist_ok=True)
            for dtype in line["dtypes"].split():
                packed = ".gz" if line["set"].endswith(PACKED) else ""
                output = os.path.join(GOLDEN, line["model"], f"{line['set']}.{dtype}.jsonl{packed}")
                requests = os.path.join(GOLDEN, "requests", line["set"] + ".jsonl")
                print("recording", os.path.relpath(output, GOLDEN), flush=True)
                record_reference.record(line["set"].split(".")[0], model, requests, output, dtype)


if __name__ == "__main__":
    main()
