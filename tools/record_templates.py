#!/usr/bin/env python3
"""Records what the reference renders: tests/golden/templates/*.jsonl.

    record_templates.py cases OUT.jsonl            small templates, one feature each
    record_templates.py families OUT.jsonl FOLDER  published templates; FOLDER/NAME/tokenizer_config.json

Needs transformers 5.23.0 and Jinja2 3.1.6. A line: {"template" or "family", "request", "text" or "error"}. The published templates
themselves are not recorded: tools/fetch_templates.py fetches them.
"""

import json
import os
import sys
from datetime import datetime
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "critical"

MESSAGES = [
    {"role": "system", "content": "You are a pirate."},
    {"role": "user", "content": "Write a poem.", "name": "Ann"},
    {"role": "assistant", "content": "Arr!", "tool_calls": [{"id": "a1", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}]},
    {"role": "user", "content": "  Thanks <b>&  "},
]
VARIABLES = {
    "n": 3, "x": 2.5, "s": "Hello World", "empty": "", "yes": True, "no": False, "nil": None, "big": 12345678901234567890 % 2**62,
    "l": [3, 1, 2], "words": ["b", "A", "c", "a"], "d": {"b": 1, "a": [1, 2, {"k": "v"}], "items": 5}, "u": "žluťoučký 😀 ß Σ",
    "rows": [{"k": "x", "v": 1}, {"k": "y", "v": 2}, {"k": "x", "v": 3}], "html": "<a href='x'>&</a>", "lines": "a\nb\r\n\nc",
}  # fmt: skip
NOW = "2026-11-22T10:05:09"

# One template a line; what they print is what is recorded. Lines that begin with # name the feature.
TEMPLATES = Path(__file__).parent.parent / "tests" / "golden" / "templates" / "small.txt"


def fixed_clock(utils):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromisoformat(NOW)

    utils.datetime = Clock


def renderer(config=None):
    import transformers.utils.chat_template_utils as utils
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    fixed_clock(utils)
    blank = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    tokens = {}
    for key in ("bos_token", "eos_token", "unk_token", "pad_token"):
        value = (config or {}).get(key)
        if value is not None:
            tokens[key] = value if isinstance(value, str) else value["content"]
    return PreTrainedTokenizerFast(tokenizer_object=blank, **tokens), tokens


def answer(tokenizer, template, request):
    try:
        text = tokenizer.apply_chat_template(
            request["messages"],
            chat_template=template,
            tools=request.get("tools"),
            documents=request.get("documents"),
            add_generation_prompt=request.get("add_generation_prompt", False),
            continue_final_message=request.get("continue_final_message", False),
            tokenize=False,
            **request.get("variables", {}),
        )
        return {"text": text}
    except Exception as error:
        return {"error": type(error).__name__}


def small_templates():
    for line in TEMPLATES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            yield json.loads(line) if line.startswith('"') else line


def cases(out):
    tokenizer, _ = renderer()
    for template in small_templates():
        request = {"messages": MESSAGES, "variables": VARIABLES}
        out.write(json.dumps({"template": template, **answer(tokenizer, template, request)}, ensure_ascii=False) + "\n")
    for template, request in continued():
        line = {"template": template, "request": request, **answer(tokenizer, template, request)}
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


