#!/usr/bin/env python3
"""Our tokenizer's speed beside the reference's, in the same run, with equal ids or a loud complaint.

    bench/compare_tokenizers.py BENCH_TOKENIZERS [--only NAME,…] [--megabytes 4] [--rounds 5] [--text KIND,…]

BENCH_TOKENIZERS is the program of bench/tokenizers.cpp. Needs the `tokenizers` library. The
tokenizer files are those tools/fetch_tokenizers.py keeps. The texts are what this machine has:
    english   docstrings of the installed Python packages, licences
    code      Python and C sources
    mixed     message catalogues in all languages
    letter, spaces, emoji    10 MB of one letter, of spaces, of emoji as one document: timed for ours
              only; ids are compared on the first 20,000 characters
cut into documents of about 16 kB. Both encode one document after the other on one thread, in turns;
the fastest round counts for each (other load only ever slows one down). A first pass of ours is
shown as "cold". Load times are the best of three.
"""
import argparse
import ast
import gettext
import json
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import tokenizers

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from fetch_tokenizers import folder


def fnv(data, value=0xCBF29CE484222325):
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


# ---- texts ----

def sources(suffixes, *roots):
    out = [p for root in roots for p in Path(root).rglob("*") if p.suffix in suffixes and p.is_file()]
    random.Random(1).shuffle(out)
    return out


def read(path):
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def english(size):
    out, seen, length = [], set(), 0
    roots = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    for path in sources({".py"}, *roots):
        try:
            tree = ast.parse(read(path))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                continue
            text = ast.get_docstring(node) or ""
            if len(text) > 200 and text not in seen:
                seen.add(text)
                out.append(text)
                length += len(text)
        if length > size:
            break
    return "\n\n".join(out)


def code(size):
    out, length = [], 0
    for path in sources({".py", ".h", ".c", ".cpp"}, sysconfig.get_path("stdlib"), "/usr/include"):
        out.append(read(path))
        length += len(out[-1])
        if length > size:
            break
    return "\n".join(out)


def mixed(size):
    """Messages of all languages in turn, a few hundred characters of each at a time."""
    by_language = {}
    for path in sources({".mo"}, "/usr/share/locale"):
        messages = by_language.setdefault(path.parts[4], [])
        if sum(map(len, messages)) > size / 20:
            continue
        try:
            with open(path, "rb") as file:
                catalogue = gettext.GNUTranslations(file)._catalog
        except (OSError, ValueError, IndexError):  # some catalogues are malformed
            continue
        messages += [m for m in catalogue.values() if isinstance(m, str) and len(m) > 20]
    out, length, rng = [], 0, random.Random(2)
    while length < size and by_language:
        for language in sorted(by_language):
            messages = by_language[language]
            for _ in range(4):
                if messages:
                    out.append(messages.pop())
                    length += len(out[-1].encode())
            if not messages:
                del by_language[language]
    return "\n".join(out)


def documents(kind, size):
    if kind in ("letter", "spaces", "emoji"):
        unit = {"letter": "a", "spaces": " ", "emoji": "😀"}[kind]
        return [unit * (10_000_000 // len(unit.encode()))]
    text = {"english": english, "code": code, "mixed": mixed}[kind](size)
    text = text.replace("\0", "").encode("utf-8", "ignore")[:size]
    out = []
    while text:
        end = text.rfind(b"\n", 0, 16384) + 1 or 16384
        out.append(text[:end].decode("utf-8", "ignore"))
        text = text[end:]
    return out


# ---- the two ----

class Ours:
    def __init__(self, program, tokenizer, path):
        self.process = subprocess.Popen([program, tokenizer, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(work):
    start = time.perf_counter()
    out = work()
    return time.perf_counter() - start, out


def fnv_of(ids):
    return f"{fnv(b''.join(i.to_bytes(4, 'little') for i in ids)):016x}"


def beginning_is_equal(program, path, tokenizer, doc):
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(doc[:20000].encode())
        file.flush()
        ours = Ours(program, path, file.name)
        answer = ours("encode")
        ours.close()
    return fnv_of(tokenizer.encode(doc[:20000], add_special_tokens=False).ids) == answer["fnv"]


def measure(program, name, kind, docs, rounds):
    path = folder() / name / "tokenizer.json"
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"".join(doc.encode() + b"\0" for doc in docs))
        file.flush()
        size = sum(len(doc.encode()) for doc in docs) / 1e6
        ours = Ours(program, str(path), file.name)
        cold = ours("encode")
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
        times = {"ours": [], "theirs": []}
        extreme = len(docs) == 1
        theirs = []
        for _ in range(rounds):
            times["ours"].append(ours("encode")["seconds"])
            if extreme:
                continue
            seconds, theirs = timed(lambda: tokenizer.encode_batch_fast(docs, add_special_tokens=False))
            times["theirs"].append(seconds)
        ids = [i for e in theirs for i in e.ids]
        if extreme:
            equal = beginning_is_equal(program, str(path), tokenizer, docs[0])
        else:
            equal = (len(ids), fnv_of(ids)) == (cold["tokens"], cold["fnv"])
        batch = min(ours("batch 2")["seconds"] for _ in range(3))
        decode, stream = ours("decode"), ours("stream")
        equal = equal and decode["fnv"] == stream["fnv"]
        ours.close()
    row = [name, kind, f"{size:.1f}", cold["tokens"], f"{size / cold['seconds']:.0f}", f"{size / min(times['ours']):.0f}"]
    row += [f"{size / min(times['theirs']):.1f}" if times["theirs"] else "–", f"{size / batch:.0f}"]
    row += [f"{size / decode['seconds']:.0f}", f"{stream['seconds'] / max(1, stream['tokens']) * 1e9:.0f}"]
    row += ["yes" if equal else "NO"]
    print("| " + " | ".join(map(str, row)) + " |", flush=True)
    return equal


def load_times(program, name):
    path = str(folder() / name / "tokenizer.json")
    with tempfile.NamedTemporaryFile() as nothing:
        ours = Ours(program, path, nothing.name)
        mine, theirs = [], []
        for _ in range(3):
            mine.append(ours("load")["seconds"])
            theirs.append(timed(lambda: tokenizers.Tokenizer.from_file(path))[0])
        ours.close()
    print(f"| {name} | {min(mine) * 1e3:.0f} | {min(theirs) * 1e3:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--only", default="gpt2,llama3_1,qwen3,gptoss,deepseek_v3,gemma3,llama2")
    parser.add_argument("--text", default="english,code,mixed,letter,spaces,emoji")
    parser.add_argument("--megabytes", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))  # children inherit it
    except PermissionError:
        pass
    names = [n for n in options.only.split(",") if (folder() / n / "tokenizer.json").exists()]
    print("| load, ms | ours | reference |\n|---|---|---|")
    for name in names:
        load_times(options.program, name)
    print("\n| tokenizer | text | MB | tokens | cold MB/s | MB/s | reference MB/s | 2 threads | decode MB/s | stream ns/token | equal |")
    print("|" + "---|" * 11)
    good = True
    for kind in options.text.split(","):
        docs = documents(kind, int(options.megabytes * 1e6))
        for name in names:
            good = measure(options.program, name, kind, docs, options.rounds) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
