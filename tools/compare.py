#!/usr/bin/env python3
"""Holds the program against the recordings of tests/golden; Python's standard library alone.

    compare.py PROGRAM [--models NAME ...] [--sets SET ...] [--dtypes D ...] [--isa LEVEL] [--threads N]
    compare.py PROGRAM --same-bits       one answer whatever else runs: threads, batch, chunks
    compare.py PROGRAM --default-model   the sets of the default model alone

Exit code 0: equal by the rules of tests/golden/README.md. 1: something differs. 77: nothing could
be run (the default model is not there, or the processor lacks the ISA level). The default model is
$TYPECASE_MODEL, else the file ./dev keeps in the user's cache.
"""

import argparse
import csv
import gzip
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import fetch_gemma3
import fetch_minilm

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"
SKIPPED = 77
LOGIT_BOUND = {"float32": 2e-4}
EMBEDDING_BOUND = 1e-5
SCORE_BOUND = 1e-4  # of what was chosen: a token's processed score, a beam's score
NEAR = {"float32": 1e-3, "bfloat16": 1.0, "float16": 1.0}  # a greedy step closer than this may differ
NEAR_SAMPLED = 2e-4  # and a draw, in the logarithm of its quotients
FETCHED = ("minilm", "gemma3-270m")  # models that ./dev test --all fetches; compared where they are named
OURS = ("rows", "same_as", "brief", "culprit")  # keys of a request that are for this program


