"""What no recording shows: threads, interrupts, import time, traces, the drop-in."""

import os
import shutil
import subprocess
import sys
import threading
import time

import pytest
import typecase


def run(code: str, **options) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment,
                          timeout=120, **options)


def test_importing_is_quick_and_needs_no_numpy():
    code = ("import time; t = time.process_time(); import typecase; d = time.process_time() - t; "
            "import sys; print(d, 'numpy' in sys.modules)")
    best, numpy = min((run(code).stdout.split() for _ in range(3)), key=lambda answer: float(answer[0]))
    assert float(best) < 0.05
    assert numpy == "False"


def test_a_tokenizer_and_lists_need_no_numpy():
    code = ("import typecase, sys; t = typecase.AutoTokenizer.from_pretrained('tests/golden/gpt2-text'); "
            "t('Hello world'); print('numpy' in sys.modules)")
    answer = run(code)
    assert answer.stdout.strip() == "False", answer.stderr


def test_other_threads_run_while_tokens_are_generated(gpt2):
    ids = [[1, 2, 3]]
    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    time.sleep(0.01)
    before = counted[0]
    gpt2._native.logits(ids * 200, [])  # one long computation, without any callback
    after = counted[0]
    done.set()
    thread.join()
    assert after > before


def test_ctrl_c_ends_a_generation():
    code = """
import os, signal, threading, typecase
model = typecase.AutoModelForCausalLM.from_pretrained('tests/golden/llama-text')
seen = []
class Streamer:
    def put(self, value):
        seen.append(value)
        if len(seen) == 5: os.kill(os.getpid(), signal.SIGINT)
    def end(self): pass
try:
    model.generate([[1, 2, 3]], max_new_tokens=200, eos_token_id=None, streamer=Streamer())
except KeyboardInterrupt:
    print('interrupted', len(seen))
print(model.generate([[1, 2, 3]], max_new_tokens=2).shape)
"""
    answer = run(code)
    assert answer.stdout.splitlines()[0] == "interrupted 5", answer.stdout + answer.stderr
    assert "torch.Size([1, 5])" in answer.stdout


def test_what_a_callback_raises_is_raised_and_the_model_goes_on(gpt2):
    def wrong(batch, ids):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        gpt2.generate([[1, 2, 3]], max_new_tokens=3, prefix_allowed_tokens_fn=wrong)
    assert gpt2.generate([[1, 2, 3]], max_new_tokens=3).shape == (1, 6)


def test_a_callback_cannot_call_the_model_that_calls_it(gpt2):
    def again(batch, ids):
        gpt2.generate([[1]], max_new_tokens=1)

    with pytest.raises(RuntimeError, match="is generating"):
        gpt2.generate([[1, 2, 3]], max_new_tokens=3, prefix_allowed_tokens_fn=again)


def test_what_only_costs_less_gives_the_same_tokens():
    import typecase

    def tokens(**options):
        model = typecase.AutoModelForCausalLM.from_pretrained("tests/golden/llama-text", dtype="bfloat16", **options)
        return model.generate([[1, 2, 3]], max_new_tokens=40).tolist()

    assert tokens(recode="on") == tokens(recode="off") == tokens()
    for option in ("lookup", "screen_head", "self_speculation"):
        assert tokens(**{option: "on"}) == tokens(**{option: "off"}) == tokens(), option
        with pytest.raises(ValueError, match=f"{option}: auto, on or off, not 'yes'"):
            tokens(**{option: "yes"})
    talk = typecase.pipeline("text-generation", "tests/golden/llama-text", model_kwargs={"recode": "on"})
    assert talk("The rain", max_new_tokens=2, do_sample=False)
    with pytest.raises(ValueError, match="recode: auto, on or off, not 'yes'"):
        tokens(recode="yes")
    with pytest.raises(ValueError, match="activations: full or int8, not 'int4'"):
        tokens(activations="int4")


