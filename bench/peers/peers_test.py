#!/usr/bin/env python3
"""The arithmetic of the page, resuming, the choice of rows, and that weights are the same bytes everywhere. No network."""

import hashlib
import os
import sys
import tempfile
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "tools")]

import install  # noqa: E402
import protocol  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import run  # noqa: E402
from process import Process  # noqa: E402
from results import Results, agreement  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None


class WithResults(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "results.jsonl")
        self.results = Results(self.path)

    def add(self, row, peer, *values, **more):
        for i, value in enumerate(values):
            self.results.add(row=row, peer=peer, round=i, value=value, unit="tokens/s", load=0.5, foreign=0.0, **more)


class Figures(WithResults):
    def test_ours_is_compared_with_the_best_of_the_others(self):
        row = "smollm2-bf16/decode_8"
        self.add(row, "typecase", 130, 150, 170)
        self.add(row, "openvino", 70, 75)
        self.add(row, "llama-prebuilt", 90, 100, 110)
        self.assertEqual(self.results.median(row, "openvino"), 72.5)
        self.assertEqual(self.results.best_rival(row), ("llama-prebuilt", 100))
        self.assertEqual(self.results.verdict(rows.Required(row, 1.5)), ("llama-prebuilt", 1.5, True))
        self.assertEqual(self.results.verdict(rows.Required(row, 1.51)), ("llama-prebuilt", 1.5, False))

    def test_where_less_is_more_the_ratio_is_turned_round(self):
        row = "smollm2-bf16/first_token"
        self.add(row, "typecase", 0.1)
        self.add(row, "llama-prebuilt", 0.3)
        self.add(row, "openvino", 0.2)
        self.assertEqual(self.results.best_rival(row), ("openvino", 0.2))
        peer, ratio, enough = self.results.verdict(rows.Required(row, 3.1, "llama"))
        self.assertEqual((peer, round(ratio, 6), enough), ("llama-prebuilt", 3.0, False))

    def test_memory_is_held_to_the_size_of_the_file(self):
        row = "smollm2-bf16/memory"
        self.add(row, "typecase", 300)
        self.assertFalse(self.results.verdict(rows.Required(row, 1.25, "file"))[2])
        self.results.add(about="file smollm2-bf16", bytes=250)
        self.assertEqual(self.results.verdict(rows.Required(row, 1.25, "file")), ("the file", 1.2, True))
        self.assertFalse(self.results.verdict(rows.Required(row, 1.1, "file"))[2])

    def test_a_row_of_our_own_may_be_the_rival(self):
        self.add("smollm2-bf16/decode_8", "typecase", 100)
        self.add("smollm2-bf16/decode_8+busy", "typecase", 45)
        required = rows.Required("smollm2-bf16/decode_8+busy", 0.5, "smollm2-bf16/decode_8")
        self.assertEqual(self.results.verdict(required)[1:], (0.45, False))

    def test_decode_is_held_to_the_bandwidth_of_the_same_run(self):
        self.add("smollm2-bf16/decode_8", "typecase", 100)
        self.add("smollm2-bf16/prefill_512", "typecase", 1000)
        self.results.add(about="limits smollm2-bf16", bytes_per_token=2e8, read_bytes_per_second=4e10)
        self.assertAlmostEqual(self.results.share_of_limit("smollm2-bf16/decode_8"), 0.5)
        self.assertIsNone(self.results.share_of_limit("smollm2-bf16/prefill_512"))

    def test_the_limit_is_the_most_of_all_rounds_and_the_goal_the_lower_of_two(self):
        self.add("smollm2-q8_0/decode_8", "typecase", 100)
        for read, ceiling in ((4e10, 180), (2e10, 200)):
            self.results.add(about="limits smollm2-q8_0", bytes_per_token=2e8, read_bytes_per_second=read, dequantise_tokens_per_second=ceiling)
        self.assertAlmostEqual(self.results.share_of_limit("smollm2-q8_0/decode_8"), 0.5)
        self.assertAlmostEqual(self.results.share_of_goal("smollm2-q8_0/decode_8"), 100 / 150)  # 75 % of 200 < 85 % of 200
        self.results.add(about="limits smollm2-q8_0", bytes_per_token=2e8, read_bytes_per_second=0, dequantise_tokens_per_second=400)
        self.assertAlmostEqual(self.results.share_of_goal("smollm2-q8_0/decode_8"), 100 / 170)

    def test_the_reference_stands_beside_itself(self):
        self.add("smollm2-bf16/ids", "transformers", list(range(32)))
        self.add("smollm2-bf16/ids_again", "transformers", [0, 1, 2, *range(29)])
        self.add("smollm2-bf16/ids", "typecase", list(range(32)))
        lines = list(report.agreements(self.results, install.table()))
        self.assertTrue(any("| Typecase | 32 of 32 |" in line for line in lines))
        self.assertTrue(any("| transformers | 3 of 32 | itself in one pass |" in line for line in lines))

    def test_what_was_not_measured_is_not_met(self):
        self.assertEqual(self.results.verdict(rows.Required("gpt2-f32/decode_8", 0.0)), (None, None, False))

    def test_agreement_counts_the_leading_equal_ids(self):
        self.assertEqual([agreement([1, 2, 3], other) for other in ([1, 2, 3], [1, 9, 3], [9], [])], [3, 1, 0, 0])


