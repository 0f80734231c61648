"""BatchEncoding: what a tokenizer returns, a dict whose values are lists or arrays."""

from __future__ import annotations

from collections import UserDict
from typing import Any

from .errors import unsupported


class BatchEncoding(UserDict):
    """`input_ids`, `attention_mask`, … of one text or of several: [length] or [rows, length].

    Values are also attributes, and `**encoding` hands them to generate(). With an integer in
    brackets, or tokens(), one asks for the tokens of one text.
    """

    def __init__(self, data: dict | None = None, encodings: list | None = None,
                 tensor_type: str | None = None, prepend_batch_axis: bool = False,
                 n_sequences: int | None = None):
        super().__init__(data or {})
        self._encodings = encodings
        self._n_sequences = n_sequences
        self.convert_to_tensors(tensor_type, prepend_batch_axis)

    def __getitem__(self, item):
        if isinstance(item, str):
            return self.data[item]
        if self._encodings is not None:
            return self._encodings[item]
        if isinstance(item, slice):
            return {key: value[item] for key, value in self.data.items()}
        raise KeyError("a BatchEncoding is indexed by a name, a slice, or (made by a tokenizer) an integer")

    def __getattr__(self, name: str) -> Any:
        # `data` itself is looked up here while an object is being unpickled or copied.
        if name == "data" or name not in self.data:
            raise AttributeError(name)
        return self.data[name]

    def __repr__(self) -> str:
        return str(self.data)

    __str__ = __repr__

    # Views, as in a dict: what a notebook shows is then the same.
    def keys(self):
        return self.data.keys()

    def values(self):
        return self.data.values()

    def items(self):
        return self.data.items()

    @property
    def is_fast(self) -> bool:
        return self._encodings is not None

    @property
    def n_sequences(self) -> int | None:
        return self._n_sequences

    def tokens(self, batch_index: int = 0) -> list[str]:
        """The tokens of one text as the vocabulary spells them. Raises ValueError without any."""
        return self._encoding(batch_index).tokens

    def sequence_ids(self, batch_index: int = 0) -> list[int | None]:
        """For each token 0 or 1, the text of the pair it came from, or None for an added token."""
        return self._encoding(batch_index).sequence_ids

    def token_to_chars(self, batch_or_token_index: int, token_index: int | None = None):
        """The characters (start, end) of a token's text, or None for an added token."""
        batch, token = (0, batch_or_token_index) if token_index is None else (batch_or_token_index, token_index)
        encoding = self._encoding(batch)
        if encoding.sequence_ids[token] is None:
            return None
        start, end = encoding.offsets[token]
        return CharSpan(start, end)

    def word_ids(self, batch_index: int = 0):
        raise unsupported("BatchEncoding.word_ids()")

    def _encoding(self, index: int):
        if not self._encodings:
            raise ValueError("these values were not made by a tokenizer, so their tokens are not known")
        return self._encodings[index]

    def convert_to_tensors(self, tensor_type: str | None = None, prepend_batch_axis: bool = False):
        """Turns the lists into arrays: "pt" or "np". Raises ValueError for rows of unequal length."""
        if tensor_type is None:
            return self
        kind = getattr(tensor_type, "value", tensor_type)
        if kind not in ("pt", "np"):
            raise ValueError(f"return_tensors: expected 'pt' or 'np', found {kind!r}")
        from .tensors import as_array, make
        import numpy as np

        for key, value in self.data.items():
            rows = [value] if prepend_batch_axis else value
            if isinstance(rows, list) and len({len(r) for r in rows if isinstance(r, list)}) > 1:
                raise ValueError(
                    f"{key}: rows of different length do not make a tensor; ask for padding=True, "
                    "truncation=True")
            array = as_array(rows)
            self.data[key] = make(array.astype(np.int64) if array.size == 0 else array, kind)
        return self

    def to(self, device: Any, *, non_blocking: bool = False) -> BatchEncoding:
        """Itself: everything is on the processor. Raises RuntimeError for another device."""
        if isinstance(device, int) and not isinstance(device, bool):
            device = f"cuda:{device}"
        from .tensors import check_device

        check_device(device)
        return self


class CharSpan(tuple):
    """A range of characters: start, and the end behind it."""

    def __new__(cls, start: int, end: int):
        return super().__new__(cls, (start, end))

    start = property(lambda self: self[0])
    end = property(lambda self: self[1])

    def __repr__(self) -> str:
        return f"CharSpan(start={self.start}, end={self.end})"


class Encoding:
    """The tokens of one text."""

    def __init__(self, ids, tokens, type_ids, offsets, sequence_ids, special_tokens_mask, attention_mask):
        self.ids = ids
        self.tokens = tokens
        self.type_ids = type_ids
        self.offsets = offsets
        self.sequence_ids = sequence_ids
        self.special_tokens_mask = special_tokens_mask
        self.attention_mask = attention_mask

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return (f"Encoding(num_tokens={len(self.ids)}, attributes=[ids, type_ids, tokens, offsets, "
                "attention_mask, special_tokens_mask, overflowing])")
