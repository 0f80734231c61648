#!/usr/bin/env python3
"""Records what the pinned reference returns for request files: the expectations of tests/golden.

    record_reference.py COMMAND --model DIR_OR_GGUF --requests IN.jsonl --output OUT.jsonl
                        [--dtype float32|bfloat16|float16]            COMMAND: generate, logits, run, embed, fill

Needs torch 2.15.0 and transformers 5.23.0. The requests are those of the program's own batch
interface. Beside each answer stands what a fair comparison needs (tests/golden/README.md):

  logits     the rows asked for by "rows" (all where absent); with bfloat16 and float16 also "exact",
             the same rows computed in float32
  generate   "margins" [row][step]: how far the step was from another choice; beams: "smallest_margin"
"""

import argparse
import copy
import gzip
import io
import json
import math
import os
import sys
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
warnings.filterwarnings("ignore")

import torch
import transformers

# Files whose MLP the reference takes for a gated one with relu, whatever they hold: it is told the right kind.
MENDED = {
    "t5-gguf": {"feed_forward_proj": "relu", "is_gated_act": False, "dense_act_fn": "relu"},
    "t5-gated-gguf": {"feed_forward_proj": "gated-gelu", "is_gated_act": True, "dense_act_fn": "gelu_new"},
}
FAR = 9.0  # a margin that nothing can cross; larger ones are written as this


def load(path, dtype):
    """The model and a function that makes its tokenizer, as transformers loads a folder or a GGUF file."""
    extra = {}
    if path.endswith(".gguf"):
        path, extra["gguf_file"] = os.path.split(os.path.abspath(path))
        if mended := MENDED.get(os.path.basename(path)):
            extra["config"] = transformers.AutoConfig.from_pretrained(path, **extra)
            settings = {**extra["config"].to_dict(), **mended}
            extra["config"] = type(extra["config"])(**settings)
    model = class_of(path, extra).from_pretrained(path, dtype=getattr(torch, dtype), **extra).eval()
    return model, lambda: transformers.AutoTokenizer.from_pretrained(path, **extra)


def class_of(path, extra):
    """The class that config.json names for a model with an encoder; causal language models for all else."""
    if os.path.basename(path) in ("t5-gguf", "t5-gated-gguf", "umt5-gguf"):
        return transformers.AutoModelForSeq2SeqLM
    if not extra:
        with open(os.path.join(path, "config.json"), encoding="utf-8") as file:
            config = json.load(file)
        name = config["architectures"][0]
        if config.get("is_encoder_decoder") or name.endswith(("MaskedLM", "Model")):
            return getattr(transformers, name)
    return transformers.AutoModelForCausalLM


