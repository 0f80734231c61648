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

    def test_each_group_of_beams_has_its_tree(self):
        self.explain("five-words", "--num-beams", "4", "--num-beam-groups", "2",
                     "--diversity-penalty", "0.5", "--svg", self.path("groups.svg"))
        root = xml.etree.ElementTree.parse(self.path("groups.svg")).getroot()
        lines = [(text.text, float(text.get("y"))) for text in root.iter("{http://www.w3.org/2000/svg}text")]
        titles = [line for line in lines if "num_beams 4" in line[0]]
        self.assertEqual([title.split(", ")[-1] for title, _ in titles], ["group 1 of 2", "group 2 of 2"])
        rankings = [y for text, y in lines if text.startswith("Finished, best first")]
        self.assertEqual(len(rankings), 2)
        self.assertLess(titles[0][1], rankings[0])
        self.assertLess(rankings[0], titles[1][1])
        self.assertLess(titles[1][1], rankings[1])

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
        for more in (["--prompt-lookup-num-tokens", "2"], ["--penalty-alpha", "0.6", "--top-k", "4"]):
            seen |= {json.loads(line)["event"] for line in self.of_model(*more, "--jsonl").splitlines()}
        self.assertEqual(seen, {"begin", "logits", "processed", "distribution", "choice", "finish", "beam_step",
                                "stop", "end", "contrast", "draft"})
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

    def processed(self, toy, *arguments):
        """{(step, name): the event}"""
        events = self.events(toy, *arguments)
        return {(e["step"], e["name"]): e for e in events if e["event"] == "processed"}

    def kept(self, *arguments):
        events = self.events("next-word", "--do-sample", "--seed", "0", *arguments)
        final, = (e for e in events if e["event"] == "distribution")
        return {c["text"] for c in final["top"]}

    def test_own_filters_cut_what_their_formula_says(self):
        # ln p has a deviation of 0.749 over the five words: 1 sigma below ln 0.4 lies between 0.3 and 0.15.
        self.assertEqual(self.kept("--top-n-sigma", "1.0"), {"time", "midnight"})
        # All top choices but the least probable one are cut.
        self.assertEqual(self.kept("--xtc-probability", "1.0", "--xtc-threshold", "0.12"), {"hill", "whim", "Tuesday"})
        self.assertEqual(len(self.kept("--xtc-probability", "0.0")), 5)
        # The first limit is 2 tau bits: p >= 1/4.
        self.assertEqual(self.kept("--mirostat-tau", "1.0"), {"time", "midnight"})

    def test_own_filters_change_what_their_formula_says(self):
        bias = self.processed("next-word", "--logit-bias", '{"4": 1.5}')[1, "logit_bias"]
        change, = bias["shown"]
        self.assertEqual((bias["changed"], change["text"]), (1, "midnight"))
        self.assertAlmostEqual(change["after"] - change["before"], 1.5, places=5)
        # What was generated counts, the prompt does not: nothing at step 1, "b" once at step 2.
        penalties = self.processed("five-words", "--presence-penalty", "1.0", "--frequency-penalty", "0.5",
                                   "--suppress-tokens", "[1]")
        drops = {step: [c["before"] - c["after"] for c in e["shown"]] for (step, name), e in penalties.items()
                 if "penalty" in name}
        self.assertNotIn(1, drops)
        self.assertEqual([round(d, 5) for d in drops[2]], [1.5])
        # "a b a" stood there before: "b" would make a repetition of 3 tokens longer, 1 above the 2 allowed.
        dry = self.processed("five-words", "a b a b a", "--dry-multiplier", "2.0", "--max-new-tokens", "1")
        change, = dry[1, "dry_multiplier"]["shown"]
        self.assertEqual(change["text"], "b")
        self.assertAlmostEqual(change["before"] - change["after"], 2.0 * 1.75, places=5)

    def test_groups_and_constraints_are_trees(self):
        groups = self.explain("five-words", "--num-beams", "4", "--num-beam-groups", "2", "--diversity-penalty", "1.0")
        self.assertIn("Group 1 of 2", groups)
        self.assertIn("Group 2 of 2", groups)
        self.assertLessEqual(max(map(len, groups.splitlines())), 80)
        steps = [e for e in self.events("five-words", "--num-beams", "4", "--num-beam-groups", "2",
                                        "--diversity-penalty", "1.0") if e["event"] == "beam_step"]
        self.assertEqual({e["group"] for e in steps}, {0, 1})
        self.assertEqual([e["step"] for e in steps[:4]], [1, 1, 2, 2])
        forced = self.events("five-words", "--num-beams", "2", "--force-words-ids", "[[4, 4]]")
        whys = {c.get("why") for e in forced if e["event"] == "beam_step" for c in e["candidates"]}
        self.assertIn("constraint", whys)
        for e in forced:
            for c in e["candidates"] if e["event"] == "beam_step" else []:
                self.assertAlmostEqual(c["score"], e["open"][c["parent"]]["score"] + c["log_probability"], places=5)

    def of_model(self, *arguments):
        out, _ = self.cli("explain", "--model", str(ROOT / "tests" / "golden" / "gpt2-text"), "one two one two one",
                          "--no-do-sample", "--max-new-tokens", "4", *arguments)
        return out.decode()

    def test_drafts_are_told_and_change_nothing(self):
        lookup = ["--prompt-lookup-num-tokens", "2"]
        events = [json.loads(line) for line in self.of_model(*lookup, "--jsonl").splitlines()]
        self.assertTrue([e for e in events if e["event"] == "draft" and e["ids"]])
        choices = [e["id"] for e in events if e["event"] == "choice"]
        self.assertEqual([e["step"] for e in events if e["event"] == "choice"], list(range(1, len(choices) + 1)))
        plain = [json.loads(line) for line in self.of_model("--jsonl").splitlines()]
        self.assertEqual(choices, [e["id"] for e in plain if e["event"] == "choice"])
        self.assertIn("drafted 2 tokens", self.of_model(*lookup))

    def test_contrastive_search_shows_what_it_weighed(self):
        contrast = ["--penalty-alpha", "0.6", "--top-k", "4"]
        events = [json.loads(line) for line in self.of_model(*contrast, "--jsonl").splitlines()]
        weighed = [e for e in events if e["event"] == "contrast"]
        choices = [e["id"] for e in events if e["event"] == "choice"]
        self.assertEqual(len(weighed), len(choices))
        for step, chosen in zip(weighed, choices):
            best = max(step["candidates"], key=lambda c: c["score"])
            self.assertEqual(best["id"], chosen)
            for c in step["candidates"]:
                self.assertAlmostEqual(c["score"], 0.4 * c["probability"] - 0.6 * c["penalty"], places=5)
        drawn = self.of_model(*contrast)
        self.assertIn("similarity", drawn)
        self.assertLessEqual(max(map(len, drawn.splitlines())), 80)

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
