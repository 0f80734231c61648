"""What is measured (rows), and what is required of it.

A row is "MODEL-FORMAT/METRIC", for example smollm2-bf16/prefill_512; "+busy" behind it means that another process
keeps one core busy meanwhile, "+avx2" that no newer instructions are used (peers that can be told so), "+bf16" and "+int8" that Typecase computes more
coarsely when asked to; rivals then stand with what they always do. `first_token` and `memory` come from a cold start: load, 8 tokens in, one out.
"""

FORMATS = {
    "smollm2": ["f32", "bf16", "q8_0", "q4_1"],
    "gpt2": ["f32"],
    "llama1b": ["bf16", "q8_0"],
    "tiny": ["f32", "bf16", "q8_0", "q4_1"],
    "tiny-gpt2": ["f32"],
}
TITLES = {"smollm2": "SmolLM2-135M's shape", "gpt2": "GPT-2 124M's shape", "llama1b": "Llama-3.2-1B's shape",
          "tiny": "a tiny Llama", "tiny-gpt2": "a tiny GPT-2"}  # fmt: skip
FORMAT_TITLES = {"f32": "float32", "bf16": "bfloat16", "q8_0": "Q8_0", "q4_1": "Q4_1"}

COLD = ["first_token", "memory"]
QUICK = ["ids", "ids_again", "prefill_512", "prefill_2048", "decode_8", "decode_512", "beams_4", "batch_16", *COLD]
ALL = ["ids", "ids_again", "prefill_128", "prefill_512", "prefill_2048", "decode_8", "decode_512", "decode_2048", "beams_4", "batch_8",
       "batch_16", "peak", *COLD]  # fmt: skip
BUSY = {("smollm2", "bf16"), ("smollm2", "q8_0"), ("tiny", "bf16")}
BUSY_METRICS = ["prefill_512+busy", "decode_8+busy"]
AVX2 = {("smollm2", "f32"), ("smollm2", "bf16"), ("smollm2", "q8_0"), ("smollm2", "q4_1"), ("tiny", "bf16")}
AVX2_METRICS = ["prefill_512+avx2", "decode_8+avx2"]
COARSE = {("smollm2", "q8_0"), ("smollm2", "q4_1"), ("tiny", "q8_0")}
COARSE_SUFFIXES = ("+bf16", "+int8")
COARSE_METRICS = ["prefill_512+bf16", "prefill_512+int8", "decode_8+int8", "decode_512+int8", "batch_16+int8"]
LESS_IS_MORE = {"first_token", "memory", "peak"}


def plan(quick=True, full=False, tiny=False, only=()):
    """[(model, format, [metric])] in the order in which they are measured."""
    models = ["tiny", "tiny-gpt2"] if tiny else ["smollm2", "gpt2"] + ["llama1b"] * full
    chosen = []
    for model in models:
        for form in FORMATS[model]:
            metrics = list(QUICK if quick else ALL)
            if "gpt2" in model:  # its longest text is 1024
                metrics = [metric for metric in metrics if not metric.endswith("_2048")]
            if (model, form) in BUSY:
                metrics += BUSY_METRICS
            if (model, form) in AVX2:
                metrics += AVX2_METRICS
            if (model, form) in COARSE:
                metrics += COARSE_METRICS
            metrics = [metric for metric in metrics if wanted(f"{model}-{form}/{metric}", only)]
            if metrics:
                chosen.append((model, form, metrics))
    return chosen


def as_rivals_do(row):
    """The row without what is said to Typecase alone."""
    name, plus, suffix = row.partition("+")
    return name if plus + suffix in COARSE_SUFFIXES else row


def wanted(row, only):
    """`only` names rows, models, or metrics: smollm2-bf16/decode_8, gpt2, decode_8."""
    name, metric = row.split("/")
    return not only or any(word in (row, name, metric, name.rpartition("-")[0]) for word in only)


class Required:
    """One line of the table of targets: our row against `rival` times `factor`.

    rival: "best" of all peers, the beginning of a peer's name, a row of our own, or "file" (bytes of the weights).
    Where less is more (memory, first token) we may take at most 1/factor of the rival's, of the file `factor` times.
    """

    def __init__(self, row, factor, rival="best"):
        self.row, self.factor, self.rival = row, factor, rival


# Processors with AVX-512 and no matrix unit, and those with less.
WITHOUT_AMX = [
    Required("smollm2-bf16/prefill_512", 1.15),
    Required("smollm2-f32/prefill_512", 1.1),
    Required("gpt2-f32/prefill_512", 1.1),
    Required("smollm2-q8_0/prefill_512", 2.2, "llama"),
    Required("smollm2-q4_1/prefill_512", 1.6, "llama"),
    Required("smollm2-q8_0/prefill_512+bf16", 1.15, "openvino"),
    Required("smollm2-q8_0/prefill_512+int8", 1.15, "openvino"),
    Required("smollm2-q4_1/prefill_512+int8", 1.15, "openvino"),
    Required("smollm2-bf16/prefill_2048", 0.85, "smollm2-bf16/prefill_512"),
    Required("smollm2-bf16/decode_8", 1.5),
    Required("smollm2-bf16/decode_512", 1.7),
    Required("llama1b-bf16/decode_8", 1.0),
    Required("gpt2-f32/decode_8", 1.2),
    Required("gpt2-f32/decode_512", 1.2),
    Required("smollm2-q8_0/decode_8", 1.9),
    Required("smollm2-q8_0/decode_512", 2.4),
    Required("smollm2-q4_1/decode_8", 2.0),
    Required("smollm2-q4_1/decode_512", 2.5),
    Required("smollm2-bf16/batch_16", 2.0),
    Required("smollm2-bf16/beams_4", 3.0),
]
ANYWHERE = [
    Required("smollm2-bf16/first_token", 3.0, "llama"),
    Required("smollm2-bf16/memory", 1.25, "file"),
    Required("smollm2-bf16/decode_8+busy", 0.5, "smollm2-bf16/decode_8"),
    Required("smollm2-q8_0/decode_8+busy", 0.5, "smollm2-q8_0/decode_8"),
    *(Required(f"smollm2-{form}/{metric}", 1.0, "llama") for form in ("f32", "bf16", "q8_0", "q4_1") for metric in AVX2_METRICS),
]
# With AMX: against llama.cpp; 1.1 times the best peer besides.
WITH_AMX = [
    Required("llama1b-bf16/prefill_512", 12.0, "llama"),
    Required("smollm2-bf16/prefill_512", 12.0, "llama"),
    Required("gpt2-f32/prefill_512", 3.0, "llama"),
    Required("smollm2-q8_0/prefill_512", 4.0, "llama"),
    Required("llama1b-bf16/decode_8", 2.0, "llama"),
    Required("smollm2-bf16/decode_8", 1.8, "llama"),
    Required("smollm2-bf16/decode_512", 2.0, "llama"),
    Required("gpt2-f32/decode_8", 1.2, "llama"),
    Required("gpt2-f32/decode_512", 1.4, "llama"),
    Required("smollm2-q8_0/decode_512", 2.0, "llama"),
    Required("smollm2-bf16/batch_16", 3.0, "llama"),
]


def required(amx):
    if not amx:
        return WITHOUT_AMX + ANYWHERE
    return WITH_AMX + [Required(line.row, 1.1) for line in WITH_AMX] + ANYWHERE
