#!/usr/bin/env python3
"""Makes the tiny seeded checkpoints with an encoder: make_encoder_checkpoints.py --into tests/golden [NAME ...]

A recipe is a config.json. Names and shapes of the tensors are those the reference would save for it
(so torch and transformers 5.23.0 are needed); every value is a pure function of its tensor's name
and its index (tools/make_checkpoints.py), so the files are the same bytes on every machine.
"""

import argparse
import json
import math
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from make_checkpoints import hashed, header_of, stored, write_json

STORED = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}


def recipe(architecture, model_type, dtype, **keys):
    return {"architectures": [architecture], "model_type": model_type, "dtype": dtype, **keys}


def t5(architecture="T5ForConditionalGeneration", model_type="t5", dtype="float32", **changes):
    return recipe(architecture, model_type, dtype, **{
        "is_encoder_decoder": True, "vocab_size": 128, "d_model": 32, "d_kv": 12, "d_ff": 56, "num_layers": 2, "num_heads": 3,
        "relative_attention_num_buckets": 8, "relative_attention_max_distance": 20, "layer_norm_epsilon": 1e-6,
        "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0, **changes})  # fmt: skip


def bart(architecture="BartForConditionalGeneration", model_type="bart", dtype="float32", **changes):
    return recipe(architecture, model_type, dtype, **{
        "is_encoder_decoder": True, "vocab_size": 128, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 56, "decoder_ffn_dim": 56,
        "max_position_embeddings": 96, "activation_function": "gelu", "pad_token_id": 1, "bos_token_id": 0,
        "eos_token_id": 2, "decoder_start_token_id": 2, **changes})  # fmt: skip


def bert(architecture="BertForMaskedLM", model_type="bert", dtype="float32", **changes):
    return recipe(architecture, model_type, dtype, **{
        "vocab_size": 128, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 56,
        "max_position_embeddings": 64, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0, **changes})  # fmt: skip


WORDS = """the a is was of in on to and not he she it they we you i man woman child dog cat house river city paris france london
eats eat eating food bread runs run running play plays playing music sings sing guitar old new good bad big small red blue green
one two three four five day night water fire book read reads reading write letter word words what who where when how can could""".split()
PIECES = [chr(c) for c in range(97, 123)] + list("0123456789.,!?'-éü") + ["##" + chr(c) for c in range(97, 123)]
PIECES += ["##s", "##ing", "##ed", "##er", "##est", "##ly", "##un", "##able"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def word_pieces():
    """A tokenizer.json as BERT's, of some two hundred pieces."""
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(SPECIAL + PIECES + WORDS))}
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    ids = {name: {"id": name, "ids": [vocabulary[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    text = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]  # fmt: skip
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": vocabulary[name], "content": name, **plain} for name in SPECIAL],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": text, "pair": [*text, {"Sequence": {"id": "B", "type_id": 1}},
                           {"SpecialToken": {"id": "[SEP]", "type_id": 1}}], "special_tokens": ids},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": vocabulary},
    }  # fmt: skip


def sentence_modules(lengths, normalize, **modes):
    """Files of sentence-transformers beside the checkpoint."""
    kinds = ["Transformer", "Pooling"] + ["Normalize"] * normalize
    folders = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    modules = [{"idx": i, "name": str(i), "path": folders[kind], "type": f"sentence_transformers.models.{kind}"}
               for i, kind in enumerate(kinds)]  # fmt: skip
    pooling = {"word_embedding_dimension": 32, **{f"pooling_mode_{name}": False for name in
               ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens")}}  # fmt: skip
    pooling.update({f"pooling_mode_{name}": True for name in modes})
    return {"modules.json": modules, "1_Pooling/config.json": pooling,
            "sentence_bert_config.json": {"max_seq_length": lengths, "do_lower_case": False}}  # fmt: skip


TEXT = {"tokenizer.json": word_pieces(), "tokenizer_config.json": {
    "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, "unk_token": "[UNK]", "sep_token": "[SEP]",
    "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}}  # fmt: skip
TOKENIZERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden", "tokenizer_files")


def files_of(name):
    """The files of a small tokenizer (tools/make_tokenizer_files.py), as bytes."""
    folder = os.path.join(TOKENIZERS, name)
    out = {}
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), "rb") as source:
            out[file] = source.read()
    return out


VOCABULARY = len(json.loads(files_of("marian")["vocab.json"]))
PIECE_COUNT = len(TEXT["tokenizer.json"]["model"]["vocab"])

# Files beside config.json and the weights.
FILES = {
    "bert-text": TEXT,
    "sentences": {**TEXT, **sentence_modules(16, False, cls_token=True, mean_tokens=True)},
    "sentences-longest": {**TEXT, **sentence_modules(24, True, max_tokens=True, mean_sqrt_len_tokens=True)},
    "t5-text": files_of("spm_t5"),
    "bart-text": files_of("bart"),
    "marian-text": files_of("marian"),
}

RECIPES = {
    # With text: masked words; sentence embeddings as module files say.
    "bert-text": bert(dtype="float16", vocab_size=PIECE_COUNT),
    "sentences": bert("BertModel", dtype="float16", vocab_size=PIECE_COUNT),
    "sentences-longest": bert("BertModel", dtype="float16", vocab_size=PIECE_COUNT, num_hidden_layers=1),
    # The first T5: one matrix before relu, a scaled head.
    "t5": t5(feed_forward_proj="relu"),
    # T5 1.1: gated, head of its own and not scaled, another number of decoder layers.
    "t5-gated": t5(dtype="bfloat16", feed_forward_proj="gated-gelu", tie_word_embeddings=False, num_layers=3, num_decoder_layers=2),
    "mt5": t5("MT5ForConditionalGeneration", "mt5", "float16", feed_forward_proj="gated-gelu"),
    "umt5": t5("UMT5ForConditionalGeneration", "umt5", "float16", feed_forward_proj="gated-silu"),
    # The generation fields of the first BART uploads stand in config.json.
    "bart": bart(scale_embedding=False, forced_bos_token_id=0, forced_eos_token_id=2, num_beams=3, no_repeat_ngram_size=3,
                 min_length=6, early_stopping=True),
    "bart-scaled": bart(dtype="float16", scale_embedding=True, activation_function="relu", decoder_layers=1, encoder_ffn_dim=40,
                        decoder_attention_heads=2, forced_eos_token_id=2),
    "marian": bart("MarianMTModel", "marian", "float16", activation_function="swish", scale_embedding=True, pad_token_id=127,
                   decoder_start_token_id=127, eos_token_id=0, bos_token_id=None, forced_eos_token_id=0, bad_words_ids=[[127]],
                   num_beams=4, max_length=24, share_encoder_decoder_embeddings=True),
    # Text in, text out, each with its own kind of tokenizer.
    "t5-text": t5(dtype="float16", feed_forward_proj="relu", vocab_size=600),
    "bart-text": bart(dtype="float16", vocab_size=705, forced_bos_token_id=0, forced_eos_token_id=2),
    "marian-text": bart("MarianMTModel", "marian", "float16", activation_function="swish", scale_embedding=True, vocab_size=VOCABULARY,
                        pad_token_id=VOCABULARY - 1, decoder_start_token_id=VOCABULARY - 1, eos_token_id=0, bos_token_id=None,
                        forced_eos_token_id=0, bad_words_ids=[[VOCABULARY - 1]], num_beams=4, max_length=32),
    "bert": bert(type_vocab_size=2),
    "roberta": bert("RobertaForMaskedLM", "roberta", type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2,
                    layer_norm_eps=1e-5, max_position_embeddings=66),
    "mpnet": bert("MPNetForMaskedLM", "mpnet", dtype="float16", pad_token_id=1, bos_token_id=0, eos_token_id=2, layer_norm_eps=1e-5,
                  max_position_embeddings=66, relative_attention_num_buckets=32),
    "distilbert": recipe("DistilBertForMaskedLM", "distilbert", "float16", vocab_size=128, dim=32, n_layers=2, n_heads=4,
                         hidden_dim=56, max_position_embeddings=64, activation="gelu", pad_token_id=0),
}  # fmt: skip


def saved_tensors(config):
    """{name: shape} of what the reference saves for this config."""
    import safetensors
    import transformers

    transformers.logging.set_verbosity_error()
    with tempfile.TemporaryDirectory() as folder:
        write_json(os.path.join(folder, "config.json"), config)
        settings = transformers.AutoConfig.from_pretrained(folder)
        getattr(transformers, config["architectures"][0])(settings).save_pretrained(folder)
        with safetensors.safe_open(os.path.join(folder, "model.safetensors"), "pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}


def values_of(name, shape, config):
    """Numbers whose spread keeps logits a few units apart, and layers stronger than what passes them by."""
    import numpy as np

    x = hashed(name, math.prod(shape))
    last = name in ("decoder.final_layer_norm.weight", "encoder.final_layer_norm.weight")
    if name.endswith("bias") or "relative_attention_bias" in name:
        return np.float32(0.8 if "relative" in name else 0.3) * x
    if len(shape) == 1:
        scaled = last and config["model_type"] in ("t5", "umt5") and config.get("tie_word_embeddings", True)
        return np.float32(12 if scaled else 3 if last else 1) * (np.float32(1) + np.float32(0.25) * x)
    if "embed" in name or "shared" in name:
        return np.float32(0.6) * x
    gain = 1.2 * math.sqrt(3 / shape[-1])
    if name.endswith(("Attention.q.weight", "Attention.k.weight")):  # T5 does not divide scores by √d_kv
        gain *= config["d_kv"] ** -0.25
    return np.float32(gain) * x


def write(path, shapes, config):
    dtype = STORED[config["dtype"]]
    header, _ = header_of({name: (None, shape) for name, shape in shapes.items()}, dtype)
    with open(path, "wb") as file:
        file.write(header)
        for name, shape in shapes.items():
            file.write(stored(values_of(name, shape, config), dtype))


def make(folder, config):
    os.makedirs(folder, exist_ok=True)
    write_json(os.path.join(folder, "config.json"), config)
    for name, content in FILES.get(os.path.basename(folder), {}).items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        if isinstance(content, bytes):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
            continue
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, separators=(",", ":"))
    shapes = dict(sorted(saved_tensors(config).items()))
    if config["model_type"] == "t5" and config.get("tie_word_embeddings") is False:
        shapes["lm_head.weight"] = (config["vocab_size"], config["d_model"])
    write(os.path.join(folder, "model.safetensors"), shapes, config)


def main():
    parser = argparse.ArgumentParser(description="Makes the seeded checkpoints with an encoder.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--into", required=True, metavar="FOLDER")
    options = parser.parse_args()
    for name in options.names or RECIPES:
        make(os.path.join(options.into, name), RECIPES[name])


if __name__ == "__main__":
    main()
