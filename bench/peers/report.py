"""docs/performance.md from a file of results. Every figure on the page is computed here."""

import os
import platform
import statistics
import subprocess

from results import agreement
from rows import FORMAT_TITLES, FORMATS, TITLES, required

METRICS = {
    "prefill_128": "prefill 128", "prefill_512": "prefill 512", "prefill_2048": "prefill 2048", "decode_8": "decode at 8",
    "decode_512": "decode at 512", "decode_2048": "decode at 2048", "beams_4": "4 beams", "batch_8": "8 sequences",
    "batch_16": "16 sequences", "prefill_512+busy": "prefill 512, a core taken", "decode_8+busy": "decode at 8, a core taken",
    "prefill_512+avx2": "prefill 512, AVX2 only", "decode_8+avx2": "decode at 8, AVX2 only",
    "prefill_512+bf16": "prefill 512, in bfloat16", "prefill_512+int8": "prefill 512, int8", "decode_8+int8": "decode at 8, int8",
    "decode_512+int8": "decode at 512, int8", "batch_16+int8": "16 sequences, int8",
    "first_token": "start to first token", "memory": "memory at first token", "peak": "peak memory of all rows",
}  # fmt: skip
FLAGS = ["avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8"]

GOAL = ("Decoding reads every weight once a token. Its goal is 85 % of the bandwidth probed in this run, or 75 % of the rate at which the "
        "processor can turn such weights into numbers and multiply them, whichever is lower.")  # fmt: skip


