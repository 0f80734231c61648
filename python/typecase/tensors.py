"""Arrays that look like torch's where torch is not installed.

`Tensor` wraps a numpy array and has what notebooks do with the results of a tokenizer and of
generate(): repr, indexing, shape, comparison, arithmetic, reductions, .tolist(), .to(), .numpy().
Anything else raises AttributeError naming it; `.numpy()` gives the array itself.
"""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import numpy as np


class Size(tuple):
    """A shape: a tuple that prints as torch.Size([2, 5])."""

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        out = 1
        for n in self:
            out *= n
        return out


class DType:
    """An element type, compared by identity: torch.int64, torch.float32, …"""

    def __init__(self, name: str, numpy: Any):
        self.name = name
        self.numpy = numpy

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self):
        return (dtype_named, (self.name,))

    @property
    def is_floating_point(self) -> bool:
        return "float" in self.name

    @property
    def itemsize(self) -> int:
        return 2 if self.name == "bfloat16" else np.dtype(self.numpy).itemsize


# numpy has no bfloat16; such values are kept as float32, which holds each of them exactly.
_DTYPES = {
    name: DType(name, kind)
    for name, kind in (("int64", np.int64), ("int32", np.int32), ("int16", np.int16),
                       ("int8", np.int8), ("uint8", np.uint8), ("bool", np.bool_),
                       ("float32", np.float32), ("float64", np.float64), ("float16", np.float16),
                       ("bfloat16", np.float32))
}


def dtype_named(name: str) -> DType:
    return _DTYPES[name]


class Device:
    """Where a tensor is: always the processor here. Compares with its name."""

    def __init__(self, name: Any = "cpu", index: int | None = None):
        text = str(name)
        if text.split(":")[0] != "cpu":
            raise RuntimeError(f"device {text!r} is not available: Typecase computes on the processor ('cpu')")
        self.type = "cpu"
        self.index = index

    def __str__(self) -> str:
        return self.type

    def __repr__(self) -> str:
        return f"device(type='{self.type}')"

    def __eq__(self, other) -> bool:
        return str(other).split(":")[0] == self.type

    def __hash__(self) -> int:
        return hash(self.type)


def check_device(device: Any) -> None:
    """Raises RuntimeError for a device other than the processor; -1 is the pipeline's word for it."""
    if device is None or device == -1 or device == "auto" or str(device).split(":")[0] == "cpu":
        return
    raise RuntimeError(f"device {str(device)!r} is not available: Typecase computes on the processor ('cpu')")


def torch_is_installed() -> bool:
    torch = sys.modules.get("torch")
    if torch is not None:
        return not getattr(torch, "__typecase_stand_in__", False)
    return importlib.util.find_spec("torch") is not None


