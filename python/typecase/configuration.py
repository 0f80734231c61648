"""GenerationConfig, and the config of a model."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

from . import files
from .errors import NotFound

_VERSION = "5.23.0"

# The fields of transformers' GenerationConfig, all None unless set.
_FIELDS = (
    "max_length", "max_new_tokens", "min_length", "min_new_tokens", "early_stopping", "max_time", "stop_strings",
    "do_sample", "num_beams", "use_cache", "cache_implementation", "cache_config", "max_cache_len",
    "prefill_chunk_size", "temperature", "top_k", "top_p", "min_p", "top_h", "typical_p", "epsilon_cutoff",
    "eta_cutoff", "repetition_penalty", "encoder_repetition_penalty", "length_penalty", "no_repeat_ngram_size",
    "bad_words_ids", "renormalize_logits", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
    "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "sequence_bias",
    "token_healing", "guidance_scale", "watermarking_config", "num_return_sequences", "output_attentions",
    "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate", "pad_token_id",
    "bos_token_id", "eos_token_id", "encoder_no_repeat_ngram_size", "decoder_start_token_id", "is_assistant",
    "num_assistant_tokens", "num_assistant_tokens_schedule", "assistant_confidence_threshold",
    "prompt_lookup_num_tokens", "max_matching_ngram_size", "assistant_early_exit", "assistant_lookbehind",
    "target_lookbehind", "compile_config", "disable_compile", "low_memory", "penalty_alpha", "dola_layers",
    "diversity_penalty", "num_beam_groups", "constraints", "force_words_ids")


class GenerationConfig:
    """How to generate. Every field is None until it is set; what is None comes from the model's own
    config, then from the defaults of docs/decoding.md.

        GenerationConfig(max_new_tokens=40, do_sample=True, temperature=0.7)

    Values are checked by generate(), where they act together.
    """

    def __init__(self, **kwargs: Any):
        for name in _FIELDS:
            setattr(self, name, None)
        for name, value in kwargs.items():
            if name in ("transformers_version", "_from_model_config", "_commit_hash"):
                continue
            setattr(self, name, value)

    @classmethod
    def from_pretrained(cls, pretrained_model_name: str | os.PathLike, config_file_name: str | None = None,
                        revision: str | None = None, **kwargs) -> GenerationConfig:
        """The generation_config.json of a model. Raises OSError when there is none."""
        folder = Path(files.resolve(pretrained_model_name, revision=revision))
        path = folder / (config_file_name or "generation_config.json")
        if not path.is_file():
            raise NotFound(f"there is no {path.name} in {os.fspath(pretrained_model_name)!r}")
        return cls(**{**files.read_json(path), **kwargs})

    @classmethod
    def from_dict(cls, config_dict: dict, **kwargs) -> GenerationConfig:
        return cls(**{**config_dict, **kwargs})

    def to_dict(self) -> dict[str, Any]:
        """Every field with its value."""
        return copy.deepcopy(vars(self))

    def to_diff_dict(self) -> dict[str, Any]:
        """The fields that are set, and the version of transformers that they are written for."""
        return {**self.set_fields(), "transformers_version": _VERSION}

    def set_fields(self) -> dict[str, Any]:
        return {k: v for k, v in self.to_dict().items() if v is not None}

    def to_json_string(self, use_diff: bool = True) -> str:
        return json.dumps(self.set_fields() if use_diff else self.to_dict(), indent=2, sort_keys=True) + "\n"

    def update(self, defaults_only: bool = False, allow_custom_entries: bool = False, **kwargs) -> dict[str, Any]:
        """Sets fields (defaults_only: those that are None); returns what names no field."""
        unused = {}
        for name, value in kwargs.items():
            if not hasattr(self, name) and not allow_custom_entries:
                unused[name] = value
            elif not defaults_only or getattr(self, name, None) is None:
                setattr(self, name, value)
        return unused

    def save_pretrained(self, save_directory: str | os.PathLike, config_file_name: str | None = None, **_) -> None:
        folder = Path(save_directory)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (config_file_name or "generation_config.json")).write_text(self.to_json_string())

    def __eq__(self, other) -> bool:
        return isinstance(other, GenerationConfig) and self.to_dict() == other.to_dict()

    __hash__ = None

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


# Names that a family's config.json spells differently, as transformers translates them.
_ALIASES = {
    "gpt2": {"hidden_size": "n_embd", "max_position_embeddings": "n_positions", "num_attention_heads": "n_head",
             "num_hidden_layers": "n_layer"},
}

# What transformers fills in where config.json is silent.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "gpt2": {
        "activation_function": "gelu_new", "add_cross_attention": False, "attn_pdrop": 0.1, "bos_token_id": 50256,
        "embd_pdrop": 0.1, "eos_token_id": 50256, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05,
        "model_type": "gpt2", "n_embd": 768, "n_head": 12, "n_inner": None, "n_layer": 12, "n_positions": 1024,
        "pad_token_id": None, "reorder_and_upcast_attn": False, "resid_pdrop": 0.1,
        "scale_attn_by_inverse_layer_idx": False, "scale_attn_weights": True, "summary_activation": None,
        "summary_first_dropout": 0.1, "summary_proj_to_labels": True, "summary_type": "cls_index",
        "summary_use_proj": True, "tie_word_embeddings": True, "use_cache": True, "vocab_size": 50257,
    },
    "llama": {
        "attention_bias": False, "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2,
        "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02, "intermediate_size": 11008,
        "max_position_embeddings": 2048, "mlp_bias": False, "model_type": "llama", "num_attention_heads": 32,
        "num_hidden_layers": 32, "pad_token_id": None, "pretraining_tp": 1, "rms_norm_eps": 1e-06,
        "tie_word_embeddings": False, "use_cache": True, "vocab_size": 32000,
    },
}


class PretrainedConfig:
    """What config.json says of a model, with the family's defaults where it is silent.

    Fields are attributes; the common names (hidden_size, num_hidden_layers, …) work for families that
    spell them differently.
    """

    def __init__(self, **fields: Any):
        family = fields.get("model_type", "")
        values = {**_DEFAULTS.get(family, {}), **fields}
        if "torch_dtype" in values:
            values.setdefault("dtype", values.pop("torch_dtype"))
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_aliases", _ALIASES.get(family, {}))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_values", "_aliases"):
            raise AttributeError(name)
        values = self._values
        key = self._aliases.get(name, name)
        if key in values:
            return values[key]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._values[self._aliases.get(name, name)] = value

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, **kwargs) -> PretrainedConfig:
        return AutoConfig.from_pretrained(pretrained_model_name_or_path, **kwargs)

    def to_dict(self) -> dict[str, Any]:
        return copy.deepcopy(self._values)

    to_diff_dict = to_dict

    def to_json_string(self, use_diff: bool = True) -> str:
        return json.dumps(self.to_dict(), indent=2, sort_keys=True) + "\n"

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


def config_of(fields: dict[str, Any]) -> PretrainedConfig:
    """A config of the family's class: GPT2Config, LlamaConfig, …"""
    family = str(fields.get("model_type", ""))
    name = {"gpt2": "GPT2"}.get(family, "".join(part.capitalize() for part in family.split("_"))) + "Config"
    if not name.isidentifier():
        name = "PretrainedConfig"
    return type(name, (PretrainedConfig,), {"__module__": "typecase.configuration"})(**fields)


class AutoConfig:
    """Makes the config of a model."""

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike, revision: str | None = None,
                        **kwargs) -> PretrainedConfig:
        """The config.json of a model. Raises OSError when there is none."""
        folder = Path(files.resolve(pretrained_model_name_or_path, revision=revision))
        fields = files.read_json(folder / "config.json")
        if not fields:
            raise NotFound(f"there is no config.json in {os.fspath(pretrained_model_name_or_path)!r}")
        return config_of({**fields, **kwargs})