def machine():
    """What decides speed, and no name of a host."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        text = file.read()
    with open("/proc/meminfo", encoding="utf-8") as file:
        kilobytes = int(file.readline().split()[1])
    fields = dict(line.split(":", 1) for line in text.split("\n\n")[0].replace("\t", "").splitlines() if ":" in line)
    have = fields.get("flags", "").split()
    return {"processor": fields.get("model name", platform.machine()).strip(), "cores": os.cpu_count(),
            "family": f"family {fields.get('cpu family', '?').strip()}, model {fields.get('model', '?').strip()}",
            "isa": [flag for flag in FLAGS if flag in have], "memory": kilobytes * 1024, "system": platform.system()}  # fmt: skip


def version(root):
    done = subprocess.run(["git", "-C", root, "log", "-1", "--format=%h of %cs"], capture_output=True, text=True)
    return done.stdout.strip()


# ---- figures ----


def short(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def shown(metric, value):
    metric = metric.partition("+")[0]
    if metric in ("memory", "peak"):
        return f"{value / 2**20:,.0f} MiB"
    return f"{value:.2f} s" if metric == "first_token" else short(value)


def cell(results, row, peer):
    """Median (least–most), or a dash."""
    values = results.values(row, peer)
    if not values:
        return "–"
    metric = row.split("/")[1]
    spread = f" ({shown(metric, min(values))}–{shown(metric, max(values))})" if len(values) > 1 else ""
    return shown(metric, statistics.median(values)) + spread


def table(head, lines, numbers=True):
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + (" ---: |" if numbers else " --- |") * (len(head) - 1)
    yield from ("| " + " | ".join(line) + " |" for line in lines)
    yield ""


# ---- parts of the page ----


def about(results):
    yield "# Performance"
    yield ""
    yield "Written by `./dev bench --peers`; no figure is entered by hand. `bench/peers/README.md` says how it measures."
    yield ""
    here = results.last("machine")
    if not here:
        return
    yield f"- Machine: {here['processor']} ({here['family']}), {here['cores']} cores, {' '.join(here['isa'])}; " \
          f"{here['memory'] / 2**30:.0f} GiB; {here['system']}. {here['threads']} threads for everyone."  # fmt: skip
    yield from limits(results)
    if text := results.last("version"):
        yield f"- Typecase: {text['text']}."
    yield "- " + busy(results, here["cores"])
    yield "- Tokens per second unless a unit is given; medians (least–most) of " \
          f"{1 + max(line['round'] for line in results.lines if 'round' in line)} interleaved round(s) at most."  # fmt: skip
    yield "- Typecase continues one text (decode, beams) with `--recode on` and, in float32, `--screen-head on`, as `typecase run` and `typecase chat` do."
    yield "- \"In bfloat16\": with `--dtype bfloat16`; \"int8\": with `--activations int8` too. [How coarse they are](divergence.md)."
    yield "- Weights are seeded random numbers in the models' shapes, the same for all; speed does not depend on them."
    yield ""


def limits(results):
    lines = [line for line in results.lines if line.get("about", "").startswith("limits ")]
    if not lines:
        return
    read = [line["read_bytes_per_second"] / 1e9 for line in lines]
    yield f"- Limits, probed in the same run: reading weights {statistics.median(read):.1f} GB/s (median of {len(read)}; at most " \
          f"{max(read):.1f}, which shares are taken of)."  # fmt: skip
    units = {}
    for line in lines:
        for name, rate in line.get("units", {}).items():
            units[name] = max(rate, units.get(name, 0))
    if units:
        yield "- Multiplications and additions on registers, Gop/s: " + ", ".join(f"{name} {rate / 1e9:,.0f}" for name, rate in units.items()) + "."


def busy(results, cores):
    """How far other programs disturbed: a page made on a busy machine must say so."""
    lines = [line for line in results.lines if "foreign" in line and not line["row"].endswith("+busy")]
    if not lines:
        return "Nothing was measured."
    loads, foreign = [line["load"] for line in lines], [line["foreign"] for line in lines]
    verdict = ("The machine was otherwise idle." if max(foreign) < 0.1 else
               "The machine was **not idle**: absolute figures are far too low and ratios decide nothing." if results.disturbed()
               else "Little else ran.")  # fmt: skip
    return (f"{verdict} Load average while measuring: median {statistics.median(loads):.1f}, at most {max(loads):.1f} on {cores} cores; "
            f"other programs used {statistics.median(foreign):.2f} cores (median), at most {max(foreign):.2f}.")  # fmt: skip


def versions(results, peers):
    yield "## Who was measured"
    yield ""
    lines = []
    for name, peer in peers["peer"].items():
        if name == "typecase":
            continue
        environment = peers["environment"][peer["environment"]]
        packages = environment.get("packages") or environment.get("npm") or environment["source"]
        state = results.last("peer " + name)
        measured = any(line.get("peer") == name and "value" in line for line in results.lines)
        why = (state or {}).get("why")
        lines.append([peer["title"], ", ".join(packages), "measured" if measured else why or "not in this run"])
    yield from table(["peer", "packages", "state"], lines, numbers=False)


def ratio_text(results, one, ratio, enough):
    """Others on the machine hit one engine harder than another: then speed decides nothing."""
    if ratio is None:
        return "–", "not measured"
    if one.rival != "file" and results.disturbed(one.row):
        return f"{ratio:.2f}×", "undecided"
    return f"{ratio:.2f}×", "**met**" if enough else "not met"


def targets(results, title_of):
    """Every required ratio, met or not."""
    yield "## Required ratios"
    yield ""
    yield "Typecase against the rival named, medians of the same run; where less is more (start, memory) the ratio is turned round."
    yield ""
    here = results.last("machine")
    lines = []
    for one in required("amx_bf16" in (here or {}).get("isa", [])):
        peer, ratio, enough = results.verdict(one)
        form, metric = one.row.split("/")
        limit = f"{'≤' if one.rival == 'file' else '≥'} {one.factor:g}×"
        rival = title_of.get(peer) or METRICS.get((peer or "").split(",")[0], peer) or "–"
        ours = results.median(one.row, "typecase")
        number, state = ratio_text(results, one, ratio, enough)
        lines.append([f"{subject(form)}, {METRICS[metric]}", shown(metric, ours) if ours else "–", rival, number, limit, state])
    yield from table(["row", "Typecase", "rival", "ratio", "required", ""], lines)
    states = [line[-1] for line in lines]
    yield f"Of {len(lines)}: {states.count('**met**')} met, {states.count('not met')} not met, {states.count('undecided')} undecided " \
          f"because other programs ran meanwhile, {states.count('not measured')} not measured."  # fmt: skip
    yield ""


def subject(name):
    model, _, form = name.rpartition("-")
    return f"{TITLES[model]}, {FORMAT_TITLES[form]}"


def everything(results, name, peers):
    """All rows of a model: a line for each, a column for each peer, ours over the best of them last."""
    title_of = {key: peer["title"] for key, peer in peers["peer"].items()}
    form = name.rpartition("-")[2]
    rows = [f"{name}/{metric}" for metric in METRICS]
    rows = [row for row in rows if any(results.values(row, peer) for peer in results.peers(row))]
    if not rows:
        return
    there = [peer for peer in title_of if any(results.values(row, peer) for row in rows)]
    yield f"### {subject(name)}"
    yield ""
    lines = []
    for row in rows:
        _, rival = results.best_rival(row)
        ratio = results.ratio(row, rival)
        share, goal = results.share_of_limit(row), results.share_of_goal(row)
        lines.append([METRICS[row.split("/")[1]], *(cell(results, row, peer) for peer in there), f"{ratio:.2f}×" if ratio else "–",
                      f"{100 * share:.0f} %" if share else "", f"{100 * goal:.0f} %" if goal else ""])  # fmt: skip
    yield from table(["", *(title_of[peer] for peer in there), "ours : best peer", "ours, of bandwidth", "of the goal"], lines)
    notes = [f"{peers['peer'][peer]['title']}: {peers['peer'][peer]['note'][form]}" for peer in there
             if form in peers["peer"][peer].get("note", {})]  # fmt: skip
    if notes:
        yield "Not the same arithmetic or file: " + "; ".join(notes) + "."
        yield ""


def agreements(results, peers):
    """Whose greedy tokens are the reference's."""
    yield "## Do they compute the same?"
    yield ""
    yield "Of 32 greedy tokens after a prompt of 8, how many are transformers' before the first that differs. On random weights the " \
          "best two tokens lie close together, so any coarser arithmetic shows at once. The last line of a model is transformers beside " \
          "itself: its choices along its own text when it reads that in one pass, with other roundings than token by token."  # fmt: skip
    yield ""
    lines = []
    for name in [f"{model}-{form}" for model, forms in FORMATS.items() for form in forms]:
        row = name + "/ids"
        reference = results.values(row, "transformers")
        for peer in results.peers(row):
            ids = results.values(row, peer)
            if ids and reference and peer != "transformers":
                note = peers["peer"][peer].get("note", {}).get(name.rpartition("-")[2], "")
                lines.append([subject(name), peers["peer"][peer]["title"], f"{agreement(ids[0], reference[0])} of 32", note])
        again = results.values(name + "/ids_again", "transformers")
        if again and reference:
            lines.append([subject(name), "transformers", f"{agreement(again[0], reference[0])} of 32", "itself in one pass"])
    yield from table(["model", "by", "equal", ""], lines, numbers=False)


def failures(results, peers):
    lost = {}
    for (peer, row), why in results.failures().items():
        lost.setdefault((peer, row.split("/")[0], why), []).append(row.split("/")[1])
    if not lost:
        return
    yield "## What gave no figure"
    yield ""
    for (peer, name, why), metrics in lost.items():
        names = ", ".join(METRICS.get(metric, metric) for metric in metrics)
        yield f"- {peers['peer'][peer]['title']}, {subject(name)}: {names}: {clean(why)}"
    yield ""


def clean(text):
    """A message without the machine's paths."""
    return " ".join(word if "/" not in word else os.path.basename(word.rstrip("/")) or "…" for word in text.split())


def page(results, peers):
    title_of = {key: peer["title"] for key, peer in peers["peer"].items()}
    parts = [about(results), targets(results, title_of), versions(results, peers), ["## All rows", "", GOAL, ""]]
    for model, forms in FORMATS.items():
        parts += [everything(results, f"{model}-{form}", peers) for form in forms]
    parts += [agreements(results, peers), failures(results, peers)]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"
