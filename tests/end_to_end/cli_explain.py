"""explain on toy models: the drawings exactly, the event stream, the picture."""
import json
import math
import pathlib
import unittest
import xml.etree.ElementTree

from cli_support import CliTest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOYS = ROOT / "examples" / "toy"
DRAWINGS = ROOT / "tests" / "golden" / "explain"

# What stands in tests/golden/explain/NAME.txt.
DRAWN = {
    "greedy": ["greedy-versus-beam"],
    "beam": ["greedy-versus-beam", "--num-beams", "2"],
    "temperature-low": ["next-word", "--do-sample", "--seed", "0", "--temperature", "0.5"],
    "temperature-high": ["next-word", "--do-sample", "--seed", "0", "--temperature", "2"],
    "top-k": ["next-word", "--do-sample", "--seed", "0", "--top-k", "2"],
    "top-p": ["next-word", "--do-sample", "--seed", "0", "--top-p", "0.8"],
    "all-filters": ["next-word", "--do-sample", "--seed", "1", "--temperature", "1.5", "--top-k", "4",
                    "--min-p", "0.5", "--suppress-tokens", "[3]"],
    "five-words": ["five-words", "--num-beams", "2", "--num-return-sequences", "2"],
    "five-words-early": ["five-words", "--num-beams", "2", "--early-stopping", "true", "--length-penalty", "0"],
}


class Explain(CliTest):
    def explain(self, toy, *arguments):
        out, _ = self.cli("explain", "--toy", str(TOYS / f"{toy}.json"), *arguments)
        return out.decode()

    def events(self, toy, *arguments):
        return [json.loads(line) for line in self.explain(toy, *arguments, "--jsonl").splitlines()]

    def test_drawings(self):
        for name, arguments in DRAWN.items():
            with self.subTest(name):
                drawn = self.explain(*arguments)
                self.assertEqual(drawn, (DRAWINGS / f"{name}.txt").read_text(encoding="utf-8"))
                self.assertLessEqual(max(map(len, drawn.splitlines())), 80)
                self.assertNotIn("\x1b", drawn)

    def test_the_beam_that_greedy_search_misses(self):
        drawn = self.explain("greedy-versus-beam", "--num-beams", "2")
        self.assertIn("0.40 × 0.90 = 0.36", drawn)
        self.assertIn("0.60 × 0.55 = 0.33", drawn)

    def test_pictures_are_self_contained(self):
        for name, arguments in DRAWN.items():
            with self.subTest(name):
                self.explain(*arguments, "--svg", self.path("picture.svg"))
                text = pathlib.Path(self.path("picture.svg")).read_text(encoding="utf-8")
                root = xml.etree.ElementTree.fromstring(text)
                self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
                self.assertNotIn("href", text)
                width, height = float(root.get("width")), float(root.get("height"))
                for shape in root.iter("{http://www.w3.org/2000/svg}rect"):
                    if shape.get("width") != "100%":
                        self.assertLessEqual(float(shape.get("x")) + float(shape.get("width")), width)
                        self.assertLessEqual(float(shape.get("y")) + float(shape.get("height")), height)

    def test_what_a_toy_file_may_say(self):
        wrong = {
            '{"words": ["a"], "next": {}}': "typecase_toy",
            '{"typecase_toy": 2, "words": ["a"], "next": {}}': "typecase_toy",
            '{"typecase_toy": 1, "words": [], "next": {}}': "no words",
            '{"typecase_toy": 1, "words": ["a b"], "next": {}}': "spaces",
            '{"typecase_toy": 1, "words": ["a", "a"], "next": {}}': "twice",
            '{"typecase_toy": 1, "words": ["a"], "next": {"b": {"a": 1}}}': "no word 'b'",
            '{"typecase_toy": 1, "words": ["a"], "next": {"a": {"b": 1}}}': "'b' is not among the words",
            '{"typecase_toy": 1, "words": ["a"], "next": {"a": {"a": 0.5}}}': "sum to 0.5",
            '{"typecase_toy": 1, "words": ["a"], "next": {"a": {"a": 1.5}}}': "from 0 to 1",
            '{"typecase_toy": 1, "words": ["a"]': "JSON",
        }
        for text, message in wrong.items():
            pathlib.Path(self.path("toy.json")).write_text(text, encoding="utf-8")
            error = self.refused(6, "explain", "--toy", self.path("toy.json"), "a")
            self.assertIn("toy.json", error)
            self.assertIn(message, error, text)
        self.assertIn("no word 'fox'", self.refused(2, "explain", "--toy", str(TOYS / "next-word.json"), "fox"))
        self.assertIn("what follows", self.refused(2, "explain", "--toy", str(TOYS / "next-word.json"),
                                                   "--max-new-tokens", "2"))


