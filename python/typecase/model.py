"""Language models: loading, generate(), logits."""

from __future__ import annotations

import logging
import os
from typing import Any

from . import _native, files, tensors
from .configuration import GenerationConfig, PretrainedConfig, config_of
from .errors import InvalidArgument, unsupported
from .outputs import CausalLMOutputWithPast, GenerateBeamDecoderOnlyOutput, GenerateDecoderOnlyOutput
from .rules import _first

_log = logging.getLogger("typecase")

# Keywords of from_pretrained() that change nothing here, and those that would and cannot be had.
_IGNORED = {"cache_dir", "force_download", "local_files_only", "low_cpu_mem_usage", "offload_folder", "proxies",
            "resume_download", "token", "trust_remote_code", "use_auth_token", "use_safetensors", "weights_only"}
# Arguments of forward() that Typecase works out by itself.
_FORWARD = {"position_ids", "past_key_values", "inputs_embeds", "cache_position", "token_type_ids", "labels"}


class AutoModelForCausalLM:
    """Opens language models."""

    def __init__(self):
        raise OSError("AutoModelForCausalLM is made by AutoModelForCausalLM.from_pretrained(name)")

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike, *_args, dtype: Any = None,
                        torch_dtype: Any = None, device_map: Any = None, attn_implementation: str | None = None,
                        gguf_file: str | None = None, revision: str | None = None, threads: int = 0,
                        recode: str = "auto", activations: str = "full", lookup: str = "auto",
                        screen_head: str = "auto", self_speculation: str = "auto", **kwargs) -> PreTrainedModel:
        """The model of a folder, a .gguf file or a cached name.

        dtype: "auto" (what the checkpoint says), or float32, bfloat16, float16 as text or as torch's
        object. attn_implementation: "sdpa" or "eager". threads: 0 for as many as the process may use.
        recode: "on" keeps bfloat16 matrices in twelve bits a weight, without loss (processors with AVX-512
        BF16): the same results, sooner for one to four sequences, later for many at once and long prompts;
        "off"; "auto" is off. activations: "int8" rounds rows of numbers to eight bits where they meet
        weights of Q8_0, Q4_0 and Q4_1 (AVX-512 with VNNI): long prompts and many sequences in half the
        time, and other results.
        For one text at a time, "on" or "off" ("auto" is off), the same tokens sooner: lookup drafts where
        the text repeats itself, as long as that pays; screen_head, when greedy, finds the winner by way of a
        copy of the head in eight bits; self_speculation drafts with such a copy of the whole model, which
        pays for float32 weights. pipeline() takes all of these in model_kwargs.
        Raises OSError when there is no such model, NotImplementedError for a family, format or
        keyword that Typecase does not have.
        """
        for name, value in kwargs.items():
            if name not in _IGNORED and value is not None and value is not False:
                raise unsupported(f"from_pretrained(…, {name}={value!r})")
        if device_map is not None and not isinstance(device_map, dict):
            tensors.check_device(device_map)
        path = files.resolve(pretrained_model_name_or_path, gguf_file, revision)
        wanted = str(dtype if dtype is not None else torch_dtype or "auto").removeprefix("torch.")
        native = _native.Model.open(path, wanted, attn_implementation or "auto", threads, recode,
                                     activations, lookup, screen_head, self_speculation)
        for warning in native.warnings:
            _log.warning(warning)
        kind = type(native.architecture, (PreTrainedModel,), {"__module__": "typecase.model"})
        return kind(native, os.fspath(pretrained_model_name_or_path))