def is_torch(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and torch_is_installed() and isinstance(value, torch.Tensor)


def plain(value: Any) -> Any:
    """Arrays, tensors and their scalars as lists and numbers; anything else unchanged."""
    if isinstance(value, Tensor) or is_torch(value):
        return value.tolist()
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def as_array(value: Any) -> np.ndarray:
    if isinstance(value, Tensor):
        return value._array
    if is_torch(value):
        return value.detach().cpu().numpy()
    return np.asarray(value)


def make(array: np.ndarray, like: str = "pt") -> Any:
    """`array` as numpy's ("np"), or as torch's where torch is installed, else as a Tensor ("pt")."""
    if like == "np":
        return array
    if torch_is_installed():
        import torch

        return torch.from_numpy(np.ascontiguousarray(array))
    return Tensor(array)


def tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """As torch.tensor(data)."""
    check_device(device)
    return Tensor(np.array(plain(data), dtype=dtype.numpy if dtype is not None else None))


def _kind(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.float64:
        return array.astype(np.float32)
    return array


class Tensor:
    """An array of numbers with torch's manners; immutable in shape, on the processor."""

    __slots__ = ("_array", "_name")
    __hash__ = object.__hash__
    __array_priority__ = 100

    def __init__(self, data: Any = (), name: str | None = None):
        array = data._array if isinstance(data, Tensor) else np.asarray(data)
        if not isinstance(data, np.ndarray):
            array = _kind(array)  # Python's floats are float32, as there
        self._array = array
        self._name = name or array.dtype.name

    # What it is.
    @property
    def shape(self) -> Size:
        return Size(self._array.shape)

    def size(self, dim: int | None = None):
        return self.shape if dim is None else self._array.shape[dim]

    @property
    def dtype(self) -> DType:
        return _DTYPES[self._name]

    device = property(lambda self: Device())
    ndim = property(lambda self: self._array.ndim)
    T = property(lambda self: Tensor(self._array.T))
    is_cuda = property(lambda self: False)
    requires_grad = property(lambda self: False)

    def dim(self) -> int:
        return self._array.ndim

    def numel(self) -> int:
        return int(self._array.size)

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    # What it holds.
    def tolist(self):
        return self._array.tolist()

    def item(self):
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        return self._array.item()

    def numpy(self) -> np.ndarray:
        return self._array

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)

    def __iter__(self):
        return iter([Tensor(row) for row in self._array])

    def __getitem__(self, index):
        if isinstance(index, tuple):
            index = tuple(i._array if isinstance(i, Tensor) else i for i in index)
        elif isinstance(index, Tensor):
            index = index._array
        return Tensor(np.asarray(self._array[index]), self._name)

    def __setitem__(self, index, value):
        self._array[index._array if isinstance(index, Tensor) else index] = as_array(value)

    def __bool__(self) -> bool:
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    __index__ = __int__

    def __float__(self) -> float:
        return float(self.item())

    def __contains__(self, value) -> bool:
        return bool((self._array == plain(value)).any())

    def __repr__(self) -> str:
        return _text(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self._array.ndim == 0 else format(repr(self), spec)

    # Where it goes.
    def to(self, *where, dtype=None, device=None, **_) -> Tensor:
        for target in (*where, dtype, device):
            if isinstance(target, DType):
                return Tensor(self._array.astype(target.numpy), target.name)
            if not isinstance(target, (bool, Tensor)):
                check_device(target)
        return self

    def cpu(self) -> Tensor:
        return self

    detach = contiguous = cpu

    def clone(self) -> Tensor:
        return Tensor(self._array.copy(), self._name)

    def cuda(self, *_):
        check_device("cuda")

    def long(self) -> Tensor:
        return self.to(_DTYPES["int64"])

    def int(self) -> Tensor:
        return self.to(_DTYPES["int32"])

    def float(self) -> Tensor:
        return self.to(_DTYPES["float32"])

    def bool(self) -> Tensor:
        return self.to(_DTYPES["bool"])

    # Shapes.
    def reshape(self, *shape) -> Tensor:
        return Tensor(self._array.reshape(*shape), self._name)

    view = reshape

    def unsqueeze(self, dim: int) -> Tensor:
        return Tensor(np.expand_dims(self._array, dim), self._name)

    def squeeze(self, dim: int | None = None) -> Tensor:
        if dim is not None and self._array.shape[dim] != 1:
            return self
        return Tensor(np.squeeze(self._array, dim), self._name)

    def flatten(self) -> Tensor:
        return Tensor(self._array.reshape(-1), self._name)

    def transpose(self, first: int, second: int) -> Tensor:
        return Tensor(np.swapaxes(self._array, first, second), self._name)

    def repeat(self, *times) -> Tensor:
        return Tensor(np.tile(self._array, times), self._name)

    # Sums and the like.
    def sum(self, dim=None, keepdim: bool = False) -> Tensor:
        return Tensor(np.asarray(self._array.sum(axis=dim, keepdims=keepdim)))

    def mean(self, dim=None, keepdim: bool = False) -> Tensor:
        return Tensor(np.asarray(self._array.mean(axis=dim, keepdims=keepdim)))

    def all(self, dim=None) -> Tensor:
        return Tensor(np.asarray(self._array.all(axis=dim)))

    def any(self, dim=None) -> Tensor:
        return Tensor(np.asarray(self._array.any(axis=dim)))

    def argmax(self, dim=None) -> Tensor:
        return Tensor(np.asarray(self._array.argmax(axis=dim)))

    def cumsum(self, dim: int) -> Tensor:
        return Tensor(self._array.cumsum(axis=dim))

    def max(self, dim=None):
        return self._extreme(dim, np.max, np.argmax)

    def min(self, dim=None):
        return self._extreme(dim, np.min, np.argmin)

    def _extreme(self, dim, value, index):
        if dim is None:
            return Tensor(np.asarray(value(self._array)))
        return _Pair(Tensor(value(self._array, axis=dim)), Tensor(index(self._array, axis=dim)))

    def topk(self, k: int, dim: int = -1) -> _Pair:
        order = np.argsort(-self._array, axis=dim, kind="stable")
        order = np.take(order, range(k), axis=dim)
        return _Pair(Tensor(np.take_along_axis(self._array, order, dim)), Tensor(order))

    def softmax(self, dim: int = -1) -> Tensor:
        power = np.exp(self._array - self._array.max(axis=dim, keepdims=True))
        return Tensor(power / power.sum(axis=dim, keepdims=True))

    def log_softmax(self, dim: int = -1) -> Tensor:
        shifted = self._array - self._array.max(axis=dim, keepdims=True)
        return Tensor(shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True)))

    def exp(self) -> Tensor:
        return Tensor(np.exp(self._array))

    def log(self) -> Tensor:
        return Tensor(np.log(self._array))

    def isnan(self) -> Tensor:
        return Tensor(np.isnan(self._array))

    def isinf(self) -> Tensor:
        return Tensor(np.isinf(self._array))

    def equal(self, other) -> bool:
        return bool(np.array_equal(self._array, as_array(other)))


