"""The batch interface: order, ids, errors, and what requests may say."""
import json
import os
import shutil
import unittest

from cli_support import VOCABULARY, CliTest

PROMPT = [[9, 47, 87, 9, 53]]


class Requests(CliTest):
    def test_answers_come_in_order_with_their_ids(self):
        ids = ["b", "a", 7, None, {"n": [1]}, "b"]
        answers = self.batch("generate", [{"id": i, "input_ids": PROMPT,
                                           "generation_config": {"max_new_tokens": 1 + n}}
                                          for n, i in enumerate(ids)])
        self.assertEqual([a["id"] for a in answers], ids)
        longest = answers[-1]["sequences"][0]
        for n, answer in enumerate(answers):
            self.assertEqual(answer["sequences"][0], longest[:len(PROMPT[0]) + 1 + n])

    def test_a_bad_request_gives_an_error_and_the_rest_go_on(self):
        good = {"id": "good", "input_ids": PROMPT, "generation_config": {"max_new_tokens": 1}}
        bad = {
            b"{": "not valid JSON",
            b"[1]": "a request is a JSON object",
            b'"text"': "a request is a JSON object",
            b'{"id": "x"}': "no 'input_ids'",
            b'{"id": "x", "id": "y"}': "twice",
            b'{"id": "\xff"}': "not valid JSON",
            b'{"id": "x", "input_ids": 5}': "a list of lists of token ids",
            b'{"id": "x", "input_ids": []}': "a list of lists of token ids",
            b'{"id": "x", "input_ids": [5]}': "a list of token ids",
            b'{"id": "x", "input_ids": [[1, 2], [3]]}': "one length",
            b'{"id": "x", "input_ids": [[1.0]]}': "integers",
            b'{"id": "x", "input_ids": [[-1]]}': "-1 is no token id",
            b'{"id": "x", "input_ids": [[2147483648]]}': "2147483648 is no token id",
            b'{"id": "x", "input_ids": [[128]]}': "128",
            b'{"id": "x", "input_ids": [[1, 2]], "attention_mask": [[1]]}': "attention_mask",
            b'{"id": "x", "input_ids": [[1, 2]], "attention_mask": [[1, 2]]}': "0 and 1",
            b'{"id": "x", "input_ids": [[1]], "seed": 1.5}': "seed",
            b'{"id": "x", "input_ids": [[1]], "generation_config": 5}': "generation_config",
            b'{"id": "x", "input_ids": [[1]], "generation_config": {"max_new_tokens": 0}}': "max_new_tokens",
            b'{"id": "x", "input_ids": [[]]}': "at least one id",
            b'{"id": "x", "text": ""}': "no tokens",
            b'{"id": "x", "text": 5}': "a text",
            b'{"id": "x", "text": []}': "a text",
        }
        lines = [line for pair in bad for line in (pair, json.dumps(good).encode())]
        answers = self.batch("generate", lines, code=1)
        self.assertEqual(len(answers), len(lines))
        for line, answer in zip(bad, answers[::2]):
            self.assertEqual(answer["error"]["code"], "invalid_argument", line)
            self.assertIn(bad[line], answer["error"]["message"], line)
        for answer in answers[1::2]:
            self.assertEqual(answer, {"id": "good", "sequences": answers[1]["sequences"]})

    def test_lines_have_a_limit(self):
        huge = b'{"id": "x", "text": "' + b"a" * (64 << 20) + b'"}'
        answers = self.batch("tokenize", [huge, {"id": "y", "text": "a"}], code=1)
        self.assertEqual(answers[0]["error"]["code"], "limit")
        self.assertIn("67108864", answers[0]["error"]["message"])
        self.assertEqual(answers[1]["input_ids"], [VOCABULARY["a"]])

    def test_blank_lines_and_a_missing_last_line_end(self):
        with open(self.path("odd.jsonl"), "wb") as f:
            f.write(b'\n{"id": 1, "text": "a"}\r\n  \n{"id": 2, "text": "b"}')
        out, _ = self.cli("tokenize", "--model", self.model, "--requests", self.path("odd.jsonl"))
        self.assertEqual([json.loads(line)["id"] for line in out.splitlines()], [1, 2])

    def test_from_standard_input_into_a_file(self):
        out, _ = self.cli("tokenize", "--model", self.model, "--requests", "-", "--output",
                          self.path("out.jsonl"), stdin=b'{"id": 1, "text": "ab"}\n')
        self.assertEqual(out, b"")
        with open(self.path("out.jsonl"), "rb") as f:
            self.assertEqual(f.read(), b'{"id": 1, "input_ids": [64, 65], "tokens": ["a", "b"]}\n')

    def test_options_are_defaults_and_requests_refine_them(self):
        answers = self.batch("generate", [{"id": 1, "input_ids": PROMPT},
                                          {"id": 2, "input_ids": PROMPT,
                                           "generation_config": {"max_new_tokens": 2}}],
                             "--max-new-tokens", "3")
        self.assertEqual([len(a["sequences"][0]) - len(PROMPT[0]) for a in answers], [3, 2])

    def test_a_seed_gives_the_same_draw_wherever_it_stands(self):
        sample = {"do_sample": True, "max_new_tokens": 12, "eos_token_id": None}
        answers = self.batch("generate", [{"id": i, "input_ids": PROMPT, "seed": seed,
                                           "generation_config": sample}
                                          for i, seed in enumerate([1, 2, 1, 2**32 + 1])])
        first, second, again, same_low_bits = (a["sequences"] for a in answers)
        self.assertEqual(first, again)
        self.assertEqual(first, same_low_bits)
        self.assertNotEqual(first, second)


