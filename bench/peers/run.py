#!/usr/bin/env python3
"""Measures Typecase beside its peers and writes docs/performance.md:  ./dev bench --peers [--quick] [--only ROW,ROW]

Installs what is missing, makes one set of weights for all, then runs round after round: in each, every row of a model by
one peer after the other (A B C A B C), each in a process of its own with a time limit and equal threads. Every value goes
to a file of JSON lines at once; a run that was stopped goes on where it was, and parts may be run on different days
(--results keeps them apart). --report writes the page from that file alone.
"""

import argparse
import json
import os
import signal
import subprocess
import sys

import install
import report
import rows
from drive_typecase import command, continues_one_text, request
from process import Process, Spinner
from protocol import prompt
from results import Results

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.environ.get("TYPECASE_CACHE", os.path.expanduser("~/.cache/typecase"))


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench --peers", description="Speed beside other engines.")
    parser.add_argument("--quick", action="store_true", help="the main rows, two rounds")
    parser.add_argument("--full", action="store_true", help="also the shape of Llama-3.2-1B")
    parser.add_argument("--tiny", action="store_true", help="tiny models: tries every piece, says nothing about speed")
    parser.add_argument("--only", default="", metavar="ROW,…", help="rows, models or metrics: smollm2-bf16/decode_8, gpt2, decode_8")
    parser.add_argument("--peers", default="", metavar="PEER,…", help="these only, beside Typecase; peers.toml names them")
    parser.add_argument("--rounds", type=int, help="3, with --quick 2")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=300, metavar="SECONDS", help="for one process")
    parser.add_argument("--folder", default=os.path.join(CACHE, "peers"), help="where peers and weights are kept")
    parser.add_argument("--results", metavar="FILE", help="default: results.jsonl in that folder")
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/apps/cli/typecase"))
    parser.add_argument("--page", default=os.path.join(ROOT, "docs/performance.md"))
    parser.add_argument("--retry", action="store_true", help="also what failed before")
    parser.add_argument("--no-install", action="store_true", help="with the peers that are there")
    parser.add_argument("--report", action="store_true", help="no measuring, only the page")
    return parser.parse_args()


# ---- a peer on a model ----


class Contestant:
    def __init__(self, name, options, wanted):
        self.name, self.options, self.wanted = name, options, wanted
        environment = wanted.get("environment")
        self.python = install.python(options.folder, environment) if environment else sys.executable
        self.program = options.program if name == "typecase" else None
        if wanted["driver"] == "llama_cpp":
            self.python, self.program = sys.executable, install.libraries(options.folder, environment)

    def metrics(self, model, form, metrics):
        """Those of the metrics that it is asked for."""
        metrics = [m for m in metrics if (m != "ids_again" or self.wanted.get("again")) and
                   (not m.endswith("+avx2") or self.wanted.get("avx2")) and
                   (self.name == "typecase" or m == rows.as_rivals_do(m))]  # fmt: skip
        if model not in self.wanted["models"] or form not in self.wanted["weights"]:
            return []
        return [m for m in metrics if m in ("ids", "ids_again") or form not in self.wanted.get("ids_only", [])]

    def processes(self, metrics):
        """Which of them are measured in a process together."""
        if self.name != "typecase":
            return [metrics] * bool(metrics)
        one_text = [m for m in metrics if continues_one_text(m)]
        others = [m for m in metrics if not continues_one_text(m)]
        return [group for group in (others, one_text) if group]

    def weights(self, model, form):
        return os.path.join(self.options.folder, "weights", self.wanted["weights"][form].format(model=model))

    def line(self, model, form, metrics, round_, suffix=""):
        script = os.path.join(HERE, f"drive_{self.wanted['driver']}.py")
        line = [self.python, script, "--model", self.weights(model, form), "--format", form, "--threads", str(self.options.threads),
                "--seed", str(round_), "--metrics", ",".join(metrics)]  # fmt: skip
        program = self.program
        if suffix == "+avx2" and isinstance(self.wanted["avx2"], str):
            program = install.with_variant(program, self.wanted["avx2"])
        if suffix in rows.COARSE_SUFFIXES:
            line += ["--coarse", suffix[1:]]
        return line + (["--program", program] if program else [])

    def run(self, line, suffix=""):
        more = self.wanted["avx2"] if suffix == "+avx2" and isinstance(self.wanted["avx2"], dict) else {}
        return Process(line, self.options.limit, {**self.wanted.get("env", {}), **more, "OMP_NUM_THREADS": str(self.options.threads)})

    def cold(self, model, form, round_):
        """{metric: value} of a fresh process; weights are in the page cache."""
        if self.name != "typecase":
            process = self.run(self.line(model, form, ["cold"], round_))
            if not process.lines:
                return process, {}
            # llama.cpp has no program of its own here: the interpreter that drives it is not counted.
            own_clock = self.wanted["driver"] == "llama_cpp"
            seconds = json.loads(process.lines[0])["seconds"] if own_clock else process.to_first_line
            return process, {"first_token": (seconds, "s"), "memory": (process.peak, "bytes")}
        requests = os.path.join(self.options.folder, "cold.jsonl")
        with open(requests, "w", encoding="utf-8") as file:
            file.write(request([prompt(8)], 1))
        process = self.run(command(self.program, self.weights(model, form), form, self.options.threads, requests))
        good = process.lines and "sequences" in process.lines[0]
        return process, {"first_token": (process.to_first_line, "s"), "memory": (process.peak, "bytes")} if good else {}


