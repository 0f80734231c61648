"""Where a model is: a folder, a .gguf file, or a name that the shared caches know."""

from __future__ import annotations

import json
import os
from pathlib import Path

from .errors import NotFound


def default_model() -> str:
    """The path of the default model (TYPECASE_MODEL moves it). Raises OSError when it is missing."""
    from . import _native

    return _native.default_model()


def resolve(name: str | os.PathLike, gguf_file: str | None = None, revision: str | None = None,
            **_ignored) -> str:
    """The folder or file that `name` means.

    Raises OSError naming where it was looked for.
    """
    path = Path(os.fspath(name)).expanduser()
    if not path.exists():
        path = _in_cache(os.fspath(name), revision)
    if gguf_file is not None:
        path = path / gguf_file
        if not path.is_file():
            raise NotFound(f"there is no file {gguf_file!r} in {os.fspath(name)!r}")
    return str(path)


def _hub_cache() -> Path:
    home = os.environ.get("HF_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or os.path.join(home, "hub"))


def _in_cache(name: str, revision: str | None) -> Path:
    parts = name.split("/")
    if len(parts) > 2 or any(p in ("", ".", "..") for p in parts):
        raise NotFound(f"{name!r} is neither a folder or file here nor the name of a model")
    repository = _hub_cache() / ("models--" + "--".join(parts))
    reference = repository / "refs" / (revision or "main")
    commit = reference.read_text().strip() if reference.is_file() else (revision or "main")
    snapshot = repository / "snapshots" / commit
    if "/" not in commit and commit != ".." and snapshot.is_dir():
        return snapshot
    raise NotFound(
        f"{name!r} is neither a folder or file here nor a model in the cache {str(_hub_cache())!r}; "
        f"`typecase pull {name}` fetches it")


def read_json(path: Path) -> dict:
    """The object in a file, {} when there is no such file. Raises OSError naming a broken one."""
    from .errors import BadFile

    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise BadFile(f"{path}: {error}") from error
    return value if isinstance(value, dict) else {}
