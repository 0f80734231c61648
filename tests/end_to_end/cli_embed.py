#!/usr/bin/env python3
"""The commands of models that read whole texts: embed and fill; and what such models refuse."""

import json
import unittest

from cli_support import GOLDEN, CliTest

SENTENCES, WORDS, T5 = (str(GOLDEN / name) for name in ("sentences", "bert-text", "t5"))


class EncoderTest(CliTest):
    def answer(self, *arguments):
        return self.cli(*arguments)[0].decode()


class Embed(EncoderTest):
    def test_prints_a_vector_as_the_module_files_say(self):
        vector = json.loads(self.answer("embed", "The dog eats bread.", "--model", SENTENCES))
        self.assertEqual(len(vector), 64)  # cls and mean, behind each other

    def test_options_overrule_the_files(self):
        words = ("embed", "The dog eats bread.", "--model", SENTENCES, "--pooling", "mean", "--normalize", "--json")
        answer = json.loads(self.answer(*words))
        self.assertEqual(answer["text"], "The dog eats bread.")
        self.assertEqual(len(answer["embedding"]), 32)
        self.assertAlmostEqual(sum(x * x for x in answer["embedding"]), 1, places=5)

    def test_models_that_write_are_refused(self):
        self.assertIn("writes texts", self.refused(6, "embed", "x", "--model", str(GOLDEN / "gpt2-text")))


class Fill(EncoderTest):
    def test_shows_the_most_probable_words(self):
        lines = self.answer("fill", "The man eats [MASK].", "--model", WORDS, "--top", "3").splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], r"^ 15\.74 %  \"!\"$")

    def test_a_text_without_a_mask_is_refused(self):
        self.assertIn("[MASK]", self.refused(1, "fill", "The man eats.", "--model", WORDS))

    def test_readers_do_not_write(self):
        self.assertIn("writes none", self.refused(6, "generate", "--input-ids", "[[5]]", "--model", WORDS))


class EncoderDecoder(EncoderTest):
    def test_show_counts_both_stacks(self):
        shown = json.loads(self.answer("show", T5, "--json"))
        self.assertEqual((shown["encoder_layers"], shown["layers"], shown["num_parameters"]), (2, 2, 46512))

    def test_parameters_are_those_the_reference_counts(self):
        for name, count in (("bart", 51168), ("marian", 50912), ("umt5", 53728)):
            shown = json.loads(self.answer("show", str(GOLDEN / name), "--json"))
            self.assertEqual(shown["num_parameters"], count, name)

    def test_generate_answers_with_a_text_of_its_own(self):
        answer = json.loads(self.answer("generate", "--input-ids", "[[9, 30, 61]]", "--max-new-tokens", "4", "--model", T5))
        self.assertEqual((len(answer["sequences"][0]), answer["sequences"][0][0]), (5, 0))


if __name__ == "__main__":
    unittest.main()
