"""score against the log-probabilities that the reference gives (tests/golden/score/record.py)."""
import json
import math
import os
import pathlib
import shutil
import unittest

from cli_support import GOLDEN, CliTest, tokenizer_json

BOUND = 1e-4  # in ln p, per token


def cases():
    with open(GOLDEN / "score" / "scores.jsonl", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


class Score(CliTest):
    def model_of(self, name):
        """The tiny checkpoint with the tokenizer of the tests; None: the default model is not there."""
        if name == "smollm2":
            cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
            path = pathlib.Path(os.environ.get("TYPECASE_MODEL")
                                or cache / "typecase/models/SmolLM2-135M-Instruct.Q4_1.gguf")
            return str(path) if path.exists() else None
        folder = pathlib.Path(self.path(name))
        if not folder.exists():
            folder.mkdir()
            for file in ("config.json", "model.safetensors"):
                shutil.copy(GOLDEN / name / file, folder)
            (folder / "tokenizer.json").write_text(json.dumps(tokenizer_json()), encoding="utf-8")
        return str(folder)

    def score(self, model, text, *arguments):
        out, _ = self.cli("score", "-", "--model", model, "--dtype", "float32", "--json", "--tokens", *arguments,
                          stdin=text.encode())
        return json.loads(out)

    def test_every_token_as_the_reference_scores_it(self):
        compared = 0
        for case in cases():
            model = self.model_of(case["model"])
            if model is None:
                continue
            got = self.score(model, case["text"], "--max-length", str(case["max_length"]),
                             "--stride", str(case["stride"]))
            self.assertEqual([t["id"] for t in got["per_token"]], case["ids"])
            values = [t["log_probability"] for t in got["per_token"]]
            self.assertEqual([v is None for v in values], [v is None for v in case["log_probabilities"]])
            for v, expected in zip(values, case["log_probabilities"]):
                if expected is not None:
                    self.assertLess(abs(v - expected), BOUND, (case["model"], case["max_length"], case["stride"]))
                    compared += 1
            scored = [v for v in case["log_probabilities"] if v is not None]
            self.assertEqual(got["scored"], len(scored))
            self.assertAlmostEqual(got["perplexity"], math.exp(-sum(scored) / len(scored)),
                                   delta=2 * BOUND * got["perplexity"])
        self.assertGreater(compared, 1000)

    def test_a_text_that_fits_is_one_window(self):
        got = self.score(self.model_of("llama-3"), "abc")
        self.assertEqual((got["tokens"], got["scored"], got["windows"]), (3, 2, 1))

    def test_for_people(self):
        with open(self.path("text"), "w", encoding="utf-8") as f:
            f.write("abc abc")
        out, _ = self.cli("score", self.path("text"), "--model", self.model, "--tokens")
        lines = out.decode().splitlines()
        self.assertEqual(lines[0].split(), ["token", "id", "ln", "p", "p"])
        self.assertEqual(lines[-1].split()[0], "perplexity")
        self.assertLessEqual(max(map(len, lines)), 80)

    def test_what_is_refused(self):
        self.assertIn("no tokens", self.refused(2, "score", "-", "--model", self.model, stdin=b""))
        self.assertIn("stride", self.refused(2, "score", "-", "--model", self.model, "--max-length", "8",
                                             "--stride", "9", stdin=b"abc"))
        self.assertIn("--stride", self.refused(2, "score", "-", "--model", self.model, "--stride", "0", stdin=b"abc"))
        self.assertIn("UTF-8", self.refused(2, "score", "-", "--model", self.model, stdin=b"a\xff"))
        self.assertIn("No such file", self.refused(3, "score", self.path("none"), "--model", self.model))


if __name__ == "__main__":
    unittest.main()
