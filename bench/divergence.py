#!/usr/bin/env python3
"""How far options that compute more coarsely lead away from the full arithmetic.

    bench/divergence.py TYPECASE [MODEL] [--page docs/divergence.md]

Takes this project's own README as text, and for every option compares with float32: perplexity of the text, and at
some positions the distributions over the vocabulary, D(full || option) in nats, and whether the likeliest token is the
same. The page is written from the figures.
"""

import argparse
import json
import math
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXT = "README.md"
FULL = ["--dtype", "float32"]
OPTIONS = [["--dtype", "bfloat16"], ["--dtype", "float32", "--activations", "int8"], ["--dtype", "bfloat16", "--activations", "int8"]]
WINDOW, POSITIONS, WINDOWS = 48, 24, 6  # tokens; of them the last so many are compared


def ask(program, words, text=None):
    return json.loads(subprocess.run([program, *words, "--json"], check=True, stdout=subprocess.PIPE, text=True, input=text).stdout)


def perplexity(program, model, options, text):
    return ask(program, ["score", text, *model, *options])["perplexity"]


def logits(program, model, options, windows):
    """[window][position][vocabulary] of each window's last positions."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as requests:
        for number, ids in enumerate(windows):
            print(json.dumps({"id": number, "input_ids": [ids]}), file=requests)
        requests.flush()
        line = [program, "logits", *model, *options, "--quiet", "--requests", requests.name]
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as child:
            for answer in child.stdout:
                yield json.loads(answer)["logits"][0][-POSITIONS:]


def log_softmax(row):
    most = max(row)
    total = most + math.log(math.fsum(math.exp(x - most) for x in row))
    return [x - total for x in row]


def distributions(program, model, options, windows):
    """Logarithms, of every position that is compared."""
    return [log_softmax(row) for rows in logits(program, model, options, windows) for row in rows]


def compare(full, others):
    divergences, same = [], 0
    for p, q in zip(full, others):
        divergences.append(math.fsum(math.exp(a) * (a - b) for a, b in zip(p, q)))
        same += p.index(max(p)) == q.index(max(q))
    return {"mean": math.fsum(divergences) / len(divergences), "most": max(divergences), "same": same, "of": len(divergences)}


def page(name, tokens, full, lines):
    yield "# How coarse the coarse options are"
    yield ""
    yield "Written by `bench/divergence.py`; no figure is entered by hand."
    yield ""
    yield f"- Model: {name}. Text: {tokens:,} tokens of this project's {TEXT}."
    yield f"- Perplexity in float32: {full:.3f}. Distributions are compared with float32's at {lines[0][2]['of']} positions, as the divergence"
    yield "  D(full || option) in nats; 0 is the same distribution."
    yield ""
    yield "| options | perplexity | divergence, mean | most | likeliest token the same |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for options, value, far in lines:
        yield (f"| `{' '.join(options)}` | {value:.3f} | {far['mean']:.1e} | {far['most']:.1e} | "
               f"{far['same']} of {far['of']} |")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("model", nargs="?", help="else the default model")
    parser.add_argument("--page", type=pathlib.Path, help="where to write; else standard output")
    options = parser.parse_args()
    model = ["--model", options.model] if options.model else []
    text = (ROOT / TEXT).read_text(encoding="utf-8")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        ids = ask(options.program, ["tokenize", *model], text)["input_ids"]
        step = (len(ids) - WINDOW) // (WINDOWS - 1)
        windows = [ids[i * step : i * step + WINDOW] for i in range(WINDOWS)]
        full = perplexity(options.program, model, FULL, file.name)
        known = distributions(options.program, model, FULL, windows)
        lines = [(one, perplexity(options.program, model, one, file.name), compare(known, distributions(options.program, model, one, windows)))
                 for one in OPTIONS]  # fmt: skip
    name = pathlib.Path(options.model).name if options.model else "the default one, SmolLM2-135M-Instruct in Q4_1"
    out = "\n".join(page(name, len(ids), full, lines)) + "\n"
    options.page.write_text(out, encoding="utf-8") if options.page else print(out, end="")


if __name__ == "__main__":
    main()
