"""Random numbers."""

from __future__ import annotations

import sys


def set_seed(seed: int, deterministic: bool = False) -> None:
    """Starts the random numbers of Python, numpy, torch (where they are loaded) and Typecase again.

    The next sampled tokens are those of transformers after torch.manual_seed(seed).
    deterministic: nothing to switch on; Typecase always is.
    """
    import random

    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
    manual_seed(seed)


def manual_seed(seed: int) -> None:
    """Typecase's generator alone: −2⁶³ ≤ seed < 2⁶⁴, of which the low 32 bits count."""
    from . import _native

    if not -(1 << 63) <= seed < 1 << 64:
        raise ValueError(f"seed: expected at most 64 bits, found {seed}")
    _native.seed(seed - (1 << 64) if seed >= 1 << 63 else seed)