def parsed():
    parser = argparse.ArgumentParser(description="Holds the program against the recordings.")
    parser.add_argument("program")
    parser.add_argument("--models", nargs="*")
    parser.add_argument("--sets", nargs="*")
    parser.add_argument("--dtypes", nargs="*")
    parser.add_argument("--isa", help="scalar, avx2, avx512; reference: the oracle")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--same-bits", action="store_true")
    parser.add_argument("--default-model", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true", help="every difference, not the first five a set")
    return parser.parse_args()


# ---- running the program ----


def lines_of(path):
    """The file, or its compressed form beside it."""
    packed = f"{path}.gz"
    with gzip.open(packed, "rt", encoding="utf-8") if os.path.exists(packed) else open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def answers(program, command, model, requests, dtype, isa=None, threads=None):
    """{id: response}: what the program answers for the requests, through its batch interface."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "in.jsonl"), os.path.join(folder, "out.jsonl")
        with open(source, "w", encoding="utf-8") as file:
            for request in requests:
                file.write(json.dumps({k: v for k, v in request.items() if k not in OURS}) + "\n")
        words = [program, command, "--model", str(model), "--requests", source, "--output", target, "--dtype", dtype]
        words += ["--threads", str(threads)] if threads else []
        words += ["--isa", isa] if isa else []
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        got = {r["id"]: r for r in lines_of(target)} if os.path.exists(target) else {}
    for request in requests:
        message = f"no answer; exit code {done.returncode}; {done.stderr.decode(errors='replace').strip()[-300:]}"
        got.setdefault(request["id"], {"error": {"code": "none", "message": message}})
    return got


def model_path(name):
    """The folder or GGUF file of a line of recordings.csv; None: the default model is not there."""
    if name == "smollm2":
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        path = Path(os.environ.get("TYPECASE_MODEL") or cache / "typecase/models/SmolLM2-135M-Instruct.Q4_1.gguf")
        return path if path.exists() else None
    if name == "minilm":  # tools/fetch_minilm.py
        path = fetch_minilm.folder()
        return path if path.exists() else None
    if name == "gemma3-270m":  # tools/fetch_gemma3.py
        return fetch_gemma3.file() if fetch_gemma3.file().exists() else None
    gguf = GOLDEN / name / "model.gguf"
    return gguf if gguf.exists() else GOLDEN / name


def lacks_isa(level):
    flag = {"avx2": "avx2", "avx512": "avx512f", "amx": "amx_bf16"}.get(level, level if level.startswith("avx512_") else None)
    return flag is not None and flag not in Path("/proc/cpuinfo").read_text().split()


# ---- the rules ----


def number(x):
    return float(x)  # also "inf", "-inf", "nan"


def known_differences(model, name):
    """{id: reason}: requests of known_differences.csv, where the reference does what no user would want."""
    with open(GOLDEN / "known_differences.csv", encoding="utf-8") as file:
        return {row["id"]: row["reason"] for row in csv.DictReader(file) if (row["model"], row["set"]) == (model, name)}


class Tally:
    """Counts of one set; a difference keeps the words that say where it is."""

    def __init__(self):
        self.equal = self.near = self.known = 0
        self.different = []
        self.largest = 0.0  # largest distance of two logits
        self.squares = {"ours": 0.0, "reference": 0.0}  # of distances to the float32 run
        self.worst = {"ours": 0.0, "reference": 0.0}
        self.identical = self.numbers = 0

    def differs(self, request, words):
        self.different.append(f"{request['id']}: {words}")

    def measure(self, got, expected, exact):
        """Takes one position's logits; returns the largest distance to the recording."""
        largest = 0.0
        for i, (a, b) in enumerate(zip(got, expected)):
            distance = abs(a - b)
            distance = math.inf if math.isnan(distance) else distance
            largest = max(largest, distance)
            self.numbers += 1
            self.identical += distance <= 6e-6
            if exact is not None:
                for name, x in (("ours", a), ("reference", b)):
                    error = abs(x - exact[i])
                    self.squares[name] += error * error
                    self.worst[name] = max(self.worst[name], error)
        self.largest = max(self.largest, largest)
        return largest


def compare_error(tally, request, got, expected):
    codes = [r["error"]["code"] if "error" in r else "an answer" for r in (got, expected)]
    if codes[0] == codes[1] and request.get("culprit", "") in got["error"]["message"]:
        tally.equal += 1
    else:
        tally.differs(request, f"{codes[0]}, expected {codes[1]}: {got.get('error', {}).get('message', '')}")


def compare_top(tally, request, place, got, expected):
    """Of a large vocabulary: the recorded best ids and the mean square of all."""
    ids = [i for i, _ in expected["top"]]
    worst = tally.measure([number(got[i]) for i in ids], [x for _, x in expected["top"]], None)
    square = sum(x * x for x in map(number, got)) / len(got)
    beside = max((number(x) for i, x in enumerate(got) if i not in set(ids)), default=-math.inf)
    if worst > 2e-4:
        return f"{place}: a logit is {worst:.3g} away"
    if abs(square / expected["mean_square"] - 1) > 1e-4:
        return f"{place}: mean square {square:.9g}, expected {expected['mean_square']:.9g}"
    if beside > expected["top"][-1][1] + 2e-4:
        return f"{place}: an id beside the recorded ones has {beside:.6g}"
    return None


def compare_logits(tally, request, got, expected, dtype):
    wrong = []
    exact = expected.get("exact", [None] * len(expected["rows"]))
    for (b, t, row), exact_row in zip(expected["rows"], exact):
        try:
            ours = got["logits"][b][t]
        except (IndexError, TypeError):
            wrong.append(f"row {b} position {t}: not in the answer")
            continue
        place = f"row {b} position {t}"
        if isinstance(row, dict):
            words = compare_top(tally, request, place, ours, row)
            wrong += [words] if words else []
            continue
        if len(ours) != len(row):
            wrong.append(f"{place}: {len(ours)} logits, expected {len(row)}")
            continue
        ours = [number(x) for x in ours]
        worst = tally.measure(ours, row, exact_row[2] if exact_row else None)
        if worst > LOGIT_BOUND.get(dtype, math.inf):
            i = max(range(len(row)), key=lambda i: abs(ours[i] - row[i]))
            wrong.append(f"{place}: logit {i} is {ours[i]:.6g}, expected {row[i]:.6g}")
        elif not all(map(math.isfinite, ours)):
            wrong.append(f"{place}: not finite")
    if wrong:
        tally.differs(request, "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more places" if len(wrong) > 3 else ""))
    else:
        tally.equal += 1


def first_difference(a, b):
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return i
    return None if len(a) == len(b) else min(len(a), len(b))


def is_sampled(request, expected):
    settings = request.get("generation_config") or {}
    return settings.get("do_sample", "seed" in request)


