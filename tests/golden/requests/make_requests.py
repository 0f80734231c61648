#!/usr/bin/env python3
"""Writes the request files of this folder: make_requests.py. Chosen before any result was seen.

Prompts are multiples of primes modulo the 128-token vocabulary; `rows` names the positions whose
logits are recorded, the rest of a line is the program's own batch interface.
"""

import itertools
import json
import os


def ids(length, step=37, start=5):
    return [(start + step * i + i * i) % 120 + 4 for i in range(length)]


def write(name, requests):
    with open(os.path.join(os.path.dirname(__file__), name + ".jsonl"), "w", encoding="utf-8") as file:
        for request in requests:
            file.write(json.dumps(request, ensure_ascii=False, separators=(",", ":")) + "\n")


def padded(prompts, side="left", pad=0):
    width = max(map(len, prompts))
    rows, masks = [], []
    for prompt in prompts:
        fill, none, one = [pad] * (width - len(prompt)), [0] * (width - len(prompt)), [1] * len(prompt)
        rows.append(fill + prompt if side == "left" else prompt + fill)
        masks.append(none + one if side == "left" else one + none)
    return {"input_ids": rows, "attention_mask": masks}


def visible(request, every=3):
    """The last seen position of each row and every third one before it."""
    rows = []
    for b, mask in enumerate(request["attention_mask"]):
        seen = [t for t, m in enumerate(mask) if m]
        rows += [[b, t] for t in sorted(set(seen[::-every]))]
    return rows


