#!/usr/bin/env python3
"""Records the cache that huggingface_hub writes from the fake hub of the tests.

    record_hub_cache.py > tests/golden/hub_cache.json      (any huggingface_hub 2.x; run with umask 022)

snapshot_download fetches what `typecase pull` chooses; hf_hub_download then asks for the optional
files that the repository does not have, as transformers does, so that .no_exist is recorded too.
"""
import json
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.argv, arguments = [sys.argv[0], "unused"], sys.argv[1:]
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))

FILES = {
    "config.json": b'{"model_type": "gpt2"}\n',
    "tokenizer.json": b"{}",
    "tokenizer.model": b"\x00\x01pieces",
    "merges.txt": b"",
    "vocab.json": b"{}",
    "1_Pooling/config.json": b"{}",
    "additional_chat_templates/tool_use.jinja": b"{{ tools }}",
    "model-00001-of-00002.safetensors": b"first" * 1000,
    "model-00002-of-00002.safetensors": b"second" * 1000,
    "model.safetensors.index.json": json.dumps({"metadata": {}, "weight_map": {
        "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}).encode(),
    "README.md": "# café 🎉\n".encode(),
    "notes/größe 🎉.txt": b"not fetched, but listed",
    "pytorch_model.bin": b"not fetched",
}
NOT_FETCHED = ("README.md", "notes/größe 🎉.txt", "pytorch_model.bin")
# What pull looks for and this repository lacks (src/hub/choose.cpp).
ABSENT = ("generation_config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
          "chat_template.jinja", "chat_template.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model", "modules.json",
          "sentence_bert_config.json", "config_sentence_transformers.json", "adapter_config.json",
          "adapter_model.safetensors")


def main():
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as home:
        from fake_hub import FakeHub, Repo
        hub = FakeHub()
        hub.repos["acme/golden"] = Repo(FILES)
        os.environ.update(HF_HOME=home, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0", HF_HUB_DISABLE_XET="1",
                          HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_TELEMETRY="1")
        import huggingface_hub
        huggingface_hub.snapshot_download("acme/golden", ignore_patterns=list(NOT_FETCHED))
        for path in ABSENT:
            try:
                huggingface_hub.hf_hub_download("acme/golden", path)
            except huggingface_hub.errors.EntryNotFoundError:
                continue
            raise SystemExit(f"{path} was found")
        import cli_hub
        cache = cli_hub.snapshot_of(pathlib.Path(home) / "hub")
        hub.close()
    json.dump({"made_by": f"tools/record_hub_cache.py, huggingface_hub {huggingface_hub.__version__}",
               "files": {path: content.hex() for path, content in FILES.items()}, "cache": cache},
              sys.stdout, indent=0)
    print()


if __name__ == "__main__":
    main()