def compare_ids(tally, request, got, expected, dtype):
    """Equal up to the first step of a row whose margin is under the bound; then the row counts as near."""
    bound = NEAR_SAMPLED if is_sampled(request, expected) and dtype == "float32" else NEAR[dtype]
    if "margins" not in expected:
        return compare_beams(tally, request, got, expected, dtype, bound)
    rows, margins = expected["sequences"], expected["margins"]
    if len(got["sequences"]) != len(rows):
        return tally.differs(request, f"{len(got['sequences'])} rows, expected {len(rows)}")
    new = len(margins[0])
    near, lengths = False, []
    for b, (ours, theirs) in enumerate(zip(got["sequences"], rows)):
        at = first_difference(ours, theirs)
        if at is None:
            continue
        if at >= min(len(ours), len(theirs)):  # one goes on where the other ends: another row may have made it
            lengths.append((b, len(ours), len(theirs)))
            continue
        step = at - (len(theirs) - new)
        if step < 0:
            return tally.differs(request, f"row {b}: the prompt differs at {at}: {ours[:at + 1]}")
        close = [s for s in range(step + 1) if margins[b][s] < bound]
        if not close:
            margin = margins[b][step]
            return tally.differs(request, f"row {b} step {step}: {ours[at]}, expected {theirs[at]} (margin {margin})")
        near = True
    if lengths and not near:
        b, ours, theirs = lengths[0]
        return tally.differs(request, f"row {b}: {ours} ids, expected {theirs}")
    if near:
        tally.near += 1
        return None
    return compare_scores(tally, request, got, expected, dtype)


def compare_beams(tally, request, got, expected, dtype, bound):
    """All rows equal, or somewhere two candidates were closer than the bound: every choice hangs on all before."""
    for b, (ours, theirs) in enumerate(zip(got["sequences"], expected["sequences"])):
        if ours != theirs and expected["smallest_margin"] < bound:
            tally.near += 1
            return None
        if ours != theirs:
            words = f"row {b}: {ours}, expected {theirs} (smallest margin {expected['smallest_margin']})"
            return tally.differs(request, words)
    if len(got["sequences"]) != len(expected["sequences"]):
        return tally.differs(request, f"{len(got['sequences'])} rows, expected {len(expected['sequences'])}")
    if "beam_indices" in expected:
        pairs = list(zip(got.get("sequences_scores", []), expected["sequences_scores"]))
        settings = request.get("generation_config") or {}
        for b, (x, y) in enumerate(pairs):
            # A negative length penalty multiplies the sum, and its error, by a power of the length.
            length = sum(parent >= 0 for parent in expected["beam_indices"][b])
            grows = max(1.0, max(length, 1) ** -(settings.get("length_penalty") or 0))
            if not math.isclose(number(x), number(y), rel_tol=1e-6, abs_tol=SCORE_BOUND * grows):
                return tally.differs(request, f"row {b}: sequence score {x}, expected {y}")
        if len(pairs) != len(expected["sequences"]) or got["beam_indices"] != expected["beam_indices"]:
            return tally.differs(request, f"beam_indices {got.get('beam_indices')}, expected {expected['beam_indices']}")
    return compare_scores(tally, request, got, expected, dtype)


def compare_scores(tally, request, got, expected, dtype):
    """Scores and raw logits of each step where the request asks for them; −inf must be −inf."""
    prompt = len(got["sequences"][0]) - len(got.get("scores") or [])
    for b, theirs in enumerate(expected.get("chosen_scores") or []):
        for step, x in enumerate(map(number, theirs) if dtype in LOGIT_BOUND else ()):
            ours = number(got["scores"][step][b][got["sequences"][b][prompt + step]])
            if ours != x and not math.isclose(ours, x, rel_tol=1e-5, abs_tol=SCORE_BOUND):
                return tally.differs(request, f"row {b} step {step}: the score of what was chosen is {ours}, expected {x}")
    bound = SCORE_BOUND if dtype == "float32" else math.inf
    for key in ("scores", "logits"):
        for step, theirs in enumerate(expected.get(key) or []):
            for b, row in enumerate(theirs):
                try:
                    ours = [number(x) for x in got[key][step][b]]
                except (KeyError, IndexError, TypeError):
                    return tally.differs(request, f"{key} of step {step} row {b}: not in the answer")
                for i, x in enumerate(map(number, row)):
                    if not (ours[i] == x or math.isclose(ours[i], x, rel_tol=1e-6, abs_tol=bound) or bound > abs(ours[i] - x)):
                        return tally.differs(request, f"{key} of step {step} row {b}, id {i}: {ours[i]}, expected {x}")
    tally.equal += 1
    return None


