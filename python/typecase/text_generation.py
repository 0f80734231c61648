"""The text-generation pipeline."""

from __future__ import annotations

import types
from typing import Any

from . import tensors
from .configuration import GenerationConfig
from .errors import InvalidArgument, unsupported
from .model import AutoModelForCausalLM, PreTrainedModel
from .outputs import ModelOutput
from .tokenizer import AutoTokenizer, PreTrainedTokenizerBase

# What the pipeline sets where neither the call, nor a config, nor the model's files do.
_DEFAULTS = {"max_new_tokens": 256, "do_sample": True, "temperature": 0.7}


def pipeline(task: str | None = None, model: str | PreTrainedModel | None = None, config=None,
             tokenizer: str | PreTrainedTokenizerBase | None = None, feature_extractor=None,
             image_processor=None, video_processor=None, processor=None, revision: str | None = None,
             use_fast: bool = True, token=None, device=None, device_map=None, dtype: Any = "auto",
             trust_remote_code: bool | None = None, model_kwargs: dict | None = None, pipeline_class=None,
             **kwargs) -> TextGenerationPipeline:
    """pipeline("text-generation", model="…"): a function from prompts to texts.

    model: a folder, a .gguf file, a cached name, a loaded model, or None for the default model.
    Keywords are remembered for every call. Raises KeyError for an unknown task, NotImplementedError
    for one that Typecase does not have, OSError when there is no such model.
    """
    if task is None and model is None:
        raise RuntimeError("pipeline() needs a task, for example pipeline('text-generation')")
    if task not in (None, "text-generation"):
        if task in _OTHER_TASKS:
            raise unsupported(f"pipeline({task!r})")
        raise KeyError(f"Unknown task {task}, available tasks are ['text-generation']")
    for name, value in (("config", config), ("feature_extractor", feature_extractor), ("processor", processor),
                        ("image_processor", image_processor), ("video_processor", video_processor),
                        ("pipeline_class", pipeline_class)):
        if value is not None:
            raise unsupported(f"pipeline(…, {name}=…)")
    tensors.check_device(device)
    options = dict(model_kwargs or {})
    if "torch_dtype" in kwargs:
        dtype = kwargs.pop("torch_dtype")
    if model is None:
        from .files import default_model

        model = default_model()
    if not isinstance(model, PreTrainedModel):
        options.setdefault("dtype", dtype)
        model = AutoModelForCausalLM.from_pretrained(model, revision=revision, device_map=device_map, **options)
    if tokenizer is None:
        tokenizer = model.tokenizer
    elif not isinstance(tokenizer, PreTrainedTokenizerBase):
        tokenizer = AutoTokenizer.from_pretrained(tokenizer, revision=revision)
    return TextGenerationPipeline(model, tokenizer, **kwargs)


_OTHER_TASKS = {
    "audio-classification", "automatic-speech-recognition", "depth-estimation", "document-question-answering",
    "feature-extraction", "fill-mask", "image-classification", "image-segmentation", "image-text-to-text",
    "image-to-text", "ner", "object-detection", "question-answering", "sentiment-analysis", "summarization",
    "table-question-answering", "text-classification", "text-to-audio", "text-to-speech", "text2text-generation",
    "token-classification", "translation", "video-classification", "visual-question-answering", "vqa",
    "zero-shot-classification", "any-to-any"}


class TextGenerationPipeline:
    """Prompts → texts. See __call__()."""

    task = "text-generation"

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None = None, device=None,
                 **kwargs):
        tensors.check_device(device)
        self.model = model
        self.tokenizer = tokenizer if tokenizer is not None else model.tokenizer
        self.tokenizer.padding_side = "left"  # also for the caller's object, as in transformers
        for name in ("task", "framework", "torch_dtype", "use_fast"):
            kwargs.pop(name, None)
        self._batch_size = kwargs.pop("batch_size", None)
        self._remembered = kwargs
        _Call(self, kwargs)  # refuses now what it would refuse later

    device = property(lambda self: self.model.device)
    dtype = property(lambda self: self.model.dtype)
    generation_config = property(lambda self: self.model.generation_config)

    def __repr__(self) -> str:
        told = {"model": type(self.model).__name__, "dtype": str(self.dtype).split(".")[1],
                "device": self.device.type, "input_modalities": "text", "output_modalities": ("text",)}
        return f"{type(self).__name__}: {told}"

    def __call__(self, text_inputs, **kwargs):
        """Continues a prompt, a chat (a list of messages with role and content), or a list of either.

        Returns a list of {"generated_text": …}, one for each returned sequence; for a list of
        prompts a list of such lists; for a generator an iterator over them. Up to 256 new tokens,
        sampled at temperature 0.7, unless the keywords or the model's files say otherwise.
        Keywords: fields of GenerationConfig, and return_full_text, return_text, return_tensors,
        prefix, stop_sequence, handle_long_generation, continue_final_message, batch_size, truncation,
        padding, add_special_tokens, streamer, …
        Raises ValueError for what transformers refuses.
        """
        batch_size = kwargs.pop("batch_size", self._batch_size)
        batch_size = 1 if batch_size is None else batch_size
        if not isinstance(batch_size, int) or batch_size < 1:
            raise InvalidArgument(f"batch_size: expected a positive integer, found {batch_size!r}")
        kwargs.pop("num_workers", None)
        call = _Call(self, kwargs)
        if isinstance(text_inputs, types.GeneratorType):
            return (call.run([item])[0] for item in text_inputs)
        if isinstance(text_inputs, str) or _is_chat(text_inputs):
            return call.run([text_inputs])[0]
        if not isinstance(text_inputs, (list, tuple)):
            raise TypeError(f"expected a text, a chat or a list of these, found {type(text_inputs).__name__}")
        if not text_inputs:
            raise IndexError("the list of prompts is empty")
        from . import _native

        _native.draw_loader_seed()  # lists go through torch's data loader there, which draws a seed
        items, out = list(text_inputs), []
        for at in range(0, len(items), batch_size):
            out += call.run(items[at:at + batch_size])
        return out