def test_two_threads_take_turns(gpt2):
    expected = gpt2.generate([[1, 2, 3]], max_new_tokens=20).tolist()
    results = []
    threads = [threading.Thread(target=lambda: results.append(gpt2.generate([[1, 2, 3]], max_new_tokens=20).tolist()))
               for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [expected] * 4


def test_a_changed_generation_config_acts(gpt2):
    model = typecase.AutoModelForCausalLM.from_pretrained("tests/golden/gpt2-text")
    model.generation_config.max_new_tokens = 2
    assert model.generate([[1, 2, 3]]).shape == (1, 5)
    model.generation_config.eos_token_id = None
    assert model.generate([[1, 2, 3]], max_new_tokens=40).shape == (1, 43)


def test_an_error_says_where(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(typecase.TypecaseError) as caught:
        typecase.AutoModelForCausalLM.from_pretrained(tmp_path)
    assert caught.value.code == "bad_file"
    assert caught.value.place["file"].endswith("config.json")


def test_the_trace_as_objects(gpt2):
    with typecase.trace(candidates=3) as trace:
        ids = gpt2.generate([[1, 2, 3]], max_new_tokens=2)
    assert trace.events[0].event == "begin"
    logits = [e for e in trace.events if e.event == "logits"]
    assert len(logits) == 2 and len(logits[0].top) == 3
    choices = [e.id for e in trace.events if e.event == "choice"]
    assert choices == ids.tolist()[0][3:]
    assert trace.events[-1].sequences[0]["ids"] == ids.tolist()[0]
    before = len(trace)
    gpt2.generate([[1, 2, 3]], max_new_tokens=2)
    assert len(trace) == before


def test_explain_draws_bars_and_trees(gpt2):
    bars = typecase.explain("Hello", gpt2, max_new_tokens=2)
    tree = typecase.explain("Hello", gpt2, max_new_tokens=3, num_beams=3)
    for picture in (bars, tree):
        html = picture._repr_html_()
        assert "<svg" in html and "</svg>" in html
    assert "Step 1" in bars.svgs[0]
    assert "beam search" in tree.svgs[0]
    assert bars.text.startswith("Hello")


DROP_IN = """
import typecase.as_transformers
import torch
from transformers import pipeline, AutoTokenizer, AutoModelForCausalLM
assert not torch.cuda.is_available()
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
tokenizer = AutoTokenizer.from_pretrained("tests/golden/gpt2-text")
model = AutoModelForCausalLM.from_pretrained("tests/golden/gpt2-text", dtype=torch.float32).to(device)
inputs = tokenizer("Hello world", return_tensors="pt").to(device)
torch.manual_seed(0)
with torch.no_grad(), torch.inference_mode():
    first = model.generate(**inputs, do_sample=True, max_new_tokens=5)
torch.manual_seed(0)
second = model.generate(**inputs, do_sample=True, max_new_tokens=5)
assert torch.equal(first, second) and first.device == device
print(type(model).__name__, first.dtype)
"""


def test_the_drop_in():
    answer = run(DROP_IN)
    assert answer.stdout == "GPT2LMHeadModel torch.int64\n", answer.stderr


@pytest.mark.parametrize("code, name", [
    ("import transformers; transformers.Trainer", "transformers.Trainer"),
    ("from transformers import BertModel", "transformers.BertModel"),
    ("import transformers.trainer", "transformers.trainer"),
    ("import torch; torch.optim.Adam", "torch.optim"),
    ("import torch; torch.device('cuda')", "cuda"),
    ("from transformers import pipeline; pipeline('translation')", "translation"),
])
def test_what_is_absent_is_named(code, name):
    answer = run("import typecase.as_transformers; " + code)
    assert answer.returncode != 0
    assert name in answer.stderr.splitlines()[-1]


def test_a_name_means_what_the_shared_cache_holds(tmp_path):
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--tiny--gpt2"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text(commit)
    snapshot = repository / "snapshots" / commit
    snapshot.parent.mkdir()
    shutil.copytree("tests/golden/gpt2-text", snapshot, ignore=shutil.ignore_patterns("*.jsonl"))
    code = ("from typecase import pipeline; p = pipeline('text-generation', model='tiny/gpt2', max_new_tokens=2); "
            "print(len(p('Hello')), p.tokenizer.name_or_path)")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HF_HUB_CACHE": str(tmp_path)}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert answer.stdout.startswith("1 "), answer.stderr
    missing = subprocess.run([sys.executable, "-c", code.replace("tiny/gpt2", "tiny/gpt3")], capture_output=True,
                             text=True, env=environment, timeout=60)
    assert "tiny/gpt3" in missing.stderr.splitlines()[-1]