class PreTrainedModel:
    """A language model on the processor. Calls from several threads take turns."""

    training = False

    def __init__(self, native, name: str):
        self._native = native
        self.name_or_path = name
        self.config: PretrainedConfig = config_of({"architectures": [native.architecture], **native.config,
                                                   "dtype": native.dtype})
        self.generation_config = GenerationConfig(**native.generation_config)
        self._tokenizer = None

    from_pretrained = AutoModelForCausalLM.from_pretrained

    # ---- what it is

    @property
    def device(self):
        if tensors.torch_is_installed():
            import torch

            return torch.device("cpu")
        return tensors.Device()

    @property
    def dtype(self):
        if tensors.torch_is_installed():
            import torch

            return getattr(torch, self._native.dtype)
        return tensors.dtype_named(self._native.dtype)

    def num_parameters(self, only_trainable: bool = False, exclude_embeddings: bool = False) -> int:
        """How many numbers the weights are, shared ones counted once."""
        if exclude_embeddings:
            raise unsupported("num_parameters(exclude_embeddings=True)")
        return self._native.num_parameters

    def get_memory_footprint(self, return_buffers: bool = True) -> int:
        """Bytes of the weights in the dtype of the computation."""
        return self._native.num_parameters * tensors.dtype_named(self._native.dtype).itemsize

    def summary(self) -> dict[str, Any]:
        """What `typecase show` prints: files, sizes, dtype, tokenizer, memory."""
        return self._native.summary()

    def __repr__(self) -> str:
        c = self.config
        parts = ((field, getattr(c, field, None)) for field in
                 ("num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size"))
        told = ", ".join(f"{name}={value}" for name, value in parts if value is not None)
        return f"{type(self).__name__}({told}, parameters={self.num_parameters():,}, dtype={self._native.dtype})"

    # ---- where it is: always in evaluation mode, always on the processor

    def to(self, *where, dtype=None, device=None, **_) -> PreTrainedModel:
        """Itself. Raises RuntimeError for another device, NotImplementedError for another dtype."""
        for target in (*where, dtype, device):
            name = str(target).removeprefix("torch.")
            if name in ("float32", "float16", "bfloat16", "float64"):
                if name != self._native.dtype:
                    raise unsupported(f"model.to({name}): load it with dtype={name!r}; a change of dtype")
            else:
                tensors.check_device(target)
        return self

    def cpu(self) -> PreTrainedModel:
        return self

    def cuda(self, *_):
        tensors.check_device("cuda")

    def eval(self) -> PreTrainedModel:
        return self

    def can_generate(self) -> bool:
        return True

    def train(self, mode: bool = True):
        if mode:
            raise unsupported("training")
        return self

    def __getattr__(self, name: str):
        if name in ("parameters", "named_parameters", "state_dict", "save_pretrained", "push_to_hub", "modules",
                    "named_modules", "get_input_embeddings", "resize_token_embeddings", "forward", "compile"):
            raise unsupported(f"model.{name}()")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # ---- what it computes

    def __call__(self, input_ids=None, attention_mask=None, labels=None, **kwargs) -> CausalLMOutputWithPast:
        """Logits at every position: input_ids [rows, length] → logits [rows, length, vocabulary].

        With labels [rows, length] (−100: not counted) also the loss, the mean of −ln p of each next
        token, in nats.
        """
        _refuse_forward(kwargs)
        import numpy as np

        ids = _rows(input_ids, "input_ids")
        rows = self._native.logits(ids, _rows(attention_mask, "attention_mask") if attention_mask is not None else [])
        shape = (len(ids[0]), self._native.vocabulary)
        logits = np.stack([np.frombuffer(row, np.float32).reshape(shape) for row in rows])
        loss = None if labels is None else tensors.make(_loss(logits, np.asarray(tensors.plain(labels))))
        return CausalLMOutputWithPast(loss=loss, logits=tensors.make(logits, _like(input_ids)))

    def generate(self, inputs=None, generation_config: GenerationConfig | None = None, logits_processor=None,
                 stopping_criteria=None, prefix_allowed_tokens_fn=None, synced_gpus: bool | None = None,
                 assistant_model: PreTrainedModel | None = None, streamer=None, negative_prompt_ids=None,
                 negative_prompt_attention_mask=None, custom_generate=None, **kwargs):
        """Continues each row of `inputs` (or input_ids) [rows, length].

        Keywords are the fields of GenerationConfig and attention_mask [rows, length] (1: text, 0:
        padding). Returns ids [rows · num_return_sequences, length] with the prompt, of the kind of
        array that came in; with return_dict_in_generate a ModelOutput. Python's lock is free while
        it computes, Ctrl-C interrupts it, and what a callback raises is raised here.
        Raises ValueError for what transformers refuses, NotImplementedError for what Typecase lacks.
        """
        for name, value in (("custom_generate", custom_generate), ("synced_gpus", synced_gpus),
                            ("negative_prompt_attention_mask", negative_prompt_attention_mask)):
            if value is not None and value is not False:
                raise unsupported(f"generate(…, {name}={value!r})")
        input_ids = kwargs.pop("input_ids", inputs)
        mask = kwargs.pop("attention_mask", None)
        for name in ("trust_remote_code", "assistant_tokenizer"):
            kwargs.pop(name, None)
        tokenizer = kwargs.pop("tokenizer", None)
        if tokenizer is None and _any_field("stop_strings", kwargs, generation_config, self.generation_config):
            raise InvalidArgument("stop_strings need the tokenizer: generate(…, tokenizer=tokenizer)")
        _refuse_forward(kwargs)
        like = _like(input_ids)
        ids = [] if input_ids is None else _rows(input_ids, "input_ids")
        call = _Callbacks(ids, streamer, logits_processor, stopping_criteria, prefix_allowed_tokens_fn, like)
        from .explaining import current_trace

        result = self._native.generate(
            ids, _rows(mask, "attention_mask") if mask is not None else [],
            _rows(negative_prompt_ids, "negative_prompt_ids") if negative_prompt_ids is not None else [],
            _fields(kwargs), None if generation_config is None else _fields(_set_fields(generation_config)),
            _fields(_set_fields(self.generation_config)),
            assistant_model._native if assistant_model is not None else None,
            _fields(_set_fields(assistant_model.generation_config)) if assistant_model is not None else {},
            current_trace(self), call.on_tokens if streamer is not None else None, _log.warning,
            call.prefix if prefix_allowed_tokens_fn is not None else None,
            call.process if logits_processor else None, call.finished if stopping_criteria else None)
        call.end()
        return _output(self, result, like, len(ids[0]) if ids else 1)

    def compute_transition_scores(self, sequences, scores, beam_indices=None, normalize_logits: bool = False):
        """The score of each chosen token [rows, steps], from generate()'s sequences and scores."""
        import numpy as np

        ids = tensors.as_array(sequences)
        steps = np.stack([tensors.as_array(s) for s in scores])  # [steps, rows, vocabulary]
        if normalize_logits:
            top = steps.max(-1, keepdims=True)
            steps = steps - top - np.log(np.exp(steps - top).sum(-1, keepdims=True))
        if beam_indices is None:
            parents = np.tile(np.arange(len(ids))[:, None], (1, len(steps)))
        else:
            parents = tensors.as_array(beam_indices)
        ended = parents < 0
        length = int((~ended).sum(-1).max())
        parents, ended = np.where(ended, 0, parents)[:, :length], ended[:, :length]
        chosen = np.where(ended, 0, ids[:, ids.shape[1] - length:])
        out = steps[np.arange(length)[None, :], parents, chosen]
        return tensors.make(np.where(ended, np.float32(0), out).astype(np.float32), _like(sequences))

    def score(self, text: str | list[int], max_length: int = 0, stride: int = 0) -> dict[str, Any]:
        """What the model thinks of a text: ids, log_probabilities (natural, one a token), perplexity."""
        import numpy as np

        ids = self.tokenizer.encode(text) if isinstance(text, str) else tensors.plain(text)
        out = self._native.score(ids, max_length, stride)
        out["log_probabilities"] = np.frombuffer(out["log_probabilities"], np.float32).tolist()
        return out

    @property
    def tokenizer(self):
        """The tokenizer beside the weights. Raises OSError when there is none."""
        if self._tokenizer is None:
            from .tokenizer import AutoTokenizer

            self._tokenizer = AutoTokenizer.from_pretrained(self._native.path)
        return self._tokenizer


