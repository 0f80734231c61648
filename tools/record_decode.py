#!/usr/bin/env python3
"""Records what the reference chooses, for tests/golden/decode/.

    record_decode.py softmax|order|processors|loops|invalid|resolve > tests/golden/decode/NAME.jsonl

Needs transformers 5.23.0 and torch 2.15.0 (CPU). Every case is seeded; one JSON object a line.
Float32 rows are written as base64 of their bytes, so that bits can be compared.
"""
import base64
import json
import logging
import math
import random
import struct
import sys
import warnings

import torch
import transformers
from transformers import GenerationConfig, PretrainedConfig, PreTrainedModel
from transformers.generation import GenerationMixin
from transformers.generation import logits_process as lp
from transformers.modeling_outputs import CausalLMOutput

torch.set_num_threads(1)


def bits(tensor):
    return base64.b64encode(tensor.to(torch.float32).contiguous().numpy().tobytes()).decode()


def emit(**case):
    print(json.dumps(case, separators=(",", ":")))


class TableConfig(PretrainedConfig):
    model_type = "table"

    def __init__(self, vocab_size=5, **kwargs):
        super().__init__(**kwargs)
        self.vocab_size = vocab_size


class TableModel(PreTrainedModel, GenerationMixin):
    """The logits after a token are a row of a table: nothing else is remembered."""

    config_class = TableConfig
    main_input_name = "input_ids"

    def __init__(self, table):
        super().__init__(TableConfig(vocab_size=table.shape[0]))
        self.table = torch.nn.Parameter(table, requires_grad=False)
        self.generation_config = GenerationConfig()

    def forward(self, input_ids, attention_mask=None, position_ids=None, **_):
        return CausalLMOutput(logits=self.table[input_ids])

    def prepare_inputs_for_generation(self, input_ids, attention_mask=None, position_ids=None, **_):
        return {"input_ids": input_ids}


