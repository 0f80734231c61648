#!/usr/bin/env python3
"""The Python package beside transformers, in the same run: seconds from process start, and peak memory.

    bench/python.py MODEL.gguf [--typecase PYTHON] [--transformers PYTHON] [--repeats N]

Each figure is the least of N fresh processes, taken in turns. Greedy decoding, one prompt.
"""
import argparse
import json
import os
import subprocess
import sys

STEPS = """
import time, resource, json, os, sys
begin = float(sys.argv[1]); out = {}
def mark(name): out[name] = round(time.time() - begin, 3)
from LIBRARY import AutoModelForCausalLM, AutoTokenizer
mark("imported")
folder, name = os.path.split(sys.argv[2])
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype="float32")
mark("loaded")
inputs = tokenizer("The rain in Spain falls mainly in the plain", return_tensors="pt")
model.generate(**inputs, do_sample=False, max_new_tokens=1)
mark("first token")
ids = model.generate(**inputs, do_sample=False, max_new_tokens=64)
mark("64 more")
out["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
out["ids"] = ids.tolist()[0]
print("RESULT" + json.dumps(out))
"""


def once(python: str, library: str, model: str) -> dict:
    import time

    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    answer = subprocess.run([python, "-c", STEPS.replace("LIBRARY", library), str(time.time()), model],
                            capture_output=True, text=True, env=environment)
    lines = [line for line in answer.stdout.splitlines() if line.startswith("RESULT")]
    if not lines:
        sys.exit(f"{library}: {answer.stderr[-500:]}")
    return json.loads(lines[0][len("RESULT"):])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--typecase", default=sys.executable)
    parser.add_argument("--transformers")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    sides = {"typecase": options.typecase}
    if options.transformers:
        sides["transformers"] = options.transformers
    runs = {library: [] for library in sides}
    for _ in range(options.repeats):
        for library, python in sides.items():
            runs[library].append(once(python, library, os.path.abspath(options.model)))
    for library, results in runs.items():
        best = {key: min(r[key] for r in results) for key in results[0] if key != "ids"}
        print(f"{library:13}", "  ".join(f"{key} {value}" for key, value in best.items()))
    if len({json.dumps(r["ids"]) for results in runs.values() for r in results}) == 1:
        print("same tokens in all runs")


if __name__ == "__main__":
    main()