def compact(x, digits=9):
    """A number that a float32 reads back from few characters; non-finite ones by name."""
    if math.isnan(x) or math.isinf(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return float(f"%.{digits}g" % x)


# ---- logits ----


def forward(model, request):
    ids = torch.tensor(request["input_ids"])
    inputs = {"input_ids": ids}
    if request.get("attention_mask") is not None:
        mask = torch.tensor(request["attention_mask"])
        inputs["attention_mask"] = mask
        if model.can_generate() and not model.config.is_encoder_decoder:
            inputs["position_ids"] = (mask.cumsum(-1) - 1).masked_fill(mask == 0, 0)
    if request.get("decoder_input_ids") is not None:
        inputs["decoder_input_ids"] = torch.tensor(request["decoder_input_ids"])
    return model(**inputs).logits.float()


def short(x):
    """Five decimals: forty times finer than the comparison's bound."""
    return round(x, 5)


def row_of(logits):
    """One position's logits; of a large vocabulary the 32 best ids and the mean square of all."""
    if len(logits) <= 1024:
        return [short(x) for x in logits.tolist()]
    best = logits.topk(32)
    top = [[i, short(x)] for i, x in zip(best.indices.tolist(), best.values.tolist())]
    return {"top": top, "mean_square": compact(logits.double().square().mean().item())}


def chosen_rows(logits, request):
    """[[row, position, logits] ...] for the positions the request names."""
    pairs = request.get("rows")
    if pairs is None:
        pairs = [(b, t) for b in range(logits.shape[0]) for t in range(logits.shape[1])]
    return [[b, t, row_of(logits[b, t])] for b, t in pairs]


def record_logits(model, exact, request):
    answer = {"rows": chosen_rows(forward(model, request), request)}
    if exact is not None:
        answer["exact"] = chosen_rows(forward(exact, request), request)
    return answer


# ---- generate, watched ----


class Watch:
    """Follows one generate() call: the quotients of each draw and each warper's input.

    A step's margin says how much the scores would have to change for another token to be chosen:
    the gap to the second best; and, where a token sits near a cut and would win if it fell on the
    other side, its distance to that cut (README, "Margins").
    """

    def __init__(self, bound=0.02):
        self.bound = bound
        self.steps = []  # one list of row margins a step
        self.beams = []  # the smallest gap of every step of a beam search
        self.cuts = []  # (scores before the warper, distance to the cut of every token) of this step
        self.multinomial = torch.multinomial

    def __enter__(self):
        from transformers.generation import logits_process as lp

        self.saved = {}
        self.top_k_continuations = transformers.GenerationMixin._get_top_k_continuations
        transformers.GenerationMixin._get_top_k_continuations = self.watched_beams(self.top_k_continuations)
        for kind, distance in ((lp.TopKLogitsWarper, top_k_distance), (lp.TopPLogitsWarper, top_p_distance),
                               (lp.MinPLogitsWarper, min_p_distance)):  # fmt: skip
            self.saved[kind] = kind.__call__
            kind.__call__ = self.watched(kind.__call__, distance)
        torch.multinomial = self.draw
        return self

    def __exit__(self, *_):
        for kind, call in self.saved.items():
            kind.__call__ = call
        torch.multinomial = self.multinomial
        transformers.GenerationMixin._get_top_k_continuations = self.top_k_continuations

    def watched_beams(self, call):
        def wrapper(model, accumulated_log_probs, *rest, **more):
            if not more["do_sample"]:
                self.beams.append(beam_gap(accumulated_log_probs, more["beams_to_keep"], more["num_beams"]))
            return call(model, accumulated_log_probs, *rest, **more)

        return wrapper

    def watched(self, call, distance):
        def wrapper(warper, input_ids, scores):  # the library asks for these very names
            self.cuts.append((scores.clone(), distance(warper, scores)))
            return call(warper, input_ids, scores)

        return wrapper

    def draw(self, probabilities, num_samples, **more):
        state = torch.get_rng_state()
        q = torch.empty_like(probabilities).exponential_(1)
        torch.set_rng_state(state)
        chosen = self.multinomial(probabilities, num_samples, **more)
        assert torch.equal((probabilities / q).argmax(-1), chosen[:, 0]), "the draw is not argmax p/q"
        if num_samples > 1:  # beams sample without replacement
            quotients = probabilities.double().log() - q.double().log()
            self.beams.append(beam_gap(quotients, num_samples, num_samples))
            return chosen
        self.steps.append([self.sampled_margin(row, probabilities[row], q[row], chosen[row, 0]) for row in range(len(q))])
        self.cuts = []
        return chosen

    def sampled_margin(self, row, p, q, winner):
        log_quotient = p.double().log() - q.double().log()
        best = log_quotient.topk(2).values
        margin = (best[0] - best[1]).item() if torch.isfinite(best[1]) else FAR
        for scores, distance in self.cuts:
            # Quotients as if this cut removed nothing, on the scale where the winner has its own.
            would_be = scores[row].double() - q.double().log()
            rivals = would_be > would_be[winner] - self.bound
            rivals &= torch.isfinite(scores[row])
            near = distance[row][rivals]
            if len(near):
                margin = min(margin, near.min().item())
        return margin


def beam_gap(scores, kept, beams):
    """The smallest gap between neighbours among the first beams + 1 candidates, and at the cut."""
    best = scores.topk(min(kept + 1, scores.shape[-1])).values.double()
    gaps = (best[:, :-1] - best[:, 1:]).nan_to_num(FAR, FAR, FAR)  # -inf beside -inf: no rivals
    gaps[best[:, 1:] < -1e8] = FAR  # places that no sequence fills yet
    return min(gaps[:, :beams].min().item(), gaps[:, kept - 1 :].min().item() if gaps.shape[1] >= kept else FAR)


def top_k_distance(warper, scores):
    """|score − the midpoint of the cut|·2: a swap needs the gap itself to close."""
    k = min(warper.top_k, scores.shape[-1])
    if k == scores.shape[-1]:
        return torch.full_like(scores, FAR)
    best = scores.topk(k + 1).values
    kept, cut = best[:, k - 1 : k], best[:, k : k + 1]
    return torch.where(scores >= kept, scores - cut, kept - scores).nan_to_num(FAR, FAR, FAR)


def top_p_distance(warper, scores):
    """|ln(mass up to and with the token / (1 − p))|, masses from the small end."""
    ordered, order = torch.sort(scores, descending=False)
    mass = ordered.double().softmax(-1).cumsum(-1)
    distance = (mass.log() - math.log(1 - warper.top_p)).abs().nan_to_num(FAR, FAR, FAR)
    distance[:, -warper.min_tokens_to_keep :] = FAR
    return torch.empty_like(distance).scatter_(1, order, distance)


def min_p_distance(warper, scores):
    """|ln(p / (min_p · max p))|."""
    log_p = scores.double().log_softmax(-1)
    limit = log_p.max(-1, keepdim=True).values + math.log(warper.min_p) if warper.min_p > 0 else -math.inf
    return (log_p - limit).abs().nan_to_num(FAR, FAR, FAR)


def generation_inputs(request, tokenizer):
    arguments = dict(request.get("generation_config") or {})
    if request.get("negative_prompt_ids") is not None:
        arguments["negative_prompt_ids"] = torch.tensor(request["negative_prompt_ids"])
    if "text" in request:
        texts = request["text"] if isinstance(request["text"], list) else [request["text"]]
        padding = {"padding": True, "padding_side": "left"} if len(texts) > 1 else {}
        encoded = tokenizer()(texts, return_tensors="pt", **padding)
        return {**arguments, "input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"]}
    arguments["input_ids"] = torch.tensor(request["input_ids"])
    if request.get("attention_mask") is not None:
        arguments["attention_mask"] = torch.tensor(request["attention_mask"])
    return arguments


