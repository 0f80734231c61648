"""The Python that README.md shows runs as it stands there."""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT, default_model

BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)


def printed(code: str, folder) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=folder,
                            timeout=120)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_there_are_two_blocks():
    assert len(BLOCKS) == 2


def test_the_five_lines_write_the_same_text_each_time(tmp_path):
    if default_model() is None:
        pytest.skip("the default model is not here; ./dev setup fetches it")
    lines = [line for line in BLOCKS[0].splitlines() if line]
    assert len(lines) <= 5
    first = printed(BLOCKS[0], tmp_path)
    assert first.startswith("The rain in Spain") and len(first) > 40
    assert printed(BLOCKS[0], tmp_path) == first


def test_one_line_makes_transformers_code_run(tmp_path):
    model = ROOT / "tests/golden/llama-text"
    code = BLOCKS[1] + f"""
import torch
model = AutoModelForCausalLM.from_pretrained({str(model)!r})
tokenizer = AutoTokenizer.from_pretrained({str(model)!r})
inputs = tokenizer("the cat", return_tensors="pt").to("cpu")
print(type(model).__module__, tokenizer.decode(model.generate(**inputs, do_sample=False, max_new_tokens=3)[0],
                                                  skip_special_tokens=True))
"""
    assert printed(code, tmp_path).startswith("typecase.model the cat")
