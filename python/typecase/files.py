"""Where a model is: a folder, a .gguf file, or a name that the shared caches know."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from .errors import NotFound


def default_model() -> str:
    """The path of the default model (TYPECASE_MODEL moves it). Raises OSError when it is missing."""
    from . import _native

    return _native.default_model()


def resolve(name: str | os.PathLike, gguf_file: str | None = None, revision: str | None = None,
            **_ignored) -> str:
    """The folder or file that `name` means: what lies there, else the hub's model of that name, from
    the cache that huggingface_hub uses or fetched into it (HF_HUB_OFFLINE=1 forbids that).

    Raises OSError saying where it was looked for.
    """
    text = os.fspath(name)
    path = Path(text).expanduser()
    if path.exists():
        path = path / gguf_file if gguf_file is not None else path
        if not path.exists():
            raise NotFound(f"there is no file {gguf_file!r} in {text!r}")
        return str(path)
    if text.count("/") > 1 or text.startswith((".", "/", "~")) or text.endswith((".gguf", ".json")):
        raise NotFound(f"there is no folder or file {text!r}")
    from . import _native
    from .errors import InvalidArgument

    full = text + (f"@{revision}" if revision else "") + (f":{gguf_file}" if gguf_file else "")
    bars = _Bars()
    try:
        return _native.path_of(full, bars.show)
    except InvalidArgument as error:
        raise NotFound(error.message) from None
    finally:
        bars.end()


class _Bars:
    """How far a download is, on standard error: one line for what is being fetched."""

    def __init__(self):
        self._shown = False

    def show(self, files: list[tuple[str, int, int]]) -> None:
        done, total = sum(f[1] for f in files), sum(f[2] for f in files)
        current = next((f[0] for f in files if f[1] < f[2]), "done")
        share = done / total if total else 1.0
        bar = "█" * int(20 * share)
        sys.stderr.write(f"\r{current[-40:]}: {share:4.0%}|{bar:<20}| {done / 1e6:.0f}M/{total / 1e6:.0f}M")
        sys.stderr.flush()
        self._shown = True

    def end(self) -> None:
        if self._shown:
            sys.stderr.write("\n")


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