class Trace(Explain):
    """The stream of docs/trace.md."""

    def test_every_kind_of_event_is_seen(self):
        seen = {e["event"] for e in self.events("five-words", "--num-beams", "2")}
        seen |= {e["event"] for e in self.events("next-word", "--do-sample", "--top-k", "2", "--seed", "0")}
        self.assertEqual(seen, {"begin", "logits", "processed", "distribution", "choice", "finish", "beam_step",
                                "stop", "end"})
        documented = (ROOT / "docs" / "trace.md").read_text(encoding="utf-8")
        for kind in seen:
            self.assertIn(f"`{kind}`", documented)

    def test_every_field_is_documented(self):
        documented = (ROOT / "docs" / "trace.md").read_text(encoding="utf-8")

        def check(value):
            if isinstance(value, list):
                for item in value:
                    check(item)
            elif isinstance(value, dict):
                for key, item in value.items():
                    self.assertIn(f"`{key}`", documented)
                    if key != "generation_config":
                        check(item)

        check(self.events("five-words", "--num-beams", "2"))
        check(self.events("next-word", "--do-sample", "--top-k", "2", "--seed", "0"))

    def test_probabilities_add_up(self):
        events = self.events("next-word", "--do-sample", "--top-k", "3", "--temperature", "1.5", "--seed", "3")
        logits, = (e for e in events if e["event"] == "logits")
        self.assertAlmostEqual(sum(c["probability"] for c in logits["top"]), 1, places=6)
        self.assertEqual([c["text"] for c in logits["top"]], ["time", "midnight", "hill", "whim", "Tuesday"])
        final, = (e for e in events if e["event"] == "distribution")
        self.assertEqual(final["kept"], 3)
        self.assertAlmostEqual(sum(c["probability"] for c in final["top"]), 1, places=6)
        weights = [p ** (1 / 1.5) for p in (0.4, 0.3, 0.15)]
        for c, w in zip(final["top"], weights):
            self.assertAlmostEqual(c["probability"], w / sum(weights), places=6)
        temperature, top_k = (e for e in events if e["event"] == "processed")
        self.assertEqual((temperature["name"], temperature["changed"], temperature["cut"]), ("temperature", 5, 0))
        self.assertEqual((top_k["name"], top_k["cut"], top_k["kept"]), ("top_k", 2, 3))
        warm = [p ** (1 / 1.5) for p in (0.4, 0.3, 0.15, 0.1, 0.05)]
        self.assertAlmostEqual(top_k["mass_cut"], sum(warm[3:]) / sum(warm), places=6)
        self.assertEqual({c["after"] for c in top_k["shown"]}, {"-inf"})
        choice, = (e for e in events if e["event"] == "choice")
        self.assertEqual(choice["drawn"], True)
        self.assertIn(choice["id"], [c["id"] for c in final["top"]])

    def test_beams_add_up(self):
        events = self.events("five-words", "--num-beams", "2", "--num-return-sequences", "2")
        steps = [e for e in events if e["event"] == "beam_step"]
        self.assertEqual([e["length"] for e in steps], [1, 2, 3, 4])
        for before, after in zip(steps, steps[1:]):
            kept = {c["becomes"]: c for c in before["candidates"] if c["fate"] == "kept"}
            self.assertEqual([h["score"] for h in after["open"]], [kept[i]["score"] for i in range(len(kept))])
        for e in steps:
            for c in e["candidates"]:
                parent = e["open"][c["parent"]]
                self.assertAlmostEqual(parent["score"] + c["log_probability"], c["score"], places=5)
                if "final_score" in c:
                    self.assertAlmostEqual(c["score"] / e["length"] ** e["length_penalty"], c["final_score"], places=5)
                self.assertEqual(c["fate"] in ("kept", "finished"), "why" not in c)
        end = events[-1]
        self.assertEqual(end["event"], "end")
        # specs: 2 3 4 2 3 (−0.873534), 2 4 2 3 1 (−0.897825)
        self.assertEqual([s["ids"] for s in end["sequences"]], [[2, 3, 4, 2, 3], [2, 4, 2, 3, 1]])
        for s, score in zip(end["sequences"], (-0.873534, -0.897825)):
            self.assertAlmostEqual(s["score"], score, places=5)
            self.assertAlmostEqual(s["sum"] / s["length"], s["score"], places=5)

    def test_the_same_stream_from_a_model(self):
        arguments = ["--model", self.model, "--max-new-tokens", "3", "--do-sample", "--top-k", "5", "--seed", "1"]
        explained, _ = self.cli("explain", "abc", "--jsonl", *arguments)
        self.cli("generate", "abc", "--trace", self.path("trace.jsonl"), *arguments)
        with open(self.path("trace.jsonl"), encoding="utf-8") as f:
            written = [json.loads(line) for line in f]
        kinds = [e["event"] for e in written]
        self.assertEqual((kinds[0], kinds[-1], kinds.count("choice")), ("begin", "end", 3))
        choices = [e["id"] for e in written if e["event"] == "choice"]
        self.assertEqual(choices, [e["id"] for e in map(json.loads, explained.splitlines()) if e["event"] == "choice"])
        plain, _ = self.cli("generate", "abc", *arguments)
        self.assertEqual(json.loads(plain)["sequences"][0][3:], choices)
        for e in written:
            if e["event"] == "distribution":
                self.assertEqual(e["kept"], 5)
                kept = [c["probability"] for c in e["top"]]
                self.assertAlmostEqual(sum(kept), 1, places=6)
                raw = [c["raw_probability"] for c in e["top"]]
                for p, r in zip(kept, raw):
                    self.assertAlmostEqual(p, r / sum(raw), places=5)


