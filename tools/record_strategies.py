#!/usr/bin/env python3
"""Records what the references return for tests/golden/strategies: one seeded set of cases a strategy.

    record_strategies.py group|constrained|contrastive|dola|lookup|assisted|bridged|states
                         > tests/golden/strategies/NAME.jsonl
    record_strategies.py encoder-group|encoder-constrained|encoder-contrastive     the same with an encoder

Group, constrained, contrastive and dola need transformers 4.55.4, the last release that had them; the others 5.23.0; both with
torch 2.15.0. Each case runs in float32 and again in float64: "stable" says whether the ids are the
same, so that what hangs on the last bits can be told apart.
"""

import json
import os
import random
import sys
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
warnings.filterwarnings("ignore")

import torch
import transformers

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden")
MODELS = ["gpt2", "llama-2", "llama-3", "llama-biased"]
VOCABULARY = 128
COUNT = 80
WITH_ENCODER = ["t5", "bart", "bart-scaled", "marian"]
COUNT_WITH_ENCODER = 36


def load(name, dtype):
    path = os.path.join(GOLDEN, name)
    config = transformers.AutoConfig.from_pretrained(path)
    rope = getattr(config, "rope_parameters", None)
    if rope and transformers.__version__ < "5":  # which knows only the two older names
        config.rope_theta = rope["rope_theta"]
        config.rope_scaling = {key: value for key, value in rope.items() if key != "rope_theta"}
    cls = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    return cls.from_pretrained(path, config=config, torch_dtype=dtype).eval()


def some_ids(r, count):
    return [r.randrange(4, VOCABULARY) for _ in range(count)]


def prompts(r, rows, encoder=False):
    """Rows of one length, padded on the left (an encoder's on the right); the mask, or None when nothing is padded."""
    lengths = [r.randint(1, 12) for _ in range(rows)]
    longest = max(lengths)
    if encoder:
        ids = [some_ids(r, n) + [3] * (longest - n) for n in lengths]
        return ids, [[1] * n + [0] * (longest - n) for n in lengths] if rows > 1 else None
    ids = [[3] * (longest - n) + some_ids(r, n) for n in lengths]
    mask = [[0] * (longest - n) + [1] * n for n in lengths]
    return ids, mask if rows > 1 else None


def common(r):
    fields = {"do_sample": False, "max_new_tokens": r.randint(2, 14), "pad_token_id": r.choice([0, 3, 60])}
    if r.random() < 0.75:
        fields["eos_token_id"] = some_ids(r, r.choice([1, 2, 4, 12]))
    for chance, name, value in (
        (0.25, "repetition_penalty", r.choice([0.8, 1.2, 1.5])),
        (0.15, "no_repeat_ngram_size", r.choice([2, 3])),
        (0.15, "min_new_tokens", r.randint(1, 5)),
        (0.10, "suppress_tokens", some_ids(r, 5)),
        (0.10, "bad_words_ids", [some_ids(r, n) for n in (1, 2)]),
    ):
        if r.random() < chance:
            fields[name] = value
    return fields


def beams(r, fields, n):
    fields["num_beams"] = n
    fields["num_return_sequences"] = r.randint(1, n)
    fields["early_stopping"] = r.choice([False, False, True, "never"])
    if r.random() < 0.6:
        fields["length_penalty"] = r.choice([-1.0, 0.0, 0.5, 1.0, 2.0])


def group(r):
    fields = common(r)
    groups = r.choice([2, 2, 3, 4])
    beams(r, fields, groups * r.choice([1, 2, 3]))
    fields.update(num_beam_groups=groups, diversity_penalty=r.choice([0.1, 0.5, 1.0, 3.0]))
    return fields, r.choice([1, 1, 2, 3]), {}


def constrained(r):
    fields = common(r)
    beams(r, fields, r.choice([2, 3, 4, 5]))
    words = []
    for _ in range(r.choice([1, 1, 2, 3])):
        if r.random() < 0.6:
            words.append(some_ids(r, r.randint(1, 3)))
        else:  # alternatives: none begins another, some share their first ids
            head = some_ids(r, r.choice([0, 1, 2]))
            tails = r.sample(range(4, VOCABULARY), r.choice([2, 3]))
            words.append([head + [t] + some_ids(r, r.choice([0, 1, 2])) for t in tails])
    fields["force_words_ids"] = words
    return fields, r.choice([1, 1, 2]), {}


def contrastive(r):
    fields = common(r)
    fields.update(penalty_alpha=r.choice([0.1, 0.4, 0.6, 0.9]), top_k=r.choice([2, 3, 4, 8]))
    return fields, r.choice([1, 1, 2, 3]), {}