def compare_run(tally, request, got, expected):
    if got["result"] == expected["result"]:
        tally.equal += 1
    elif expected.get("smallest_margin", 9) < NEAR_SAMPLED:
        tally.near += 1
    else:
        tally.differs(request, f"{json.dumps(got['result'])[:300]}, expected {json.dumps(expected['result'])[:300]}")


def same_vectors(ours, theirs):
    return len(ours) == len(theirs) and all(abs(number(a) - b) <= EMBEDDING_BOUND for a, b in zip(ours, theirs))


def compare_embed(tally, request, got, expected):
    pairs = list(zip(got["embeddings"], expected["embeddings"]))
    wrong = [i for i, (a, b) in enumerate(pairs) if not same_vectors(a, b)]
    for a, b in pairs:
        tally.measure([number(x) for x in a], b, None)
    if wrong or len(pairs) != len(expected["embeddings"]):
        tally.differs(request, f"the vectors of texts {wrong}, or their number {len(got['embeddings'])}")
    else:
        tally.equal += 1


def words_of(result):
    """Every list of words in a pipeline's answer, however deep."""
    if result and isinstance(result[0], dict):
        return [result]
    return [words for part in result for words in words_of(part)]


def compare_fill(tally, request, got, expected):
    ours, theirs = words_of(got["result"]), words_of(expected["result"])
    for a, b in zip(ours, theirs):
        texts = [[(w["token"], w["token_str"], w["sequence"]) for w in words] for words in (a, b)]
        if texts[0] != texts[1] or any(abs(x["score"] - y["score"]) > 1e-5 for x, y in zip(a, b)):
            return tally.differs(request, f"{json.dumps(a)[:200]}, expected {json.dumps(b)[:200]}")
    if len(ours) != len(theirs):
        return tally.differs(request, f"{len(ours)} masks, expected {len(theirs)}")
    tally.equal += 1
    return None


def compare_set(requests, got, recorded, dtype, command, known=()):
    tally = Tally()
    for request in requests:
        ours, theirs = got[request["id"]], recorded[request["id"]]
        if request["id"] in known:
            tally.known += 1
            continue
        if "error" in ours or "error" in theirs:
            compare_error(tally, request, ours, theirs)
        elif command == "logits":
            compare_logits(tally, request, ours, theirs, dtype)
        elif command == "embed":
            compare_embed(tally, request, ours, theirs)
        elif command == "fill":
            compare_fill(tally, request, ours, theirs)
        elif command == "run":
            compare_run(tally, request, ours, theirs)
        else:
            compare_ids(tally, request, ours, theirs, dtype)
    judge_rounding(tally)
    return tally


def judge_rounding(tally):
    """bfloat16 and float16: the error against a float32 run is no larger than the reference's own.

    One set is small: the reference's two attention forms differ there by up to 11 % in the mean
    and 33 % in the largest error, so that much is allowed. Over all sets: judge_pooled().
    """
    if not tally.squares["reference"]:
        return
    ours, theirs = (math.sqrt(tally.squares[name] / tally.numbers) for name in ("ours", "reference"))
    if ours > 1.11 * theirs or tally.worst["ours"] > 1.33 * tally.worst["reference"]:
        words = f"mean {ours:.4g}, largest {tally.worst['ours']:.4g}; "
        words += f"the reference's own: {theirs:.4g}, {tally.worst['reference']:.4g}"
        tally.differs({"id": "error against float32"}, words)


def judge_pooled(tallies, dtype):
    """Over four sets or more the chances even out: 2 % more than the reference's own error is too much."""
    tallies = [tally for tally in tallies if tally.squares["reference"]]
    if len(tallies) < 4:
        return True
    numbers = sum(tally.numbers for tally in tallies)
    shares = (tally.numbers * tally.squares["ours"] / tally.squares["reference"] for tally in tallies)
    ratio = math.sqrt(sum(shares) / numbers)
    print(f"{dtype}: error against float32 is {ratio:.4f} of the reference's own, over {len(tallies)} sets")
    return ratio <= 1.02


# ---- the runs ----


