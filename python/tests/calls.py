"""Calls of the Python interface as text, evaluated once by transformers and once by Typecase, and how
their results are written down. Imports neither: both sides give the names."""

from __future__ import annotations

import builtins
import math

# ---- the calls: `tok`, `model`, `pipe` are tests/golden/gpt2-text, with `l` in front llama-text

TEXTS = ["Hello world", "", " ", "The rain in Spain\nfalls", "naïve café 中文 🙂", "a<|endoftext|>b"]

TOKENIZER = [
    *(f"tok({t!r})" for t in TEXTS),
    *(f"ltok({t!r})" for t in TEXTS),
    *(f"tok.tokenize({t!r})" for t in TEXTS),
    *(f"tok.encode({t!r}, add_special_tokens=False)" for t in TEXTS[:3]),
    'tok("Hello world", return_tensors="pt")',
    'tok("Hello world", return_tensors="np")',
    'tok(["Hello world", "Hi"])',
    'tok(["Hello world", "Hi"], return_tensors="pt")',
    'ltok(["Hello world", "Hi"], return_tensors="pt", padding=True)',
    'ltok(["Hello world", "Hi"], padding=True)',
    'ltok(["Hello world", "Hi"], padding=True, padding_side="left")',
    'ltok(["Hello world", "Hi"], padding="longest", pad_to_multiple_of=8)',
    'ltok("Hi", padding="max_length", max_length=8)',
    'ltok("Hi", padding="max_length")',
    'ltok("The rain in Spain", truncation=True, max_length=4)',
    'ltok("The rain in Spain", max_length=4)',
    'ltok("The rain in Spain " * 20, truncation=True)',
    'tok("The rain in Spain", truncation=True)',
    'tok("Hi", padding="max_length")',
    'tok(["Hello world", "Hi"], padding=True)',
    'tok(["Hello world", "Hi"], padding="wide")',
    'tok("Hello world", truncation="middle")',
    'tok("Hello world", return_attention_mask=False)',
    'tok("Hello world", return_token_type_ids=True)',
    'tok("Hello world", return_offsets_mapping=True)',
    'ltok("Hello world", return_special_tokens_mask=True)',
    'tok("Hello world", return_length=True)',
    'tok("Hello", "world")',
    'tok(["Hello"], ["world"])',
    "tok(5)",
    "tok(None)",
    'tok(["a", "b"], "c")',
    'tok(["a", "b"], ["c"])',
    'tok("Hello world", return_tensors="pt").to("cpu")',
    'tok("Hello world").to("cpu")',
    'list(tok("Hello world").keys())',
    'tok("Hello world").input_ids',
    'tok("Hello world")["input_ids"]',
    'tok("Hello world").nothing',
    'tok("Hello world")["nothing"]',
    '"input_ids" in tok("Hello world")',
    'len(tok("Hello world"))',
    'tok("Hello world").tokens()',
    'ltok("Hello world").sequence_ids()',
    'tok("Hello world").is_fast',
    'tok("Hello world")[0].ids',
    'tok("Hello world")[0].tokens',
    'tok("naïve café").token_to_chars(3)',
    'dict(**tok("Hello world"))',
    'type(tok("Hello world")).__name__',
    'tok.encode("Hello", return_tensors="pt")',
    "tok.decode([39, 68, 310])",
    "tok.decode(39)",
    "tok.decode([])",
    "tok.decode([[39, 68], [310]])",
    "tok.decode(tok('Hello world', return_tensors='pt').input_ids)",
    "tok.decode(tok('Hello world', return_tensors='np').input_ids[0])",
    "tok.decode([39, 700, 68])",
    "tok.decode([39, 700, 68], skip_special_tokens=True)",
    "tok.decode([-1])",
    "tok.decode([100000])",
    "tok.decode('text')",
    "tok.decode([239, 39], clean_up_tokenization_spaces=True)",
    "tok.batch_decode([[39, 68], [310, 700]], skip_special_tokens=True)",
    "tok.batch_decode([39, 68])",
    "tok.batch_decode(ltok(['Hello world', 'Hi'], padding=True, return_tensors='pt').input_ids)",
    "tok.convert_ids_to_tokens([39, 700])",
    "tok.convert_ids_to_tokens(39)",
    "tok.convert_ids_to_tokens([39, 700], skip_special_tokens=True)",
    "tok.convert_ids_to_tokens(100000)",
    "tok.convert_tokens_to_ids('H')",
    "tok.convert_tokens_to_ids(['H', 'Ġw', 'nothing'])",
    "tok.convert_tokens_to_string(['H', 'e', 'Ġw'])",
    "len(tok), tok.vocab_size",
    "len(ltok), ltok.vocab_size",
    "len(tok.get_vocab()), tok.get_vocab()['H']",
    "tok.get_added_vocab()",
    "ltok.get_added_vocab()",
    "tok.special_tokens_map",
    "ltok.special_tokens_map",
    "tok.all_special_ids, tok.all_special_tokens",
    "tok.bos_token, tok.bos_token_id, tok.eos_token, tok.eos_token_id",
    "tok.pad_token, tok.pad_token_id, tok.unk_token, tok.unk_token_id",
    "ltok.pad_token, ltok.pad_token_id",
    "tok.model_max_length, ltok.model_max_length",
    "tok.padding_side, tok.truncation_side, tok.is_fast, tok.name_or_path",
    "tok.model_input_names",
    "tok.num_special_tokens_to_add(), ltok.num_special_tokens_to_add()",
    "tok.clean_up_tokenization('a , b .')",
    "repr(tok)",
    "repr(ltok)",
    "type(tok).__name__",
    "ltok.pad({'input_ids': [[1, 2, 3], [4]]})",
    "ltok.pad([{'input_ids': [1, 2, 3]}, {'input_ids': [4]}], return_tensors='pt')",
    "tok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], tokenize=False)",
    "tok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], chat_template=TEMPLATE, tokenize=False)",
    "tok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], chat_template=TEMPLATE)",
    "tok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], chat_template=TEMPLATE, return_dict=False)",
    "tok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], chat_template=TEMPLATE, return_tensors='pt')",
    "tok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], chat_template=TEMPLATE, tokenize=False, "
    "add_generation_prompt=True)",
    "tok.apply_chat_template([{'role': 'assistant', 'content': 'Hi'}], chat_template=TEMPLATE, tokenize=False, "
    "continue_final_message=True)",
    "tok.apply_chat_template([{'role': 'assistant', 'content': 'Hi'}], chat_template=TEMPLATE, "
    "continue_final_message=True, add_generation_prompt=True)",
    "tok.apply_chat_template([[{'role': 'user', 'content': 'Hi'}], [{'role': 'user', 'content': 'Ho'}]], "
    "chat_template=TEMPLATE, tokenize=False)",
    "tok.apply_chat_template([], chat_template=TEMPLATE)",
    "tok.apply_chat_template([{'role': 'user', 'content': None}], chat_template=TEMPLATE, tokenize=False)",
    "tok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], chat_template='{{ messages[0].content }}{{ extra }}',"
    " tokenize=False, extra='!')",
    "AutoTokenizer.from_pretrained('tests/golden/nothing')",
    "AutoTokenizer()",
    "AutoTokenizer.from_pretrained('tests/golden/gpt2-text', padding_side='left').padding_side",
    "AutoTokenizer.from_pretrained('tests/golden/gpt2-text', pad_token='<|endoftext|>').pad_token_id",
]