def dola(r):
    fields = common(r)
    fields["dola_layers"] = r.choice(["low", "high", [0], [1], [0, 1], [0, 1, 7]])
    sampling(r, fields)
    return fields, r.choice([1, 1, 2, 3]), {}


def sampling(r, fields):
    if r.random() < 0.5:
        fields["do_sample"] = True
        fields["top_k"] = r.choice([0, 5, 50])
        fields["temperature"] = r.choice([0.3, 0.7, 1.0, 1.5])
        fields["top_p"] = r.choice([0.5, 0.9, 1.0])


def lookup(r):
    fields = common(r)
    sampling(r, fields)
    if not fields["do_sample"]:
        fields["temperature"], fields["top_p"] = 1.0, 1.0
    fields["max_new_tokens"] = r.randint(1, 24)
    fields["prompt_lookup_num_tokens"] = r.choice([1, 2, 3, 5, 10])
    if r.random() < 0.5:
        fields["max_matching_ngram_size"] = r.choice([1, 2, 3])
    return fields, 1, {"repeats": True}


def assisted(r):
    fields = common(r)
    sampling(r, fields)
    if not fields["do_sample"]:
        fields["temperature"], fields["top_p"] = 1.0, 1.0
    fields["max_new_tokens"] = r.randint(1, 24)
    # What the assistant itself is set to: its own configuration counts.
    own = {
        "num_assistant_tokens": r.choice([1, 2, 4, 8, 20]),
        "num_assistant_tokens_schedule": r.choice(["constant", "heuristic", "heuristic_transient"]),
        "assistant_confidence_threshold": r.choice([0.0, 0.02, 0.1, 0.4]),
    }
    if r.random() < 0.2:
        fields["assistant_early_exit"] = 1
        # The reference's GPT-2 runs all of its layers whatever it is asked.
        return fields, 1, {"model": r.choice(MODELS[1:]), "assistant_config": own}
    return fields, 1, {"assistant": r.choice(MODELS), "assistant_config": own}


def cases(name):
    r = random.Random("strategies " + name)
    encoder = name.startswith("encoder-")
    for number in range(COUNT_WITH_ENCODER if encoder else COUNT):
        fields, rows, more = globals()[name.removeprefix("encoder-")](r)
        if encoder:  # whose configurations have settings of their own
            fields = {"num_beams": 1, "no_repeat_ngram_size": 0, "min_length": 0, "early_stopping": False, **fields}
        ids, mask = prompts(r, rows, encoder)
        if more.pop("repeats", False):
            phrase = some_ids(r, r.randint(2, 4))
            ids = [some_ids(r, 2) + phrase + some_ids(r, r.randint(0, 2)) + phrase + some_ids(r, 1) + phrase[:2]]
        if mask is None or r.random() < 0.1:
            mask = None
        case = {"id": f"{name}-{number}", "model": r.choice(WITH_ENCODER if encoder else MODELS), "seed": number, "input_ids": ids}
        if mask is not None:
            case["attention_mask"] = mask
            if any(0 in row for row in mask):  # the older release penalises the padding too
                fields.pop("repetition_penalty", None)
        yield {**case, **more, "generation_config": fields}


def generate(case, dtype, scores):
    model = load(case["model"], dtype)
    arguments = dict(case["generation_config"], input_ids=torch.tensor(case["input_ids"]))
    if "attention_mask" in case:
        arguments["attention_mask"] = torch.tensor(case["attention_mask"])
    assistant = None
    if "assistant" in case:
        assistant = arguments["assistant_model"] = load(case["assistant"], dtype)
    for name, value in case.get("assistant_config", {}).items():
        setattr((assistant or model).generation_config, name, value)
    torch.manual_seed(case["seed"])
    with torch.no_grad():
        return model.generate(**arguments, return_dict_in_generate=True, output_scores=scores)


def record(case):
    try:
        try:
            out = generate(case, torch.float32, True)
        except RuntimeError as error:
            # Constrained beams cannot hand out scores for open rows that missed their constraints.
            if "dtype of NoneType" not in str(error):
                raise
            out = generate(case, torch.float32, False)
    except (ValueError, RuntimeError, IndexError, TypeError, AttributeError) as error:
        return {**case, "error": f"{type(error).__name__}: {str(error)[:120]}"}
    answer = {"sequences": out.sequences.tolist()}
    scores = getattr(out, "sequences_scores", None)
    if scores is not None and torch.isfinite(scores).all():  # −∞: a forced word was forbidden by a processor
        answer["sequences_scores"] = [float("%.7g" % x) for x in scores.tolist()]
    # Without scores: group beam search cannot hand them out in float64.
    answer["stable"] = out.sequences.tolist() == generate(case, torch.float64, False).sequences.tolist()
    return {**case, **answer}


