#!/usr/bin/env python3
"""Writes generate.random-gpt2.jsonl and generate.random-llama.jsonl: make_random_requests.py.

Configurations drawn from all fields that act on tiny checkpoints of 128 ids: a fixed seed, chosen
before any result was seen. Few new tokens, because what differs differs early. `brief` asks the
recording for the scores of what was chosen in place of whole rows (../README.md).
"""

import json
import os
import random

VOCABULARY = 128


def token(r):
    return r.randrange(4, 126)


def tokens(r, low, high):
    return [token(r) for _ in range(r.randint(low, high))]


def phrases(r, low, high):
    return [tokens(r, 1, r.choice((1, 1, 2, 3))) for _ in range(r.randint(low, high))]


def batch(r, pad):
    """Rows of one length or padded on the left; without a mask where the ids alone must tell."""
    rows = r.choice((1, 1, 1, 2, 2, 3))
    lengths = [r.choice((1, 2, 3, 5, 8, 11)) for _ in range(rows)]
    prompts = [tokens(r, n, n) for n in lengths]
    if r.random() < 0.3:  # text that repeats itself, for bans and penalties
        prompts = [(p * 4)[: len(p) + 4] for p in prompts]
    width = max(map(len, prompts))
    fill = 0 if pad is None else pad
    ids = [[fill] * (width - len(p)) + p for p in prompts]
    mask = [[0] * (width - len(p)) + [1] * len(p) for p in prompts]
    if len(set(map(len, prompts))) == 1 and r.random() < 0.7 or r.random() < 0.1:
        return {"input_ids": ids}, width
    return {"input_ids": ids, "attention_mask": mask}, width


def ends(r, settings):
    """EOS and padding: the model's, one id, several, none."""
    kind = r.choice(("model", "one", "several", "many", "many", "none"))
    if kind == "one":
        settings["eos_token_id"] = token(r)
    elif kind in ("several", "many"):
        settings["eos_token_id"] = r.sample(range(4, 126), r.randint(2, 5) if kind == "several" else r.randint(6, 30))
    elif kind == "none":
        settings["eos_token_id"] = None
    pad = r.choice((None, None, 0, 0, 3, 77))
    if pad is not None:
        settings["pad_token_id"] = pad
    return pad


def lengths(r, settings, width):
    if r.random() < 0.8:
        settings["max_new_tokens"] = r.randint(1, 8)
    else:
        settings["max_length"] = width + r.randint(1, 8)
    if r.random() < 0.12:
        settings["min_new_tokens"] = r.randint(0, 5)
    if r.random() < 0.12:
        settings["min_length"] = width + r.randint(-2, 5)


def processors(r, settings, width):
    """Each with a chance of its own, so that most calls have one or two and some have many."""
    has_eos = settings.get("eos_token_id", 0) is not None
    drawn = {
        "repetition_penalty": lambda: r.choice((0.7, 1.05, 1.3, 2.0)),
        "encoder_repetition_penalty": lambda: r.choice((0.6, 1.2, 1.9)),
        "no_repeat_ngram_size": lambda: r.randint(1, 4),
        "encoder_no_repeat_ngram_size": lambda: r.randint(1, 3),
        "bad_words_ids": lambda: phrases(r, 1, 12),
        "sequence_bias": lambda: [[p, r.choice((-8.0, -1.5, 0.75, 4.0))] for p in unlike(phrases(r, 1, 8))],
        "suppress_tokens": lambda: tokens(r, 1, 30),
        "begin_suppress_tokens": lambda: tokens(r, 1, 30),
        "forced_eos_token_id": lambda: r.choice((token(r), tokens(r, 1, 3))),
        "renormalize_logits": lambda: True,
        "remove_invalid_values": lambda: True,
    }
    for name, value in drawn.items():
        if r.random() < 0.13:
            settings[name] = value()
    if width == 1 and r.random() < 0.3:
        settings["forced_bos_token_id"] = token(r)
    if has_eos and r.random() < 0.12:
        settings["exponential_decay_length_penalty"] = [r.randint(0, 4), r.choice((1.01, 1.3, 2.5, 0.9))]
    if r.random() < 0.1:
        mark = {"seeding_scheme": r.choice(("lefthash", "lefthash", "selfhash"))}
        if r.random() < 0.6:
            mark.update(bias=r.choice((0.5, 3.0, 6.0)), greenlist_ratio=r.choice((0.1, 0.5, 0.8)))
        if mark["seeding_scheme"] == "selfhash" and r.random() < 0.5:
            mark["context_width"] = r.randint(1, 4)
        settings["watermarking_config"] = mark