def chosen_scores(out):
    """[row][step]: the processed score of the id that was appended."""
    width = out.sequences.shape[1] - len(out.scores)
    picked = [step.gather(1, out.sequences[:, width + t, None])[:, 0] for t, step in enumerate(out.scores)]
    return [[compact(x, 6) for x in row] for row in torch.stack(picked, 1).tolist()]


def record_generate(model, tokenizer, request):
    arguments = generation_inputs(request, tokenizer)
    if request.get("seed") is not None:
        torch.manual_seed(request["seed"])
    asked = [key for key in ("output_scores", "output_logits") if arguments.get(key)]
    wants_tokenizer = arguments.get("stop_strings") is not None or arguments.get("token_healing")
    if wants_tokenizer and tokenizer is not None:
        arguments["tokenizer"] = tokenizer()
    with Watch() as watch:
        out = model.generate(**{**arguments, "return_dict_in_generate": True, "output_scores": True})
    answer = {"sequences": out.sequences.tolist()}
    if request.get("brief"):
        asked = []
        if not watch.beams:
            answer["chosen_scores"] = chosen_scores(out)
    for key in asked:
        answer[key[7:]] = [[[compact(x) for x in row] for row in step.tolist()] for step in out[key[7:]]]
    if watch.beams:
        if arguments.get("output_scores") and arguments.get("return_dict_in_generate"):
            answer["sequences_scores"] = [compact(x, 7) for x in out.sequences_scores.tolist()]
            answer["beam_indices"] = out.beam_indices.tolist()
        answer["smallest_margin"] = compact(min(watch.beams), 3)
        return answer
    if not watch.steps:
        for scores in out.scores:
            best = scores.float().topk(2).values
            watch.steps.append((best[:, 0] - best[:, 1]).nan_to_num(FAR, FAR, FAR).tolist())
    answer["margins"] = [[compact(min(m, FAR), 3) for m in row] for row in zip(*watch.steps)]
    return answer


def text_to_text(model, tokenizer):
    """What the pipeline text2text-generation was before transformers 5: each text on its own, the answer without special tokens."""

    def one(text, settings):
        out = model.generate(**tokenizer(text, return_tensors="pt"), **settings)
        return [{"generated_text": tokenizer.decode(row, skip_special_tokens=True)} for row in out]

    return lambda inputs, **settings: one(inputs, settings) if isinstance(inputs, str) else [one(text, settings) for text in inputs]


def record_run(model, tokenizer, request):
    encodes = model.config.is_encoder_decoder
    pipe = text_to_text(model, tokenizer()) if encodes else transformers.pipeline("text-generation", model=model, tokenizer=tokenizer())
    if request.get("seed") is not None:
        torch.manual_seed(request["seed"])
    with Watch() as watch:
        result = pipe(request["inputs"], **(request.get("kwargs") or {}))
    margins = [compact(min([min(row) for row in watch.steps] + watch.beams), 3)] if watch.steps or watch.beams else None
    return {"result": result, **({"smallest_margin": margins[0]} if margins else {})}