DEFAULT_MODEL = [  # its tokenizer alone
    *(f"stok({t!r})" for t in TEXTS),
    "stok.decode(stok('The rain in Spain').input_ids)",
    "len(stok), stok.vocab_size",
    "stok.special_tokens_map",
    "type(stok).__name__",
    "stok.apply_chat_template([{'role': 'user', 'content': 'Hi'}], tokenize=False, add_generation_prompt=True)",
    "stok.apply_chat_template([{'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': 'Hi'}])",
]

GENERATE = [
    "model.generate(**enc, max_new_tokens=5)",
    "model.generate(enc.input_ids, max_new_tokens=5)",
    "model.generate(enc['input_ids'], attention_mask=enc['attention_mask'], max_length=12)",
    "repr(model.generate(**enc, max_new_tokens=5))",
    "model.generate(**enc, max_new_tokens=5).shape",
    "model.generate(**enc, max_new_tokens=5)[0].tolist()",
    "tok.decode(model.generate(**enc, max_new_tokens=5)[0])",
    "model.generate(**enc)",
    "model.generate(max_new_tokens=4)",
    "model.generate(**enc, max_new_tokens=4, num_beams=3)",
    "model.generate(**enc, max_new_tokens=4, num_beams=3, num_return_sequences=2)",
    "model.generate(**enc, max_new_tokens=4, num_beams=3, early_stopping=True, no_repeat_ngram_size=2)",
    "(set_seed(0), model.generate(**enc, max_new_tokens=6, do_sample=True))[1]",
    "(set_seed(1), model.generate(**enc, max_new_tokens=6, do_sample=True, temperature=1.5, top_k=30, top_p=0.9))[1]",
    "(set_seed(2), model.generate(**enc, max_new_tokens=6, do_sample=True, num_return_sequences=3))[1]",
    "(set_seed(3), model.generate(**enc, max_new_tokens=6, do_sample=True, num_beams=2))[1]",
    "(set_seed(4), model.generate(**enc, max_new_tokens=4, do_sample=True, temperature=1e9))[1]",
    "(set_seed(4), model.generate(**enc, max_new_tokens=4, do_sample=True, temperature=1e-5))[1]",
    "model.generate(**enc, generation_config=GenerationConfig(max_new_tokens=3))",
    "model.generate(**enc, generation_config=GenerationConfig(max_new_tokens=3), num_beams=2)",
    "model.generate(**enc, max_new_tokens=4, repetition_penalty=1.3)",
    "model.generate(**enc, max_new_tokens=4, return_dict_in_generate=True)",
    "model.generate(**enc, max_new_tokens=2, return_dict_in_generate=True, output_scores=True)",
    "model.generate(**enc, max_new_tokens=2, return_dict_in_generate=True, output_logits=True)",
    "model.generate(**enc, max_new_tokens=2, num_beams=2, return_dict_in_generate=True, output_scores=True)",
    "model.generate(**enc, max_new_tokens=2, num_beams=2, return_dict_in_generate=True)",
    "model.generate(**enc, max_new_tokens=2, return_dict_in_generate=True, output_hidden_states=True)",
    "model.generate(**enc, max_new_tokens=2, return_dict_in_generate=True).scores",
    "model.generate(**enc, max_new_tokens=2, return_dict_in_generate=True, output_scores=True)[0]",
    "model.generate(**enc, max_new_tokens=2, return_dict_in_generate=True, output_scores=True)['sequences']",
    "scored(dict(max_new_tokens=4))",
    "scored(dict(max_new_tokens=4, num_beams=3, num_return_sequences=2))",
    "scored(dict(max_new_tokens=4), normalize_logits=True)",
    "lmodel.generate(**ltok(['Hello world', 'Hi'], padding=True, padding_side='left', return_tensors='pt'), "
    "max_new_tokens=5)",
    "model.generate(**enc, max_new_tokens=4, prefix_allowed_tokens_fn=lambda batch, ids: [40, 41, 42])",
    "model.generate(**enc, max_new_tokens=4, num_beams=2, prefix_allowed_tokens_fn=lambda batch, ids: [40, 41, 42])",
    "model.generate(**enc, max_new_tokens=4, prefix_allowed_tokens_fn=lambda batch, ids: 1 / 0)",
    "model.generate(**enc, max_new_tokens=4, prefix_allowed_tokens_fn=lambda batch, ids: [])",
    "model.generate(**enc, max_new_tokens=9, stopping_criteria=StoppingCriteriaList([Longer(10)]))",
    "model.generate(**enc, max_new_tokens=4, logits_processor=LogitsProcessorList([Ban(310)]))",
    "model.generate(**enc, max_new_tokens=4, num_beams=2, logits_processor=LogitsProcessorList([Ban(310)]))",
    "model.generate(**enc, max_new_tokens=12, stop_strings=['é'], tokenizer=tok)",
    "streamed(model, enc, max_new_tokens=6)",
    "streamed(model, enc, max_new_tokens=6, do_sample=False)",
    "iterated(model, enc, max_new_tokens=6)",
    "model.generate(**enc, max_new_tokens=4, streamer=TextStreamer(tok), num_beams=2)",
    "model.generate(**enc, max_new_tokens=0)",
    "model.generate(**enc, max_new_tokens=4, temperature=0.0, do_sample=True)",
    "model.generate(**enc, max_new_tokens=4, top_k=-1, do_sample=True)",
    "model.generate(**enc, max_new_tokens=4, num_return_sequences=2)",
    "model.generate(**enc, max_new_tokens=4, num_beams=2, num_return_sequences=3)",
    "model.generate(**enc, max_length=3)",
    "model.generate(**enc, max_new_tokens=4, nonsense=1)",
    "model.generate(**enc, max_new_tokens=4, early_stopping='soon', num_beams=2)",
    "model.generate(**enc, max_new_tokens=4, streamer=Refusing())",
    "model(**enc).logits.shape",
    "model(**enc).logits[0, -1].argmax().item()",
    "round(float(model(**enc, labels=enc.input_ids).loss), 4)",
    "model.num_parameters()",
    "lmodel.num_parameters()",
    "type(model).__name__, type(lmodel).__name__",
    "str(model.dtype), str(model.device), model.training",
    "str(lmodel.dtype)",
    "model.config.vocab_size, model.config.n_layer, model.config.num_hidden_layers, model.config.hidden_size",
    "lmodel.config.num_key_value_heads, lmodel.config.rms_norm_eps, lmodel.config.eos_token_id",
    "model.config.nothing",
    "type(model.config).__name__, model.config.model_type, model.config.architectures",
    "configured(model.config)",
    "type(lmodel.config).__name__, lmodel.config.model_type",
    "repr(model.generation_config)",
    "repr(lmodel.generation_config)",
    "model.generation_config.eos_token_id, model.generation_config.max_length",
    "model.eval() is model, model.to('cpu') is model",
    "AutoModelForCausalLM.from_pretrained('tests/golden/nothing')",
    "AutoModelForCausalLM()",
    "str(AutoModelForCausalLM.from_pretrained('tests/golden/gpt2-text', dtype='bfloat16').dtype)",
    "AutoModelForCausalLM.from_pretrained('tests/golden/gpt2-text', dtype='bfloat16').generate(**enc, max_new_tokens=3)",
]