# ---- rounds ----


class Measuring:
    def __init__(self, options):
        self.options = options
        self.results = Results(options.results or os.path.join(options.folder, "results.jsonl"))

    def contestants(self):
        chosen = self.options.peers.split(",") if self.options.peers else None
        for name, wanted in install.table()["peer"].items():
            if chosen and name not in chosen and name != "typecase":
                continue
            environment = wanted.get("environment")
            why = install.make(self.options.folder, environment, not self.options.no_install) if environment else None
            self.results.add(about="peer " + name, why=why)
            if why:
                print(f"{name}: {why}", file=sys.stderr)
            else:
                yield Contestant(name, self.options, wanted)

    def prepare(self, contestant, model, form):
        """Makes the weights; None, or why not."""
        path = contestant.weights(model, form)
        if not os.path.exists(path):
            ours = os.path.relpath(path, os.path.join(self.options.folder, "weights")).startswith(("checkpoints", "gguf"))
            converter = "reference" if ours else "convert"
            if why := install.make(self.options.folder, converter, not self.options.no_install):
                return f"{converter}: {why}"
            python = install.python(self.options.folder, converter)
            what = os.path.relpath(path, os.path.join(self.options.folder, "weights"))
            first = [] if ours else [f"checkpoints/{model}-{'bf16' if model == 'llama1b' else 'f32'}"]
            for each in [*first, what]:
                done = subprocess.run([python, os.path.join(HERE, "convert.py"), os.path.join(self.options.folder, "weights"), each],
                                      capture_output=True, text=True, timeout=3600)  # fmt: skip
                if done.returncode:
                    return f"{each} cannot be made: " + (done.stderr.strip().splitlines() or ["?"])[-1][:200]
        if contestant.name == "typecase":
            file = path if os.path.isfile(path) else os.path.join(path, "model.safetensors")
            if not self.results.last(f"file {model}-{form}"):
                self.results.add(about=f"file {model}-{form}", bytes=os.path.getsize(file))
        return None

    def round(self, round_, contestants):
        options = self.options
        only = options.only.split(",") if options.only else ()
        for model, form, metrics in rows.plan(options.quick, options.full, options.tiny, only):
            for contestant in contestants:
                missing = [m for m in contestant.metrics(model, form, metrics)
                           if not self.results.done(f"{model}-{form}/{m}", contestant.name, round_, options.retry)]  # fmt: skip
                if missing:
                    self.measure(contestant, model, form, missing, round_)

    def measure(self, contestant, model, form, metrics, round_):
        if why := self.prepare(contestant, model, form):
            self.fail(contestant, model, form, metrics, round_, why)
            return
        if contestant.name == "typecase" and any(m.startswith("decode") for m in metrics):
            self.limits(contestant, model, form)
        for suffix in ("", "+busy", "+avx2", *rows.COARSE_SUFFIXES):
            of_suffix = [m for m in metrics if m.partition("+")[2] == suffix[1:] and m not in rows.COLD and m != "peak"]
            for chosen in contestant.processes(of_suffix):
                with Spinner(suffix == "+busy"):
                    bare = [m.removesuffix(suffix) for m in chosen]
                    process = contestant.run(contestant.line(model, form, bare, round_, suffix), suffix)
                said = [json.loads(text) for text in process.lines]
                for line in said:
                    if line["metric"] + suffix in metrics or line["metric"] == "peak" and not suffix:
                        self.add(contestant, model, form, line.pop("metric") + suffix, round_, process, **line)
                lost = [m for m in chosen if m.removesuffix(suffix) not in self.said(process)]
                self.fail(contestant, model, form, lost, round_, process.why)
        if cold := [m for m in metrics if m in rows.COLD]:
            process, values = contestant.cold(model, form, round_)
            for metric in cold:
                if metric in values:
                    value, unit = values[metric]
                    self.add(contestant, model, form, metric, round_, process, value=value, unit=unit)
            self.fail(contestant, model, form, [m for m in cold if m not in values], round_, process.why)

    @staticmethod
    def said(process):
        return [json.loads(text)["metric"] for text in process.lines]

    def add(self, contestant, model, form, metric, round_, process, **line):
        self.results.add(row=f"{model}-{form}/{metric}", peer=contestant.name, round=round_, threads=self.options.threads,
                         load=os.getloadavg()[0], foreign=process.foreign, **line)  # fmt: skip
        shown = line.get("error") or (f"{line['value']:.4g} {line['unit']}" if line["unit"] != "ids" else f"{len(line['value'])} ids")
        print(f"round {round_}  {model}-{form}/{metric}  {contestant.name}: {shown}", file=sys.stderr)

    def fail(self, contestant, model, form, metrics, round_, why):
        for metric in metrics:
            self.results.add(row=f"{model}-{form}/{metric}", peer=contestant.name, round=round_, error=why)
            print(f"round {round_}  {model}-{form}/{metric}  {contestant.name}: {why}", file=sys.stderr)

    def limits(self, contestant, model, form):
        """What `typecase bench` says this model costs and this machine can do, now."""
        done = subprocess.run([contestant.program, "bench", "--json", "--quiet", "--model", contestant.weights(model, form), "-p", "128",
                               "-n", "4", "-r", "1", "--threads", str(self.options.threads)],
                              capture_output=True, text=True, timeout=self.options.limit)  # fmt: skip
        if done.returncode == 0:
            said = json.loads(done.stdout)
            costs = {key: said[key] for key in ("bytes_per_token", "operations_per_token")}
            self.results.add(about=f"limits {model}-{form}", **said["limits"], **costs)

    def machine(self):
        self.results.add(about="machine", **report.machine(), threads=self.options.threads)
        self.results.add(about="version", text=report.version(ROOT))


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.makedirs(options.folder, exist_ok=True)
    measuring = Measuring(options)
    if not options.report:
        measuring.machine()
        contestants = list(measuring.contestants())
        for round_ in range(options.rounds or (2 if options.quick else 3)):
            measuring.round(round_, contestants)
    with open(options.page, "w", encoding="utf-8") as file:
        file.write(report.page(measuring.results, install.table()))
    print(f"{options.page} is written", file=sys.stderr)


if __name__ == "__main__":
    main()