class _Callbacks:
    """The caller's functions as the native loop calls them: with lists and bytes."""

    def __init__(self, ids, streamer, processors, criteria, prefix, like: str):
        self._prompt, self._streamer = ids, streamer
        self._processors = processors if callable(processors) else _chain(processors)
        self._criteria, self._prefix, self._like = criteria, prefix, like
        self._begun = False

    def _array(self, values):
        import numpy as np

        return tensors.make(np.asarray(values, np.int64), self._like)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._streamer.put(self._array(self._prompt))

    def on_tokens(self, tokens: list[int]) -> None:
        self._begin()
        self._streamer.put(self._array(tokens))

    def end(self) -> None:
        if self._streamer is not None:
            self._begin()
            self._streamer.end()

    def prefix(self, prompt: int, ids: list[int]):
        return tensors.plain(self._prefix(prompt, self._array(ids)))

    def process(self, ids: list[list[int]], scores: bytes) -> bytes:
        import numpy as np

        rows = np.frombuffer(scores, np.float32).reshape(len(ids), -1).copy()
        changed = self._processors(self._array(ids), tensors.make(rows, self._like))
        if changed is None:
            raise TypeError("a logits processor returned None in place of the scores")
        return np.ascontiguousarray(tensors.as_array(changed), np.float32).tobytes()

    def finished(self, ids: list[int]) -> bool:
        criteria = [self._criteria] if callable(self._criteria) and not isinstance(self._criteria, list) \
            else self._criteria
        row = self._array([ids])
        return any(bool(_first(criterion(row, None))) for criterion in criteria)


