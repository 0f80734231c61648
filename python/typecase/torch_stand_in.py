"""A small module in the place of torch, for notebooks that use it around a language model."""

from __future__ import annotations

import contextlib
import sys
import types

import numpy as np

from . import tensors
from .errors import unsupported
from .seeds import manual_seed


class _Module(types.ModuleType):
    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        raise unsupported(f"{self.__name__}.{name} (torch is not installed)")


class _Nothing(contextlib.ContextDecorator):
    """no_grad() and the like: there are no gradients to leave out."""

    def __init__(self, *_args, **_kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def _filled(value):
    def make_filled(*size, dtype=None, device=None) -> tensors.Tensor:
        tensors.check_device(device)
        shape = size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
        return tensors.Tensor(np.full(shape, value, dtype.numpy if dtype else np.float32))

    return make_filled


def _join(function):
    def joined(values, dim: int = 0) -> tensors.Tensor:
        return tensors.Tensor(function([tensors.as_array(v) for v in values], axis=dim))

    return joined


def _manual_seed(seed: int):
    manual_seed(seed)


def make() -> types.ModuleType:
    torch = _Module("torch", "Typecase's stand-in: torch is not installed")
    torch.__path__ = []
    torch.__version__ = "2.15.0+typecase"
    torch.__typecase_stand_in__ = True
    for name, dtype in tensors._DTYPES.items():
        setattr(torch, name, dtype)
    torch.long, torch.int, torch.float, torch.half = torch.int64, torch.int32, torch.float32, torch.float16
    torch.dtype, torch.device, torch.Size = tensors.DType, tensors.Device, tensors.Size
    torch.Tensor = torch.LongTensor = torch.FloatTensor = tensors.Tensor
    torch.tensor = torch.as_tensor = tensors.tensor
    torch.from_numpy = tensors.Tensor
    torch.zeros, torch.ones = _filled(0), _filled(1)
    torch.cat, torch.stack = _join(np.concatenate), _join(np.stack)
    torch.manual_seed = _manual_seed
    torch.no_grad = torch.inference_mode = torch.enable_grad = _Nothing
    torch.set_grad_enabled = torch.set_num_threads = lambda *_: None
    torch.is_tensor = lambda value: isinstance(value, tensors.Tensor)
    torch.equal = lambda a, b: a.equal(b)
    torch.softmax = lambda value, dim=-1: value.softmax(dim)
    torch.log_softmax = lambda value, dim=-1: value.log_softmax(dim)
    torch.topk = lambda value, k, dim=-1: value.topk(k, dim)
    for name in ("argmax", "sum", "mean", "max", "min", "exp", "log"):
        setattr(torch, name, _method(name))
    torch.arange = lambda *bounds: tensors.Tensor(np.arange(*bounds))
    torch.get_default_dtype = lambda: torch.float32
    cuda = _Module("torch.cuda")
    cuda.is_available = lambda: False
    cuda.device_count = lambda: 0
    cuda.empty_cache = lambda: None
    cuda.manual_seed = cuda.manual_seed_all = lambda seed: None
    mps = _Module("torch.backends.mps")
    mps.is_available = mps.is_built = lambda: False
    backends = _Module("torch.backends")
    backends.mps = mps
    torch.cuda, torch.backends = cuda, backends
    sys.modules.update({"torch.cuda": cuda, "torch.backends": backends, "torch.backends.mps": mps})
    return torch


def _method(name: str):
    return lambda value, *args, **kwargs: getattr(value, name)(*args, **kwargs)
