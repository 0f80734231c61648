"""examples/workshop.ipynb runs on Typecase and shows in every cell what transformers shows there."""

import json
import re
import subprocess
import sys

import pytest
from conftest import ROOT, default_model

nbformat = pytest.importorskip("nbformat")
NOTEBOOK = ROOT / "examples/workshop.ipynb"
RECORDED = json.loads((ROOT / "tests/golden/workshop.json").read_text())


def words(text: str) -> str:
    """The text without what only says how it was broken into lines."""
    return re.sub(r"\s+", " ", text).strip()


def shown(cell) -> dict:
    printed = "".join(o["text"] for o in cell["outputs"] if o["output_type"] == "stream" and o["name"] == "stdout")
    values = [o["data"]["text/plain"] for o in cell["outputs"] if o["output_type"] == "execute_result"]
    return {"printed": printed, "value": values[0] if values else None}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    pytest.importorskip("nbclient")
    if default_model() is None:
        pytest.skip("the default model is not here; ./dev setup fetches it")
    target = tmp_path_factory.mktemp("workshop") / "executed.ipynb"
    answer = subprocess.run([sys.executable, "-m", "typecase.notebook", str(NOTEBOOK), "--output", str(target)],
                            capture_output=True, text=True, timeout=600)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return {cell["id"]: cell for cell in nbformat.read(target, as_version=4)["cells"] if cell["cell_type"] == "code"}


@pytest.mark.parametrize("name", RECORDED)
def test_a_cell_shows_what_transformers_shows(name, executed):
    ours, theirs = shown(executed[name]), RECORDED[name]
    assert words(ours["printed"]) == words(theirs["printed"])
    assert (ours["value"] is None) == (theirs["value"] is None)
    if theirs["value"] is not None:
        assert words(ours["value"]) == words(theirs["value"])


def test_every_cell_is_compared_or_draws_a_picture(executed):
    pictures = 0
    for name, cell in executed.items():
        if name in RECORDED or name == "drop-in":
            continue
        html = [o["data"].get("text/html", "") for o in cell["outputs"] if o["output_type"] == "execute_result"]
        assert html and "<svg" in html[0], name
        pictures += 1
    assert pictures >= 5


def test_the_notebook_is_what_its_maker_writes():
    made = subprocess.run([sys.executable, str(ROOT / "tools/make_workshop.py")], capture_output=True, text=True)
    assert made.stdout == NOTEBOOK.read_text()
    assert not any(cell.get("outputs") for cell in json.loads(made.stdout)["cells"])