def record_states():
    """Hidden states and attentions of a padded batch: [step][layer][row][q · …]."""
    ids, mask = [[3, 3, 50, 93], [9, 12, 88, 61]], [[0, 0, 1, 1], [1, 1, 1, 1]]
    for name in ("gpt2", "llama-biased"):
        model = load(name, torch.float32)
        model.set_attn_implementation("eager")
        for beams in (1, 2):
            fields = {"max_new_tokens": 3, "min_new_tokens": 3, "do_sample": False}
            fields.update(num_beams=beams, pad_token_id=3)
            asked = {"return_dict_in_generate": True, "output_hidden_states": True, "output_attentions": True}
            with torch.no_grad():
                mask_ = torch.tensor(mask)
                out = model.generate(torch.tensor(ids), attention_mask=mask_, **fields, **asked)
            case = {"model": name, "input_ids": ids, "attention_mask": mask, "generation_config": fields}
            case["sequences"] = out.sequences.tolist()
            for key in ("hidden_states", "attentions"):
                case[key] = [[[short(row) for row in layer] for layer in step] for step in out[key]]
            case["heads"] = model.config.num_attention_heads
            yield case


def short(row):
    return [float("%.5g" % x) for x in row.flatten().tolist()]


TEXTS = [
    "The rain in Spain falls mainly in the plain", "Once upon a time there was a clockmaker who", "one two three four",
    "def main():\n    print", "A", "the the the the", "Caf\u00e9 na\u00efve \u2014 \u65e5\u672c", "  spaces   inside  ", "1234567890 1234",
    "To be, or not to be: that is the question: whether it's nobler",
]  # fmt: skip


def record_bridged():
    """Assisted decoding with an assistant of another tokenizer: the ids, and what every round drafted.

    The assistant's cache is dropped before each round: the reference crops it at the wrong place where a
    re-tokenised text differs, and then drafts from states of tokens that are gone. The ids are the same.
    """
    from transformers.generation import candidate_generator as candidates

    rounds = []
    draft = candidates.AssistedCandidateGeneratorDifferentTokenizers.get_candidates

    def watched(self, input_ids, **more):
        self.assistant_kwargs.pop("past_key_values", None)
        ids, scores = draft(self, input_ids, **more)
        rounds.append(ids[0, input_ids.shape[1] :].tolist())
        return ids, scores

    candidates.AssistedCandidateGeneratorDifferentTokenizers.get_candidates = watched
    tokenizer = transformers.AutoTokenizer.from_pretrained
    r = random.Random("strategies bridged")
    for number in range(COUNT):
        name = r.choice(["gpt2-text", "llama-text"])
        folder, other = os.path.join(GOLDEN, name), os.path.join(GOLDEN, "gpt2-drafts")
        model, assistant = load(name, torch.float32), load("gpt2-drafts", torch.float32)
        own = {
            "num_assistant_tokens": r.choice([1, 2, 4, 8]),
            "num_assistant_tokens_schedule": r.choice(["constant", "heuristic", "heuristic_transient"]),
            "assistant_confidence_threshold": r.choice([0.0, 0.002, 0.02]),
            "target_lookbehind": r.choice([1, 3, 10]),
            "assistant_lookbehind": r.choice([1, 3, 10]),
        }
        for key, value in own.items():
            setattr(assistant.generation_config, key, value)
        ids = tokenizer(folder)(r.choice(TEXTS), return_tensors="pt")["input_ids"]
        fields = {"do_sample": False, "max_new_tokens": r.randint(1, 24), "pad_token_id": 60}
        case = {"id": f"bridged-{number}", "model": name, "assistant": "gpt2-drafts", "assistant_config": own, "seed": 0}
        case.update(input_ids=ids.tolist(), generation_config=fields)
        rounds.clear()
        try:
            with torch.no_grad():
                out = model.generate(
                    ids, assistant_model=assistant, tokenizer=tokenizer(folder), assistant_tokenizer=tokenizer(other), **fields
                )
        except (ValueError, RuntimeError, IndexError, TypeError) as error:
            yield {**case, "error": f"{type(error).__name__}: {str(error)[:120]}"}
            continue
        yield {**case, "sequences": out.tolist(), "drafts": list(rounds), "stable": True}


def main():
    torch.set_num_threads(1)
    if sys.argv[1] == "bridged":
        for case in record_bridged():
            print(json.dumps(case, separators=(",", ":")), flush=True)
        return
    if sys.argv[1] == "states":
        for case in record_states():
            print(json.dumps(case, separators=(",", ":")), flush=True)
        return
    for case in cases(sys.argv[1]):
        print(json.dumps(record(case), separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main()