class _Pair(tuple):
    """What max(dim) and topk() return: values and indices."""

    def __new__(cls, values: Tensor, indices: Tensor):
        return super().__new__(cls, (values, indices))

    values = property(lambda self: self[0])
    indices = property(lambda self: self[1])


def _operator(name: str):
    def apply(self, other):
        result = getattr(self._array, name)(other._array if isinstance(other, Tensor) else other)
        return NotImplemented if result is NotImplemented else Tensor(_kind(np.asarray(result)))

    apply.__name__ = name
    return apply


for _name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv",
              "rtruediv", "floordiv", "mod", "pow", "rpow", "and", "or", "xor", "matmul"):
    setattr(Tensor, f"__{_name}__", _operator(f"__{_name}__"))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Tensor, _name, _operator(f"__{_name}__"))
Tensor.__neg__ = lambda self: Tensor(-self._array)
Tensor.__invert__ = lambda self: Tensor(~self._array)
Tensor.__abs__ = lambda self: Tensor(abs(self._array))


# ---- repr, as torch prints: four digits, one exponent for all, at most 80 columns


def _text(t: Tensor) -> str:
    array = t._array
    body = _body(array, _formatter(array), len("tensor("), array.size > 1000)
    tail = ""
    if t._name not in ("int64", "float32", "bool"):
        tail = f", dtype=torch.{t._name}"
    if array.size == 0:
        shape = "" if array.ndim == 1 else f", size={tuple(array.shape)}"
        kind = "" if t._name == "float32" else f", dtype=torch.{t._name}"
        return f"tensor([]{shape}{kind})"
    return f"tensor({body}{tail})"


def _shown(array: np.ndarray) -> np.ndarray:
    """The elements that are printed: of large arrays three at each end of every dimension."""
    if array.size <= 1000:
        return array
    for axis, length in enumerate(array.shape):
        if length > 6:
            array = np.take(array, [0, 1, 2, -3, -2, -1], axis=axis)
    return array


def _formatter(array: np.ndarray):
    if array.dtype == np.bool_:
        words = [str(bool(v)) for v in _shown(array).reshape(-1)]
        width = max(map(len, words), default=0)
        return lambda v: str(bool(v)).rjust(width if array.ndim else 0)
    if np.issubdtype(array.dtype, np.integer):
        width = max((len(str(v)) for v in _shown(array).reshape(-1)), default=0)
        return lambda v: str(v).rjust(width if array.ndim else 0)
    return _float_formatter(array)


def _float_formatter(array: np.ndarray):
    values = _shown(array).reshape(-1).astype(np.float64)
    finite = np.abs(values[np.isfinite(values) & (values != 0)])
    whole = bool((finite == np.ceil(finite)).all())
    pattern = "{:.4f}"
    if finite.size:
        large, small = finite.max(), finite.min()
        scientific = large / small > 1000.0 or large > 1e8
        if whole:
            pattern = "{:.4e}" if scientific else "{:.0f}."
        elif scientific or small < 1e-4:
            pattern = "{:.4e}"
    else:
        pattern = "{:.0f}."

    def one(v) -> str:
        v = float(v)
        return pattern.format(v) if np.isfinite(v) else str(v)

    width = max((len(one(v)) for v in values), default=0)
    return lambda v: one(v).rjust(width if array.ndim else 0)


def _body(array: np.ndarray, form, indent: int, cut: bool) -> str:
    if array.ndim == 0:
        return form(array.item())
    cut_here = cut and len(array) > 6
    items = [array[i] for i in ([0, 1, 2, -3, -2, -1] if cut_here else range(len(array)))]
    if array.ndim == 1:
        return _row([form(v) for v in items], indent, cut_here)
    texts = [_body(np.asarray(item), form, indent + 1, cut) for item in items]
    if cut_here:
        texts.insert(3, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(texts) + "]"


def _row(items: list[str], indent: int, cut: bool) -> str:
    per_line = max(1, (80 - indent) // (len(items[0]) + 2)) if items else 1
    if cut:
        items.insert(3, " ...")
    lines = [", ".join(items[i:i + per_line]) for i in range(0, len(items), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
