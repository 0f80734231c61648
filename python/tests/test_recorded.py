"""Every call of calls.py gives what transformers gave: tests/golden/python.json.gz."""

import gzip
import json
import math

import calls
import pytest
import typecase
from conftest import ROOT, default_model

RECORDED = json.loads(gzip.open(ROOT / "tests/golden/python.json.gz").read())
# Calls whose answer differs on purpose, and why: docs/parity.md.
DIFFERS = json.loads((ROOT / "tests/golden/python_differences.json").read_text())


@pytest.fixture(scope="module")
def known():
    return calls.names(typecase, default_model())


def same(ours, theirs) -> bool:
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return math.isclose(ours, theirs, rel_tol=1e-4, abs_tol=1e-4)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(same(ours[k], theirs[k]) for k in ours)
    return type(ours) is type(theirs) and ours == theirs


@pytest.mark.parametrize("call", calls.CALLS + calls.CALLS_DEFAULT_MODEL)
def test_answers_as_transformers(call, known):
    if call in calls.CALLS_DEFAULT_MODEL and "stok" not in known:
        pytest.skip("the default model is not here; ./dev setup fetches it")
    ours = json.loads(json.dumps(calls.answer(call, known)))
    if call in DIFFERS:
        assert not same(ours, RECORDED[call]), "no longer differs: take it from python_differences.json"
        pytest.skip("differs on purpose: " + DIFFERS[call])
    assert same(ours, RECORDED[call]), f"\nours   {str(ours)[:600]}\ntheirs {str(RECORDED[call])[:600]}"


def test_there_are_enough_calls():
    assert len(RECORDED) >= 150
    assert len(DIFFERS) < 15