# ---- models that read whole texts ----


def modules_of(folder):
    """Pooling modes, normalisation and length as the files of sentence-transformers say; else the mean, normalised."""

    def read(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)

    has = lambda name: os.path.exists(os.path.join(folder, name))  # noqa: E731
    length = read("sentence_bert_config.json").get("max_seq_length") if has("sentence_bert_config.json") else None
    if not has("modules.json"):
        return ["mean_tokens"], True, length
    modules = {module["type"].split(".")[-1]: module["path"] for module in read("modules.json")}
    pooling = read(os.path.join(modules["Pooling"], "config.json"))
    order = ("cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens")
    return [mode for mode in order if pooling.get(f"pooling_mode_{mode}")], "Normalize" in modules, length


def pooled(mode, hidden, mask):
    """sentence-transformers' poolings."""
    mask = mask.unsqueeze(-1).to(hidden.dtype)
    if mode == "cls_token":
        return hidden[:, 0]
    if mode == "max_tokens":
        return hidden.masked_fill(mask == 0, -1e9).max(1).values
    length = mask.sum(1).clamp(min=1e-9)
    return (hidden * mask).sum(1) / (length if mode == "mean_tokens" else length.sqrt())


def record_embed(model, tokenizer, request, path):
    modes, normalize, length = modules_of(path)
    tokenizer = tokenizer()
    modes = {"mean": ["mean_tokens"], "cls": ["cls_token"]}.get(request.get("pooling"), modes)
    length = request.get("max_length") or length or min(tokenizer.model_max_length, model.config.max_position_embeddings)
    encoded = tokenizer(request["texts"], return_tensors="pt", padding=True, truncation=True, max_length=length)
    hidden = getattr(model, "base_model", model)(**encoded).last_hidden_state
    out = torch.cat([pooled(mode, hidden, encoded["attention_mask"]) for mode in modes], 1)
    if request.get("normalize", normalize):
        out = torch.nn.functional.normalize(out, p=2, dim=1)
    return {"embeddings": [[round(x, 6) for x in row] for row in out.tolist()]}


def record_fill(model, tokenizer, request):
    pipe = transformers.pipeline("fill-mask", model=model, tokenizer=tokenizer())
    return {"result": pipe(request["inputs"], top_k=request.get("top_k", 5))}


def answer(command, model, exact, tokenizer, request, path):
    settings = copy.deepcopy(getattr(model, "generation_config", None))
    if hasattr(model.config, "rope_parameters"):
        model(input_ids=torch.tensor([[0]]))  # dynamic rotary tables start every request afresh
    try:
        if command == "logits":
            return record_logits(model, exact, request)
        if command == "embed":
            return record_embed(model, tokenizer, request, path)
        if command == "fill":
            return record_fill(model, tokenizer, request)
        return (record_generate if command == "generate" else record_run)(model, tokenizer, request)
    except (ValueError, TypeError) as error:
        return {"error": {"code": "invalid_argument", "message": str(error)[:200]}}
    except Exception as error:  # whatever else it ends in
        return {"error": {"code": "failed", "message": f"{type(error).__name__}: {str(error)[:160]}"}}
    finally:
        model.generation_config = settings


def opened(output):
    """The file to write; one that ends in .gz holds no time, so that the same answers are the same bytes."""
    if output.endswith(".gz"):
        return io.TextIOWrapper(gzip.GzipFile(output, "wb", mtime=0), encoding="utf-8")
    return open(output, "w", encoding="utf-8")


def record(command, path, requests, output, dtype="float32"):
    """Answers one request file; the output's lines are in the order of the requests."""
    torch.set_num_threads(1)
    model, tokenizer = load(path, dtype)
    narrow = command == "logits" and dtype != "float32"
    exact = load(path, "float32")[0] if narrow else None
    with open(requests, encoding="utf-8") as lines, opened(output) as out, torch.no_grad():
        for request in map(json.loads, lines):
            response = {"id": request["id"], **answer(command, model, exact, tokenizer, request, path)}
            out.write(json.dumps(response, ensure_ascii=False, separators=(",", ":")) + "\n")
            out.flush()


def main():
    parser = argparse.ArgumentParser(description="Records the reference's answers.")
    parser.add_argument("command", choices=["generate", "logits", "run", "embed", "fill"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--requests", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16", "float16"])
    options = parser.parse_args()
    record(options.command, options.model, options.requests, options.output, options.dtype)


if __name__ == "__main__":
    sys.exit(main())
