"""One line before the rest makes a notebook written for transformers run on Typecase:

    import typecase.as_transformers

From then on `from transformers import pipeline, AutoTokenizer, AutoModelForCausalLM` gives Typecase's,
and where torch is not installed `import torch` gives a small stand-in: tensors, cuda.is_available(),
device, dtypes, manual_seed, no_grad, inference_mode. What neither has raises an error that names it.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types

import typecase

from .errors import unsupported
from .tensors import torch_is_installed

# What `transformers` has here; everything else raises.
_NAMES = [name for name in typecase.__all__ if name not in ("Tensor", "tensor", "trace", "explain", "default_model",
                                                            "Trace", "Explanation", "TypecaseError")]


class _Module(types.ModuleType):
    """A module that names what it does not have."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        raise unsupported(f"{self.__name__}.{name}")


def _transformers() -> types.ModuleType:
    module = _Module("transformers", "Typecase under the name of transformers")
    module.__path__ = []
    module.__version__ = "5.23.0"  # the version whose results Typecase gives
    module.__typecase_stand_in__ = True
    for name in _NAMES:
        setattr(module, name, getattr(typecase, name))
    for name in ("GPT2LMHeadModel", "LlamaForCausalLM"):
        setattr(module, name, typecase.AutoModelForCausalLM)
    for name in ("GPT2Tokenizer", "GPT2TokenizerFast"):
        setattr(module, name, typecase.AutoTokenizer)
    logging = _Module("transformers.logging")
    for name in ("set_verbosity_error", "set_verbosity_warning", "set_verbosity_info", "disable_progress_bar"):
        setattr(logging, name, _verbosity(name))
    module.logging = logging
    utils = _Module("transformers.utils")
    utils.logging = logging
    module.utils = utils
    sys.modules.update({"transformers.logging": logging, "transformers.utils": utils,
                        "transformers.utils.logging": logging})
    return module


def _verbosity(name: str):
    import logging

    level = {"set_verbosity_error": logging.ERROR, "set_verbosity_warning": logging.WARNING,
             "set_verbosity_info": logging.INFO}.get(name)

    def change() -> None:
        if level is not None:
            logging.getLogger("typecase").setLevel(level)

    return change


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes the stand-ins when they are imported, so that `import typecase.as_transformers` is quick,
    and names a submodule that there is not."""

    _makers = {"transformers": _transformers}

    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top not in self._makers:
            return None
        if name != top:
            raise unsupported(f"import {name}")
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return self._makers[spec.name]()

    def exec_module(self, module):
        pass


def _torch() -> types.ModuleType:
    return importlib.import_module("typecase.torch_stand_in").make()


def install() -> None:
    """Puts the stand-ins in place. Raises ImportError when the real transformers is loaded already."""
    loaded = sys.modules.get("transformers")
    if loaded is not None and not hasattr(loaded, "__typecase_stand_in__"):
        raise ImportError("transformers is imported already; `import typecase.as_transformers` comes before it")
    if not torch_is_installed():
        _Finder._makers["torch"] = _torch
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


install()
