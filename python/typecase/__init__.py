"""Typecase: text generation, native, with the names that users of transformers know.

    from typecase import pipeline

    write = pipeline("text-generation", model="HuggingFaceTB/SmolLM2-135M-Instruct")
    print(write("The rain in Spain", max_new_tokens=20, do_sample=False)[0]["generated_text"])

A checkpoint, prompt, configuration and seed give the token ids that transformers gives. Everything
is imported when it is first used; numpy is the only package needed, and only where arrays are.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

# Name → the module that has it.
_WHERE = {
    "AutoConfig": "configuration",
    "AutoModelForCausalLM": "model",
    "AutoTokenizer": "tokenizer",
    "BatchEncoding": "batch_encoding",
    "Explanation": "explaining",
    "GenerationConfig": "configuration",
    "ModelOutput": "outputs",
    "LogitsProcessor": "rules",
    "LogitsProcessorList": "rules",
    "PreTrainedModel": "model",
    "PreTrainedTokenizerBase": "tokenizer",
    "PreTrainedTokenizerFast": "tokenizer",
    "PretrainedConfig": "configuration",
    "StoppingCriteria": "rules",
    "StoppingCriteriaList": "rules",
    "Tensor": "tensors",
    "TextGenerationPipeline": "text_generation",
    "TextIteratorStreamer": "streamers",
    "TextStreamer": "streamers",
    "Trace": "explaining",
    "TypecaseError": "errors",
    "default_model": "files",
    "explain": "explaining",
    "pipeline": "text_generation",
    "set_seed": "seeds",
    "tensor": "tensors",
    "trace": "explaining",
}

__all__ = sorted(_WHERE)
__version__ = "0.1.0"

if TYPE_CHECKING:
    from .batch_encoding import BatchEncoding
    from .configuration import AutoConfig, GenerationConfig, PretrainedConfig
    from .errors import TypecaseError
    from .explaining import Explanation, Trace, explain, trace
    from .files import default_model
    from .model import AutoModelForCausalLM, PreTrainedModel
    from .outputs import ModelOutput
    from .rules import LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList
    from .seeds import set_seed
    from .streamers import TextIteratorStreamer, TextStreamer
    from .tensors import Tensor, tensor
    from .text_generation import TextGenerationPipeline, pipeline
    from .tokenizer import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast


def __getattr__(name: str):
    if name in _WHERE:
        module = importlib.import_module("." + _WHERE[name], __name__)
        value = globals()[name] = getattr(module, name)
        return value
    raise AttributeError(f"module 'typecase' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_WHERE})
