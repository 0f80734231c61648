import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))
os.environ["HF_HUB_OFFLINE"] = "1"
os.chdir(ROOT)  # recordings name checkpoints relative to the root


def default_model() -> str | None:
    from typecase import _native

    try:
        return _native.default_model()
    except OSError:
        return None


@pytest.fixture(scope="session")
def gpt2():
    import typecase

    return typecase.AutoModelForCausalLM.from_pretrained("tests/golden/gpt2-text")
