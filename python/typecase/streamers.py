"""Text while it is generated."""

from __future__ import annotations

from queue import Queue
from typing import Any


class TextStreamer:
    """Prints each word when it is complete. Give it to generate(streamer=…).

    Everything since the last line break is decoded again with each token; what ends in a line break
    or in a CJK character is written, otherwise all up to the last space. decode_kwargs go to
    tokenizer.decode(). Derive from it and override on_finalized_text() for another target.
    """

    def __init__(self, tokenizer, skip_prompt: bool = False, **decode_kwargs: Any):
        self.tokenizer = tokenizer
        self.skip_prompt = skip_prompt
        self.decode_kwargs = decode_kwargs
        self.token_cache: list[int] = []
        self.print_len = 0
        self.next_tokens_are_prompt = True

    def put(self, value) -> None:
        """Takes ids: the prompt first [1, length], then those of each step. Raises ValueError for
        more than one row."""
        from .tensors import plain

        ids = plain(value)
        if ids and isinstance(ids[0], list):
            if len(ids) > 1:
                raise ValueError("TextStreamer only supports batch size 1")
            ids = ids[0]
        if self.skip_prompt and self.next_tokens_are_prompt:
            self.next_tokens_are_prompt = False
            return
        self.token_cache.extend(ids if isinstance(ids, list) else [ids])
        text = self.tokenizer.decode(self.token_cache, **self.decode_kwargs)
        if text.endswith("\n"):
            ready = text[self.print_len:]
            self.token_cache, self.print_len = [], 0
        elif text and _is_cjk(text[-1]):
            ready = text[self.print_len:]
            self.print_len += len(ready)
        else:
            ready = text[self.print_len:text.rfind(" ") + 1]
            self.print_len += len(ready)
        self.on_finalized_text(ready)

    def end(self) -> None:
        """Writes what is left."""
        rest = ""
        if self.token_cache:
            rest = self.tokenizer.decode(self.token_cache, **self.decode_kwargs)[self.print_len:]
            self.token_cache, self.print_len = [], 0
        self.next_tokens_are_prompt = True
        self.on_finalized_text(rest, stream_end=True)

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Receives each piece, empty ones too."""
        print(text, flush=True, end="\n" if stream_end else "")


class TextIteratorStreamer(TextStreamer):
    """An iterator over the pieces, for generate() in another thread.

    timeout: seconds to wait for a piece; raises queue.Empty when they are over. None: for ever.
    """

    def __init__(self, tokenizer, skip_prompt: bool = False, timeout: float | None = None, **decode_kwargs: Any):
        super().__init__(tokenizer, skip_prompt, **decode_kwargs)
        self.text_queue: Queue = Queue()
        self.stop_signal = None
        self.timeout = timeout

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        self.text_queue.put(text, timeout=self.timeout)
        if stream_end:
            self.text_queue.put(self.stop_signal, timeout=self.timeout)

    def __iter__(self) -> TextIteratorStreamer:
        return self

    def __next__(self) -> str:
        piece = self.text_queue.get(timeout=self.timeout)
        if piece is self.stop_signal:
            raise StopIteration
        return piece


# The blocks of Chinese characters: first and last code point.
_CJK = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
        (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def _is_cjk(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _CJK)
