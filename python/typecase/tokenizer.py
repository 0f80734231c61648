"""Tokenizers with the manners of transformers' fast ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from . import _native, files
from .batch_encoding import BatchEncoding, Encoding
from .errors import InvalidArgument, unsupported

# What transformers says where the files promise no longest text.
VERY_LARGE_INTEGER = int(1e30)

_NAMES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_TRUNCATIONS = (True, "longest_first", "only_first", "only_second")
_PADDINGS = (True, "longest", "max_length")


class AddedToken:
    """A token that stands outside the model's vocabulary, and how it is found in a text."""

    def __init__(self, content: str, single_word: bool = False, lstrip: bool = False, rstrip: bool = False,
                 normalized: bool = False, special: bool = True, **_):
        self.content = content
        self.single_word, self.lstrip, self.rstrip = single_word, lstrip, rstrip
        self.normalized, self.special = normalized, special

    def __str__(self) -> str:
        return self.content

    def __repr__(self) -> str:
        return (f'AddedToken("{self.content}", rstrip={self.rstrip}, lstrip={self.lstrip}, '
                f"single_word={self.single_word}, normalized={self.normalized}, special={self.special})")


class AutoTokenizer:
    """Makes the tokenizer that belongs to a model."""

    def __init__(self):
        raise OSError("AutoTokenizer is made by AutoTokenizer.from_pretrained(name)")

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike, *_inputs,
                        **kwargs) -> PreTrainedTokenizerBase:
        """The tokenizer of a folder, a .gguf file or a cached model.

        Keywords: gguf_file, revision; padding_side, truncation_side, model_max_length and special
        tokens (pad_token="…") override the files. Raises OSError when there is none.
        """
        path = files.resolve(pretrained_model_name_or_path, kwargs.pop("gguf_file", None),
                             kwargs.pop("revision", None))
        if path.endswith(".gguf"):
            native = _native.Model.open(path, "auto", "auto").tokenizer()
        elif os.path.isdir(path):
            native = _native.Tokenizer.from_folder(path)
        else:
            native = _native.Tokenizer.from_file(path)
        kind = type(_class_name(path), (PreTrainedTokenizerBase,), {"__module__": "typecase.tokenizer"})
        return kind(native, path, os.fspath(pretrained_model_name_or_path), **kwargs)


def _class_name(path: str) -> str:
    """What transformers calls the class: the files' word without "Fast", else the family's."""
    config = files.read_json(Path(path) / "tokenizer_config.json") if os.path.isdir(path) else {}
    name = config.get("tokenizer_class")
    if name is None and os.path.isdir(path):
        family = files.read_json(Path(path) / "config.json").get("model_type")
        name = {"gpt2": "GPT2Tokenizer"}.get(family)
    if not isinstance(name, str) or name.startswith("PreTrainedTokenizer") or not name.isidentifier():
        return "TokenizersBackend"
    return name.removesuffix("Fast")


def _special_property(name: str) -> property:
    def read(self) -> str | None:
        return self._special.get(name)

    def write(self, value) -> None:
        self._set_special(name, value)

    return property(read, write, doc=f"The {name.replace('_', ' ')} as text, or None.")


def _special_id_property(name: str) -> property:
    def read(self) -> int | None:
        token = self._special.get(name)
        return None if token is None else self.convert_tokens_to_ids(token)

    def write(self, value) -> None:
        self._set_special(name, None if value is None else self.convert_ids_to_tokens(value))

    return property(read, write)


