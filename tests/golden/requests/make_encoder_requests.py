#!/usr/bin/env python3
"""Writes the request files for checkpoints with an encoder."""

import json
import os

from make_requests import ids, padded, write

SETTINGS = {"return_dict_in_generate": True, "output_scores": True}


def seq2seq_logits():
    """What the encoder reads and what the decoder continues: lengths, padding on both sides, holes."""
    for source, target in ((1, 1), (7, 3), (30, 18), (44, 5)):
        yield {"id": f"{source}-{target}", "input_ids": [ids(source)], "decoder_input_ids": [ids(target, 11)],
               "rows": [[0, t] for t in sorted({0, target // 2, target - 1})]}  # fmt: skip
    for side in ("left", "right"):
        batch = padded([ids(5, 7), ids(23, 9), ids(12, 31)], side)
        yield {"id": f"padded-{side}", **batch, "decoder_input_ids": [ids(6, 5 + i) for i in range(3)],
               "rows": [[b, t] for b in range(3) for t in (0, 5)]}  # fmt: skip
    mask = [1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0]
    yield {"id": "holes", "input_ids": [ids(11, 3)], "attention_mask": [mask], "decoder_input_ids": [ids(4, 9)]}
    rows, targets = [ids(9, 3 + i) for i in range(4)], [ids(7, 13 + i) for i in range(4)]
    for i in range(4):
        yield {"id": f"alone-{i}", "same_as": ["together", i], "input_ids": [rows[i]], "decoder_input_ids": [targets[i]],
               "rows": [[0, 6]]}  # fmt: skip
    yield {"id": "together", "input_ids": rows, "decoder_input_ids": targets, "rows": [[b, 6] for b in range(4)]}


def seq2seq_greedy():
    """Forty steps; alone, padded, from the start tokens of the caller; the model's own settings."""
    forty = {**SETTINGS, "max_new_tokens": 40, "num_beams": 1, "do_sample": False, "eos_token_id": None, "forced_eos_token_id": None,
             "min_length": 0, "early_stopping": False}  # fmt: skip
    for length in (1, 8, 25):
        yield {"id": f"greedy-{length}", "input_ids": [ids(length, 29)], "generation_config": forty, "brief": True}
    for side in ("left", "right"):
        batch = padded([ids(n, 19, n) for n in (3, 14, 9)], side)
        yield {"id": f"greedy-{side}", **batch, "generation_config": {**forty, "max_new_tokens": 15}, "brief": True}
    yield {"id": "as-the-model-says", "input_ids": [ids(12, 17)], "generation_config": {}}
    yield {"id": "batch-as-the-model-says", **padded([ids(12, 17), ids(4, 23)], "right"), "generation_config": {}}
    yield {"id": "other-start", "input_ids": [ids(6)], "generation_config": {**forty, "max_new_tokens": 6, "decoder_start_token_id": 9}}
    yield {"id": "starts-by-row", "input_ids": [ids(6), ids(6, 11)],
           "generation_config": {**forty, "max_new_tokens": 6, "decoder_start_token_id": [9, 40]}}  # fmt: skip
    yield {"id": "wrong-starts", "input_ids": [ids(6)], "generation_config": {"decoder_start_token_id": [9, 40]}}
    yield {"id": "no-start", "input_ids": [ids(6)], "generation_config": {"decoder_start_token_id": None, "bos_token_id": None}}
    same = {**forty, "max_new_tokens": 4, "output_logits": True}
    yield {"id": "one", "same_as": ["two", 0], "input_ids": [ids(10, 7)], "generation_config": same, "brief": True}
    yield {"id": "two", "input_ids": [ids(10, 7), ids(10, 9)], "generation_config": same, "brief": True}


def seq2seq_strategies():
    """Every way to choose, with what only an encoder gives a meaning to."""
    base = {"num_beams": 1, "do_sample": False, "min_length": 0, "early_stopping": False, "max_new_tokens": 12, "no_repeat_ngram_size": 0}
    one, batch = {"input_ids": [ids(9, 13)]}, padded([ids(11, 13), ids(5, 41), ids(8, 5)], "right")

    def ask(name, prompt, settings, **more):
        config = {**base, **settings}
        if config.get("num_beams", 1) > 1:
            config = {**SETTINGS, **config}
        return {"id": name, **prompt, "generation_config": config, **more}

    for name, prompt in (("one", one), ("batch", batch)):
        yield ask(f"greedy-{name}", prompt, {})
        yield ask(f"forced-{name}", prompt, {"forced_bos_token_id": 7, "forced_eos_token_id": 5})
        yield ask(f"minimum-{name}", prompt, {"min_length": 10, "min_new_tokens": 4})
        yield ask(f"encoder-repetition-{name}", prompt, {"encoder_repetition_penalty": 2.5})
        yield ask(f"encoder-ngram-{name}", prompt, {"encoder_no_repeat_ngram_size": 1})
        yield ask(f"encoder-ngram-beams-{name}", prompt, {"encoder_no_repeat_ngram_size": 2, "num_beams": 3}, brief=True)
        yield ask(f"repetition-{name}", prompt, {"repetition_penalty": 1.5, "no_repeat_ngram_size": 2})
        yield ask(f"suppress-{name}", prompt, {"begin_suppress_tokens": [5, 9, 44], "suppress_tokens": [12], "forced_bos_token_id": 8})
        yield ask(f"bad-words-{name}", prompt, {"bad_words_ids": [[7], [9, 3]], "sequence_bias": [[[20], 2.0]]})
        yield ask(f"decay-{name}", prompt, {"exponential_decay_length_penalty": [3, 1.3]})
        for beams, returned in ((2, 1), (4, 4)):
            settings = {"num_beams": beams, "num_return_sequences": returned}
            yield ask(f"beams-{beams}-{name}", prompt, settings, brief=True)
            yield ask(f"beams-{beams}-early-{name}", prompt, {**settings, "early_stopping": True, "length_penalty": 0.6}, brief=True)
        yield ask(f"beams-never-{name}", prompt, {"num_beams": 3, "early_stopping": "never", "length_penalty": 2.0}, brief=True)
        yield ask(f"beams-repetition-{name}", prompt, {"num_beams": 3, "repetition_penalty": 1.2, "encoder_repetition_penalty": 1.3}, brief=True)
        for seed in (1, 2, 3):
            sampled = {"do_sample": True, "temperature": 0.9}
            yield ask(f"sample-{seed}-{name}", prompt, {**sampled, "top_k": 20, "top_p": 0.9}, seed=seed)
            yield ask(f"sample-returned-{seed}-{name}", prompt, {**sampled, "num_return_sequences": 3}, seed=seed)
            yield ask(f"beam-sample-{seed}-{name}", prompt, {**sampled, "num_beams": 3}, seed=seed, brief=True)
    yield ask("prompt-lookup", one, {"prompt_lookup_num_tokens": 3})
    yield ask("limits", one, {"max_new_tokens": None, "max_length": 1})
    yield ask("default-length", one, {"max_new_tokens": None})
    yield ask("guidance", one, {"guidance_scale": 1.5})


def seq2seq_text():
    """Text in, text out: recorded texts of many kinds, one at a time and in lists."""
    with open(os.path.join(os.path.dirname(__file__), "..", "tokenizer_files", "texts.jsonl"), encoding="utf-8") as file:
        texts = [text for text in map(json.loads, file) if text.strip() and len(text) < 70][::4]
    greedy = {"do_sample": False, "num_beams": 1, "max_new_tokens": 12}
    for i, text in enumerate(texts):
        yield {"id": f"text-{i}", "inputs": text, "kwargs": greedy}
    for i in range(0, 12, 3):
        yield {"id": f"list-{i}", "inputs": texts[i : i + 3], "kwargs": {**greedy, "max_new_tokens": 20}}
        yield {"id": f"beams-{i}", "inputs": texts[i], "kwargs": {**greedy, "num_beams": 3, "num_return_sequences": 2}}
        settings = {**greedy, "do_sample": True, "temperature": 0.8, "top_k": 30}
        yield {"id": f"sampled-{i}", "inputs": texts[i], "kwargs": settings, "seed": i}


def masked_word_logits():
    """Whole texts: lengths, padding on both sides (with the pad id and with others), holes."""
    for length in (1, 2, 17, 40, 64):
        yield {"id": f"whole-{length}", "input_ids": [ids(length)], "rows": [[0, t] for t in sorted({0, length // 2, length - 1})]}
    for pad in (0, 1, 9):
        for side in ("left", "right"):
            batch = padded([ids(5, 7), ids(23, 9), ids(12, 31)], side, pad=pad)
            seen = [[t for t, m in enumerate(mask) if m] for mask in batch["attention_mask"]]
            yield {"id": f"padded-{side}-{pad}", **batch, "rows": [[b, t] for b in range(3) for t in (seen[b][0], seen[b][-1])]}
    yield {"id": "holes", "input_ids": [ids(11, 3)], "attention_mask": [[1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0]], "rows": [[0, 0], [0, 5], [0, 9]]}
    rows = [ids(9, 3 + i) for i in range(4)]
    for i in range(4):
        yield {"id": f"alone-{i}", "same_as": ["together", i], "input_ids": [rows[i]], "rows": [[0, 6]]}
    yield {"id": "together", "input_ids": rows, "rows": [[b, 6] for b in range(4)]}


TEXTS = ["The dog eats bread.", "a man plays the guitar in Paris", "¿Qué?", "it", "Running, writing and reading: the old books!",
         "unbelievably big houses near the river " * 4, "", "日本 is not here", "She sings."]  # fmt: skip


def embeddings():
    yield {"id": "texts", "texts": TEXTS}
    yield {"id": "one", "texts": TEXTS[:1]}
    for pooling in ("mean", "cls"):
        for normalize in (True, False):
            yield {"id": f"{pooling}-{normalize}", "texts": TEXTS[:5], "pooling": pooling, "normalize": normalize}
    yield {"id": "cut", "texts": TEXTS, "max_length": 7}


def sentences():
    """Some 240 texts of many kinds and lengths, ten a request: the recorded texts of the tokenizers' tests, and plain ones."""
    with open(os.path.join(os.path.dirname(__file__), "..", "tokenizers", "texts.jsonl"), encoding="utf-8") as file:
        texts = [text for text in map(json.loads, file) if text.strip() and len(text) < 2000 and "\0" not in text]
    texts = texts[:: len(texts) // 140]
    who = ("A man", "The old woman", "Two children", "Somebody", "A dog")
    does = ("is eating food", "plays the guitar", "rides a white horse", "is not here today", "reads a book about the sea", "writes code")
    where = (".", " in Paris.", "?", " while it rains and the others wait for the train to Berlin, which is late again.")
    texts += [a + " " + b + c for a in who for b in does for c in where][:110]
    texts += ["a long text that goes on " * 60, "word " * 254, "word " * 255]
    for i in range(0, len(texts), 10):
        yield {"id": f"texts-{i}", "texts": texts[i : i + 10]}


def masks():
    yield {"id": "one", "inputs": "The man eats [MASK]."}
    yield {"id": "two", "inputs": "The [MASK] eats [MASK]."}
    yield {"id": "list", "inputs": ["[MASK] sings", "a red [MASK] in London"]}
    yield {"id": "many", "inputs": "where is the [MASK]?", "top_k": 12}
    yield {"id": "alone", "inputs": "[MASK]", "top_k": 1}
    yield {"id": "none", "inputs": "no mask here"}


if __name__ == "__main__":
    write("logits.masked-words", masked_word_logits())
    write("embed.texts", embeddings())
    write("fill.masks", masks())
    write("embed.sentences", sentences())
    write("logits.seq2seq", seq2seq_logits())
    write("generate.seq2seq-greedy", seq2seq_greedy())
    write("generate.seq2seq-strategies", seq2seq_strategies())
    write("run.seq2seq-text", seq2seq_text())