class Resuming(WithResults):
    def test_a_second_run_knows_what_the_first_did(self):
        self.add("gpt2-f32/decode_8", "openvino", 70)
        self.results.add(row="gpt2-f32/beams_4", peer="llama-prebuilt", round=0, error="it has no beam search")
        again = Results(self.path)
        self.assertTrue(again.done("gpt2-f32/decode_8", "openvino", 0))
        self.assertTrue(again.done("gpt2-f32/beams_4", "llama-prebuilt", 0))
        self.assertFalse(again.done("gpt2-f32/beams_4", "llama-prebuilt", 0, retry=True))
        self.assertTrue(again.done("gpt2-f32/decode_8", "openvino", 0, retry=True))
        self.assertFalse(again.done("gpt2-f32/decode_8", "openvino", 1))
        self.assertFalse(again.done("gpt2-f32/decode_8", "typecase", 0))

    def test_a_line_that_was_cut_off_is_measured_again(self):
        self.add("gpt2-f32/decode_8", "openvino", 70)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write('{"row": "gpt2-f32/decode_8", "peer": "typecase", "rou')
        again = Results(self.path)
        self.assertFalse(again.done("gpt2-f32/decode_8", "typecase", 0))
        again.add(row="gpt2-f32/decode_8", peer="typecase", round=0, value=80, unit="tokens/s")
        self.assertEqual(Results(self.path).values("gpt2-f32/decode_8", "typecase"), [80])

    def test_a_value_outweighs_an_earlier_failure(self):
        row = "gpt2-f32/decode_8"
        self.results.add(row=row, peer="vllm", round=0, error="not done in 300 s")
        self.assertEqual(self.results.failures(), {("vllm", row): "not done in 300 s"})
        self.add(row, "vllm", 5)
        self.assertEqual(self.results.failures(), {})


class Plan(unittest.TestCase):
    def test_rows_models_and_metrics_can_be_named(self):
        self.assertEqual(rows.plan(only=["smollm2-bf16/decode_8"]), [("smollm2", "bf16", ["decode_8"])])
        self.assertEqual([line[0] for line in rows.plan(only=["gpt2"])], ["gpt2"])
        self.assertEqual({tuple(line[2]) for line in rows.plan(only=["beams_4"])}, {("beams_4",)})

    def test_gpt2_is_not_asked_for_more_than_its_positions(self):
        for model, _, metrics in rows.plan(quick=False, full=True):
            self.assertEqual(any(metric.endswith("_2048") for metric in metrics), model != "gpt2")

    def test_every_required_row_is_one_that_is_measured(self):
        measured = {f"{model}-{form}/{metric}" for model, form, metrics in rows.plan(full=True) for metric in metrics}
        for amx in (False, True):
            for one in rows.required(amx):
                self.assertIn(one.row, measured)
                self.assertTrue("/" not in one.rival or one.rival in measured)

    def test_the_table_of_peers_names_what_exists(self):
        table = install.table()
        for name, peer in table["peer"].items():
            self.assertTrue(name == "typecase" or peer["environment"] in table["environment"])
            self.assertTrue(os.path.exists(os.path.join(HERE, f"drive_{peer['driver']}.py")), name)
            self.assertLessEqual(set(peer["models"]), set(rows.FORMATS))


class Protocol(unittest.TestCase):
    def test_prompts_are_always_the_same_and_never_share_a_beginning(self):
        self.assertEqual(protocol.prompt(8), [152, 95, 17, 203, 163, 190, 86, 24])
        starts = {tuple(protocol.prompt(length, seed)[:4]) for length in (8, 128, 512) for seed in range(20)}
        self.assertEqual(len(starts), 60)

    def test_a_short_answer_is_no_measurement(self):
        clock = protocol.Clock(lambda prompts, new_tokens, beams, tick: [[1] * (new_tokens - 1)])
        with self.assertRaisesRegex(ValueError, "asked for 3 tokens, got .2."):
            clock([[1]], 3)

    def test_decode_counts_from_the_first_token(self):
        clock = protocol.Clock(lambda prompts, new_tokens, beams, tick: [[tick() or 1 for _ in range(new_tokens)]])
        self.assertGreater(protocol.decode(clock, 8, 0), 0)
        self.assertLessEqual(clock.first, clock.end)