class PreTrainedTokenizerBase:
    """Text ↔ token ids. Made by AutoTokenizer.from_pretrained(); may be used from several threads."""

    is_fast = True
    pad_token_type_id = 0

    def __init__(self, native, path: str, name: str, padding_side: str | None = None,
                 truncation_side: str = "right", model_max_length: int | None = None, **kwargs):
        self._native = native
        self._path = Path(path)
        self.name_or_path = name
        config = files.read_json(self._path / "tokenizer_config.json") if self._path.is_dir() else {}
        self.padding_side = padding_side or ("left" if native.pads_left else "right")
        self.truncation_side = truncation_side
        self.model_max_length = model_max_length or native.model_max_length or VERY_LARGE_INTEGER
        self.clean_up_tokenization_spaces = bool(config.get("clean_up_tokenization_spaces", False))
        self.chat_template = native.chat_template
        self.model_input_names = list(config.get("model_input_names") or ["input_ids", "attention_mask"])
        self._special = {k: v for k, v in native.special_tokens.items() if k in _NAMES}
        self._added: dict[int, AddedToken] | None = None
        self._base_size: int | None = None
        for key in list(kwargs):
            if key in _NAMES:
                self._set_special(key, kwargs.pop(key))

    # ---- what it is

    def __len__(self) -> int:
        return self._native.size

    @property
    def vocab_size(self) -> int:
        """The model's own vocabulary, without tokens added to it."""
        self._read_added()
        return self._base_size

    @property
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        self._read_added()
        return dict(self._added)

    @property
    def added_tokens_encoder(self) -> dict[str, int]:
        return {token.content: i for i, token in self.added_tokens_decoder.items()}

    get_added_vocab = lambda self: self.added_tokens_encoder  # noqa: E731

    def _read_added(self) -> None:
        if self._added is not None:
            return
        path = self._path / "tokenizer.json" if self._path.is_dir() else self._path
        if path.suffix == ".json" and path.is_file():
            document = files.read_json(path)
            added = document.get("added_tokens") or []
            self._base_size = len(document.get("model", {}).get("vocab", ()))
            self._added = {a["id"]: AddedToken(**a) for a in sorted(added, key=lambda a: a["id"])}
        else:
            self._base_size = len(self)
            self._added = {i: AddedToken(self._native.token_of(i)) for i in range(self._native.end_id)
                           if self._native.is_special(i)}

    def get_vocab(self) -> dict[str, int]:
        """Every token with its id, added ones included."""
        pairs = ((self._native.token_of(i), i) for i in range(self._native.end_id))
        return {token: i for token, i in pairs if token is not None}

    vocab = property(get_vocab)

    @property
    def special_tokens_map(self) -> dict[str, str]:
        return {name: self._special[name] for name in _NAMES if self._special.get(name) is not None}

    @property
    def all_special_tokens(self) -> list[str]:
        return list(dict.fromkeys(self.special_tokens_map.values()))

    @property
    def all_special_ids(self) -> list[int]:
        return self.convert_tokens_to_ids(self.all_special_tokens)

    def _set_special(self, name: str, value) -> None:
        token = None if value is None else str(value)
        if token is not None and self._native.id_of(token) is None:
            raise unsupported(f"{name} = {token!r}: adding a token to the vocabulary")
        self._special[name] = token

    def add_special_tokens(self, special_tokens_dict: dict, replace_extra_special_tokens: bool = True) -> int:
        """Names tokens that the vocabulary has. Returns 0: none is added. Raises NotImplementedError
        for a token that it does not have."""
        for name, value in special_tokens_dict.items():
            if name not in _NAMES:
                raise unsupported(f"add_special_tokens: {name}")
            self._set_special(name, value)
        return 0

    def add_tokens(self, new_tokens, special_tokens: bool = False) -> int:
        names = [new_tokens] if isinstance(new_tokens, (str, AddedToken)) else list(new_tokens)
        for token in names:
            if self._native.id_of(str(token)) is None:
                raise unsupported(f"add_tokens: adding {str(token)!r} to the vocabulary")
        return 0

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many tokens the template puts around a text."""
        return len(self._native.encode("", "" if pair else None, True, False)[0])

    def __repr__(self) -> str:
        added = "\n\t".join(f"{i}: {token!r}," for i, token in self.added_tokens_decoder.items())
        return (f"{type(self).__name__}(name_or_path='{self.name_or_path}', vocab_size={self.vocab_size}, "
                f"model_max_length={self.model_max_length}, padding_side='{self.padding_side}', "
                f"truncation_side='{self.truncation_side}', special_tokens={self.special_tokens_map}, "
                "added_tokens_decoder={" + (f"\n\t{added}\n" if added else "") + "})")

    # ---- text → ids

    def __call__(self, text: str | list[str], text_pair: str | list[str] | None = None,
                 text_target=None, text_pair_target=None, add_special_tokens: bool = True,
                 padding: bool | str = False, truncation: bool | str | None = None,
                 max_length: int | None = None, stride: int = 0, is_split_into_words: bool = False,
                 pad_to_multiple_of: int | None = None, padding_side: str | None = None,
                 return_tensors: str | None = None, return_token_type_ids: bool | None = None,
                 return_attention_mask: bool | None = None, return_overflowing_tokens: bool = False,
                 return_special_tokens_mask: bool = False, return_offsets_mapping: bool = False,
                 return_length: bool = False, verbose: bool = True, tokenizer_kwargs: dict | None = None,
                 **kwargs) -> BatchEncoding:
        """The tokens of a text, or of each text of a list.

        Returns input_ids and attention_mask: lists of length tokens (a list of such lists for a list
        of texts), or with return_tensors="pt" or "np" arrays [rows, length] of 64-bit integers.
        padding: True (the longest), "max_length" or False; truncation: to max_length, or to the
        tokenizer's longest text. Raises ValueError for what is no text, and for padding without a
        pad token; NotImplementedError naming what Typecase does not have.
        """
        kwargs.update(tokenizer_kwargs or {})
        for name, value in (("text_target", text_target), ("text_pair_target", text_pair_target),
                            ("is_split_into_words", is_split_into_words), ("stride", stride),
                            ("return_overflowing_tokens", return_overflowing_tokens), *kwargs.items()):
            if value:
                raise unsupported(f"tokenizer(…, {name}={value!r})")
        texts, pairs, listed = _texts(text, text_pair)
        padding, truncation, max_length = self._lengths(padding, truncation, max_length, pad_to_multiple_of)
        encodings = [self._encode_one(t, p, add_special_tokens, max_length if truncation else None, truncation)
                     for t, p in zip(texts, pairs)]
        if padding:
            self._pad(encodings, max_length if padding == "max_length" else None, pad_to_multiple_of,
                      padding_side or self.padding_side)
        data: dict[str, Any] = {"input_ids": [e.ids for e in encodings]}
        if return_token_type_ids or (return_token_type_ids is None and "token_type_ids" in self.model_input_names):
            data["token_type_ids"] = [e.type_ids for e in encodings]
        if return_attention_mask or (return_attention_mask is None and "attention_mask" in self.model_input_names):
            data["attention_mask"] = [e.attention_mask for e in encodings]
        if return_special_tokens_mask:
            data["special_tokens_mask"] = [e.special_tokens_mask for e in encodings]
        if return_offsets_mapping:
            data["offset_mapping"] = [e.offsets for e in encodings]
        if return_length:
            data["length"] = [len(e) for e in encodings]
        if not listed and return_tensors is None:
            data = {key: rows[0] if isinstance(rows[0], list) else rows for key, rows in data.items()}
        return BatchEncoding(data, encodings, return_tensors)

    encode_plus = batch_encode_plus = __call__

    def _lengths(self, padding, truncation, max_length, multiple):
        """What padding, truncation and max_length mean together, as in transformers."""
        if max_length is not None and padding is False and truncation is None:
            truncation = "longest_first"
        if padding not in (False, None, "do_not_pad", *_PADDINGS):
            raise ValueError(f"padding: expected True, False, 'longest' or 'max_length', found {padding!r}")
        if truncation not in (False, None, "do_not_truncate", *_TRUNCATIONS):
            raise ValueError("truncation: expected True, False, 'longest_first', 'only_first' or "
                             f"'only_second', found {truncation!r}")
        padding = None if padding in (False, None, "do_not_pad") else padding
        truncation = None if truncation in (False, None, "do_not_truncate") else truncation
        if max_length is None and (padding == "max_length" or truncation):
            if self.model_max_length > 1 << 60:
                padding = None if padding == "max_length" else padding
                truncation = None
            else:
                max_length = self.model_max_length
        if padding and self.pad_token is None:
            raise ValueError("padding needs a pad token and the tokenizer has none; "
                             "tokenizer.pad_token = tokenizer.eos_token gives it one")
        if padding and truncation and multiple and max_length % multiple:
            raise ValueError(f"max_length {max_length} is not a multiple of pad_to_multiple_of {multiple}")
        return padding, truncation, max_length

    def _encode_one(self, text: str, pair: str | None, add_special: bool, max_length: int | None,
                    truncation) -> TextEncoding:
        if pair is None:
            ids = self._native.encode_ids(text, add_special)
        else:
            ids = self._native.encode(text, pair, add_special, False)[0]
        encoding = TextEncoding(self._native, text, pair, add_special, ids)
        if max_length is not None and len(ids) > max_length:
            if pair is not None:
                raise unsupported("truncation of pairs of texts")
            encoding.cut(max_length, self.truncation_side)
        return encoding

    def _pad(self, encodings, length: int | None, multiple: int | None, side: str) -> None:
        if side not in ("left", "right"):
            raise ValueError(f"padding_side: expected 'left' or 'right', found {side!r}")
        longest = length if length is not None else max((len(e.ids) for e in encodings), default=0)
        if multiple:
            longest = -(-longest // multiple) * multiple
        for e in encodings:
            e.pad(longest - len(e.ids), side, self.pad_token_id, self.pad_token)

    def pad(self, encoded_inputs, padding: bool | str = True, max_length: int | None = None,
            pad_to_multiple_of: int | None = None, padding_side: str | None = None,
            return_attention_mask: bool | None = None, return_tensors: str | None = None,
            verbose: bool = True) -> BatchEncoding:
        """Pads lists of ids, and what goes with them, to one length."""
        from .tensors import plain

        if isinstance(encoded_inputs, (list, tuple)):
            encoded_inputs = {key: [item[key] for item in encoded_inputs] for key in encoded_inputs[0]}
        rows = {key: plain(value) for key, value in encoded_inputs.items()}
        listed = not rows["input_ids"] or isinstance(rows["input_ids"][0], list)
        if not listed:
            rows = {key: [value] for key, value in rows.items()}
        padding, _, max_length = self._lengths(padding, False, max_length, None)
        if return_attention_mask or (return_attention_mask is None and "attention_mask" in self.model_input_names):
            rows.setdefault("attention_mask", [[1] * len(r) for r in rows["input_ids"]])
        longest = max((len(r) for r in rows["input_ids"]), default=0)
        if padding == "max_length":
            longest = max_length
        if pad_to_multiple_of and padding:
            longest = -(-longest // pad_to_multiple_of) * pad_to_multiple_of
        fill = {"input_ids": self.pad_token_id, "special_tokens_mask": 1}
        left = (padding_side or self.padding_side) == "left"
        if padding:
            for key, values in rows.items():
                blanks = [[fill.get(key, 0)] * (longest - len(v)) for v in values]
                rows[key] = [b + v if left else v + b for b, v in zip(blanks, values)]
        if not listed and return_tensors is None:
            rows = {key: value[0] for key, value in rows.items()}
        return BatchEncoding(rows, tensor_type=return_tensors)

    def encode(self, text: str, text_pair: str | None = None, add_special_tokens: bool = True,
               padding: bool | str = False, truncation: bool | str | None = None,
               max_length: int | None = None, stride: int = 0, padding_side: str | None = None,
               return_tensors: str | None = None, **kwargs) -> list[int]:
        """The ids alone: a list, or with return_tensors an array [1, length]."""
        return self(text, text_pair, add_special_tokens=add_special_tokens, padding=padding,
                    truncation=truncation, max_length=max_length, stride=stride, padding_side=padding_side,
                    return_tensors=return_tensors, **kwargs)["input_ids"]

    def tokenize(self, text: str, pair: str | None = None, add_special_tokens: bool = False, **_) -> list[str]:
        """The tokens as the vocabulary spells them."""
        return self._native.encode(text, pair, add_special_tokens, False)[1]

    def convert_tokens_to_ids(self, tokens: str | list[str]) -> int | list[int]:
        """Unknown tokens become the unknown token's id, or None."""
        if isinstance(tokens, str):
            found = self._native.id_of(tokens)
            unknown = self._special.get("unk_token")
            return self._native.id_of(unknown) if found is None and unknown else found
        return [self.convert_tokens_to_ids(token) for token in tokens]

    def convert_ids_to_tokens(self, ids, skip_special_tokens: bool = False) -> str | list[str]:
        """Raises TypeError for what is no integer; ids that nobody has become None."""
        from .tensors import plain

        ids = plain(ids)
        if isinstance(ids, int):
            return self._native.token_of(ids)
        hidden = set(self.all_special_ids) if skip_special_tokens else ()
        return [self._native.token_of(int(i)) for i in ids if i not in hidden]

    # ---- ids → text

    def decode(self, token_ids, skip_special_tokens: bool = False,
               clean_up_tokenization_spaces: bool | None = None, **_kwargs) -> str | list[str]:
        """The text of a list or array of ids [length]; for [rows, length] a list of texts."""
        from .tensors import plain

        ids = plain(token_ids)
        if isinstance(ids, dict):
            ids = plain(ids["input_ids"])
        if isinstance(ids, int):
            ids = [ids]
        if ids and isinstance(ids[0], list):
            return [self.decode(row, skip_special_tokens, clean_up_tokenization_spaces) for row in ids]
        if any(isinstance(i, int) and i < 0 for i in ids):
            raise OverflowError("ids are not negative")
        return self._native.decode(ids, skip_special_tokens, clean_up_tokenization_spaces)

    def batch_decode(self, sequences, skip_special_tokens: bool = False,
                     clean_up_tokenization_spaces: bool | None = None, **_kwargs) -> list[str]:
        """The texts of several lists of ids."""
        from .tensors import plain

        texts = self.decode(plain(sequences), skip_special_tokens, clean_up_tokenization_spaces)
        return [texts] if isinstance(texts, str) else texts

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        return self.decode(self.convert_tokens_to_ids(tokens))

    @staticmethod
    def clean_up_tokenization(text: str) -> str:
        return _native.clean_up(text)

    # ---- chats

    def get_chat_template(self, chat_template: str | None = None, tools=None) -> str:
        """The template's source. Raises ValueError when there is none."""
        source = chat_template or self.chat_template
        if source is None:
            raise ValueError("the tokenizer has no chat template; pass one as chat_template, or set "
                             "tokenizer.chat_template")
        return source

    def apply_chat_template(self, conversation, tools: list[dict] | None = None,
                            documents: list[dict] | None = None, chat_template: str | None = None,
                            add_generation_prompt: bool = False, continue_final_message: bool | str = False,
                            tokenize: bool = True, sanitize_control_tokens: bool = False,
                            padding: bool | str = False, truncation: bool = False,
                            max_length: int | None = None, return_tensors: str | None = None,
                            return_dict: bool = True, return_assistant_tokens_mask: bool = False,
                            tokenizer_kwargs: dict | None = None, **kwargs):
        """A conversation (a list of messages with role and content), or a list of them, as the text
        that the model reads (tokenize=False), as ids, or (return_dict) as a BatchEncoding.

        Raises ValueError for an empty conversation, and for what the template refuses.
        """
        if sanitize_control_tokens or return_assistant_tokens_mask:
            which = "sanitize_control_tokens" if sanitize_control_tokens else "return_assistant_tokens_mask"
            raise unsupported(f"apply_chat_template(…, {which}=True)")
        if not conversation:
            raise ValueError("the conversation is empty: a template needs at least one message")
        if continue_final_message and add_generation_prompt:
            raise ValueError("continue_final_message and add_generation_prompt exclude each other")
        source = self.get_chat_template(chat_template, tools)
        listed = isinstance(conversation[0], (list, tuple)) or hasattr(conversation[0], "messages")
        chats = conversation if listed else [conversation]
        if any(callable(tool) for tool in tools or ()):
            raise unsupported("apply_chat_template: tools as Python functions; JSON schemas are")
        field = "content" if continue_final_message is True else (continue_final_message or "")
        texts = [
            _native.render(source, self.special_tokens_map, _messages(chat), tools, documents,
                           add_generation_prompt, field, kwargs)[0] for chat in chats
        ]
        if not tokenize:
            return texts if listed else texts[0]
        out = self(texts if listed else texts[0], padding=padding, truncation=truncation, max_length=max_length,
                   add_special_tokens=False, return_tensors=return_tensors, **(tokenizer_kwargs or {}))
        return out if return_dict else out["input_ids"]

    # ---- what is absent

    def save_pretrained(self, *_, **__):
        raise unsupported("tokenizer.save_pretrained()")

    def train_new_from_iterator(self, *_, **__):
        raise unsupported("tokenizer.train_new_from_iterator()")


