"""Typecase through its batch interface: one request a line in, one answer a line out."""

import json
import subprocess

from protocol import drive

COARSE = {"bf16": ["--dtype", "bfloat16"], "int8": ["--dtype", "bfloat16", "--activations", "int8"]}
DTYPE = {"f32": "float32", "bf16": "bfloat16", "q8_0": "float32", "q4_1": "float32"}


def command(program, model, format, threads, requests):
    """The program as the runner, too, starts it for a cold start."""
    return [program, "generate", "--quiet", "--model", model, "--dtype", DTYPE[format], "--threads", str(threads),
            "--requests", requests]  # fmt: skip


def request(prompts, new_tokens, beams=1):
    config = {"max_new_tokens": new_tokens, "min_new_tokens": new_tokens, "do_sample": False, "num_beams": beams}
    return json.dumps({"id": 0, "input_ids": prompts, "generation_config": config}) + "\n"


def continues_one_text(metric):
    return metric.startswith(("decode", "beams"))


def open_model(options):
    line = command(options.program, options.model, options.format, options.threads, "/dev/stdin")
    if options.coarse:
        line += COARSE[options.coarse]
    # What `typecase run` and `typecase chat` choose: they continue one text.
    if all(continues_one_text(metric) for metric in options.metrics.split(",")):
        line += ["--recode", "on"]
        if options.format == "f32":
            line += ["--screen-head", "on"]
    child = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def generate(prompts, new_tokens, beams, _):
        child.stdin.write(request(prompts, new_tokens, beams))
        child.stdin.flush()
        answer = json.loads(child.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return [row[len(prompts[0]) :] for row in answer["sequences"]]

    generate.close = lambda: (child.stdin.close(), child.wait())
    return generate


if __name__ == "__main__":
    drive(open_model)