def _chain(processors):
    def apply(ids, scores):
        for processor in processors:
            scores = processor(ids, scores)
        return scores

    return apply


def _like(value) -> str:
    """ "np" for numpy arrays, else "pt"."""
    return "np" if type(value).__module__ == "numpy" else "pt"


def _rows(value, name: str) -> list[list[int]]:
    """[rows, length] as lists. Raises ValueError for another shape or for what is no integer."""
    rows = tensors.plain(value)
    if not isinstance(rows, list) or any(not isinstance(row, list) for row in rows):
        raise InvalidArgument(f"{name}: expected [rows, length], a list of lists or an array of two dimensions")
    if any(not isinstance(v, int) for row in rows for v in row):
        raise InvalidArgument(f"{name}: expected integers")
    return [[int(v) for v in row] for row in rows]


def _refuse_forward(kwargs: dict) -> None:
    given = [name for name in kwargs if name in _FORWARD and kwargs[name] is not None]
    if given:
        raise unsupported("the argument " + ", ".join(given))
    for name in _FORWARD:
        kwargs.pop(name, None)


def _set_fields(config: GenerationConfig) -> dict[str, Any]:
    return config.set_fields() if hasattr(config, "set_fields") else dict(config)


def _any_field(name: str, kwargs: dict, *configs) -> bool:
    return kwargs.get(name) is not None or any(getattr(c, name, None) is not None for c in configs)


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    """Generation fields as plain data."""
    out = {}
    for name, value in values.items():
        if name in ("transformers_version",):
            continue
        if name == "sequence_bias" and isinstance(value, dict):
            value = [[list(key), bias] for key, bias in value.items()]
        elif hasattr(value, "to_dict"):
            value = value.to_dict()
        out[name] = tensors.plain(value)
    return out


def _output(model: PreTrainedModel, result: dict, like: str, prompt: int):
    import numpy as np

    sequences = tensors.make(np.asarray(result["sequences"], np.int64), like)
    if not result["return_dict"]:
        return sequences

    def floats(data: bytes, *shape: int):
        return tensors.make(np.frombuffer(data, np.float32).reshape(shape).copy(), like)

    def steps(name: str):
        rows = result[name]
        return tuple(floats(step, -1, model._native.vocabulary) for step in rows) if rows else None

    def states(name: str):
        # Step 0 covers the prompt, the others one token each.
        out = []
        for at, layers in enumerate(result[name]):
            new = prompt if at == 0 else 1
            if name == "hidden_states":
                width = int(model.config.hidden_size)
                out.append(tuple(floats(layer, -1, new, width) for layer in layers))
            else:
                heads = int(model.config.num_attention_heads)
                out.append(tuple(floats(layer, -1, heads, new, prompt + at) for layer in layers))
        return tuple(out) or None

    values = {"sequences": sequences, "scores": steps("scores"), "logits": steps("logits"),
              "attentions": states("attentions"), "hidden_states": states("hidden_states")}
    if not result["beam_indices"]:
        return GenerateDecoderOnlyOutput(**values)
    longest = max(map(len, result["beam_indices"]))
    parents = [row + [-1] * (longest - len(row)) for row in result["beam_indices"]]
    values["beam_indices"] = tensors.make(np.asarray(parents, np.int32), like)
    if result["sequences_scores"]:
        values["sequences_scores"] = floats(result["sequences_scores"], -1)
    order = GenerateBeamDecoderOnlyOutput._fields
    return GenerateBeamDecoderOnlyOutput(**{k: values.get(k) for k in order})


def _loss(logits, labels):
    import numpy as np

    given, wanted = logits[:, :-1].astype(np.float64), labels[:, 1:]
    counted = wanted != -100
    top = given.max(-1, keepdims=True)
    log_p = given - top - np.log(np.exp(given - top).sum(-1, keepdims=True))
    chosen = np.take_along_axis(log_p, np.where(counted, wanted, 0)[..., None], -1)[..., 0]
    return np.asarray(-(chosen * counted).sum() / counted.sum(), np.float32)
