"""What only the true models show, for machines that reach the Hugging Face hub: `./dev test --online`.

    online.py PROGRAM [PYTHON]      PYTHON: one that imports the typecase package

Downloads `gpt2` (548 MB, into the cache that huggingface_hub uses too). A hub that cannot be reached is a failure:
nothing was tested then.
"""
import json
import os
import subprocess
import sys
import tempfile

PROMPT = "The rain in Spain falls mainly in the plain"
# Greedy, float32: " of the Canary Islands, but it is also in the"
CONTINUATION = [286, 262, 50206, 12010, 11, 475, 340, 318, 635, 287, 262]
PARAMETERS = 124_439_808

PYTHON_PART = """
import json, sys
from typecase import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = AutoModelForCausalLM.from_pretrained("gpt2", dtype="float32")
inputs = tokenizer(sys.argv[1], return_tensors="np")
ids = model.generate(**inputs, do_sample=False, max_new_tokens=11)
print(json.dumps([type(tokenizer).__name__, type(model).__name__, model.num_parameters(), ids.tolist()[0]]))
"""


def fail(what: str):
    print(f"online: {what}", file=sys.stderr)
    sys.exit(1)


def output_of(command: list, what: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        fail(f"{what} failed (exit code {done.returncode}, the reason is above)")
    return done.stdout


def expect(what: str, found, expected):
    if found != expected:
        fail(f"{what}: expected {expected}, found {found}")
    print(f"passed: {what}")


def fetch(program: str):
    done = subprocess.run([program, "pull", "gpt2"], check=False)
    if done.returncode == 5:
        fail("the hub cannot be reached from here, so nothing was tested. It needs network access to HF_ENDPOINT "
             "(the hub itself unless set) and HF_HUB_OFFLINE unset")
    if done.returncode != 0:
        fail(f"`typecase pull gpt2` failed with exit code {done.returncode}")


def check_program(program: str):
    prompt = json.loads(output_of([program, "tokenize", PROMPT, "--model", "gpt2", "--json"], "tokenize"))["input_ids"]
    command = [program, "generate", PROMPT, "--model", "gpt2", "--dtype", "float32", "--no-do-sample",
               "--max-new-tokens", str(len(CONTINUATION))]
    (ids,) = json.loads(output_of(command, "generate"))["sequences"]
    expect("the program's greedy ids", ids[len(prompt):], CONTINUATION)
    beams = [*command, "--num-beams", "10", "--early-stopping", "true"]
    again = [json.loads(output_of(beams, "generate with beams"))["sequences"] for _ in range(2)]
    expect("ten beams twice", again[0], again[1])


def check_python(python: str):
    answer = json.loads(output_of([python, "-c", PYTHON_PART, PROMPT], "the Python package"))
    expect("classes and parameters", answer[:3], ["GPT2Tokenizer", "GPT2LMHeadModel", PARAMETERS])
    expect("the package's greedy ids", answer[3][-len(CONTINUATION):], CONTINUATION)
    notebook = os.path.join(os.path.dirname(__file__), "../../examples/workshop.ipynb")
    with tempfile.TemporaryDirectory() as folder:
        output_of([python, "-m", "typecase.notebook", notebook, "--output", f"{folder}/executed.ipynb"], "the notebook")
    print("passed: the workshop notebook runs with the models of the hub")


def main():
    program = os.path.abspath(sys.argv[1])
    fetch(program)
    check_program(program)
    if len(sys.argv) > 2:
        check_python(sys.argv[2])
    else:
        print("skipped: the Python package, which is not built")


if __name__ == "__main__":
    main()
