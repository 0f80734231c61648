"""What generate() returns when asked for more than ids: a dict whose keys are attributes too."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any


class ModelOutput(OrderedDict):
    """Values by name, by attribute, and by position among those that are not None."""

    _fields: tuple[str, ...] = ()

    def __init__(self, **values: Any):
        super().__init__((name, value) for name, value in values.items() if value is not None)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return super().__getitem__(name)
        if name in self._fields:
            return None
        raise AttributeError(f"{type(self).__name__} has no {name!r}")

    def __getitem__(self, key):
        return super().__getitem__(key) if isinstance(key, str) else self.to_tuple()[key]

    def to_tuple(self) -> tuple:
        return tuple(self.values())

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={self.get(name)!r}" for name in self._fields)
        return f"{type(self).__name__}({fields})"


class GenerateDecoderOnlyOutput(ModelOutput):
    """sequences [rows, length]; scores and logits, for each step [rows, vocabulary]; attentions, for
    each step and layer [rows, heads, new, length]; hidden_states [rows, new, hidden]."""

    _fields = ("sequences", "scores", "logits", "attentions", "hidden_states", "past_key_values")


class GenerateBeamDecoderOnlyOutput(ModelOutput):
    """As GenerateDecoderOnlyOutput, with sequences_scores [rows] and beam_indices [rows, steps]."""

    _fields = ("sequences", "sequences_scores", "scores", "logits", "beam_indices", "attentions",
               "hidden_states", "past_key_values")


class CausalLMOutputWithPast(ModelOutput):
    """logits [rows, length, vocabulary]; with labels the loss."""

    _fields = ("loss", "logits", "past_key_values", "hidden_states", "attentions")
