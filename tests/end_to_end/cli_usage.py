"""Help, exit codes and messages of the program."""
import json
import math
import os
import re
import resource
import subprocess
import unittest

from cli_support import GOLDEN, PROGRAM, CliTest

COMMANDS = ("run", "chat", "generate", "explain", "compare", "score", "logits", "embed", "fill", "tokenize", "render",
            "show", "pull", "ls", "rm", "bench", "completions", "env")


# What a command line cannot usefully set.
NO_OPTION = {"cache_implementation", "cache_config", "max_cache_len", "compile_config", "disable_compile",
             "continuous_batching_config", "prefill_chunk_size", "is_assistant", "transformers_version",
             "_from_model_config", "output_attentions", "output_hidden_states", "use_mtp",
             "speculation_type", "assistant_lookbehind", "target_lookbehind", "assistant_ensemble_weight"}


def gpt2_shaped(folder):
    """A folder of GPT-2's exact shape whose weights are a hole in a file: no bytes on the disk."""
    shapes = {"wte.weight": [50257, 768], "wpe.weight": [1024, 768], "ln_f.weight": [768], "ln_f.bias": [768]}
    for i in range(12):
        for part, shape in (("ln_1", [768]), ("attn.c_attn", [768, 2304]), ("attn.c_proj", [768, 768]),
                            ("ln_2", [768]), ("mlp.c_fc", [768, 3072]), ("mlp.c_proj", [3072, 768])):
            shapes[f"h.{i}.{part}.weight"] = shape
            shapes[f"h.{i}.{part}.bias"] = shape[-1:]
    header, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    os.mkdir(folder)
    with open(os.path.join(folder, "model.safetensors"), "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        f.truncate(8 + len(text) + end)
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as f:
        json.dump({"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 50257,
                   "n_positions": 1024, "n_ctx": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12,
                   "activation_function": "gelu_new", "layer_norm_epsilon": 1e-05,
                   "bos_token_id": 50256, "eos_token_id": 50256}, f)
    return folder


class Help(CliTest):
    def test_every_generation_field_has_its_option(self):
        decode = GOLDEN.parents[1] / "src" / "decode"
        fields = set(re.findall(r'^    \{"(\w+)"', (decode / "fields.cpp").read_text(encoding="utf-8"), re.M))
        own = re.search(r"kOwn\{(.*?)\};", (decode / "own_filters.cpp").read_text(encoding="utf-8"), re.S)
        fields |= set(re.findall(r'"(\w+)"', own[1]))
        self.assertGreater(len(fields), 70)
        for command in ("run", "generate"):
            text = self.cli(command, "--help-all")[0].decode()
            generation = text[text.index("\nGeneration\n"):text.index("\nModel\n")]
            options = {name.replace("-", "_") for name in re.findall(r"^  --(?:\[no-\])?([\w-]+)", generation, re.M)}
            self.assertEqual(options - {"seed", "set", "generation_config"}, fields - NO_OPTION)

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
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.cli("run", "--help")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        # Processor time: a loaded machine must not fail it. 4 ms; a sanitizer gets room.
        self.assertLess(min(seconds() for _ in range(5)), 0.25)

    def test_version(self):
        self.assertRegex(self.cli("--version")[0], rb"^typecase \d+\.\d+\.\d+\n$")


class Usage(CliTest):
    def test_unknown_things_are_named(self):
        self.assertIn("a command is needed", self.refused(2))
        self.assertIn("unknown command 'foo'", self.refused(2, "foo"))
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
    def test_the_real_gpt2_has_its_famous_number_of_parameters(self):
        model = gpt2_shaped(self.path("gpt2"))
        text = self.cli("show", model)[0].decode()
        self.assertRegex(text, r"parameters +124,439,808\n")
        self.assertRegex(text, r"memory +497\.8 MB for the weights")

    def test_gpt2(self):
        text = self.cli("show", str(GOLDEN / "gpt2"))[0].decode()
        self.assertRegex(text, r"architecture +GPT2LMHeadModel\n")
        # 128·32 + 96·32 embeddings, two blocks of 12·32² + 13·32, the last norm; the head is tied.
        self.assertRegex(text, r"parameters +32,640\n")

    def test_without_a_model_the_families_are_listed(self):
        lines = self.cli("show")[0].decode().splitlines()
        self.assertGreaterEqual(len(lines), 26)
        self.assertRegex("\n".join(lines), r"(?m)^GPT2LMHeadModel +GPT-2, ")
        listed = json.loads(self.cli("show", "--json")[0])
        self.assertEqual(len(listed), len(lines))
        self.assertIn("qwen3_moe", [family["model_type"] for family in listed])

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
        self.assertGreater(result["decode"]["share_of_goal"], 0)

    def test_the_last_line_compares_with_recorded_figures(self):
        line = ("bench", "-m", self.model, "-r", "1", "-p", "8", "-n", "4", "--figures", self.path("figures.json"))
        self.assertIn(b"no earlier figures", self.cli(*line, "--record")[0].splitlines()[-1])
        self.assertIn(b"against earlier figures", self.cli(*line)[0].splitlines()[-1])
        self.refused(2, "bench", "-m", self.model, "--record")


if __name__ == "__main__":
    unittest.main()