CONFIGS = [
    "GenerationConfig()",
    "repr(GenerationConfig())",
    "repr(GenerationConfig(max_new_tokens=5, do_sample=True, temperature=0.7))",
    "GenerationConfig(max_new_tokens=5).max_new_tokens, GenerationConfig(max_new_tokens=5).top_k",
    "GenerationConfig(max_new_tokens=5).nothing",
    "GenerationConfig(max_new_tokens=5).to_diff_dict()",
    "GenerationConfig(max_new_tokens=5) == GenerationConfig(max_new_tokens=5)",
    "GenerationConfig(max_new_tokens=5).update(top_k=3, nonsense=1)",
    "GenerationConfig.from_pretrained('tests/golden/llama-3').to_diff_dict()",
    "GenerationConfig.from_pretrained('tests/golden/gpt2-text')",
    "GenerationConfig.from_pretrained('tests/golden/llama-3', max_new_tokens=3).max_new_tokens",
]

PIPELINE = [
    "pipe('Hello', max_new_tokens=4, do_sample=False)",
    "pipe(['Hello', 'Hi'], max_new_tokens=4, do_sample=False)",
    "pipe('Hello', max_new_tokens=4, do_sample=False, return_full_text=False)",
    "pipe('Hello', max_new_tokens=4, do_sample=False, return_tensors=True)",
    "pipe('Hello', max_new_tokens=4, num_beams=2, num_return_sequences=2, do_sample=False)",
    "(set_seed(0), pipe('Hello', max_new_tokens=6))[1]",
    "(set_seed(0), pipe('Hello', max_length=20, num_return_sequences=3))[1]",
    "(set_seed(0), pipe(['Hello', 'Hi there'], max_new_tokens=6))[1]",
    "(set_seed(0), pipe(['Hello', 'Hi there'], max_new_tokens=6))[1][0][0]['generated_text']",
    "lpipe([{'role': 'user', 'content': 'Hi'}], max_new_tokens=4)",
    "list(pipe((t for t in ['Hello', 'Hi']), max_new_tokens=3, do_sample=False))",
    "pipe('', max_new_tokens=4, do_sample=False)",
    "pipe('Hello', max_new_tokens=4, do_sample=False, prefix='Once ')",
    "pipe('Hello', max_new_tokens=8, do_sample=False, stop_sequence='é')",
    "pipe('Hello', max_new_tokens=4, do_sample=False, handle_long_generation='hole')",
    "pipe('Hello', max_new_tokens=4, do_sample=False, handle_long_generation='whole')",
    "pipe('Hello', max_new_tokens=4, return_full_text=True, return_text=True)",
    "pipe('Hello', max_new_tokens=4, do_sample=False, generation_config=GenerationConfig(num_beams=2))",
    "pipe('Hello', max_new_tokens=2, do_sample=False, return_dict_in_generate=True, output_scores=True)[0].keys()",
    "pipe(5, max_new_tokens=4)",
    "pipe(['Hello', 'Hi there'], batch_size=2, max_new_tokens=4)",
    "lpipe(['Hello', 'Hi there'], batch_size=2, max_new_tokens=4, do_sample=False)",
    "repr(pipe)",
    "pipe.task, type(pipe).__name__, type(pipe.model).__name__",
    "str(pipe.device), str(pipe.model.dtype)",
    "pipeline('text-generation', model='tests/golden/gpt2-text')('Hello', max_new_tokens=3, do_sample=False)",
    "pipeline(model=model, tokenizer=tok, task='text-generation')('Hello', max_new_tokens=3, do_sample=False)",
    "pipeline('text-generation', model=model, tokenizer=tok, max_new_tokens=3, do_sample=False)('Hello')",
    "pipeline('text-generation', model='tests/golden/nothing')",
    "pipeline('no-such-task')",
    "pipeline()",
    "(set_seed(7), pipe('Hello', max_new_tokens=5, temperature=0.5, top_p=0.9))[1]",
]