def table(options):
    with open(GOLDEN / "recordings.csv", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["model"] in FETCHED and not options.models:
                continue
            if (line["model"] == "smollm2") != options.default_model and not options.models:
                continue
            if options.models and line["model"] not in options.models:
                continue
            if options.sets and line["set"] not in options.sets:
                continue
            for dtype in line["dtypes"].split():
                if not options.dtypes or dtype in options.dtypes:
                    yield line["model"], line["set"], dtype


def report(name, tally, verbose):
    cases = tally.equal + tally.near + tally.known + len(tally.different)
    measured = f"   {tally.known} known to differ" if tally.known else ""
    if tally.numbers:
        measured += f"   largest distance {tally.largest:.3g}, {100 * tally.identical / tally.numbers:.1f} % the same number"
    print(f"{name:58} {cases:5} {tally.equal:6} {tally.near:6} {len(tally.different):6}{measured}", flush=True)
    for words in tally.different if verbose else tally.different[:5]:
        print("      " + words, flush=True)


def against_recordings(options):
    print(f"{'':58} {'cases':>5} {'equal':>6} {'near':>6} {'differ':>6}")
    total, skipped, by_dtype = Tally(), 0, {}
    for model, name, dtype in table(options):
        path = model_path(model)
        if path is None:
            skipped += 1
            continue
        command = name.split(".")[0]
        requests = lines_of(GOLDEN / "requests" / f"{name}.jsonl")
        recorded = {r["id"]: r for r in lines_of(GOLDEN / model / f"{name}.{dtype}.jsonl")}
        missing = [request["id"] for request in requests if request["id"] not in recorded]
        if missing:
            sys.exit(f"{model}/{name}.{dtype}.jsonl lacks {', '.join(missing)}: run tests/golden/record_all.py")
        got = answers(options.program, command, path, requests, dtype, options.isa, options.threads)
        tally = compare_set(requests, got, recorded, dtype, command, known_differences(model, name))
        report(f"{model} {name} {dtype}", tally, options.verbose)
        by_dtype.setdefault(dtype, []).append(tally)
        total.equal += tally.equal
        total.near += tally.near
        total.known += tally.known
        total.different += tally.different
    if skipped:
        print(f"skipped: {skipped} sets; a model is not in the cache. Fetch it with:  ./dev setup  or  ./dev test --all")
        return SKIPPED
    fair = [judge_pooled(tallies, dtype) for dtype, tallies in by_dtype.items()]
    report("all", total, False) if not total.different else print(f"{len(total.different)} differences")
    return 1 if total.different or not all(fair) else 0


def same_bits(options):
    """Raw answers are the same text with 1 and 2 threads, and where a request says `same_as` another."""
    wrong = checks = 0
    for model, name, dtype in table(options):
        command, path = name.split(".")[0], model_path(model)
        if command == "run" or path is None:
            continue
        requests = lines_of(GOLDEN / "requests" / f"{name}.jsonl")
        one, two = (answers(options.program, command, path, requests, dtype, options.isa, n) for n in (1, 2))
        for request in requests:
            differences = []
            if one[request["id"]] != two[request["id"]]:
                differences.append("1 and 2 threads differ")
            if "same_as" in request and not is_part_of(one, request):
                differences.append(f"not the bits of {request['same_as']}")
            checks += 1 + ("same_as" in request)
            wrong += len(differences)
            for words in differences:
                print(f"{model} {name} {dtype} {request['id']}: {words}")
    print(f"same bits: {checks} checks, {wrong} wrong")
    return 1 if wrong or not checks else 0


def is_part_of(got, request):
    """`same_as` [id, row]: this request's first row is that row of the other answer, left padding aside."""
    other, row = request["same_as"]
    mine, theirs = got[request["id"]], got[other]
    if "error" in mine or "error" in theirs:
        return False
    if "sequences" in mine:
        ids, longer = mine["sequences"][0], theirs["sequences"][row]
        if ids[-len(longer) :] != longer[-len(ids) :]:
            return False
        return [step[0] for step in mine["logits"]] == [step[row] for step in theirs["logits"]]
    return mine["logits"][0] == theirs["logits"][row]


def main():
    options = parsed()
    if options.isa and lacks_isa(options.isa):
        print(f"skipped: this processor lacks {options.isa}")
        return SKIPPED
    return same_bits(options) if options.same_bits else against_recordings(options)


if __name__ == "__main__":
    sys.exit(main())
