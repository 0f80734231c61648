"""Why each token was chosen: the trace of docs/trace.md as Python objects, and its pictures."""

from __future__ import annotations

import contextlib
import contextvars
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterator

from . import _native

_current: contextvars.ContextVar[Trace | None] = contextvars.ContextVar("typecase_trace", default=None)


class Event(SimpleNamespace):
    """One event: its fields as attributes, `event` its name. `dict(e)` is the JSON form."""

    def keys(self):
        return vars(self).keys()

    def __getitem__(self, name: str) -> Any:
        return vars(self)[name]


class Trace:
    """The events of the calls made while it is current: see trace().

    events: all of them, as objects with the fields of docs/trace.md (lists and dicts inside).
    svgs: one picture a call, bars or a beam tree, as text. In Jupyter it shows the pictures.
    """

    def __init__(self, candidates: int = 10):
        self._native = _native.Trace(candidates)
        self._tokenizer = None

    @property
    def events(self) -> list[Event]:
        return [Event(**fields) for fields in self._native.events(self._tokenizer)]

    @property
    def svgs(self) -> list[str]:
        return self._native.svgs(self._tokenizer) if self._tokenizer is not None else []

    def __len__(self) -> int:
        return len(self._native)

    def __repr__(self) -> str:
        return f"Trace({len(self)} events)"

    def _repr_html_(self) -> str:
        pictures = "\n".join(f'<div style="overflow-x:auto">{svg}</div>' for svg in self.svgs)
        return pictures or f"<p>{self!r}</p>"

    def save(self, path: str) -> None:
        """Writes the first picture as SVG."""
        Path(path).write_text(self.svgs[0], encoding="utf-8")


def current_trace(model):
    """The native trace that a call of `model` writes to, or None."""
    trace_ = _current.get()
    if trace_ is None:
        return None
    trace_._tokenizer = model.tokenizer._native
    return trace_._native


@contextlib.contextmanager
def trace(candidates: int = 10) -> Iterator[Trace]:
    """Records what happens in the calls inside, generate() and pipelines alike:

        with typecase.trace() as t:
            model.generate(**inputs, max_new_tokens=5)
        t.events[1].top

    candidates: how many tokens of each step are kept.
    """
    recorded = Trace(candidates)
    token = _current.set(recorded)
    try:
        yield recorded
    finally:
        _current.reset(token)


class Explanation(Trace):
    """The trace of one call with its text; what explain() returns."""

    text: str = ""
    sequences: list[list[int]] = []

    def __repr__(self) -> str:
        return f"Explanation({self.text!r}, {len(self)} events)"


def explain(prompt: str, model: Any = None, candidates: int = 8, **kwargs) -> Explanation:
    """Generates from `prompt` and shows why each token was chosen: probability bars with what every
    filter cut, or the tree of a beam search. Displays itself in Jupyter.

    model: a model, a pipeline or a name; None: the default model. Keywords are generate()'s;
    5 new tokens unless they say otherwise.
    """
    from .model import AutoModelForCausalLM

    model = getattr(model, "model", model)
    if model is None or isinstance(model, str):
        from .files import default_model

        model = AutoModelForCausalLM.from_pretrained(model or default_model())
    if "max_new_tokens" not in kwargs and "max_length" not in kwargs:
        kwargs["max_new_tokens"] = 5
    out = Explanation(candidates)
    token = _current.set(out)
    try:
        sequences = model.generate(**model.tokenizer(prompt, return_tensors="np"), **kwargs)
    finally:
        _current.reset(token)
    out.sequences = getattr(sequences, "sequences", sequences).tolist()
    out.text = model.tokenizer.decode(out.sequences[0])
    return out
