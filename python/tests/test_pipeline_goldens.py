"""The pipeline in Python gives what the recorded pipeline calls of the command line's tests give."""

import json

import pytest
import typecase
from conftest import ROOT

REQUESTS = [json.loads(line) for line in (ROOT / "tests/golden/requests/run.tiny.jsonl").open() if line.strip()]
# A recorded choice whose margin is smaller may fall on the other side: tests/golden/README.md.
NEAR = 2e-4


@pytest.mark.parametrize("name", ["gpt2-text", "llama-text"])
def test_every_recorded_pipeline_call(name):
    recorded = {r["id"]: r for r in map(json.loads, (ROOT / f"tests/golden/{name}/run.tiny.float32.jsonl").open())}
    folder = f"tests/golden/{name}"
    model = typecase.AutoModelForCausalLM.from_pretrained(folder)
    compared, near, wrong = 0, 0, []
    for request in REQUESTS:
        expected = recorded[request["id"]]
        pipe = typecase.pipeline("text-generation", model=model)
        if request.get("seed") is not None:
            typecase.set_seed(request["seed"])
        kwargs = dict(request.get("kwargs") or {})
        if isinstance(kwargs.get("generation_config"), dict):
            kwargs["generation_config"] = typecase.GenerationConfig(**kwargs["generation_config"])
        try:
            ours = json.loads(json.dumps(pipe(request["inputs"], **kwargs)))
        except (ValueError, TypeError, IndexError) as error:
            ours = error
        compared += 1
        if "error" in expected:
            if not isinstance(ours, Exception):
                wrong.append((request["id"], ours, expected["error"]))
        elif ours != expected["result"]:
            if expected.get("smallest_margin", 9) < NEAR:
                near += 1
            else:
                wrong.append((request["id"], ours, expected["result"]))
    assert compared > 200
    assert near < 3
    assert not wrong, f"{len(wrong)} of {compared}: {wrong[:3]}"