def continued():
    """continue_final_message, None values, reasoning under all names, refused requests."""
    user = {"role": "user", "content": "Hi"}
    last = {"role": "assistant", "content": "Sure, "}
    blocks = {"role": "assistant", "content": [{"type": "text", "text": "one"}, {"type": "image"}, {"type": "text", "text": "two "}]}
    trim = CHATML.replace("m.content", "m.content | trim")
    keys = "{% for m in messages %}{{ m.keys()|list }}{% endfor %}"
    yield CHATML, {"messages": [user], "add_generation_prompt": True}
    yield CHATML, {"messages": [user, last], "continue_final_message": True}
    yield trim, {"messages": [user, last], "continue_final_message": True}
    yield CHATML, {"messages": [user, last], "continue_final_message": True, "add_generation_prompt": True}
    yield CHATML, {"messages": [user, last], "continue_final_message": "content"}
    yield CHATML, {"messages": [user, last], "continue_final_message": "thinking"}
    yield CHATML, {"messages": [user, {"role": "assistant"}], "continue_final_message": True}
    yield "{% for m in messages %}{% for b in m.content %}{{ b.text }}|{% endfor %}{% endfor %}", {"messages": [blocks], "continue_final_message": True}
    yield "{{ messages[0].content|length }} {{ messages[0].content }}", {"messages": [last], "continue_final_message": True}
    yield "{{ messages[0].content[:4] }} content", {"messages": [last], "continue_final_message": True}
    yield "{{ messages[0].content[::-1] }}", {"messages": [last], "continue_final_message": True}
    yield "{{ messages[0].reasoning_content }}-{{ messages[0].thinking }}", {"messages": [{"role": "assistant", "reasoning": "because "}], "continue_final_message": "reasoning"}
    yield "{{ messages[0].thinking }} end", {"messages": [{"role": "assistant", "thinking": "because "}], "continue_final_message": "reasoning_content"}
    yield keys, {"messages": [{"role": "user", "content": None, "x": None, "y": 1}]}
    for name in ("reasoning", "thinking", "reasoning_content"):
        yield keys, {"messages": [{"role": "user", "content": "c", name: "r"}]}
    yield keys, {"messages": [{"role": "a", "thinking": "t", "z": 1, "reasoning": "r"}]}
    yield keys, {"messages": []}
    yield keys, {"messages": [user], "documents": ["no dict"]}
    yield keys, {"messages": [user], "tools": ["no dict"]}
    yield "{{ tools }} {{ documents }} {{ tools is none }} {{ add_generation_prompt }}", {"messages": [user]}
    yield "{{ tools|tojson }} {{ documents[0].title }}", {"messages": [user], "tools": [{"a": 1}], "documents": [{"title": "T", "text": "x"}]}
    yield "{{ bos_token is defined }}{{ bos_token }}", {"messages": [user]}
    yield "{{ bos_token }}", {"messages": [user], "variables": {"bos_token": "<s>"}}


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Current weather \"here\" & there.",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "The city."},
                    "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
                    "days": {"type": "array", "items": {"type": "integer"}},
                    "at": {"type": ["string", "null"], "nullable": True},
                    "where": {"type": "object", "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}}, "required": ["lat"]},
                },
                "required": ["city"],
            },
        },
    },
    {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": {"type": "object", "properties": {}}}},
]


def conversations():
    system = {"role": "system", "content": "You are a pirate chatbot who always responds in pirate speak!"}
    user = {"role": "user", "content": "Write a poem about the sea."}
    reply = {"role": "assistant", "content": "Arr, the sea so wide…"}
    again = {"role": "user", "content": "  Another one, with <|eot_id|> and 😀.  "}
    arguments = {"city": "Köln", "unit": "c", "days": [1, 2]}
    call = {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefghi", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}]}
    result = {"role": "tool", "name": "get_weather", "tool_call_id": "abcdefghi", "content": "{\"temperature\": 21.5}"}
    thought = {"role": "assistant", "content": "Yes.", "reasoning_content": "Hmm,\nlet me think."}
    inline = {"role": "assistant", "content": "<think>\nwell\n</think>\n\nNo."}
    for generate in (False, True):
        yield {"messages": [user], "add_generation_prompt": generate}
        yield {"messages": [system, user], "add_generation_prompt": generate}
        yield {"messages": [system, user, reply, again], "add_generation_prompt": generate}
        yield {"messages": [system, user], "tools": TOOLS, "add_generation_prompt": generate}
        yield {"messages": [system, user, call, result], "tools": TOOLS, "add_generation_prompt": generate}
        yield {"messages": [user, call, result, reply, again], "tools": TOOLS, "add_generation_prompt": generate}
        yield {"messages": [user, thought, again, inline, user], "add_generation_prompt": generate}
    yield {"messages": [system, user, reply], "continue_final_message": True}
    yield {"messages": [user, thought], "continue_final_message": True}
    yield {"messages": [system, user], "add_generation_prompt": True, "variables": {"date_string": "01 Jan 2025"}}
    yield {"messages": [user], "add_generation_prompt": True, "variables": {"enable_thinking": False}}
    yield {"messages": [user], "add_generation_prompt": True, "variables": {"reasoning_effort": "high", "builtin_tools": ["browser", "python"]}}
    yield {"messages": [user], "tools": TOOLS, "add_generation_prompt": True, "variables": {"tools_in_user_message": False}}
    yield {"messages": [user, user]}
    yield {"messages": [{"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "image"}, {"type": "text", "text": "this?"}]}], "add_generation_prompt": True}
    yield {"messages": [system, user, call, result], "add_generation_prompt": True}
    yield {"messages": [user], "documents": [{"title": "T", "text": "x"}], "add_generation_prompt": True}


def families(out, folder):
    for config_file in sorted(Path(folder).glob("*/tokenizer_config.json")):
        config = json.loads(config_file.read_text(encoding="utf-8"))
        if not config.get("chat_template"):
            continue
        tokenizer, tokens = renderer(config)
        for request in conversations():
            line = {"family": config_file.parent.name, "special": tokens, "request": request}
            out.write(json.dumps({**line, **answer(tokenizer, config["chat_template"], request)}, ensure_ascii=False) + "\n")


def main():
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        if sys.argv[1] == "cases":
            cases(out)
        else:
            families(out, sys.argv[3])


if __name__ == "__main__":
    main()
