"""Help, exit codes and messages of the program."""
import json
import re
import subprocess
import time
import unittest

from cli_support import GOLDEN, PROGRAM, CliTest

COMMANDS = ("run", "generate", "logits", "tokenize", "show", "bench", "env")


class Help(CliTest):
    def test_overview_lists_the_commands_that_exist_and_no_others(self):
        out, errors = self.cli("--help")
        self.assertEqual(tuple(re.findall(r"^  (\w+) ", out.decode(), re.M)), COMMANDS)
        self.assertEqual(errors, "")

    def test_every_help_fits_80_columns_and_teaches_by_example(self):
        for command in COMMANDS:
            for flag in ("--help", "-h", "--help-all"):
                text = self.cli(command, flag)[0].decode()
                self.assertLessEqual(max(map(len, text.splitlines())), 80, command)
                self.assertIn(f"Usage: typecase {command}", text)
                self.assertRegex(text, rf"\n  .*typecase {command}\b")

    def test_help_is_quick(self):
        def seconds():
            start = time.perf_counter()
            self.cli("run", "--help")
            return time.perf_counter() - start

        # 4 ms when measured alone; a loaded machine and a sanitizer get room.
        self.assertLess(min(seconds() for _ in range(5)), 0.25)

    def test_version(self):
        self.assertRegex(self.cli("--version")[0], rb"^typecase \d+\.\d+\.\d+\n$")


class Usage(CliTest):
    def test_unknown_things_are_named(self):
        self.assertIn("a command is needed", self.refused(2))
        self.assertIn("unknown command 'foo'", self.refused(2, "foo"))
        self.assertIn("'chat' is planned, but not there yet", self.refused(2, "chat"))
        self.assertIn("did you mean --temperature?", self.refused(2, "run", "--temprature", "1", "x"))
        self.assertIn("goes behind --", self.refused(2, "run", "--is-this-an-option"))
        self.assertIn("unexpected argument 'b'", self.refused(2, "run", "a", "b"))

    def test_wrong_values_say_what_is_allowed(self):
        for option, value, allowed in (
            ("--temperature", "warm", "a number"),
            ("--top-k", "1.5", "an integer"),
            ("--max-new-tokens", "", "an integer"),
            ("--early-stopping", "maybe", "true, false or never"),
            ("--bad-words-ids", "[[1", "JSON like [[ID]]"),
            ("--eos-token-id", '["a"]', "an integer or a list like [1, 2]"),
            ("--set", "top_k", "key=JSON"),
            ("--set", "top_k=many", "JSON"),
            ("--seed", "1e3", "an integer of at most 64 bits"),
            ("--seed", str(2**64), "an integer of at most 64 bits"),
            ("--dtype", "int8", "auto|float32|bfloat16|float16"),
            ("--threads", "0", "an integer from 1 to 4096"),
        ):
            message = self.refused(2, "run", "x", option, value)
            self.assertTrue(message.startswith(option), message)
            self.assertIn(allowed, message)
        self.assertIn("--do-sample: expected true or false", self.refused(2, "run", "x", "--do-sample=2"))
        self.assertIn("--seed: needs a value", self.refused(2, "run", "x", "--seed"))

    def test_what_the_model_refuses_is_a_usage_error_too(self):
        model = ("--model", self.model)
        self.assertIn("max_new_tokens", self.refused(2, "run", "x", "--max-new-tokens", "0", *model))
        self.assertIn("temperature", self.refused(2, "run", "x", "--temperature", "0", *model))
        self.assertIn("top_q", self.refused(2, "run", "x", "--set", "top_q=1", *model))

    def test_missing_models_and_files(self):
        self.assertIn("./dev setup", self.refused(3, "run", "x"))
        self.assertIn("/no/where", self.refused(3, "run", "x", "--model", "/no/where"))
        self.assertIn("/no/where", self.refused(3, "show", "/no/where"))
        self.assertIn("/no/where", self.refused(3, "run", "x", TYPECASE_MODEL="/no/where"))
        self.assertIn("/no/where", self.refused(3, "run", "x", "--generation-config", "/no/where"))
        self.assertIn("/no/where", self.refused(3, "generate", "--requests", "/no/where"))
        self.assertIn("no/out", self.refused(3, "logits", "--requests", "/dev/null", "--model",
                                             self.model, "-o", self.path("no/out")))

    def test_a_model_that_is_none(self):
        with open(self.path("bad.gguf"), "wb") as f:
            f.write(b"GGUFxxxx")
        self.assertIn("bad.gguf", self.refused(6, "show", self.path("bad.gguf")))

    def test_a_full_disk_is_no_success(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "env"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 7)
        self.assertIn(b"standard output: cannot be written", done.stderr)


class Show(CliTest):
    def test_gpt2(self):
        text = self.cli("show", str(GOLDEN / "gpt2"))[0].decode()
        self.assertRegex(text, r"architecture +GPT2LMHeadModel\n")
        # 128·32 + 96·32 embeddings, two blocks of 12·32² + 13·32, the last norm; the head is tied.
        self.assertRegex(text, r"parameters +32,640\n")

    def test_json_and_environment(self):
        summary = json.loads(self.cli("show", "--json", TYPECASE_MODEL=self.model)[0])
        self.assertEqual(summary["model"], self.model)
        self.assertEqual(summary["tokenizer"]["vocabulary_size"], 128)
        about = json.loads(self.cli("env", "--json", TYPECASE_MODEL=self.model)[0])
        self.assertEqual(about["default_model"], self.model)
        self.assertEqual(about["cache_folder"], self.path("cache"))
        self.assertIsNone(json.loads(self.cli("env", "--json")[0])["default_model"])


class Bench(CliTest):
    def test_every_measure_has_its_share_of_the_limit(self):
        out, _ = self.cli("bench", "-m", self.model, "-r", "1", "-p", "8", "-n", "4", "--json")
        result = json.loads(out)
        for measure in ("load", "prefill", "decode"):
            self.assertGreater(result[measure]["share_of_limit"], 0)
        # q, o: 32·64; k, v: 32·16; three of 32·56; two layers; the tied head of 128·32; bfloat16.
        weights = 2 * (2 * 32 * 64 + 2 * 32 * 16 + 3 * 32 * 56) + 128 * 32
        self.assertEqual(result["bytes_per_token"], 2 * weights)


if __name__ == "__main__":
    unittest.main()
