"""What the command-line tests share: the program, and a tiny model that has a tokenizer.

    cli_NAME.py PROGRAM [unittest options]
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None

# One token a character: printable ASCII and the space; the rest of the 128 ids are words.
CHARACTERS = [chr(c) for c in range(33, 127)] + ["\u0120", "\u010a"]
VOCABULARY = {text: i for i, text in enumerate(CHARACTERS + [f"w{i}" for i in range(96, 128)])}


def tokenizer_json():
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "ignore_merges": False, "vocab": VOCABULARY, "merges": []},
    }


class CliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.model = os.path.join(cls.folder.name, "model")
        os.mkdir(cls.model)
        for name in ("config.json", "generation_config.json", "model.safetensors"):
            shutil.copy(GOLDEN / "llama-3" / name, cls.model)
        with open(os.path.join(cls.model, "tokenizer.json"), "w", encoding="utf-8") as f:
            json.dump(tokenizer_json(), f)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def environment(self, **more):
        clean = {k: v for k, v in os.environ.items() if k not in ("TYPECASE_MODEL", "NO_COLOR")}
        return {**clean, "TYPECASE_CACHE": self.path("cache"), **more}

    def cli(self, *arguments, stdin=b"", code=0, **more):
        """Runs the program; standard output as bytes, standard error as text."""
        done = subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, timeout=120,
                              env=self.environment(**more))
        errors = done.stderr.decode()
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout[:500]!r}\n{errors}")
        return done.stdout, errors

    def refused(self, code, *arguments, **more):
        """The one line on standard error; nothing may be on standard output."""
        out, errors = self.cli(*arguments, code=code, **more)
        self.assertEqual(out, b"")
        self.assertEqual(errors.count("\n"), 1, errors)
        self.assertTrue(errors.startswith("typecase: "), errors)
        return errors[len("typecase: "):-1]

    def batch(self, command, requests, *arguments, code=0, model=None):
        """The answers to requests, which are objects or raw lines."""
        with open(self.path("in.jsonl"), "wb") as f:
            for request in requests:
                line = request if isinstance(request, bytes) else json.dumps(request).encode()
                f.write(line + b"\n")
        out, _ = self.cli(command, "--model", str(model or self.model), "--requests",
                          self.path("in.jsonl"), *arguments, code=code)
        return [json.loads(line) for line in out.splitlines()]
