"""The exceptions of Typecase. Each is also the built-in exception that transformers raises there."""

from __future__ import annotations


class TypecaseError(Exception):
    """Anything that Typecase refuses.

    code: "invalid_argument", "not_found", …; place: {"file", "offset", "line", "key"} as known.
    """

    code = "failed"

    def __init__(self, message: str = "", place: dict | None = None):
        super().__init__(message)
        self.message = message
        self.place = place or {}

    def __str__(self) -> str:
        return self.message


class InvalidArgument(TypecaseError, ValueError):
    """An option, a prompt or a configuration that cannot be meant."""

    code = "invalid_argument"


class Failed(TypecaseError, RuntimeError):
    """The computation itself failed, for example on probabilities that are not numbers."""


class NotFound(TypecaseError, OSError):
    """There is no such model or file."""

    code = "not_found"


class AccessDenied(TypecaseError, OSError):
    code = "access_denied"


class NetworkError(TypecaseError, OSError):
    code = "network"


class BadFile(TypecaseError, OSError):
    """A file that does not hold what its format promises; `place` says where."""

    code = "bad_file"


class InputOutputError(TypecaseError, OSError):
    code = "io"


class Unsupported(TypecaseError, NotImplementedError):
    """A model, format or feature that Typecase does not have."""

    code = "unsupported"


class LimitExceeded(TypecaseError, ValueError):
    """A budget or size limit, named in the message."""

    code = "limit"


class OutOfMemory(TypecaseError, MemoryError):
    code = "out_of_memory"


class Mismatch(TypecaseError, ValueError):
    code = "mismatch"


_KINDS = {
    kind.code: kind
    for kind in (InvalidArgument, NotFound, AccessDenied, NetworkError, BadFile, InputOutputError,
                 Unsupported, LimitExceeded, OutOfMemory, Mismatch, Failed)
}


def from_native(code: str, message: str, place: dict) -> TypecaseError:
    """The exception for an error of the C++ library."""
    return _KINDS.get(code, Failed)(message, place)


def unsupported(what: str) -> Unsupported:
    return Unsupported(f"{what} is not supported by Typecase: docs/parity.md lists what is absent")