def unlike(lists):
    return [list(x) for x in dict.fromkeys(map(tuple, lists))]


def warpers(r, settings):
    drawn = {
        "temperature": lambda: r.choice((0.2, 0.6, 1.0, 1.4, 3.0)),
        "top_k": lambda: r.choice((0, 1, 2, 5, 20, 60, 300, None)),
        "top_p": lambda: r.choice((0.0, 0.1, 0.5, 0.8, 0.95, 1.0)),
        "min_p": lambda: r.choice((0.0, 0.02, 0.2, 0.7)),
        "top_h": lambda: r.choice((0.2, 0.6, 1.0)),
        "typical_p": lambda: r.choice((0.1, 0.4, 0.9)),
        "epsilon_cutoff": lambda: r.choice((0.003, 0.01, 0.2)),
        "eta_cutoff": lambda: r.choice((0.002, 0.02, 0.3)),
    }
    for name, value in drawn.items():
        if r.random() < 0.25:
            settings[name] = value()


def beams(r, settings, sampled):
    settings["num_beams"] = r.randint(2, 4)
    if r.random() < 0.6:
        settings["length_penalty"] = r.choice((-1.0, 0.0, 0.5, 1.0, 2.0, 3))
    if r.random() < 0.6:
        settings["early_stopping"] = r.choice((True, False, "never"))
    if r.random() < 0.4:
        settings["num_return_sequences"] = r.randint(1, settings["num_beams"])
    if sampled and "top_k" not in settings:
        settings["top_k"] = r.choice((0, 20, 50))


def guidance(r, request, settings):
    settings["guidance_scale"] = r.choice((0.5, 1.3, 1.5, 3.0))
    alone = "num_beams" not in settings and "num_return_sequences" not in settings
    if alone and r.random() < 0.5:
        length = r.randint(1, 5)
        request["negative_prompt_ids"] = [tokens(r, length, length) for _ in request["input_ids"]]


def request(seed):
    r = random.Random(seed)
    mode = r.choices(("greedy", "sample", "beam", "beam-sample"), (20, 40, 25, 15))[0]
    sampled = mode.endswith("sample")
    settings = {"do_sample": sampled}
    pad = ends(r, settings)
    prompts, width = batch(r, pad)
    lengths(r, settings, width)
    processors(r, settings, width)
    if sampled or r.random() < 0.05:  # ignored, with a warning, where nothing is drawn
        warpers(r, settings)
    if mode.startswith("beam"):
        beams(r, settings, sampled)
    elif sampled and r.random() < 0.25:
        settings["num_return_sequences"] = r.randint(1, 4)
    if r.random() < 0.02:
        settings["use_cache"] = False
    if r.random() < 0.03:
        settings["prefill_chunk_size"] = r.randint(1, 6)
    out = {"id": f"{mode}-{seed}", **prompts, "generation_config": settings}
    if r.random() < 0.1:
        guidance(r, out, settings)
    if sampled or r.random() < 0.1:
        out["seed"] = r.randrange(2**32)
    settings.update(return_dict_in_generate=True, output_scores=True)
    whole = len(prompts["input_ids"]) == 1 and settings.get("max_new_tokens", 9) <= 2 and r.random() < 0.5
    if not whole:
        out["brief"] = True
    elif r.random() < 0.5:
        settings["output_logits"] = True
    return out


def write(name, seeds):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"generate.{name}.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for seed in seeds:
            file.write(json.dumps(request(seed), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write("random-gpt2", range(1000, 1600))
    write("random-llama", range(2000, 2600))
