"""What every driver shares: prompts, clock, and the lines it prints.

A driver opens one model in one fresh process and measures what --metrics names. It prints one JSON line
{"metric", "value", "unit"} as soon as it has it. Greedy search, end of sequence ignored; N = 64 tokens.

    prefill_P   P / seconds to one token, P prompt tokens                               tokens/s
    decode_C    N / seconds from the first token to token N+1, C prompt tokens          tokens/s
                (where the first token cannot be seen: seconds for N+1 less seconds for 1)
    beams_B     N / seconds for N tokens with B beams, 8 prompt tokens                  tokens/s of one beam
    batch_B     B·N / (seconds for N+1 tokens less seconds for 1), B prompts of 8       tokens/s of all
    ids_again   its choice after each of these tokens but the last, the whole text given in one pass
    ids         the 32 tokens after a prompt of 8
    peak        the most memory this process (and its children) had                     bytes

Each is done once before it is timed: engines compile, pack and page in at first use.
--metrics cold: opens the model, makes one token after 8, prints {"first_token", "seconds"}; the runner holds the clock.
"""

import argparse
import json
import random
import resource
import time

N = 64
LEAST_VOCABULARY = 256  # of the tiny models; ids below it exist in all


def prompt(length, seed=0):
    """`length` ids that every model here has. Each seed another text, so that no prefix cache helps."""
    draw = random.Random(1000 * length + seed)
    return [draw.randrange(5, LEAST_VOCABULARY) for _ in range(length)]


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, help="file or folder")
    parser.add_argument("--format", required=True, choices=["f32", "bf16", "q8_0", "q4_1"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="another one, other prompts")
    parser.add_argument("--metrics", required=True, help="cold, or a list with commas")
    parser.add_argument("--coarse", choices=["bf16", "int8"], help="coarser arithmetic, for engines that are asked for it")
    parser.add_argument("--program", help="where the engine lies, for those without an importable package")
    return parser.parse_args()


class Clock:
    """Seconds of one call of generate(), and seconds from its first token to its end."""

    def __init__(self, generate):
        self.generate = generate

    def __call__(self, prompts, new_tokens, beams=1):
        self.first = None
        start = time.perf_counter()
        self.ids = self.generate(prompts, new_tokens, beams, self.tick)
        self.end = time.perf_counter()
        short = [len(row) for row in self.ids if len(row) != new_tokens]
        if short:
            raise ValueError(f"asked for {new_tokens} tokens, got {short}")
        return self.end - start

    def tick(self):
        """A driver that sees its tokens one by one calls this for each."""
        self.first = self.first or time.perf_counter()


def prefill(clock, length, seed):
    return length / clock([prompt(length, seed)], 1)


def decode(clock, context, seed):
    whole = clock([prompt(context, seed)], N + 1)
    if clock.first:
        return N / (clock.end - clock.first)
    return N / (whole - clock([prompt(context, seed)], 1))


def beams(clock, count, seed):
    return N / clock([prompt(8, seed)], N, count)


def batch(clock, count, seed):
    prompts = [prompt(8, 100 * seed + i) for i in range(count)]
    whole = clock(prompts, N + 1)
    return count * N / (whole - clock(prompts, 1))


KINDS = {"prefill": prefill, "decode": decode, "beams": beams, "batch": batch}


def measure(clock, metric, seed):
    if metric == "ids":
        clock([prompt(8, 7)], 32)
        return clock.ids[0], "ids"
    if metric == "ids_again":
        clock([prompt(8, 7)], 32)
        return clock.generate.again(prompt(8, 7), clock.ids[0]), "ids"
    kind, _, size = metric.partition("_")
    KINDS[kind](clock, int(size), 1000)
    return round(KINDS[kind](clock, int(size), seed), 4), "tokens/s"


def say(**line):
    print(json.dumps(line), flush=True)


def peak_bytes():
    return 1024 * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def drive(open_model):
    """open_model(arguments) -> generate(prompts, new_tokens, beams, tick) -> new ids, a list for each prompt."""
    options = arguments()
    start = time.perf_counter()
    clock = Clock(open_model(options))
    if options.metrics == "cold":
        clock([prompt(8)], 1)
        say(first_token=clock.ids[0][0], seconds=time.perf_counter() - start)
        return
    for metric in options.metrics.split(","):
        try:
            value, unit = measure(clock, metric, options.seed)
            say(metric=metric, value=value, unit=unit)
        except Exception as error:  # the other metrics still count
            say(metric=metric, error=f"{type(error).__name__}: {error}"[:300])
    getattr(clock.generate, "close", lambda: None)()  # memory of a child is known when it has ended
    say(metric="peak", value=peak_bytes(), unit="bytes")
