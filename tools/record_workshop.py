#!/usr/bin/env python3
"""Runs the cells of examples/workshop.ipynb on transformers and records what each of them shows.

    record_workshop.py FILE.gguf > tests/golden/workshop.json

FILE.gguf is the default model, the notebook's stand-in. Needs transformers 5.23.0 and torch 2.15.0.
"""
import ast
import contextlib
import io
import json
import os
import pathlib
import sys
import types

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", WORKSHOP_MODEL=sys.argv[1])
sys.path.insert(0, str(pathlib.Path("python").resolve()))

import torch
import transformers

torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
# The package's face without its C++ part: the cells need only its stand-ins.
package = types.ModuleType("typecase")
package.__path__ = ["python/typecase"]
package.default_model = lambda: sys.argv[1]
sys.modules["typecase"] = package


def run(source: str, names: dict) -> dict:
    """A cell as a notebook runs it: what it prints, and the repr of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    return {"printed": printed.getvalue(), "value": None if value is None else repr(value)}


def main():
    notebook = json.load(open("examples/workshop.ipynb"))
    names, out = {}, {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "typecase" not in cell["metadata"].get("tags", []):
            out[cell["id"]] = run("".join(cell["source"]), names)
            print(cell["id"], out[cell["id"]], file=sys.stderr, flush=True)
    json.dump(out, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