class Texts(CliTest):
    def test_several_texts_need_a_padding_token(self):
        requests = [{"id": 1, "text": ["ab", "abcd"]}, {"id": 2, "text": ["ab"]}, {"id": 3, "text": "ab"}]
        answers = self.batch("generate", requests, "--max-new-tokens", "1", code=1)
        self.assertIn("no padding token", answers[0]["error"]["message"])
        self.assertEqual(answers[1]["sequences"], answers[2]["sequences"])
        self.assertEqual(answers[1]["sequences"][0][:2], [VOCABULARY["a"], VOCABULARY["b"]])

    def test_tokenize_both_ways(self):
        text = "a b"
        answers = self.batch("tokenize", [
            {"id": 1, "text": text, "offsets": True},
            {"id": 2, "ids": [VOCABULARY["a"], VOCABULARY["Ġ"], 99999, 2**31, VOCABULARY["b"]]},
            {"id": 3, "ids": [-1]},
            {"id": 4, "ids": "a"},
            {"id": 5, "text": text, "add_special_tokens": 1},
            {"id": 6},
        ], code=1)
        self.assertEqual(answers[0]["input_ids"], [VOCABULARY[c] for c in ("a", "Ġ", "b")])
        self.assertEqual(answers[0]["tokens"], ["a", "Ġ", "b"])
        self.assertEqual(len(answers[0]["offsets"]), 3)
        self.assertEqual(answers[1], {"id": 2, "text": text})
        for answer in answers[2:]:
            self.assertEqual(answer["error"]["code"], "invalid_argument")

    def test_a_folder_with_nothing_but_a_tokenizer(self):
        os.mkdir(self.path("bare"))
        shutil.copy(os.path.join(self.model, "tokenizer.json"), self.path("bare"))
        answers = self.batch("tokenize", [{"id": 1, "text": "b"}], model=self.path("bare"))
        self.assertEqual(answers[0]["input_ids"], [VOCABULARY["b"]])

    def test_run_returns_what_the_pipeline_returns(self):
        greedy = {"do_sample": False, "max_new_tokens": 3}
        one, several, wrong = self.batch("run", [
            {"id": 1, "inputs": "ab", "kwargs": greedy},
            {"id": 2, "inputs": ["ab", "b"], "kwargs": {**greedy, "return_full_text": False}},
            {"id": 3}], code=1)
        text = one["result"][0]["generated_text"]
        self.assertTrue(text.startswith("ab") and len(text) > 2)
        self.assertEqual(several["result"][0], [{"generated_text": text[2:]}])
        self.assertEqual(len(several["result"]), 2)
        self.assertIn("no 'inputs'", wrong["error"]["message"])


