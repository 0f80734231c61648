#!/usr/bin/env python3
"""The Python package beside transformers, in the same run: seconds from process start, and peak memory.

    bench/python.py MODEL.gguf [--typecase PYTHON] [--transformers PYTHON] [--repeats N]

Each figure is the least of N fresh processes, taken in turns. Greedy decoding, one prompt. Beside the seconds on the
clock stand those of the processor (all threads), which say the same on a busy machine.
"""
import argparse
import json
import os
import subprocess
import sys
import time

STEPS = """
import time, resource, json, os, sys
begin = float(sys.argv[1]); out = {}
def mark(name): out[name] = [round(time.time() - begin, 3), round(time.process_time(), 3)]
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
    steps = [key for key in next(iter(runs.values()))[0] if key not in ("ids", "MB")]
    print(f"{'seconds (of the processor)':26}", *(f"{step:>20}" for step in steps), f"{'peak MB':>10}")
    for library, results in runs.items():
        cells = [" ({:.2f})".format(min(r[s][1] for r in results)).rjust(10) for s in steps]
        cells = [f"{min(r[s][0] for r in results):10.2f}{cell}" for s, cell in zip(steps, cells)]
        print(f"{library:26}", *cells, f"{min(r['MB'] for r in results):10}")
    if len({json.dumps(r["ids"]) for results in runs.values() for r in results}) == 1:
        print("same tokens in all runs")


if __name__ == "__main__":
    main()