CALLS = TOKENIZER + GENERATE + CONFIGS + PIPELINE
CALLS_DEFAULT_MODEL = DEFAULT_MODEL


def names(library, default_model: str | None) -> dict:
    """What the calls may name, from transformers or from typecase."""
    import queue
    import threading

    out = {name: getattr(library, name) for name in (
        "AutoTokenizer", "AutoModelForCausalLM", "GenerationConfig", "TextStreamer", "TextIteratorStreamer",
        "StoppingCriteriaList", "LogitsProcessorList", "pipeline", "set_seed")}
    tok = library.AutoTokenizer.from_pretrained("tests/golden/gpt2-text")
    model = library.AutoModelForCausalLM.from_pretrained("tests/golden/gpt2-text")
    ltok = library.AutoTokenizer.from_pretrained("tests/golden/llama-text")
    lmodel = library.AutoModelForCausalLM.from_pretrained("tests/golden/llama-text")
    enc = tok("Hello world", return_tensors="pt")

    class Longer(library.StoppingCriteria):
        def __init__(self, length):
            self.length = length

        def __call__(self, input_ids, scores, **kwargs):
            return input_ids[:, -1] < 0 if input_ids.shape[1] < self.length else input_ids[:, -1] >= 0

    class Ban(library.LogitsProcessor):
        def __init__(self, token):
            self.token = token

        def __call__(self, input_ids, scores):
            scores[:, self.token] = -math.inf
            return scores

    class Refusing:
        def put(self, value):
            raise KeyError("refused")

        def end(self):
            pass

    class Collecting(library.TextStreamer):
        def __init__(self):
            super().__init__(tok)
            self.pieces = []

        def on_finalized_text(self, text, stream_end=False):
            self.pieces.append([text, stream_end])

    def streamed(model, enc, **kwargs):
        streamer = Collecting()
        model.generate(**enc, streamer=streamer, **kwargs)
        return streamer.pieces

    def iterated(model, enc, **kwargs):
        streamer = library.TextIteratorStreamer(tok, skip_prompt=True, timeout=60)
        thread = threading.Thread(target=model.generate, kwargs={**enc, **kwargs, "streamer": streamer})
        thread.start()
        pieces = list(streamer)
        thread.join()
        return pieces, isinstance(streamer.text_queue, queue.Queue)

    def scored(kwargs, **more):
        output = model.generate(**enc, return_dict_in_generate=True, output_scores=True, **kwargs)
        return model.compute_transition_scores(output.sequences, output.scores, output.get("beam_indices"), **more)

    def configured(config):
        hidden = ("transformers_version", "_name_or_path")
        return {k: v for k, v in sorted(config.to_diff_dict().items()) if k not in hidden}

    out.update(tok=tok, model=model, ltok=ltok, lmodel=lmodel, enc=enc, Longer=Longer, Ban=Ban, Refusing=Refusing,
               streamed=streamed, iterated=iterated, scored=scored, configured=configured,
               pipe=library.pipeline("text-generation", model=model, tokenizer=tok),
               lpipe=library.pipeline("text-generation", model=lmodel, tokenizer=ltok),
               TEMPLATE="{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
                        "{% if add_generation_prompt %}<assistant>{% endif %}")
    if default_model is not None:
        folder, _, name = default_model.rpartition("/")
        out["stok"] = library.AutoTokenizer.from_pretrained(folder, gguf_file=name)
    return out