def logits_requests():
    for length in (1, 2, 3, 5, 8, 17, 31, 40):
        last = length - 1
        rows = [[0, t] for t in sorted({0, last // 3, last // 2, last - 1, last} - {-1})]
        yield {"id": f"prefill-{length}", "input_ids": [ids(length, 37 + length)], "rows": rows}
    prompts = [ids(n, 23 + n) for n in (2, 9, 14)]
    batch = padded(prompts)
    yield {"id": "left-padded", **batch, "rows": visible(batch)}
    batch = padded(prompts, "right")
    yield {"id": "right-padded", **batch, "rows": visible(batch)}
    batch = {"input_ids": [ids(12, 11)], "attention_mask": [[1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1]]}
    yield {"id": "holes", **batch, "rows": visible(batch, 2)}
    batch = {"input_ids": [ids(12, 11)], "attention_mask": [[1] * 12]}
    yield {"id": "mask-of-ones", **batch, "rows": [[0, 11]]}


def masked_queries():
    """What stands at masked slots: such a token sees the visible ones before it, or nothing at all."""
    prompts = [ids(n, 23 + n) for n in (2, 6)]
    for side in ("left", "right"):
        batch = padded(prompts, side, pad=9)
        rows = [[b, t] for b, mask in enumerate(batch["attention_mask"]) for t, m in enumerate(mask) if not m]
        yield {"id": side, **batch, "rows": rows}
    mask = [0, 1, 1, 0, 1, 1, 0, 0, 1, 1]
    rows = [[0, t] for t, m in enumerate(mask) if not m]
    yield {"id": "holes", "input_ids": [ids(10, 11)], "attention_mask": [mask], "rows": rows}


def alone_and_together():
    """The same seven rows alone and as one batch: one answer, to the bit, on one machine."""
    rows = [ids(10, 3 + 2 * i, i) for i in range(7)]
    for i, row in enumerate(rows):
        yield {"id": f"alone-{i}", "same_as": ["together", i], "input_ids": [row], "rows": [[0, 9]]}
    yield {"id": "together", "input_ids": rows, "rows": [[b, 9] for b in range(7)]}


def greedy_requests():
    greedy = {"do_sample": False, "max_new_tokens": 40}
    endless = {**greedy, "eos_token_id": None}
    for i, length in enumerate((1, 4, 9, 16, 25, 33)):
        settings = endless if i % 2 else greedy
        yield {"id": f"greedy-{length}", "input_ids": [ids(length, 29 + 4 * i, i)], "generation_config": settings}
    batch = padded([ids(n, 19, n) for n in (3, 11, 7, 1)])
    yield {"id": "greedy-left-padded", **batch, "generation_config": greedy}
    yield {"id": "greedy-batch-no-eos", "input_ids": [ids(6, 7), ids(6, 12)], "generation_config": endless}
    penalty = {**greedy, "repetition_penalty": 1.4}
    yield {"id": "greedy-repetition", "input_ids": [ids(6, 13)], "generation_config": penalty}
    yield {"id": "greedy-repetition-padded", **padded([ids(9, 13), ids(3, 41), ids(6, 5)]), "generation_config": penalty}
    yield {"id": "greedy-scores", "input_ids": [ids(5, 17)],
           "generation_config": {"do_sample": False, "max_new_tokens": 2, "repetition_penalty": 1.2, "output_scores": True,
                                 "output_logits": True, "return_dict_in_generate": True}}  # fmt: skip


def family_logits():
    """A few places of every kind, for the many tiny checkpoints that each show one architecture."""
    yield {"id": "prefill-7", "input_ids": [ids(7)], "rows": [[0, t] for t in (0, 1, 6)]}
    yield {"id": "prefill-40", "input_ids": [ids(40)], "rows": [[0, t] for t in (9, 23, 24, 38, 39)]}
    batch = padded([ids(5, start=7), ids(30), ids(19, start=9)])
    yield {"id": "left-padded", **batch, "rows": [[0, 25], [0, 29], [1, 12], [1, 29], [2, 20], [2, 29]]}
    batch = padded([ids(14, start=8), ids(4, start=6)], side="right")
    yield {"id": "right-padded", **batch, "rows": [[0, 13], [1, 1], [1, 3]]}
    holes = {"input_ids": [ids(26, start=3)], "attention_mask": [[1] * 9 + [0, 1, 0, 0] + [1] * 13]}
    yield {"id": "holes", **holes, "rows": [[0, 8], [0, 10], [0, 25]]}
    # The same texts, alone and together: one answer, bit for bit.
    for i in range(3):
        yield {"id": f"alone-{i}", "same_as": ["together", i], "input_ids": [ids(11, start=4 + i)], "rows": []}
    yield {"id": "together", "input_ids": [ids(11, start=4 + i) for i in range(3)], "rows": [[2, 10]]}


def family_greedy():
    """Forty greedy steps, their scores recorded too: alone, across every window, padded; and in pieces."""
    scored = {"do_sample": False, "output_scores": True, "return_dict_in_generate": True}
    forty = {**scored, "max_new_tokens": 40, "eos_token_id": None}
    yield {"id": "greedy-9", "input_ids": [ids(9, start=6)], "generation_config": forty, "brief": True}
    yield {"id": "greedy-20", "input_ids": [ids(20, start=7)], "generation_config": {**forty, "max_new_tokens": 12}, "brief": True}
    batch = padded([ids(3, start=9), ids(17, start=4), ids(10, start=11)])
    yield {"id": "greedy-padded", **batch, "generation_config": {**forty, "max_new_tokens": 24}, "brief": True}
    whole = {**scored, "max_new_tokens": 3, "output_logits": True, "eos_token_id": None}
    yield {"id": "whole", "input_ids": [ids(20, start=5)], "generation_config": whole, "brief": True}
    for size in (1, 7, 16):
        pieces = {**whole, "prefill_chunk_size": size}
        yield {"id": f"pieces-of-{size}", "same_as": ["whole", 0], "input_ids": [ids(20, start=5)], "generation_config": pieces, "brief": True}


def long_requests():
    """Across the length at which some networks compute their keys afresh (24 in the tiny ones)."""
    greedy = {"do_sample": False, "max_new_tokens": 14, "eos_token_id": None}
    rows = [[0] * 4 + ids(14, start=6), [0] * 7 + ids(11, start=8)]
    yield {"id": "all-padded", "input_ids": rows, "attention_mask": [[int(i > 0) for i in row] for row in rows], "generation_config": greedy}
    beams = {**greedy, "num_beams": 3, "return_dict_in_generate": True, "output_scores": True}
    yield {"id": "beams", "input_ids": [ids(17, start=9)], "generation_config": beams, "brief": True}
    batch = padded([ids(18, start=5), ids(9, start=10)])
    yield {"id": "beams-padded", **batch, "generation_config": {**beams, "num_return_sequences": 2}, "brief": True}
    yield {"id": "sampled", "input_ids": [ids(16, start=12)], "seed": 3, "generation_config": {**greedy, "do_sample": True}}


def chunk_requests():
    """The prompt in pieces of a few tokens, alone and padded in a batch: the same answer."""
    logits = {"do_sample": False, "max_new_tokens": 3, "eos_token_id": None, "output_logits": True, "return_dict_in_generate": True}
    prompt = ids(23, 13)
    yield {"id": "whole", "input_ids": [prompt], "generation_config": logits}
    for size in (1, 3, 7, 22, 50):
        settings = {**logits, "prefill_chunk_size": size}
        yield {"id": f"chunks-of-{size}", "same_as": ["whole", 0], "input_ids": [prompt], "generation_config": settings}
    batch = padded([ids(5, 3), prompt])
    yield {"id": "padded-beside", "same_as": ["batch", 0], **padded([ids(5, 3), ids(23, 9)]), "generation_config": logits}
    yield {"id": "batch", **batch, "generation_config": logits}
    yield {"id": "batch-in-chunks", "same_as": ["batch", 0], **batch, "generation_config": {**logits, "prefill_chunk_size": 4}}
    yield {"id": "alone", "same_as": ["batch", 0], "input_ids": [ids(5, 3)], "generation_config": logits}


def sampled(name, seed, prompt, **settings):
    settings = {"do_sample": True, "max_new_tokens": 20, **settings}
    request = prompt if isinstance(prompt, dict) else {"input_ids": [prompt]}
    return {"id": name, **request, "seed": seed, "generation_config": settings}


def sampling_requests():
    grid = itertools.product((0.4, 0.8, 1.0, 1.7), (0, 5, 50), (1.0, 0.9, 0.5))
    for i, (temperature, top_k, top_p) in enumerate(grid):  # 36
        yield sampled(f"grid-{i}", 100 + i, ids(3 + i % 9, 17 + i), temperature=temperature, top_k=top_k, top_p=top_p)
    for i, min_p in enumerate((0.02, 0.1, 0.3, 1.0)):
        for j, temperature in enumerate((0.7, 1.3)):
            yield sampled(f"min-p-{i}{j}", 7 + i, ids(5, 31 + i), temperature=temperature, top_k=0, min_p=min_p)  # 8
    for i, penalty in enumerate((0.8, 1.1, 1.5, 2.0)):
        yield sampled(f"repetition-{i}", i, ids(7, 43 + i), repetition_penalty=penalty)
        batch = padded([ids(8, 3), ids(4, 9), ids(2, 15)])
        yield sampled(f"repetition-padded-{i}", 50 + i, batch, repetition_penalty=penalty, top_k=20)  # 8
    for i, count in enumerate((2, 3, 5)):
        yield sampled(f"several-{i}", 60 + i, ids(4, 21 + i), num_return_sequences=count)
        yield sampled(f"several-batch-{i}", 70 + i, padded([ids(6, 9), ids(3, 8)]), num_return_sequences=count, top_p=0.95)  # 6
    many = list(range(4, 34))
    for i in range(6):
        yield sampled(f"eos-list-{i}", 80 + i, ids(5, 27 + i), eos_token_id=many[: 5 * (i + 1)], pad_token_id=3)
        batch = padded([ids(7, 9 + i), ids(3, 8), ids(5, 33)])
        yield sampled(f"eos-batch-{i}", 90 + i, batch, eos_token_id=many[: 5 * (i + 1)], pad_token_id=1)
        yield sampled(f"eos-several-{i}", 200 + i, ids(4, 6 + i), eos_token_id=many[:12], num_return_sequences=4)  # 18
    for i, lengths in enumerate((
        {"min_new_tokens": 8}, {"min_length": 12}, {"min_length": 3, "min_new_tokens": 5}, {"max_length": 17, "max_new_tokens": None},
        {"max_new_tokens": 1}, {"max_new_tokens": 3, "max_length": 99},
    )):  # fmt: skip
        yield sampled(f"lengths-{i}", 300 + i, ids(6, 35 + i), eos_token_id=many, pad_token_id=0, **lengths)
        batch = padded([ids(9, 9 + i), ids(2, 8), ids(6, 33)])
        yield sampled(f"lengths-batch-{i}", 310 + i, batch, eos_token_id=many, pad_token_id=0, **lengths)  # 12
    for i, seed in enumerate((0, -1, 2**32 + 5, 2**40, -(2**33) + 9, 4294967295)):
        yield sampled(f"seed-{i}", seed, ids(3, 51))  # 6
    for i, off in enumerate(({"top_k": None}, {"top_p": None}, {"temperature": None}, {"top_p": 1.5}, {"top_k": 500})):
        yield sampled(f"off-{i}", 400 + i, ids(5, 57), **off)  # 5
    yield {"id": "pad-in-prompt", "input_ids": [[9, 3, 3, 40, 77], [8, 14, 3, 60, 61]], "seed": 5,
           "generation_config": {"do_sample": True, "max_new_tokens": 12, "pad_token_id": 3}}  # fmt: skip
    yield {"id": "default-length", "input_ids": [ids(4)], "seed": 6, "generation_config": {"do_sample": True}}
    yield {"id": "sampled-scores", "input_ids": [ids(4)], "seed": 8,
           "generation_config": {"do_sample": True, "max_new_tokens": 2, "top_k": 7, "output_scores": True, "output_logits": True,
                                 "return_dict_in_generate": True}}  # fmt: skip


def wrong_requests():
    """What the reference refuses with ValueError or TypeError: `invalid_argument`, and the rest go on."""
    prompt = {"input_ids": [ids(5)]}
    for name, settings in {
        "two-greedy-sequences": {"num_return_sequences": 2, "do_sample": False}, "no-new-tokens": {"max_new_tokens": 0},
        "whole-number-temperature": {"do_sample": True, "temperature": 2}, "zero-temperature": {"do_sample": True, "temperature": 0.0},
        "float-top-k": {"do_sample": True, "top_k": 5.0}, "negative-top-p": {"do_sample": True, "top_p": -0.1},
        "min-p-above-one": {"do_sample": True, "min_p": 1.5}, "zero-repetition": {"repetition_penalty": 0.0},
        "short-max-length": {"max_length": 5}, "unknown-field": {"top_q": 1}, "no-max-length": {"max_length": None},
    }.items():  # fmt: skip
        yield {"id": name, **prompt, "generation_config": settings}
    yield {"id": "good-after-bad", **prompt, "generation_config": {"do_sample": False, "max_new_tokens": 2}}


# ---- the default model: real text ----

PROMPTS = [
    "The rain in Spain falls mainly in the plain", "The capital of France is", "Once upon a time there was a clockmaker who",
    "Water boils at a lower temperature on a mountain because", "Dear Ms Alvarez,\n\nthank you for your letter of 3 May.",
    "def fibonacci(n):\n    \"\"\"Return the n-th Fibonacci number.\"\"\"\n", "#include <vector>\n\nint sum(const std::vector<int>& v) {\n",
    "SELECT name, COUNT(*) FROM orders WHERE", "for i in range(10):\n    print(", "function debounce(fn, wait) {\n  let timer",
    "<html>\n<head>\n<title>", "{\"name\": \"Ada\", \"born\": 1815, \"works\": [", "To make a good vegetable soup, first",
    "The French Revolution began in 1789 when", "Photosynthesis is the process by which", "List of planets:\n1. Mercury\n2. Venus\n3.",
    "Q: What is the square root of 144?\nA:", "Translate to German: Good morning, how are you?\n", "La capital de España es",
    "Il était une fois une petite fille", "Die Würde des Menschen ist", "日本の首都は", "Привет, меня зовут", "1, 1, 2, 3, 5, 8, 13,",
    "If all cats are mammals and all mammals are animals, then", "Roses are red,\nViolets are blue,\n", "   leading spaces and\ttabs",
    "BREAKING NEWS: Scientists", "Abstract. We present a method for", "\\begin{theorem}\nLet $p$ be a prime", "User: hello!\nAssistant:",
    "The quick brown fox jumps over the lazy dog. The quick brown fox", "🙂 emoji are", "import numpy as np\n\ndef softmax(x):\n",
    "<|im_start|>user\nWhy is the sky blue?<|im_end|>\n<|im_start|>assistant\n", "a",
]  # fmt: skip


def text_requests(new_tokens=64):
    for i, text in enumerate(PROMPTS):
        yield {"id": f"prompt-{i}", "text": text, "generation_config": {"do_sample": False, "max_new_tokens": new_tokens}}
    batch = [PROMPTS[1], PROMPTS[12], PROMPTS[15]]
    yield {"id": "batch", "text": batch, "generation_config": {"do_sample": False, "max_new_tokens": 24}}


def real_text_requests():
    """Twenty of the same prompts, shorter answers."""
    yield from list(text_requests(24))[:20]


def text_sampled_requests():
    settings = [
        {}, {"temperature": 0.7}, {"temperature": 1.5, "top_k": 10}, {"top_p": 0.8}, {"top_k": 0, "top_p": 0.95}, {"min_p": 0.05, "top_k": 0},
        {"repetition_penalty": 1.2}, {"num_return_sequences": 3}, {"temperature": 0.3, "min_new_tokens": 10}, {"top_k": 5, "top_p": 0.5},
        {"temperature": 0.9, "repetition_penalty": 1.1, "top_p": 0.9},
    ]  # fmt: skip
    for i, more in enumerate(settings):
        settings = {"do_sample": True, "max_new_tokens": 32, **more}
        yield {"id": f"sampled-{i}", "text": PROMPTS[3 * i], "seed": 11 * i, "generation_config": settings}
    settings = {"do_sample": True, "max_new_tokens": 16, "temperature": 0.8}
    yield {"id": "sampled-batch", "text": PROMPTS[:3], "seed": 3, "generation_config": settings}


def text_beams_requests():
    """Beams of 2 to 10 with each way to stop; a third of them sampled. Few tokens: ten beams take their time."""
    ways = itertools.cycle(itertools.product((False, True, "never"), (1.0, 0.0, 2.0, -0.5)))
    for i, beams in enumerate([*range(2, 11), *range(2, 11), 2, 3, 4, 5, 10, 4]):
        early, penalty = next(ways)
        settings = {"num_beams": beams, "max_new_tokens": 5 + i % 4, "early_stopping": early, "length_penalty": penalty,
                    "do_sample": i % 3 == 2, "num_return_sequences": 1 + i % 2,
                    "return_dict_in_generate": True, "output_scores": True}  # fmt: skip
        settings.update({} if i % 4 else {"repetition_penalty": 1.2}, **({} if i % 5 else {"eos_token_id": [2, 28, 30, 198]}))
        text = PROMPTS[i : i + 2] if i % 8 == 7 else PROMPTS[i]
        yield {"id": f"beams-{beams}-{i}", "text": text, "seed": i, "generation_config": settings, "brief": True}


def healing_requests():
    """Prompts that end inside a word, after one, in spaces; greedy and drawn; one and several rows."""
    texts = ["The link is http", "He ate a sand", "An import", "The capital of Fra", "one", "She sa", "Hello, wor ", "123", "the the th",
             "int main(", "is", "a"]  # fmt: skip
    for i, text in enumerate(texts):
        yield {"id": f"greedy-{i}", "text": text, "generation_config": {"token_healing": True, "max_new_tokens": 4, "do_sample": False}}
    for i, text in enumerate(texts[:4]):
        settings = {"token_healing": True, "max_new_tokens": 3, "do_sample": True}
        yield {"id": f"sampled-{i}", "text": text, "seed": i, "generation_config": settings}
    for i in range(0, 8, 2):
        yield {"id": f"rows-{i}", "text": texts[i : i + 2], "generation_config": {"token_healing": True, "max_new_tokens": 3, "do_sample": False}}
    yield {"id": "total-length", "text": texts[2], "generation_config": {"token_healing": True, "max_length": 6, "do_sample": False}}
    yield {"id": "beams", "text": texts[1], "generation_config": {"token_healing": True, "max_new_tokens": 3, "num_beams": 2, "do_sample": False}}


def table_requests():
    """The rows of a published table of this file's answers that one-beam decoding covers."""
    prompt = {"input_ids": [[504, 3575, 282, 4649, 314]]}
    yield {"id": "greedy", **prompt, "generation_config": {"max_new_tokens": 16}}
    yield {"id": "repetition", **prompt, "generation_config": {"max_new_tokens": 12, "repetition_penalty": 1.3}}
    warpers = {"max_new_tokens": 12, "do_sample": True, "temperature": 0.8, "top_k": 20, "top_p": 0.9}
    yield {"id": "warpers", **prompt, "seed": 42, "generation_config": warpers}
    yield {"id": "sampled", **prompt, "seed": 0, "generation_config": {"max_new_tokens": 12, "do_sample": True}}


def text_logits_requests():
    yield {"id": "france", "input_ids": [[504, 3575, 282, 4649, 314]]}
    yield {"id": "single", "input_ids": [[42]]}
    long = [(977 * i * i + 31 * i) % 49000 + 20 for i in range(150)]
    yield {"id": "long", "input_ids": [long], "rows": [[0, t] for t in (0, 15, 16, 63, 64, 149)]}
    batch = padded([long[:3], long[20:41], long[60:67]], pad=2)
    yield {"id": "left-padded", **batch, "rows": [[0, 20], [0, 18], [1, 0], [1, 20], [2, 20]]}


def pipeline_requests():
    greedy = {"do_sample": False, "max_new_tokens": 20}
    yield {"id": "defaults", "inputs": PROMPTS[0], "seed": 0}
    yield {"id": "forty-tokens", "inputs": PROMPTS[0], "seed": 0, "kwargs": {"max_new_tokens": 40}}
    yield {"id": "greedy", "inputs": PROMPTS[1], "kwargs": greedy}
    yield {"id": "continuation-alone", "inputs": PROMPTS[2], "kwargs": {**greedy, "return_full_text": False}}
    yield {"id": "list", "inputs": PROMPTS[12:15], "kwargs": greedy}
    yield {"id": "list-of-one", "inputs": [PROMPTS[3]], "kwargs": greedy}
    yield {"id": "list-sampled", "inputs": PROMPTS[16:18], "seed": 9, "kwargs": {"max_new_tokens": 12, "temperature": 0.9}}
    yield {"id": "max-length", "inputs": PROMPTS[13], "seed": 4, "kwargs": {"max_length": 30}}
    yield {"id": "both-lengths", "inputs": PROMPTS[13], "seed": 4, "kwargs": {"max_length": 30, "max_new_tokens": 5}}
    yield {"id": "several", "inputs": PROMPTS[25], "seed": 5, "kwargs": {"num_return_sequences": 3, "max_new_tokens": 12}}
    yield {"id": "batched", "inputs": PROMPTS[6:9], "kwargs": {**greedy, "batch_size": 3}}
    yield {"id": "not-english", "inputs": PROMPTS[21], "kwargs": greedy}
    yield {"id": "emoji", "inputs": PROMPTS[32], "kwargs": greedy}
    yield {"id": "token-ids", "inputs": PROMPTS[1], "kwargs": {**greedy, "return_tensors": True}}
    yield {"id": "too-long", "inputs": PROMPTS[13], "kwargs": {"max_length": 4}}


if __name__ == "__main__":
    write("logits.positions", logits_requests())
    write("logits.masked-queries", masked_queries())
    write("logits.alone-and-together", alone_and_together())
    write("generate.greedy", greedy_requests())
    write("generate.chunks", chunk_requests())
    write("logits.family", family_logits())
    write("generate.family", family_greedy())
    write("generate.long", long_requests())
    write("generate.sampling", sampling_requests())
    write("generate.wrong", wrong_requests())
    write("generate.prompts", text_requests())
    write("generate.real-text", real_text_requests())
    write("generate.text-sampled", text_sampled_requests())
    write("generate.text-beams", text_beams_requests())
    write("generate.healing", healing_requests())
    write("generate.table", table_requests())
    write("logits.text", text_logits_requests())
    write("run.pipeline", pipeline_requests())