def random_row(rng, n):
    """Logits with what makes trouble: ties, −∞, large spreads."""
    g = torch.Generator().manual_seed(rng.randrange(1 << 30))
    row = torch.randn(n, generator=g) * rng.choice([0.5, 2.0, 5.0])
    kind = rng.randrange(5)
    if kind == 1:
        row = (row * 2).round() / 2
    elif kind == 2:
        row[torch.randperm(n, generator=g)[: n // 3]] = -math.inf
        row[rng.randrange(n)] = 1.0
    elif kind == 3:
        row = row.to(torch.bfloat16).float()
    elif kind == 4:
        row = row.log_softmax(-1)
    return row


SIZES = [2, 3, 5, 7, 15, 16, 17, 31, 33, 64, 100, 129, 257]


def softmax():
    rng = random.Random(1)
    for i in range(78):
        row = random_row(rng, SIZES[i % len(SIZES)] if i < 76 else 1500)
        emit(x=bits(row), softmax=bits(row.softmax(-1)), log_softmax=bits(row.log_softmax(-1)))


def order():
    rng = random.Random(2)
    for i in range(120):
        n = rng.choice([1, 2, 5, 17, 20, 40, 100, 300])
        row = torch.tensor([float(rng.randrange(rng.choice([1, 2, 4, 30]))) for _ in range(n)])
        if i % 6 == 0:
            row[rng.randrange(n)] = math.nan
        k = rng.randrange(1, min(n, 40) + 1)
        emit(x=bits(row), k=k, topk=torch.topk(row, k)[1].tolist(),
             ascending=torch.sort(row)[1].tolist(),
             descending=torch.sort(row, descending=True)[1].tolist(),
             argmax=int(row.argmax()))


def ids(rng, rows, length, vocabulary):
    return [[rng.randrange(vocabulary) for _ in range(length)] for _ in range(rows)]


def sequence(rng, vocabulary, longest=3):
    return [rng.randrange(min(vocabulary, 4)) for _ in range(rng.randrange(1, longest + 1))]


def processor_case(rng, name, n):
    """(fields, keyword arguments of the table model's generation config, processor)"""
    eos = rng.sample(range(n), rng.choice([1, 1, 2]))
    length = rng.choice([3, 6, 12])
    prompt = rng.randrange(1, length + 1)
    keep = 1
    fields = {}
    text = ids(rng, 1, length, min(n, 4))
    if name == "temperature":
        v = rng.choice([0.3, 0.7, 1.7, 1e9])
        p = lp.TemperatureLogitsWarper(v)
    elif name == "top_k":
        v = rng.choice([1, 2, 5, 50])
        p = lp.TopKLogitsWarper(v, min_tokens_to_keep=keep)
    elif name == "top_p":
        v = rng.choice([0.0, 0.1, 0.5, 0.7, 0.9, 0.95, 0.999])
        p = lp.TopPLogitsWarper(v, min_tokens_to_keep=keep)
    elif name == "min_p":
        v = rng.choice([0.0, 0.02, 0.1, 0.5, 1.0])
        p = lp.MinPLogitsWarper(v, min_tokens_to_keep=keep)
    elif name == "typical_p":
        v = rng.choice([0.1, 0.3, 0.5, 0.9, 0.99])
        p = lp.TypicalLogitsWarper(v, min_tokens_to_keep=keep)
    elif name == "epsilon_cutoff":
        v = rng.choice([0.001, 0.01, 0.1, 0.3])
        p = lp.EpsilonLogitsWarper(v, min_tokens_to_keep=keep)
    elif name == "eta_cutoff":
        v = rng.choice([0.001, 0.01, 0.1, 0.3])
        p = lp.EtaLogitsWarper(v, min_tokens_to_keep=keep)
    elif name == "top_h":
        v = rng.choice([0.1, 0.4, 0.7, 0.95])
        p = lp.TopHLogitsWarper(v)
    elif name == "repetition_penalty":
        v = rng.choice([0.7, 1.1, 1.3, 5.0])
        p = lp.RepetitionPenaltyLogitsProcessor(v)
    elif name == "encoder_repetition_penalty":
        v = rng.choice([0.7, 1.1, 1.3])
        p = lp.EncoderRepetitionPenaltyLogitsProcessor(v, torch.tensor([text[0][:prompt]]))
    elif name == "no_repeat_ngram_size":
        v = rng.choice([1, 2, 3])
        p = lp.NoRepeatNGramLogitsProcessor(v)
    elif name == "encoder_no_repeat_ngram_size":
        v = rng.choice([1, 2, 3])
        p = lp.EncoderNoRepeatNGramLogitsProcessor(v, torch.tensor([text[0][:prompt]]))
    elif name == "sequence_bias":
        v = [[sequence(rng, n), rng.choice([-3.5, 0.1, 2.3, -math.inf])] for _ in range(6)]
        v = [b for b in v if max(b[0]) < n and b[1] != -math.inf] or [[[0], 0.5]]
        p = lp.SequenceBiasLogitsProcessor(v)
    elif name == "bad_words_ids":
        v = [sequence(rng, n) for _ in range(5)]
        v = [w for w in v if max(w) < n and w not in [[e] for e in eos]] or [[0, 0]]
        p = lp.NoBadWordsLogitsProcessor(v, torch.tensor(eos))
    elif name == "min_length":
        v = rng.choice([2, 6, 7, 12])
        p = lp.MinLengthLogitsProcessor(v, torch.tensor(eos))
    elif name == "min_new_tokens":
        v = rng.choice([1, 4, 7])
        p = lp.MinNewTokensLengthLogitsProcessor(prompt, v, torch.tensor(eos))
    elif name == "forced_bos_token_id":
        v = rng.randrange(n)
        prompt = length = 1
        text = [text[0][:1]]
        p = lp.ForcedBOSTokenLogitsProcessor(v)
    elif name == "forced_eos_token_id":
        v = rng.sample(range(n), 1)
        fields["max_length"] = length + rng.choice([1, 1, 2])
        p = lp.ForcedEOSTokenLogitsProcessor(fields["max_length"], v)
    elif name == "remove_invalid_values":
        v = True
        p = lp.InfNanRemoveLogitsProcessor()
    elif name == "exponential_decay_length_penalty":
        v = [rng.choice([0, 1, 3]), rng.choice([0.9, 1.1, 2.0])]
        p = lp.ExponentialDecayLengthPenalty(tuple(v), torch.tensor(eos), prompt)
    elif name == "suppress_tokens":
        v = rng.sample(range(n), min(n, 3))
        p = lp.SuppressTokensLogitsProcessor(v)
    elif name == "begin_suppress_tokens":
        v = rng.sample(range(n), min(n, 3))
        p = lp.SuppressTokensAtBeginLogitsProcessor(v, prompt)
    elif name == "renormalize_logits":
        v = True
        p = lp.LogitNormalization()
    elif name == "watermarking_config":
        v = {"greenlist_ratio": rng.choice([0.25, 0.5]), "bias": 2.5,
             "hashing_key": rng.choice([15485863, 7]),
             "seeding_scheme": rng.choice(["lefthash", "selfhash"]) if n >= 40 else "lefthash",
             "context_width": rng.choice([1, 2])}
        p = lp.WatermarkLogitsProcessor(n, "cpu", **v)
    fields[name] = v
    fields["eos_token_id"] = eos
    return fields, text, prompt, p


PROCESSORS = ["temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff",
              "eta_cutoff", "top_h", "repetition_penalty", "encoder_repetition_penalty",
              "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "sequence_bias",
              "bad_words_ids", "min_length", "min_new_tokens", "forced_bos_token_id",
              "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty",
              "suppress_tokens", "begin_suppress_tokens", "renormalize_logits",
              "watermarking_config"]


def processors():
    rng = random.Random(3)
    for name in PROCESSORS:
        for i in range(24 if name in ("top_p", "typical_p", "top_k", "min_p") else 10):
            n = rng.choice([5, 17, 40, 64, 150])
            row = random_row(rng, n)
            if name == "remove_invalid_values":
                row[:3] = torch.tensor([math.nan, math.inf, -math.inf])
            fields, text, prompt, processor = processor_case(rng, name, n)
            after = processor(torch.tensor(text), row[None].clone())
            emit(name=name, fields=fields, ids=text[0], prompt_length=prompt, x=bits(row),
                 y=bits(after[0]))


def random_table(rng, v):
    g = torch.Generator().manual_seed(rng.randrange(1 << 30))
    table = torch.randn(v, v, generator=g) * rng.choice([0.7, 2.0])
    if rng.random() < 0.3:
        table = (table * 2).round() / 2
    return table


def loop_fields(rng, v, eos):
    """A random configuration over what one loop can meet."""
    f = {"max_new_tokens": rng.choice([1, 3, 6, 12])}
    if rng.random() < 0.15:
        f = {"max_length": 20}
    if rng.random() < 0.9:
        f["eos_token_id"] = eos if rng.random() < 0.4 else eos[0]
    if rng.random() < 0.7:
        f["pad_token_id"] = rng.choice([0, v - 1])
    beams = rng.choice([1, 1, 1, 2, 3, 4])
    f["do_sample"] = rng.random() < 0.65
    if beams > 1:
        f["num_beams"] = beams
        f["num_return_sequences"] = rng.randrange(1, beams + 1)
        f["early_stopping"] = rng.choice([True, False, "never"])
        if rng.random() < 0.6:
            f["length_penalty"] = rng.choice([-1.0, 0.0, 0.5, 2.0])
    elif f["do_sample"]:
        f["num_return_sequences"] = rng.choice([1, 1, 2, 4])
    optional = {
        "temperature": [0.5, 0.7, 1.3], "top_k": [0, 3, 5, 10], "top_p": [0.5, 0.8, 0.95],
        "min_p": [0.05, 0.2], "typical_p": [0.6, 0.9], "epsilon_cutoff": [0.02],
        "eta_cutoff": [0.05], "top_h": [0.5, 0.9],
    } if f["do_sample"] else {}
    optional |= {
        "repetition_penalty": [1.2, 0.8], "encoder_repetition_penalty": [1.3],
        "no_repeat_ngram_size": [2, 3], "encoder_no_repeat_ngram_size": [2],
        "min_new_tokens": [2, 5], "min_length": [6], "renormalize_logits": [True],
        "sequence_bias": [[[[1], 0.7], [[2, 3], -1.5]]], "bad_words_ids": [[[2], [3, 1]]],
        "suppress_tokens": [[2]], "begin_suppress_tokens": [[1, 3]],
        "remove_invalid_values": [True], "forced_eos_token_id": [eos[0]],
        "watermarking_config": [{"greenlist_ratio": 0.4, "bias": 1.5, "context_width": 1}],
    }
    if "eos_token_id" in f:
        optional["exponential_decay_length_penalty"] = [[2, 1.3]]
    for name in rng.sample(sorted(optional), rng.choice([0, 1, 2, 3])):
        f[name] = rng.choice(optional[name])
    return f


def loops():
    rng = random.Random(4)
    made = 0
    while made < 560:
        v = rng.choice([7, 12, 17, 20])
        table = random_table(rng, v)
        batch = rng.choice([1, 1, 2, 3])
        length = rng.choice([1, 3, 5])
        prompts = ids(rng, batch, length, v)
        mask = None
        if batch > 1 and length > 1 and rng.random() < 0.6:
            mask = [[0] * (k := rng.randrange(length)) + [1] * (length - k) for _ in prompts]
        eos = rng.sample(range(1, v), 2)
        fields = loop_fields(rng, v, eos)
        seed = rng.choice([0, 1, 42, -3, 1 << 40]) + made
        torch.manual_seed(seed)
        kwargs = {} if mask is None else {"attention_mask": torch.tensor(mask)}
        dict_out = rng.random() < 0.1
        out = {}
        try:
            got = TableModel(table).generate(torch.tensor(prompts), use_cache=False,
                                             output_scores=True, return_dict_in_generate=True,
                                             output_logits=dict_out, **fields, **kwargs)
            out["sequences"] = got.sequences.tolist()
            if fields.get("num_beams", 1) > 1:
                out["sequences_scores"] = bits(got.sequences_scores)
                out["beam_indices"] = got.beam_indices.tolist()
            if dict_out:
                out["last_scores"] = bits(got.scores[-1])
                out["steps"] = len(got.scores)
                out["last_logits"] = bits(got.logits[-1])
        except (RuntimeError, IndexError) as e:
            out["error"] = str(e).split("\n")[0][:60]
        emit(table=bits(table), vocabulary=v, ids=prompts, mask=mask, fields=fields, seed=seed,
             **out)
        made += 1


# Fields of one call, refused by the reference, and the word its message must hold. A leading "!"
# marks cases where the word is ours (the reference fails with a TypeError or its like).
INVALID = [
    ("temperature", {"do_sample": True, "temperature": 2}),
    ("temperature", {"do_sample": True, "temperature": 0.0}),
    ("temperature", {"do_sample": True, "temperature": 0}),
    ("temperature", {"do_sample": True, "temperature": -0.5}),
    ("temperature", {"do_sample": True, "temperature": "warm"}),
    ("temperature", {"do_sample": True, "temperature": 3, "num_beams": 2}),
    ("penalty", {"repetition_penalty": 2}),
    ("penalty", {"repetition_penalty": 0.0}),
    ("penalty", {"repetition_penalty": -1.5}),
    ("penalty", {"encoder_repetition_penalty": 3}),
    ("penalty", {"encoder_repetition_penalty": -0.1}),
    ("top_k", {"do_sample": True, "top_k": -1}),
    ("top_k", {"do_sample": True, "top_k": 5.0}),
    ("top_k", {"do_sample": True, "top_k": 0.5}),
    ("top_p", {"do_sample": True, "top_p": -0.1}),
    ("top_p", {"do_sample": True, "top_p": -3}),
    ("min_p", {"do_sample": True, "min_p": 1.1}),
    ("min_p", {"do_sample": True, "min_p": -0.1}),
    ("typical_p", {"do_sample": True, "typical_p": 0.0}),
    ("typical_p", {"do_sample": True, "typical_p": -1.0}),
    ("top_h", {"do_sample": True, "top_h": 0.0}),
    ("top_h", {"do_sample": True, "top_h": 1.5}),
    ("early_stopping", {"num_beams": 2, "early_stopping": "maybe"}),
    ("early_stopping", {"num_beams": 2, "early_stopping": 2}),
    ("max_new_tokens", {"max_new_tokens": 0}),
    ("max_new_tokens", {"max_new_tokens": -4}),
    ("assistant_ensemble_weight", {"assistant_ensemble_weight": 0.0}),
    ("assistant_ensemble_weight", {"assistant_ensemble_weight": 1.0}),
    ("assistant_ensemble_weight", {"assistant_ensemble_weight": 7}),
    ("cache_implementation", {"cache_implementation": "paper"}),
    ("num_return_sequences", {"num_return_sequences": 2}),
    ("num_return_sequences", {"num_return_sequences": 3, "do_sample": False}),
    ("num_return_sequences", {"num_return_sequences": 3, "num_beams": 2}),
    ("num_return_sequences", {"num_return_sequences": 5, "num_beams": 4, "do_sample": True}),
    ("num_return_sequences", {"num_return_sequences": 2, "do_sample": True,
                              "prompt_lookup_num_tokens": 2}),
    ("forced_bos_token_id", {"forced_bos_token_id": 3, "suppress_tokens": [3, 4]}),
    ("forced_eos_token_id", {"forced_eos_token_id": [1, 2], "suppress_tokens": [1, 2, 3]}),
    ("forced_eos_token_id", {"forced_eos_token_id": 1, "suppress_tokens": [1]}),
    ("max_length", {"max_length": 3}),
    ("max_length", {"max_length": 1}),
    ("max_length", {"max_length": 0}),
    ("!max_length", {"max_length": None}),
    ("!num_beams", {"num_beams": None}),
    ("!num_beams", {"num_beams": 0}),
    ("!num_return_sequences", {"num_return_sequences": None}),
    ("!stop_strings", {"stop_strings": "end"}),
    ("!stop_strings", {"stop_strings": ["a", "b"]}),
    ("low_memory", {"num_beams": 2, "low_memory": True}),
    ("low_memory", {"num_beams": 2, "low_memory": True, "do_sample": True}),
    ("sequence_bias", {"sequence_bias": []}),
    ("sequence_bias", {"sequence_bias": [[[1], 2]]}),
    ("sequence_bias", {"sequence_bias": [[[-1], 2.0]]}),
    ("sequence_bias", {"sequence_bias": [[1, 2.0]]}),
    ("sequence_bias", {"sequence_bias": 3.5}),
    ("!sequence_bias", {"sequence_bias": [[[99], 2.0]]}),
    ("bad_words_ids", {"bad_words_ids": []}),
    ("bad_words_ids", {"bad_words_ids": [3, 4]}),
    ("bad_words_ids", {"bad_words_ids": [[-2]]}),
    ("bad_words_ids", {"bad_words_ids": 3}),
    ("!bad_words_ids", {"bad_words_ids": [[3, 99]]}),
    ("ngram_size", {"no_repeat_ngram_size": 2.5}),
    ("ngram_size", {"encoder_no_repeat_ngram_size": 1.5}),
    ("!exponential_decay_length_penalty", {"exponential_decay_length_penalty": [1, 1.5]}),
    ("!forced_eos_token_id", {"forced_eos_token_id": -3}),
    ("greenlist_ratio", {"watermarking_config": {"greenlist_ratio": 0.0}}),
    ("watermarking_config", {"watermarking_config": {"greenlist_ratio": 1.5}}),
    ("watermarking_config", {"watermarking_config": {"seeding_scheme": "none"}}),
    ("watermarking_config", {"watermarking_config": {"context_width": 0}}),
    ("!watermarking_config", {"watermarking_config": {"colour": 1}}),
    ("top_q", {"top_q": 0.9}),
    ("temprature", {"temprature": 0.9, "max_new_tokens": 3}),
    ("!max_time", {"max_time": "soon"}),
    ("!eos_token_id", {"eos_token_id": "end"}),
]


def generate_quietly(model, prompts, fields, **kwargs):
    return model.generate(torch.tensor(prompts), use_cache=False, **fields, **kwargs)


def invalid():
    rng = random.Random(5)
    model = TableModel(random_table(rng, 7))
    accepted = []
    for word, fields in INVALID:
        try:
            generate_quietly(model, [[2, 3, 4]], fields)
        except Exception as e:  # noqa: BLE001: any failure of the reference counts
            message = str(e)
            if not word.startswith("!") and word not in message:
                sys.exit(f"{word} is not in: {message}")
            emit(fields=fields, key=word.lstrip("!"), kind=type(e).__name__)
        else:
            accepted.append(fields)
    if accepted:
        sys.exit(f"the reference accepts {accepted}")


class Captured(Exception):
    pass


class CapturingModel(TableModel):
    """Stops where the loop would begin and shows what it would run with."""

    def _sample(self, input_ids, logits_processor, stopping_criteria, generation_config, **_):
        self.seen = generation_config, [type(p).__name__ for p in logits_processor]
        raise Captured

    _beam_search = _sample
    _assisted_decoding = _sample


NAMES = {
    "UnbatchedClassifierFreeGuidanceLogitsProcessor": "guidance_scale",
    "SequenceBiasLogitsProcessor": "sequence_bias",
    "EncoderRepetitionPenaltyLogitsProcessor": "encoder_repetition_penalty",
    "RepetitionPenaltyLogitsProcessor": "repetition_penalty",
    "NoRepeatNGramLogitsProcessor": "no_repeat_ngram_size",
    "EncoderNoRepeatNGramLogitsProcessor": "encoder_no_repeat_ngram_size",
    "NoBadWordsLogitsProcessor": "bad_words_ids", "MinLengthLogitsProcessor": "min_length",
    "MinNewTokensLengthLogitsProcessor": "min_new_tokens",
    "ForcedBOSTokenLogitsProcessor": "forced_bos_token_id",
    "ForcedEOSTokenLogitsProcessor": "forced_eos_token_id",
    "InfNanRemoveLogitsProcessor": "remove_invalid_values",
    "ExponentialDecayLengthPenalty": "exponential_decay_length_penalty",
    "SuppressTokensLogitsProcessor": "suppress_tokens",
    "SuppressTokensAtBeginLogitsProcessor": "begin_suppress_tokens",
    "TemperatureLogitsWarper": "temperature", "TopHLogitsWarper": "top_h",
    "TopKLogitsWarper": "top_k", "TopPLogitsWarper": "top_p", "MinPLogitsWarper": "min_p",
    "TypicalLogitsWarper": "typical_p", "EpsilonLogitsWarper": "epsilon_cutoff",
    "EtaLogitsWarper": "eta_cutoff", "WatermarkLogitsProcessor": "watermarking_config",
    "LogitNormalization": "renormalize_logits",
}

# What may be set by the call, a config object or the model's file.
CHOICES = {
    "max_length": [30, 20, 7, 3], "max_new_tokens": [1, 5, 40], "min_length": [0, 6, 50],
    "min_new_tokens": [2, 60], "do_sample": [True, False], "num_beams": [1, 2, 3],
    "early_stopping": [True, False, "never"], "length_penalty": [1.0, 0.5],
    "num_return_sequences": [1, 2], "temperature": [1.0, 1, 0.6, 1.5], "top_k": [50, 0, 5], "top_p": [1.0, 0.9, 1.5],
    "min_p": [0.1], "top_h": [0.5], "typical_p": [1.0, 0.8, 2.0],
    "epsilon_cutoff": [0.0, 0.1, 3.0], "eta_cutoff": [0.2], "repetition_penalty": [1.0, 1.2, 1],
    "encoder_repetition_penalty": [1.5], "no_repeat_ngram_size": [0, 2],
    "encoder_no_repeat_ngram_size": [3], "bad_words_ids": [[[2, 3]]],
    "sequence_bias": [[[[2], 1.5]]], "suppress_tokens": [[4]], "begin_suppress_tokens": [[3]],
    "forced_bos_token_id": [2], "forced_eos_token_id": [1], "remove_invalid_values": [True, False],
    "renormalize_logits": [True, False], "watermarking_config": [{"bias": 1.0}],
    "pad_token_id": [0, 1, -1], "eos_token_id": [1, [1, 4]], "bos_token_id": [2],
    "use_cache": [True], "output_scores": [True, False], "return_dict_in_generate": [True],
    "cache_implementation": ["hybrid"], "my_own_entry": [3],
}


def pick(rng, most, nulls):
    names = rng.sample(sorted(CHOICES), rng.randrange(most + 1))
    out = {n: rng.choice(CHOICES[n]) for n in names}
    for n in names:
        if nulls and n not in ("max_length", "num_beams", "num_return_sequences") and rng.random() < 0.15:
            out[n] = None
    return out


def warning_kinds(messages):
    kinds = {"no effect": "generation flags are not valid", "both max": "Both `max_new_tokens`",
             "both min": "Both `min_new_tokens`", "default length": "model-agnostic default",
             "infeasible": "Unfeasible length", "deprecated": "is deprecated and will be removed",
             "blind batch": "The attention mask and the pad token id were not set",
             "pad is end": "cannot be inferred from input because pad token is same",
             "right padding": "right-padding was detected"}
    out = sorted(k for k, text in kinds.items() if any(text in m for m in messages))
    flags = [m.split("ignored: ")[1].split("].")[0] + "]" for m in messages
             if kinds["no effect"] in m]
    return out, [json.loads(f.replace("'", '"')) for f in flags]


class Collector(logging.Handler):
    def __init__(self):
        super().__init__()
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


def resolve():
    rng = random.Random(6)
    logger = logging.getLogger("transformers")
    transformers.utils.logging.set_verbosity_warning()
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    table = random_table(rng, 7)
    made = 0
    while made < 260:
        model = CapturingModel(table)
        model.config.max_position_embeddings = limit = rng.choice([None, 16, 64])
        if limit is None:
            del model.config.max_position_embeddings
        batch, length = rng.choice([1, 2]), rng.choice([1, 4])
        prompts = [[rng.randrange(2, 7) for _ in range(length)] for _ in range(batch)]
        default, given = pick(rng, 5, False), None
        keywords = pick(rng, 6, True)
        keywords.pop("my_own_entry", None)
        keywords["use_cache"] = False
        case = {"prompts": prompts, "max_position_embeddings": limit, "model": default}
        collector = Collector()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                model.generation_config = GenerationConfig(**default)
                transformers.utils.logging.warning_once.cache_clear()
                caught.clear()
                logger.addHandler(collector)
                if rng.random() < 0.35:
                    case["object"] = given = pick(rng, 5, True)
                    config = GenerationConfig(**given)
                    model.generate(torch.tensor(prompts), generation_config=config, **keywords)
                else:
                    model.generate(torch.tensor(prompts), **keywords)
            except Captured:
                seen, names = model.seen
                fields = {k: v for k, v in seen.to_dict().items()
                          if k in CHOICES and k not in ("watermarking_config", "sequence_bias")}
                case["fields"] = {k: v for k, v in fields.items() if k not in ("use_cache",)}
                case["processors"] = [NAMES[n] for n in names]
                pad = seen._pad_token_tensor
                case["pad"] = None if pad is None else int(pad)
                case["mode"] = str(seen.get_generation_mode().value)
            except Exception as e:  # noqa: BLE001
                case["error"] = str(e).split("\n")[0][:80]
            finally:
                logger.removeHandler(collector)
        messages = collector.messages + [str(w.message) for w in caught]
        case["warnings"], case["ignored"] = warning_kinds(messages)
        emit(keywords=keywords, **case)
        made += 1
    for config in LEGACY:
        made = GenerationConfig.from_model_config(json.loads(json.dumps(config)))
        emit(config=config, adopted={k: v for k, v in made.to_dict().items()
                                     if v is not None and not k.startswith("_")
                                     and k != "transformers_version"})


LEGACY = [
    {"model_type": "bart", "num_beams": 4, "no_repeat_ngram_size": 3, "forced_eos_token_id": 2,
     "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1, "hidden_size": 8},
    {"model_type": "gpt2", "max_length": 50, "eos_token_id": 7},
    {"model_type": "vlm", "text_config": {"eos_token_id": [1, 2], "pad_token_id": 0},
     "bos_token_id": 5},
    {"model_type": "pair", "decoder": {"eos_token_id": 4}, "text_config": {"eos_token_id": 9},
     "eos_token_id": 3, "temperature": None},
    {"model_type": "x", "output_attentions": True, "do_sample": True, "top_k": 3},
]


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) == 2 else ""
    known = {"softmax": softmax, "order": order, "processors": processors, "loops": loops,
             "invalid": invalid, "resolve": resolve}
    if wanted not in known:
        sys.exit(__doc__)
    if wanted != "resolve":
        transformers.utils.logging.set_verbosity_error()
        warnings.simplefilter("ignore")
    print(f"# tools/record_decode.py {wanted}   (transformers {transformers.__version__}, "
          f"torch {torch.__version__.split('+')[0]})")
    known[wanted]()
