#!/usr/bin/env python3
"""Writes examples/workshop.ipynb, from the cells below.

    make_workshop.py > examples/workshop.ipynb

A code cell is marked "typecase" where it shows what only Typecase has; all others also run on
transformers, and their outputs are compared (tests/golden/workshop.json).
"""
import json
import sys

CELLS = [
    ("text", """# How a language model writes

A language model reads a text and gives every possible next token a probability. To *write*, a program has to choose, one token after the other. This notebook loads a model, looks into it, and walks through the ways of choosing: always the most probable token, several candidates side by side, and chance, reined in by temperature, top-k and top-p. At the end it chats.

The cells are ordinary `transformers` code. The first line makes them run on Typecase: no PyTorch, and the same tokens."""),
    ("typecase:drop-in", "import typecase.as_transformers  # without this line, the cells run on transformers"),
    ("code:imports", """import os, tempfile
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline, set_seed

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
device"""),
    ("text", """## Which models

`gpt2` for texts and `unsloth/Llama-3.2-1B-Instruct` for the chat, if they are in the cache or the hub can be reached. Otherwise stand-ins: Typecase's default model for both, and for the counts a file with the shape of GPT-2."""),
    ("code:models", """from typecase.stand_ins import gpt2_shaped
from typecase import default_model

def find(name):
    try:
        AutoTokenizer.from_pretrained(name)
        return {"pretrained_model_name_or_path": name}
    except OSError:
        folder, file = os.path.split(os.environ.get("WORKSHOP_MODEL") or default_model())
        return {"pretrained_model_name_or_path": folder, "gguf_file": file}

TEXT, CHAT = find("gpt2"), find("unsloth/Llama-3.2-1B-Instruct")
SHAPE = TEXT if "gguf_file" not in TEXT else {"pretrained_model_name_or_path": gpt2_shaped(tempfile.mkdtemp())}"""),
    ("text", """## Load and look

A model is two things: a *tokenizer*, which cuts text into numbered pieces, and a *network*, whose weights were learned."""),
    ("code:count", """shaped = AutoModelForCausalLM.from_pretrained(**SHAPE)
print(type(shaped).__name__)
print(f"{shaped.num_parameters():,} parameters")
print(shaped.config.n_layer, "layers of width", shaped.config.n_embd, "and", shaped.config.n_head, "heads")
del shaped"""),
    ("code:load", """tokenizer = AutoTokenizer.from_pretrained(**TEXT)
model = AutoModelForCausalLM.from_pretrained(**TEXT, dtype=torch.float32).to(device)
type(tokenizer).__name__, type(model).__name__, len(tokenizer), str(model.dtype)"""),
    ("text", """## The short way: a pipeline

A pipeline takes text and returns text. By default it *samples*, so every run gives something else, unless the random numbers start at the same point."""),
    ("code:pipeline", """prompt = "The rain in Spain falls mainly in the plain"
write = pipeline("text-generation", model=model, tokenizer=tokenizer)
set_seed(42)
for answer in write(prompt, num_return_sequences=3, max_length=40):
    print(answer["generated_text"].replace("\\n", " "), "\\n")"""),
    ("text", """## The long way, step by step

First the text becomes token ids. The mask says which of them are text (1) and which are padding (0)."""),
    ("code:tokenise", """inputs = tokenizer(prompt, return_tensors="pt").to(device)
inputs"""),
    ("code:tokens", """tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])"""),
    ("text", """### Greedy: always the most probable token"""),
    ("code:greedy", """greedy = model.generate(**inputs, do_sample=False, max_new_tokens=20)
greedy"""),
    ("code:decode", "tokenizer.decode(greedy[0], skip_special_tokens=True)"),
    ("text", "No chance is involved: the second time gives the same tokens."),
    ("code:twice", """again = model.generate(**inputs, do_sample=False, max_new_tokens=20)
torch.equal(greedy, again)"""),
    ("text", """Why these tokens? Each step below shows the most probable candidates as the model gave them; the chosen one is green."""),
    ("typecase:see-greedy", """import typecase
typecase.explain(prompt, model, do_sample=False, max_new_tokens=4)"""),
    ("text", """### Beams: several candidates at once

The most probable token now may lead to an improbable text later. *Beam search* keeps the best ten beginnings and extends all of them. `early_stopping` ends it when ten texts are finished."""),
    ("code:beams", """beams = model.generate(**inputs, do_sample=False, num_beams=10, early_stopping=True, max_new_tokens=20)
tokenizer.decode(beams[0], skip_special_tokens=True)"""),
    ("text", "As a tree, with three beams: what was kept, what was pruned, and which text won."),
    ("typecase:see-beams", "typecase.explain(prompt, model, candidates=6, num_beams=3, early_stopping=True, max_new_tokens=4)"),
    ("text", """### Chance, and how hot it is

*Sampling* draws the next token by its probability. The temperature divides the scores first: near 0 the best token takes all, at 1 the model speaks as it learned, and at a very high temperature all tokens that are left are equally likely."""),
    ("code:temperature", """for temperature in (1e-5, 1.0, 1e9):
    set_seed(0)
    sampled = model.generate(**inputs, do_sample=True, temperature=temperature, max_new_tokens=15)
    print(temperature, "→", repr(tokenizer.decode(sampled[0][len(inputs["input_ids"][0]):], skip_special_tokens=True)))"""),
    ("typecase:see-temperature", """set_seed(0)
typecase.explain(prompt, model, do_sample=True, temperature=1.5, top_k=0, max_new_tokens=2)"""),
    ("text", """### Top-k: only the thirty best"""),
    ("code:top-k", """set_seed(0)
sampled = model.generate(**inputs, do_sample=True, top_k=30, max_new_tokens=20)
tokenizer.decode(sampled[0], skip_special_tokens=True)"""),
    ("text", """### Top-p: only as many as make up half of the probability

Where the model is sure, one token may be enough; where it is not, many stay."""),
    ("code:top-p", """set_seed(0)
sampled = model.generate(**inputs, do_sample=True, top_p=0.5, top_k=0, max_new_tokens=20)
tokenizer.decode(sampled[0], skip_special_tokens=True)"""),
    ("typecase:see-top-p", """set_seed(0)
typecase.explain(prompt, model, do_sample=True, top_p=0.5, top_k=0, max_new_tokens=3)"""),
    ("text", "### All together"),
    ("code:together", """set_seed(0)
sampled = model.generate(**inputs, do_sample=True, temperature=1.5, top_k=30, top_p=0.5, max_new_tokens=20)
tokenizer.decode(sampled[0], skip_special_tokens=True)"""),
    ("typecase:see-together", """set_seed(0)
typecase.explain(prompt, model, do_sample=True, temperature=1.5, top_k=30, top_p=0.5, max_new_tokens=2)"""),
    ("text", """## A chat

A chat model has learned a form: who speaks, and where an answer begins. The tokenizer's *chat template* writes that form. The *system* role says how to answer, the *user* role asks."""),
    ("code:template", """chat_tokenizer = AutoTokenizer.from_pretrained(**CHAT)
messages = [
    {"role": "system", "content": "You answer in one short sentence."},
    {"role": "user", "content": "What is the capital of France?"},
]
print(chat_tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))"""),
    ("text", "In bfloat16 each weight takes two bytes in place of four."),
    ("code:chat", """chat_model = AutoModelForCausalLM.from_pretrained(**CHAT, dtype=torch.bfloat16).to(device)
chat = pipeline("text-generation", model=chat_model, tokenizer=chat_tokenizer)
answer = chat(messages, do_sample=False, max_new_tokens=1000)
answer[0]["generated_text"][-1]"""),
    ("text", """## What to remember

The network gives probabilities; *how* one chooses from them makes the text dull or wild, the same or different each time. Greedy and beams are for answers with one right form, chance is for everything else, and the seed decides whether it can be repeated."""),
]


def cell(kind: str, source: str, number: int) -> dict:
    lines = source.splitlines(keepends=True)
    if kind == "text":
        return {"cell_type": "markdown", "id": f"text-{number}", "metadata": {}, "source": lines}
    family, name = kind.split(":")
    tags = {"tags": ["typecase"]} if family == "typecase" else {}
    return {"cell_type": "code", "execution_count": None, "id": name, "metadata": tags, "outputs": [], "source": lines}


def main():
    cells = [cell(kind, source, i) for i, (kind, source) in enumerate(CELLS)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
                "nbformat": 4, "nbformat_minor": 5}
    json.dump(notebook, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