for _name in _NAMES:
    setattr(PreTrainedTokenizerBase, _name, _special_property(_name))
    setattr(PreTrainedTokenizerBase, _name + "_id", _special_id_property(_name))
PreTrainedTokenizerFast = PreTrainedTokenizerBase


def _messages(chat) -> list:
    """The messages as plain data, without the keys whose value is None."""
    messages = getattr(chat, "messages", chat)
    return [{k: v for k, v in m.items() if v is not None} if isinstance(m, dict) else m for m in messages]


def _texts(text, pair):
    """(texts, their pairs or Nones, whether a list was given); ValueError for what is no text."""
    listed = isinstance(text, (list, tuple))
    texts = list(text) if listed else [text]
    if any(not isinstance(t, str) for t in texts):
        wrong = next(t for t in texts if not isinstance(t, str))
        raise (TypeError if listed and not isinstance(texts[0], (int, float)) else ValueError)(
            f"expected a text or a list of texts, found {type(wrong).__name__}")
    if pair is None:
        return texts, [None] * len(texts), listed
    if listed != isinstance(pair, (list, tuple)):
        raise TypeError("text and text_pair must both be texts or both be lists")
    pairs = list(pair) if listed else [pair]
    if len(pairs) != len(texts):
        raise ValueError(f"text has {len(texts)} rows, text_pair {len(pairs)}")
    return texts, pairs, listed