class Compare(CliTest):
    def test_strategies_stand_side_by_side(self):
        out, _ = self.cli("compare", "abc", "--model", self.model, "--seed", "0", "--max-new-tokens", "12")
        lines = out.decode().splitlines()
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual(lines[2].split(), ["greedy", "beam", "temperature"])

    def test_numbers_can_be_checked(self):
        out, _ = self.cli("compare", "abc", "--model", self.model, "--seed", "0", "--max-new-tokens", "12",
                          "--strategies", "greedy,top-p", "--json")
        document = json.loads(out)
        self.assertEqual([s["strategy"] for s in document["strategies"]], ["greedy", "top-p"])
        for s in document["strategies"]:
            ids = s["ids"]
            pairs = list(zip(ids, ids[1:]))
            fours = list(zip(ids, ids[1:], ids[2:], ids[3:]))
            self.assertAlmostEqual(s["distinct_1"], len(set(ids)) / len(ids))
            self.assertAlmostEqual(s["distinct_2"], len(set(pairs)) / len(pairs))
            self.assertAlmostEqual(s["repetition_4"], 1 - len(set(fours)) / len(fours))
            self.assertTrue(-math.inf < s["mean_log_likelihood"] < 0)

    def test_unknown_strategies_are_named(self):
        self.assertIn("there is no 'best'", self.refused(2, "compare", "a", "--model", self.model,
                                                         "--strategies", "best"))


if __name__ == "__main__":
    unittest.main()