def _is_chat(value) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and isinstance(value[0], dict)


def _exclude(given: dict[str, Any]) -> None:
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise ValueError(f"{names[0]} and {names[1]} exclude each other")


class _Call:
    """One call: its keywords sorted into those for the tokenizer, for generate() and for the results."""

    def __init__(self, owner: TextGenerationPipeline, kwargs: dict[str, Any]):
        self.model, self.tokenizer = owner.model, owner.tokenizer
        own = {**{k: v for k, v in owner._remembered.items() if k in _OWN}, **kwargs}
        self.returns = self._returns(own)
        encode = {k: own[k] for k in ("add_special_tokens", "truncation", "padding") if own.get(k) is not None}
        if kwargs.get("max_length") is not None or owner._remembered.get("max_length") is not None:
            encode["max_length"] = kwargs.get("max_length") or owner._remembered.get("max_length")
        self.encode = {**encode, **(own.get("tokenizer_encode_kwargs") or {})}
        self.prefix = own.get("prefix") or ""
        self.continue_final = own.get("continue_final_message")
        self.chat = {k: own.get(k) for k in ("tools", "documents")}
        self.decode = {"skip_special_tokens": own.get("skip_special_tokens", True) is not False,
                       "clean_up_tokenization_spaces": own.get("clean_up_tokenization_spaces")}
        if own.get("handle_long_generation") not in (None, "hole"):
            raise ValueError(f"handle_long_generation: expected None or 'hole', "
                             f"found {own['handle_long_generation']!r}")
        self.hole = own.get("handle_long_generation") == "hole"
        self.generate = self._generation(owner._remembered, kwargs)

    @staticmethod
    def _returns(own: dict[str, Any]) -> str:
        full, text, arrays = (own.get(k) for k in ("return_full_text", "return_text", "return_tensors"))
        if own.get("return_type") is not None:
            raise unsupported("the pipeline's return_type")
        if full is not None:
            _exclude({"return_full_text": full, "return_text": text})
            _exclude({"return_full_text": full, "return_tensors": arrays})
            return "full" if full else "new"
        if arrays is not None:
            _exclude({"return_tensors": arrays, "return_text": text})
            return "ids"
        return "full"

    # ---- generate()'s keywords

    def _generation(self, remembered: dict[str, Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        def fields(given: dict[str, Any]) -> dict[str, Any]:
            out = {k: v for k, v in given.items()
                   if k not in _OWN and not (k == "max_length" and v is None)}
            if given.get("stop_sequence") is not None:
                stop = given["stop_sequence"]
                out["stop_strings"] = [stop] if isinstance(stop, str) else stop
                out["tokenizer"] = self.tokenizer
            return out

        call = fields(kwargs)
        if "generation_config" not in call:
            call = {**fields(remembered), **call}
        known = self._set_fields(call)
        if self.prefix:
            self._lengthen(call, known)
            known = self._set_fields(call)
        defaults = {**_DEFAULTS, "pad_token_id": self.tokenizer.pad_token_id}
        added = {k: v for k, v in defaults.items()
                 if k not in known and v is not None and not (k == "max_new_tokens" and "max_length" in known)}
        if not {**known, **added}.get("do_sample"):
            added.pop("temperature", None)
        config = call.get("generation_config")
        if config is None:
            return {**call, **added}
        config = GenerationConfig.from_dict({**config.set_fields(), **added})
        return {**call, "generation_config": config}

    def _set_fields(self, call: dict[str, Any]) -> dict[str, Any]:
        """The generation fields that are set: the model's, over them a config's, over them the call's."""
        config = call.get("generation_config")
        return {**self.model.generation_config.set_fields(),
                **(config.set_fields() if config is not None else {}), **call}

    def _lengthen(self, call: dict[str, Any], known: dict[str, Any]) -> None:
        """A total length, unlike a number of new tokens, includes the prefix."""
        add_special = self.encode.get("add_special_tokens", False)
        extra = len(self.tokenizer.encode(self.prefix, add_special_tokens=add_special))
        for length, fresh in (("max_length", "max_new_tokens"), ("min_length", "min_new_tokens")):
            if length in known and fresh not in known:
                call[length] = known[length] + extra

    # ---- the way of a batch of prompts

    def run(self, prompts: list) -> list[list[dict[str, Any]]]:
        ids, mask = self._encode(prompts)
        call = dict(self.generate)
        if ids and ids[0]:
            call.update(input_ids=ids, attention_mask=mask)
        output = self.model.generate(**call)
        extra = {}
        if isinstance(output, ModelOutput):
            extra = self._extra(output, len(prompts))
            output = output.sequences
        sequences = tensors.plain(output)
        each = len(sequences) // len(prompts)
        length = len(ids[0]) if ids else 0
        return [[self._record(prompts[row], sequences[row * each + i], length,
                              {k: v[row * each + i] for k, v in extra.items()}) for i in range(each)]
                for row in range(len(prompts))]

    def _encode(self, prompts: list):
        rows = [self._encode_one(prompt) for prompt in prompts]
        if self.hole:
            rows = [self._leave_hole(row) for row in rows]
        longest = max(map(len, rows))
        if longest != min(map(len, rows)) and self.tokenizer.pad_token_id is None:
            raise ValueError("prompts of different length cannot share a batch: the tokenizer has no pad token; "
                             "pipe.tokenizer.pad_token_id = model.config.eos_token_id gives it one")
        padded = [[self.tokenizer.pad_token_id] * (longest - len(row)) + row for row in rows]
        return padded, [[0] * (longest - len(row)) + [1] * len(row) for row in rows]

    def _encode_one(self, prompt) -> list[int]:
        if isinstance(prompt, str):
            return self.tokenizer(self.prefix + prompt, **self.encode)["input_ids"]
        if not _is_chat(prompt):
            raise InvalidArgument(f"expected a text or a chat, found {type(prompt).__name__}")
        for message in prompt:
            if "role" not in message or "content" not in message:
                raise ValueError("a message of a chat needs 'role' and 'content'")
        goes_on = self._continues(prompt)
        encode = {k: v for k, v in self.encode.items() if k != "add_special_tokens"}
        return self.tokenizer.apply_chat_template(
            list(prompt), add_generation_prompt=not goes_on, continue_final_message=goes_on, **self.chat,
            **encode)["input_ids"]

    def _continues(self, chat) -> bool:
        """Whether the last message is to be continued: an answer is, unless the caller says no."""
        if self.continue_final is not None:
            return bool(self.continue_final)
        return chat[-1]["role"] == "assistant"

    def _leave_hole(self, ids: list[int]) -> list[int]:
        known = self._set_fields(self.generate)
        fresh = known.get("max_new_tokens")
        if fresh is None:
            fresh = known["max_length"] - len(ids)
            if fresh < 0:
                raise ValueError("handle_long_generation: the prompt is longer than max_length")
        longest = self.tokenizer.model_max_length
        if len(ids) + fresh <= longest:
            return ids
        if longest - fresh <= 0:
            raise ValueError("handle_long_generation: the new tokens alone exceed the model's length")
        return ids[-(longest - fresh):]

    def _extra(self, output: ModelOutput, prompts: int) -> dict[str, list]:
        """What return_dict_in_generate adds to each record."""
        rows = len(output.sequences)
        extra = {}
        for name, value in output.items():
            if name == "sequences":
                continue
            if isinstance(value, tuple) and not isinstance(value[0], tuple) and len(value[0]) == rows:
                extra[name] = [[tensors.plain(step)[row] for step in value] for row in range(rows)]
            elif not isinstance(value, tuple) and len(value) == rows:
                extra[name] = tensors.plain(value)
        return extra

    def _record(self, prompt, sequence: list[int], length: int, extra: dict[str, Any]) -> dict[str, Any]:
        if self.returns == "ids":
            return {"generated_token_ids": sequence}
        text = self.tokenizer.decode(sequence[length:], **self.decode)
        if self.returns == "full":
            if isinstance(prompt, str):
                text = prompt + text
            elif self._continues(prompt):
                last = prompt[-1]
                text = [*prompt[:-1], {"role": last["role"], "content": last["content"] + text}]
            else:
                text = [*prompt, {"role": "assistant", "content": text}]
        return {"generated_text": text, **extra}


# The pipeline's own keywords; all others are generate()'s.
_OWN = {"return_full_text", "return_text", "return_tensors", "return_type", "clean_up_tokenization_spaces", "prefix",
        "handle_long_generation", "stop_sequence", "truncation", "continue_final_message", "skip_special_tokens",
        "tokenizer_encode_kwargs", "tools", "documents", "add_special_tokens", "padding", "batch_size"}