# ---- how a result is written down


def answer(call: str, known: dict) -> dict:
    """The result of a call, or the built-in class of what it raised."""
    try:
        return {"value": described(eval(call, dict(known)))}
    except Exception as error:
        builtin = next(c for c in type(error).__mro__ if getattr(builtins, c.__name__, None) is c)
        return {"error": builtin.__name__}


def described(value):
    kind = type(value).__name__
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return {"float": number(value)}
    if hasattr(value, "shape") and hasattr(value, "tolist"):
        family = "array" if type(value).__module__ == "numpy" else "tensor"
        values = value.tolist() if "bfloat16" not in str(value.dtype) else value.float().tolist()
        return {family: numbers(values), "shape": list(value.shape), "dtype": str(value.dtype)}
    if kind in ("BatchEncoding",) or kind.endswith("Output"):
        return {kind: {k: described(v) for k, v in value.items() if k != "past_key_values"}}
    if kind == "GenerationConfig":
        return {kind: {k: v for k, v in value.to_diff_dict().items() if k != "transformers_version"}}
    if isinstance(value, dict):
        return {"dict": [[k, described(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"tuple" if isinstance(value, tuple) else "list": [described(v) for v in value]}
    return {"object": kind}


def number(x: float):
    return x if math.isfinite(x) else str(x)


def numbers(values):
    if isinstance(values, list):
        return [numbers(v) for v in values]
    return number(values) if isinstance(values, float) else values