class TextEncoding(Encoding):
    """The tokens of one text; what is more than ids is looked up when it is asked for."""

    def __init__(self, native, text: str, pair: str | None, add_special: bool, ids: list[int]):
        self._source = (native, text, pair, add_special)
        self._ends = None
        self._padding = (0, "right", 0, "")
        self.ids = ids

    def _around(self) -> tuple[int, int]:
        """How many tokens the template puts in front of the text and behind it."""
        native, text, pair, add_special = self._source
        if not add_special or pair is not None:
            return 0, 0
        whole = native.encode_ids(text, True)
        own = native.encode_ids(text, False)
        for front in range(len(whole) - len(own) + 1):
            if whole[front:front + len(own)] == own:
                return front, len(whole) - front - len(own)
        return 0, 0

    def cut(self, length: int, side: str) -> None:
        """Shortens the text's own tokens so that all are `length`."""
        front, back = self._around()
        room = length - front - back
        if room < 0:
            raise InvalidArgument(f"max_length {length} has no room for the {front + back} tokens around a text")
        self._ends = (front, back, room, side)
        self.ids = self._shorten(self.ids)

    def pad(self, missing: int, side: str, pad_id: int, pad_token: str) -> None:
        if missing > 0:
            self._padding = (missing, side, pad_id, pad_token)
            self.ids = self._widen(self.ids, pad_id)

    def _shorten(self, values: list) -> list:
        if self._ends is None:
            return values
        front, back, room, side = self._ends
        own = values[front:len(values) - back]
        own = own[:room] if side == "right" else own[len(own) - room:]
        return values[:front] + own + values[len(values) - back:]

    def _widen(self, values: list, fill) -> list:
        missing, side, _, _ = self._padding
        blanks = [fill] * missing
        return values + blanks if side == "right" else blanks + values

    def _column(self, index: int, fill) -> list:
        native, text, pair, add_special = self._source
        return self._widen(self._shorten(native.encode(text, pair, add_special, True)[index]), fill)

    @property
    def attention_mask(self) -> list[int]:
        return self._widen([1] * (len(self.ids) - self._padding[0]), 0)

    @property
    def tokens(self) -> list[str]:
        # An added token is spelled as the vocabulary has it, not as the text matched it.
        return self._column(1, self._padding[3])

    @property
    def type_ids(self) -> list[int]:
        return self._column(2, 0)

    @property
    def offsets(self) -> list[tuple[int, int]]:
        return self._column(3, (0, 0))

    @property
    def special_tokens_mask(self) -> list[int]:
        return [int(s is None) for s in self.sequence_ids]

    @property
    def sequence_ids(self) -> list[int | None]:
        native, text, pair, add_special = self._source
        types = native.encode(text, pair, add_special, False)[2]
        if pair is not None:
            return self._widen(list(types), None)
        front, back = self._around()
        middle = [0] * (len(types) - front - back)
        return self._widen(self._shorten([None] * front + middle + [None] * back), None)
