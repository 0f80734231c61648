#!/usr/bin/env python3
"""Writes generate.invalid.jsonl: configurations that end in an error, or that look as if they should.

One wrong value a request, around the limits of every field; which of them the reference refuses,
and how, the recording says; our message names `culprit`. Chosen before any result was seen.
"""

import json
import os

PROMPT = [[9, 46, 85, 6, 49]]
NEW = {"max_new_tokens": 2}
ALWAYS = {
    "max_new_tokens": [0, -1, -20, "3", 2.5],
    "max_length": [0, 4, 5, -1],
    "min_new_tokens": [-1, 5, "2"],
    "min_length": [-1, 900],
    "early_stopping": ["no", "always", 2, "True", []],
    "num_beams": [0, -1, "2", 1.0],
    "num_return_sequences": [0, -1, 2, 5],
    "repetition_penalty": [0, 0.0, -1.0, 2, 1, "1.2"],
    "encoder_repetition_penalty": [0, 0.0, -0.5, 2, 1, "x"],
    "no_repeat_ngram_size": [-1, 2.0, "2", 0],
    "encoder_no_repeat_ngram_size": [-1, 2.0, "2"],
    "bad_words_ids": [[], [[]], [5], [[-1]], [["5"]], [[5.0]], "5", [[200]]],
    "sequence_bias": [[], [[[5], 1]], [[[5], 1.0, 2.0]], [[[], 1.0]], [[5, 1.0]], [[[200], 1.0]], [[[-1], 1.0]], {}, "x", [[["5"], 1.0]]],
    "suppress_tokens": [[200], [-1], 5, [], "5"],
    "begin_suppress_tokens": [[200], 5, []],
    "forced_bos_token_id": [200, -1, "5"],
    "forced_eos_token_id": [200, [5, 200], -1, "5"],
    "exponential_decay_length_penalty": [[1], [1, 2.0, 3], 5, [1, "x"], [-3, 1.1], []],
    "guidance_scale": [0, 0.0, -1.0, "2", 1],
    "watermarking_config": [
        {"greenlist_ratio": 1.5}, {"greenlist_ratio": -0.1}, {"seeding_scheme": "other"}, {"context_width": 0}, {"colour": 1}, {},
        {"greenlist_ratio": 0.0}, {"greenlist_ratio": 1.0}, {"bias": "x"}, {"hashing_key": -3},
    ],
    "eos_token_id": [200, -1, [], "x", [5, 200]],
    "pad_token_id": [-1, 200, "x", [5]],
    "cache_implementation": ["other", 5],
    "stop_strings": ["a", ["a"], [], 5],
    "prefill_chunk_size": [0, -1, "2"],
    "logits_processor": [[]],
    "prefix_allowed_tokens_fn": [5],
    "streamer": [5],
    "top_q": [1, None],
    "use_cache": ["no"],
    "max_time": ["x", -1.0],
    "renormalize_logits": ["x"],
    "return_dict_in_generate": ["x"],
}  # fmt: skip
SAMPLED = {
    "temperature": [0, 0.0, -0.5, 2, 1, "1.0", True],
    "top_k": [-1, 5.0, "5", 0.0, True, 1000],
    "top_p": [-0.1, 1.5, "0.5", 0, 0.0, 1],
    "min_p": [-0.1, 1.5, "0.1", 0, 1],
    "top_h": [0.0, -0.5, 1.5, "0.5", 1],
    "typical_p": [0.0, -0.5, 1.5, "0.5", 0],
    "epsilon_cutoff": [-0.1, 1.5, "0.1", 1],
    "eta_cutoff": [-0.1, 1.5, "0.1", 1],
    "num_return_sequences": [0, -1, "2"],
}
BEAMS = {
    "num_return_sequences": [3, 0, 5],
    "length_penalty": ["1", None],
    "early_stopping": ["maybe", 3],
    "low_memory": [True],
    "num_beams": [None],
}
TOGETHER = [
    {"forced_eos_token_id": 5, "suppress_tokens": [4, 5]}, {"forced_eos_token_id": [5, 6], "suppress_tokens": [4, 5]},
    {"forced_bos_token_id": 5, "suppress_tokens": [5]}, {"forced_bos_token_id": 5, "suppress_tokens": [6]},
    {"exponential_decay_length_penalty": [1, 1.5], "eos_token_id": None}, {"max_length": None}, {"num_return_sequences": None},
    {"num_beams": None, **NEW}, {"suppress_tokens": list(range(128)), **NEW}, {"suppress_tokens": list(range(128)), "do_sample": True, **NEW},
    {"do_sample": True, "temperature": None, "top_k": None, "top_p": None, **NEW}, {"num_beams": 2, "suppress_tokens": list(range(128)), **NEW},
    {"max_length": 3, "max_new_tokens": 1}, {"min_length": 9, "max_length": 7}, {"min_new_tokens": 5, "max_new_tokens": 2},
    {"do_sample": True, "num_beams": 2, "num_return_sequences": 3, **NEW}, {"do_sample": True, "num_beams": 3, "top_k": 1, **NEW},
    {"bad_words_ids": [[i] for i in range(128)], "do_sample": True, **NEW}, {"max_new_tokens": 200},
]  # fmt: skip


def requests():
    for group, fields, base in (("plain", ALWAYS, {}), ("sampled", SAMPLED, {"do_sample": True}), ("beams", BEAMS, {"num_beams": 2})):
        for name, values in fields.items():
            for i, value in enumerate(values):
                new = {} if name in ("max_length", "min_length") else NEW
                yield f"{group}-{name}-{i}", {"generation_config": {**base, **new, name: value}, "culprit": name}
    for i, settings in enumerate(TOGETHER):
        yield f"together-{i}", {"generation_config": settings}
    yield "mask-of-other-shape", {"attention_mask": [[1, 1]], "generation_config": NEW}
    yield "mask-of-two-rows", {"attention_mask": [[1] * 5] * 2, "generation_config": NEW}
    yield "id-outside", {"input_ids": [[5, 128]], "generation_config": NEW}
    yield "negative-id", {"input_ids": [[5, -1]], "generation_config": NEW}
    yield "ragged", {"input_ids": [[5, 6], [7]], "generation_config": NEW}
    yield "no-rows", {"input_ids": [], "generation_config": NEW}
    yield "text-without-tokenizer", {"text": "hello", "generation_config": NEW}


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generate.invalid.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for name, more in requests():
            base = {"id": name, "seed": 1} if "text" in more else {"id": name, "input_ids": PROMPT, "seed": 1}
            file.write(json.dumps({**base, **more}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
