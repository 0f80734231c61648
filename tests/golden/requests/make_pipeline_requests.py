#!/usr/bin/env python3
"""Writes run.tiny.jsonl: every parameter of the pipeline, one by one and in drawn combinations.

Chosen before any result was seen, for the tiny checkpoints that have tokenizers.
"""

import json
import os
import random

TEXTS = [
    "The rain in Spain", "Once upon a time there was", "a", " leading space", "trailing space ", "Two\nlines\n", "naïve café, Straße 7",
    "日本語 and 🙂 together", "def f(x):\n    return x + 1\n", "one two three four five six seven eight nine ten eleven twelve",
    "1, 2, 3, 4 - 5; 6?", "\tTabs\tand  double  spaces", "<|endoftext|>after the end", "word" * 12, "It's ... don't !",
]  # fmt: skip
GREEDY = {"do_sample": False, "max_new_tokens": 6}


def shapes():
    """What comes back, for each kind of input."""
    returns = ({}, {"return_full_text": False}, {"return_full_text": True}, {"return_text": True}, {"return_tensors": True},
               {"return_tensors": True, "return_full_text": False}, {"return_text": False}, {"return_text": True, "return_full_text": True},
               {"return_tensors": True, "return_text": True}, {"return_tensors": False, "return_full_text": False})  # fmt: skip
    for inputs in (TEXTS[0], TEXTS[:2], [TEXTS[2]]):
        for more in returns:
            yield inputs, {**GREEDY, **more}, None
    for inputs in ([], "", [""], [TEXTS[0], ""]):
        yield inputs, GREEDY, None


def texts():
    for i, text in enumerate(TEXTS):
        yield text, GREEDY, None
        yield text, {"max_new_tokens": 6}, i
        yield text, {"max_new_tokens": 5, "num_return_sequences": 2, "return_full_text": False}, 40 + i


def decoding():
    for text in (TEXTS[1], TEXTS[10], TEXTS[14]):
        for clean in (True, False, None):
            yield text, {**GREEDY, "clean_up_tokenization_spaces": clean}, None
        for special in (True, False):
            yield text, {**GREEDY, "skip_special_tokens": special, "eos_token_id": None, "forced_eos_token_id": 700}, None
            yield text, {**GREEDY, "add_special_tokens": special}, None


def prefixes():
    for prefix in ("", "Before ", "two words. ", "\n"):
        yield TEXTS[0], {**GREEDY, "prefix": prefix}, None
        yield TEXTS[:2], {**GREEDY, "prefix": prefix, "return_full_text": False}, None
        yield TEXTS[0], {"do_sample": False, "max_length": 30, "prefix": prefix}, None
        yield TEXTS[0], {"do_sample": False, "max_length": 30, "min_length": 20, "prefix": prefix}, None


def lengths():
    for text in (TEXTS[0], TEXTS[9]):
        for length in (3, 8, 20, 36):
            yield text, {"do_sample": False, "max_length": length}, None
            yield text, {"max_length": length}, length
        yield text, {"max_length": 25, "max_new_tokens": 4}, 3
        yield text, {"max_length": 25, "max_new_tokens": None}, 4
        yield text, {"do_sample": False, "max_length": 30, "min_new_tokens": 3, "eos_token_id": list(range(4, 500))}, None
        yield text, {"do_sample": False, "max_new_tokens": 6, "min_length": 25, "eos_token_id": list(range(4, 500))}, None
        for fresh in (4, 20, 35, 45):
            yield text, {"do_sample": False, "max_new_tokens": fresh, "handle_long_generation": "hole"}, None
        yield text, {**GREEDY, "handle_long_generation": "other"}, None
        yield text, {**GREEDY, "truncation": True}, None
        yield text, {"do_sample": False, "max_length": 12, "truncation": True}, None


def batches():
    for size in (1, 2, 3, 8):
        yield TEXTS[:5], {**GREEDY, "batch_size": size}, None
        yield TEXTS[:5], {"max_new_tokens": 4, "batch_size": size}, 70 + size
        yield TEXTS[9:12], {**GREEDY, "batch_size": size, "return_tensors": True}, None
        yield TEXTS[3:6], {"max_new_tokens": 4, "batch_size": size, "num_return_sequences": 2}, 80 + size
    yield TEXTS[:2], {**GREEDY, "padding": True}, None
    yield TEXTS[:2], {**GREEDY, "batch_size": 0}, None


def stops():
    for stop in ("e", " ", ["a", "the"], "zzzz", ["o", "er", "\n"], "in"):
        yield TEXTS[0], {"do_sample": False, "max_new_tokens": 16, "stop_sequence": stop}, None
        yield TEXTS[1], {"max_new_tokens": 16, "stop_sequence": stop}, 11
    yield TEXTS[:3], {"do_sample": False, "max_new_tokens": 12, "stop_sequence": ["a", "s"], "batch_size": 3}, None
    yield TEXTS[0], {"do_sample": False, "max_new_tokens": 12, "stop_strings": ["a", "s"]}, None
    yield TEXTS[0], {"do_sample": False, "max_new_tokens": 12, "stop_sequence": ""}, None
    yield TEXTS[0], {"do_sample": False, "max_new_tokens": 12, "stop_sequence": []}, None


def wrong():
    for more in ({"temperature": 2}, {"max_new_tokens": 0}, {"num_return_sequences": 2}, {"top_q": 1}, {"early_stopping": "no"},
                 {"num_beams": 2, "num_return_sequences": 3}, {"repetition_penalty": 0.0}, {"return_tensors": "yes"}):  # fmt: skip
        yield TEXTS[0], {**GREEDY, **more}, None


def drawn(count=60):
    r = random.Random(5)
    for seed in range(count):
        kwargs = {"max_new_tokens": r.randint(1, 10)}
        for name, value in {
            "do_sample": r.random() < 0.7, "temperature": r.choice((0.3, 0.9, 1.5)), "top_k": r.choice((0, 5, 30)),
            "top_p": r.choice((0.3, 0.9)), "repetition_penalty": r.choice((1.1, 1.8)), "num_return_sequences": r.randint(1, 3),
            "num_beams": r.randint(2, 4), "return_full_text": r.random() < 0.5, "prefix": r.choice(("So ", "A\n")),
            "min_new_tokens": r.randint(1, 5), "no_repeat_ngram_size": r.randint(1, 3), "batch_size": r.randint(1, 3),
            "eos_token_id": r.sample(range(4, 700), 80), "guidance_scale": 1.5, "pad_token_id": r.choice((0, 5, 701)),
        }.items():
            if r.random() < 0.25:
                kwargs[name] = value
        inputs = r.choice(TEXTS) if r.random() < 0.6 else r.sample(TEXTS, r.randint(1, 4))
        yield inputs, kwargs, seed


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.tiny.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for part in (shapes, texts, decoding, prefixes, lengths, batches, stops, wrong, drawn):
            for i, (inputs, kwargs, seed) in enumerate(part()):
                request = {"id": f"{part.__name__}-{i}", "inputs": inputs, "kwargs": kwargs}
                if seed is not None:
                    request["seed"] = seed
                file.write(json.dumps(request, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