class Fields(CliTest):
    def test_a_bias_by_text_is_one_for_each_of_its_tokens(self):
        def continued(bias):
            config = {"max_new_tokens": 6, "do_sample": False, "logit_bias": bias}
            (answer,) = self.batch("generate", [{"id": 1, "input_ids": PROMPT, "generation_config": config}])
            return answer["sequences"][0][len(PROMPT[0]):]

        self.assertEqual(continued([["b", 100]]), [VOCABULARY["b"]] * 6)
        plain = continued([])
        first = next(text for text, i in VOCABULARY.items() if i == plain[0])
        for text, by_id in ((first, {str(plain[0]): -100}), ("ab", {"64": 3, "65": 3})):
            bias = -100 if text == first else 3
            self.assertEqual(continued({text: bias}), continued(by_id), text)
        self.assertNotIn(plain[0], continued({first: -100}))

    def test_a_row_that_cannot_go_on_may_end_alone(self):
        every = list(range(128))
        config = {"no_repeat_ngram_size": 1, "max_new_tokens": 3, "do_sample": True, "pad_token_id": 3,
                  "eos_token_id": 127}
        request = {"id": 1, "input_ids": [every, [3] * 123 + PROMPT[0]], "generation_config": config,
                   "attention_mask": [[1] * 128, [0] * 123 + [1] * 5]}
        whole, alone = self.batch("generate", [request, {**request, "rows_fail_alone": True}], code=1)
        self.assertIn("every token is forbidden", whole["error"]["message"])
        self.assertIn("every token is forbidden", alone["row_errors"][0])
        self.assertIsNone(alone["row_errors"][1])
        self.assertEqual(alone["sequences"][0][128:], [3, 3, 3])
        self.assertEqual(len(alone["sequences"][1]), 131)


class Numbers(CliTest):
    def test_logits_have_a_number_for_each_position_and_id(self):
        (answer,) = self.batch("logits", [{"id": 1, "input_ids": PROMPT}])
        self.assertEqual([len(answer["logits"]), len(answer["logits"][0]), len(answer["logits"][0][0])],
                         [1, 5, 128])

    def test_beam_scores_come_with_the_scores(self):
        beams = {"max_new_tokens": 2, "num_beams": 2, "do_sample": False, "return_dict_in_generate": True}
        plain, scored = self.batch("generate", [
            {"id": 1, "input_ids": PROMPT, "generation_config": beams},
            {"id": 2, "input_ids": PROMPT, "generation_config": {**beams, "output_scores": True}}])
        self.assertEqual(set(plain), {"id", "sequences", "beam_indices"})
        self.assertEqual(set(scored), {"id", "sequences", "beam_indices", "sequences_scores", "scores"})

    def test_scores_come_only_when_asked_for(self):
        config = {"max_new_tokens": 2, "do_sample": False}
        plain, scored = self.batch("generate", [
            {"id": 1, "input_ids": PROMPT, "generation_config": config},
            {"id": 2, "input_ids": PROMPT, "generation_config": {
                **config, "return_dict_in_generate": True, "output_scores": True, "min_new_tokens": 2}}])
        self.assertEqual(set(plain), {"id", "sequences"})
        self.assertEqual(set(scored), {"id", "sequences", "scores"})
        self.assertEqual([len(scored["scores"]), len(scored["scores"][0][0])], [2, 128])
        # min_new_tokens forbids the ends of sequence; infinity has no JSON number.
        self.assertEqual([scored["scores"][0][0][i] for i in (2, 17, 41)], ["-inf"] * 3)


if __name__ == "__main__":
    unittest.main()