class OneProcess(unittest.TestCase):
    def test_lines_and_memory_are_taken(self):
        process = Process([sys.executable, "-c", "print('talk'); print('{}')"], 60, {})
        self.assertEqual(process.lines, ["{}\n"])
        self.assertGreater(process.peak, 2**20)

    def test_what_does_not_end_is_ended_with_its_children(self):
        child = "import subprocess, sys; subprocess.run(['sleep', '60'])"
        self.assertEqual(Process([sys.executable, "-c", child], 1, {}).why, "not done in 1 s")

    def test_a_failure_is_told_in_its_last_words(self):
        process = Process([sys.executable, "-c", "raise SystemExit('no such model')"], 60, {})
        self.assertEqual((process.lines, process.why), ([], "no such model"))


class Page(WithResults):
    def page(self):
        return report.page(self.results, install.table())

    def test_it_says_what_was_measured_and_what_was_not(self):
        self.results.add(about="machine", processor="P", family="family 1, model 2", cores=2, isa=["avx2"], memory=2**34,
                         system="Linux", threads=2)  # fmt: skip
        self.results.add(about="peer vllm", why="cannot be installed: no wheel")
        self.add("gpt2-f32/decode_8", "typecase", 110, 130)
        self.add("gpt2-f32/decode_8", "openvino", 100, 100)
        self.results.add(row="gpt2-f32/beams_4", peer="llama-prebuilt", round=0, error="cannot open /home/x/y.gguf")
        text = self.page()
        self.assertIn("| GPT-2 124M's shape, float32, decode at 8 | 120 | OpenVINO GenAI | 1.20× | ≥ 1.2× | **met** |", text)
        self.assertIn("| decode at 8 | 120 (110–130) | 100 (100–100) | 1.20× |  |", text)
        self.assertIn("cannot be installed: no wheel", text)
        self.assertIn("4 beams: cannot open y.gguf", text)
        self.assertIn("The machine was otherwise idle.", text)

    def test_a_busy_machine_is_told(self):
        self.results.add(about="machine", processor="P", family="f", cores=2, isa=[], memory=1, system="Linux", threads=2)
        self.results.add(row="gpt2-f32/decode_8", peer="typecase", round=0, value=1, unit="tokens/s", load=9.0, foreign=1.5)
        self.results.add(row="gpt2-f32/decode_8", peer="openvino", round=0, value=0.1, unit="tokens/s", load=9.0, foreign=1.5)
        self.assertIn("**not idle**", self.page())
        self.assertIn("| 10.00× | ≥ 1.2× | undecided |", self.page())


@unittest.skipIf(numpy is None, "numpy is not installed")
class Weights(unittest.TestCase):
    def test_a_checkpoint_is_the_same_bytes_everywhere(self):
        import convert

        expected = {
            "f32": "03c267c564a5297a8b8b7ea8a03c06d5594f35830636a1be4e22a69e6e3ec649",
            "bf16": "a22aeeaa0190a05dc9bc72073c864ae5aa027ae0fb48a4c313396f469549f24b",
        }
        with tempfile.TemporaryDirectory() as folder:
            for form, digest in expected.items():
                convert.checkpoint(os.path.join(folder, form), convert.RECIPES["tiny"], form)
                with open(os.path.join(folder, form, "model.safetensors"), "rb") as file:
                    self.assertEqual(hashlib.sha256(file.read()).hexdigest(), digest)


class Weights(unittest.TestCase):
    def test_the_converters_are_installed_like_the_peers_or_said_to_be_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            options = types.SimpleNamespace(folder=folder, results=None, no_install=True, program=None)
            peer = run.Contestant("openvino", options, install.table()["peer"]["openvino"])
            self.assertEqual(run.Measuring(options).prepare(peer, "tiny", "bf16"), "convert: not installed")


class Variants(unittest.TestCase):
    def test_one_library_of_several_is_left(self):
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "bin")
            os.makedirs(place)
            for name in ("libllama.so", "libggml-base.so", "libggml-cpu-haswell.so", "libggml-cpu-zen4.so"):
                with open(os.path.join(place, name), "w", encoding="utf-8"):
                    pass
            chosen = install.with_variant(place, "haswell")
            self.assertEqual(sorted(os.listdir(chosen)), ["libggml-base.so", "libggml-cpu-haswell.so", "libllama.so"])

    def test_rows_without_newer_instructions_are_asked_of_those_who_can(self):
        metrics = dict(((model, form), metrics) for model, form, metrics in rows.plan(only=["decode_8+avx2"]))
        self.assertEqual(metrics[("smollm2", "bf16")], ["decode_8+avx2"])
        self.assertNotIn(("gpt2", "f32"), metrics)


if __name__ == "__main__":
    unittest.main()
