#!/usr/bin/env python3
"""Makes small tokenizers in every form but tokenizer.json and records what the reference reads there.

    make_tokenizer_files.py make [encoders]    writes tests/golden/tokenizer_files/NAME (a folder or .gguf)
    make_tokenizer_files.py record [NAME ...]  writes NAME.jsonl beside them

Needs sentencepiece, gguf, tiktoken and transformers 5.23.0. Everything is trained on the sentences of
tools/record_tokenizers.py, so it comes out the same each time. A line of NAME.jsonl belongs to the
line of texts.jsonl there: the ids, and FNV-1a 64 (8 digits each) of token strings, offsets (dashes where the reference
has none), and the text decoded with and without special tokens.
"""
import base64
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
import record_tokenizers as recorder

HERE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "tokenizer_files"
SPACE = "\u2581"


# ---- material: one SentencePiece model of each kind, one byte-level BPE ----

def sentencepiece_proto(kind, sentences=recorder.SENTENCES, **options):
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    with tempfile.TemporaryDirectory() as scratch:
        text = Path(scratch) / "text"
        text.write_text("\n".join(sentences * 3), encoding="utf-8")
        defaults = dict(vocab_size=700, model_type=kind, character_coverage=0.98, num_threads=1, minloglevel=2,
                        hard_vocab_limit=False, max_sentence_length=10000)
        sentencepiece.SentencePieceTrainer.train(input=str(text), model_prefix=str(Path(scratch) / "m"), **{**defaults, **options})
        proto = sentencepiece_model_pb2.ModelProto()
        proto.ParseFromString((Path(scratch) / "m.model").read_bytes())
    proto.trainer_spec.input[:] = []
    proto.trainer_spec.model_prefix = ""
    proto.normalizer_spec.ClearField("normalization_rule_tsv")  # a scratch file's name
    return proto


def byte_level(vocab=700, pattern=None):
    """(vocab, merges) of a byte-level BPE."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if pattern:
        split = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)])
    tokenizer.pre_tokenizer = split
    trainer = trainers.BpeTrainer(vocab_size=vocab, show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(recorder.SENTENCES * 3, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [m if isinstance(m, list) else m.split(" ") for m in model["merges"]]
    return model["vocab"], merges


# ---- GGUF ----

def write_gguf(name, architecture, model, tokens, types=None, scores=None, merges=None, pre=None, ids=(), flags=()):
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(str(HERE / f"{name}.gguf"), architecture)
    for key, value in [("context_length", 64), ("embedding_length", 8), ("block_count", 1), ("feed_forward_length", 16),
                       ("head_count", 1), ("head_count_kv", 1), ("key_length", 8), ("value_length", 8),
                       ("layer_norm_rms_eps", 1e-5), ("rope_dimension_count", 8), ("vocab_size", len(tokens))]:
        getattr(writer, f"add_{key}")(value)
    writer.add_tokenizer_model(model)
    if pre is not None:
        writer.add_tokenizer_pre(pre)
    writer.add_token_list([t.encode() for t in tokens])
    if scores is not None:
        writer.add_token_scores(scores)
    if types is not None:
        writer.add_token_types(types)
    if merges is not None:
        writer.add_token_merges(merges)
    for key, value in ids:
        getattr(writer, f"add_{key}_token_id")(value)
    for key, value in flags:
        getattr(writer, f"add_add_{key}_token")(value)
    writer.add_tensor("token_embd.weight", np.zeros((1, 32), dtype=np.float32), raw_dtype=gguf.GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def from_proto(proto):
    return dict(tokens=[p.piece for p in proto.pieces], types=[p.type for p in proto.pieces], scores=[p.score for p in proto.pieces])


def make_gguf():
    llama = sentencepiece_proto("bpe", byte_fallback=True, user_defined_symbols=["<think>", "</think>"], control_symbols=["<ctl>"])
    ids = [("bos", 1), ("eos", 2), ("unk", 0)]
    write_gguf("gguf_llama", "llama", "llama", **from_proto(llama), ids=ids)
    write_gguf("gguf_llama_pre", "llama", "llama", **from_proto(llama), pre="default", ids=ids, flags=[("bos", False), ("eos", True)])
    write_gguf("gguf_phi3", "phi3", "llama", **from_proto(llama), ids=ids)
    gemma = sentencepiece_proto("bpe", byte_fallback=True, pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>",
                                bos_piece="<bos>", user_defined_symbols=["<mask>", "  ", "   ", "    ", "<start_of_turn>"], add_dummy_prefix=False,
                                remove_extra_whitespaces=False)
    for i, piece in enumerate(gemma.pieces):  # real Gemma files list spaces as they are, and by position
        if set(piece.piece) == {SPACE} and len(piece.piece) > 1:
            piece.piece = " " * len(piece.piece)
    write_gguf("gguf_gemma3", "gemma3", "llama", **from_proto(gemma), pre="default",
               ids=[("bos", 2), ("eos", 1), ("unk", 3), ("pad", 0)], flags=[("bos", True)])
    t5 = sentencepiece_proto("unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, pad_piece="<pad>")
    parts = from_proto(t5)
    for i in range(3):
        parts["tokens"].append(f"[PAD{len(parts['tokens'])}]")
        parts["types"].append(5)
        parts["scores"].append(-10000.0)
    write_gguf("gguf_t5", "t5", "t5", **parts, ids=[("eos", 1), ("unk", 2), ("pad", 0)], flags=[("bos", False), ("eos", True)])
    for pre in ("tekken", "qwen35", "gpt-4o", "llama-bpe", "deepseek-llm"):
        vocab, merges = byte_level()
        tokens = [t for t, _ in sorted(vocab.items(), key=lambda x: x[1])] + ["<|endoftext|>", "<|im_start|>", "<think>"]
        types = [1] * (len(tokens) - 3) + [3, 3, 4]
        write_gguf("gguf_" + pre.replace("-", "_"), "llama", "gpt2", tokens, types, merges=[" ".join(m) for m in merges], pre=pre,
                   ids=[("bos", len(tokens) - 3), ("eos", len(tokens) - 3)], flags=[("bos", pre == "llama-bpe")])


# ---- folders ----

def write_folder(name, files, config=None):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    if config is not None:
        files = {**files, "tokenizer_config.json": config}
    for file, content in files.items():
        if isinstance(content, bytes):
            (folder / file).write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1) + "\n"
            (folder / file).write_text(text, encoding="utf-8")


def make_folders():
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as rules:  # the usual maps have 240 kB
        for a, b in [("\ufb01", "fi"), ("\u212b", "\u00c5"), ("e\u0301", "\u00e9"), ("\u3000", " "), ("\u00bd", "1/2"), ("\u200b", "")]:
            rules.write(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n")
        rules.flush()
        charsmap = dict(normalization_rule_tsv=rules.name)
        named = dict(user_defined_symbols=["<think>", "</think>"], control_symbols=["<ctl>"])
        llama = sentencepiece_proto("bpe", byte_fallback=True, **named, **charsmap).SerializeToString()
        identity = dict(normalization_rule_name="identity")
        plain = sentencepiece_proto("bpe", **named, **identity).SerializeToString()
        unigram = sentencepiece_proto("unigram", byte_fallback=True, **named, **charsmap).SerializeToString()
        gemma = sentencepiece_proto("bpe", byte_fallback=True, pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>",
                                    bos_piece="<bos>", user_defined_symbols=["<mask>", SPACE * 2, SPACE * 3, "<start_of_turn>"],
                                    add_dummy_prefix=False, **identity).SerializeToString()
        t5 = sentencepiece_proto("unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, pad_piece="<pad>", **charsmap).SerializeToString()
    write_folder("spm_llama", {"tokenizer.model": llama}, {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "add_eos_token": False})
    write_folder("spm_llama_silent", {"tokenizer.model": llama}, {"tokenizer_class": "LlamaTokenizer"})
    write_folder("spm_generic_bpe", {"tokenizer.model": llama}, {"tokenizer_class": "PreTrainedTokenizerFast"})
    write_folder("spm_generic_plain", {"tokenizer.model": plain}, {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": True})
    write_folder("spm_generic_unigram", {"tokenizer.model": unigram}, {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"})
    write_folder("spm_gemma", {"tokenizer.model": gemma}, {"tokenizer_class": "GemmaTokenizer", "add_bos_token": True})
    write_folder("spm_t5", {"spiece.model": t5}, {"tokenizer_class": "T5Tokenizer"})

    spelling = {c: b for b, c in byte_alphabet().items()}
    vocab, _ = byte_level()
    ranked = sorted(vocab, key=vocab.get)
    ranked = [base64.b64encode(bytes(spelling[c] for c in token)).decode() for token in ranked]
    ranks = "".join(f"{token} {rank}\n" for rank, token in enumerate(ranked))
    n = len(ranked)
    write_folder("tiktoken", {"tokenizer.model": ranks}, {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|endoftext|>", "eos_token": "<|im_end|>",
        "added_tokens_decoder": {str(n): {"content": "<|endoftext|>", "special": True}, str(n + 3): {"content": "<|im_end|>", "special": True}}})
    pattern = json.load(open(HERE.parent / "tokenizers" / "small" / "llama3" / "tokenizer.json"))["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
    write_folder("tekken", {"tekken.json": {
        "config": {"pattern": pattern, "num_vocab_tokens": n, "default_vocab_size": n, "default_num_special_tokens": 10, "version": "v7"},
        "vocab": [{"rank": rank, "token_bytes": token, "token_str": None} for rank, token in enumerate(ranked)],
        "special_tokens": [{"rank": i, "token_str": t, "is_control": True} for i, t in enumerate(["<unk>", "<s>", "</s>", "[INST]", "[/INST]"])]}},
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "add_bos_token": True})

    for name, lower in (("wordpiece", True), ("wordpiece_cased", False)):
        words = word_pieces(lower)
        config = {"tokenizer_class": "BertTokenizer", "do_lower_case": lower}
        if not lower:
            config |= {"tokenize_chinese_chars": False, "strip_accents": True}
        write_folder(name, {"vocab.txt": "".join(w + "\n" for w in words)}, config)


RULES = [("\ufb01", "fi"), ("\u212b", "\u00c5"), ("e\u0301", "\u00e9"), ("\u3000", " "), ("\u00bd", "1/2"), ("\u200b", ""),
         ("ab", "\u00e6"), ("abc", "ABC"), ("\u00a0", "  "), ("\u2026", " ... ")]  # fmt: skip


def make_marian():
    """Pairs of SentencePiece models and the vocabulary they share, where the pieces have other ids than in either."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as rules:
        for a, b in RULES:
            rules.write(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n")
        rules.flush()
        charsmap = dict(normalization_rule_tsv=rules.name)
        shared = dict(bos_id=-1, vocab_size=400)
        own = dict(user_defined_symbols=["<think>", "rain in", "!?"], control_symbols=["<ctl>"])
        variants = {
            "marian": ("unigram", {**charsmap, **own}, {}),
            "marian_bpe": ("bpe", {**charsmap, **own}, {}),
            "marian_spaces": ("unigram", {"remove_extra_whitespaces": False, "byte_fallback": True, "vocab_size": 700}, {"normalization_rule_name": "identity"}),
            "marian_suffix": ("unigram", {"treat_whitespace_as_suffix": True, **charsmap}, {"add_dummy_prefix": False}),
        }  # fmt: skip
        for name, (kind, source, target) in variants.items():
            identity = {} if "normalization_rule_tsv" in source else {"normalization_rule_name": "identity"}
            protos = [sentencepiece_proto(kind, recorder.SENTENCES[:16], **{**shared, **identity, **source}),
                      sentencepiece_proto(kind, recorder.SENTENCES[8:], **{**shared, "normalization_rule_name": "identity", **target})]  # fmt: skip
            if name == "marian":  # a piece that the search must not use
                for piece in protos[0].pieces[20:400:9]:
                    piece.type = 5
            pieces = sorted({p.piece for proto in protos for p in proto.pieces} - {"<unk>", "</s>", "<ctl>"})
            known = ["</s>", "<unk>", ">>fra<<", ">>deu<<", *pieces[:: 1 if name != "marian" else -1][: len(pieces) - 20], "<pad>"]
            write_folder(name, {
                "source.spm": protos[0].SerializeToString(), "target.spm": protos[1].SerializeToString(),
                "vocab.json": {piece: i for i, piece in enumerate(known)},
            }, {"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "de"})  # fmt: skip


def make_others_with_encoder():
    """BART's byte-level BPE in its first form and as tokenizer.json; T5's spiece.model as tokenizer.json."""
    from transformers import AutoTokenizer

    vocab, merges = byte_level()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    ids = {token: i for i, token in enumerate([*special, *sorted(vocab, key=vocab.get), "<mask>"])}
    rules = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges)
    write_folder("bart", {"vocab.json": ids, "merges.txt": rules}, {"tokenizer_class": "BartTokenizer", "model_max_length": 1024})
    for name, source in (("bart_json", "bart"), ("t5_json", "spm_t5")):
        AutoTokenizer.from_pretrained(str(HERE / source)).save_pretrained(str(HERE / name))
        data = json.loads((HERE / name / "tokenizer.json").read_text(encoding="utf-8"))
        config = json.loads((HERE / name / "tokenizer_config.json").read_text(encoding="utf-8"))
        write_folder(name, {"tokenizer.json": json.dumps(data, ensure_ascii=False, separators=(",", ":"))},
                     {key: value for key, value in config.items() if not key.startswith(("is_local", "local_"))})


def word_pieces(lower):
    """A WordPiece vocabulary; tokenizers' own trainer learns another one each time."""
    from collections import Counter

    from tokenizers import normalizers, pre_tokenizers

    normalizer, cut = normalizers.BertNormalizer(lowercase=lower), pre_tokenizers.BertPreTokenizer()
    words, ends = Counter(), Counter()
    for sentence in recorder.SENTENCES:
        for word, _ in cut.pre_tokenize_str(normalizer.normalize_str(sentence)):
            words[word] += 1
            for n in (2, 3, 4):
                ends.update(word[i : i + n] for i in range(1, len(word) - n + 1))
    most = lambda counts, n: [text for text, _ in sorted(counts.items(), key=lambda x: (-x[1], x[0]))[:n]]
    letters = sorted({c for word in words for c in word})[:250]
    out = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + c for c in letters)]
    out += most(words, 150) + ["##" + end for end in most(ends, 150)]
    return list(dict.fromkeys(out))


def byte_alphabet():
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return {b: chr(b) if b in plain else chr(next(spare)) for b in range(256)}


def marian_reference(path):
    """(encode, decode), as recorder.open_reference(); this class is written in Python and knows no offsets."""
    from types import SimpleNamespace

    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(path))
    assert type(tokenizer).__name__ == "MarianTokenizer"

    def encode(text):
        ids = tokenizer(text)["input_ids"]
        return SimpleNamespace(ids=ids, tokens=tokenizer.convert_ids_to_tokens(ids), offsets=None)

    return encode, lambda ids, skip: tokenizer.decode(ids, skip_special_tokens=skip)


def offsets_hash(offsets):
    return "-" * 8 if offsets is None else recorder.fnv(" ".join(f"{a} {b}" for a, b in offsets))


CODES = [">>fra<< The rain", ">>deu<<in Spain", ">>xyz<< falls", " >>fra<< x", ">>fra", ">> fra << mainly", "<<>>", ">>fra<<", "a</s>>>deu<< b<unk>c<pad>",
         ">>fra<<>>deu<< twice", "the ab abc abd a\u2026b \u00a0 \u00a0x", "<think>  rain in !? Spain<ctl> </s>"]  # fmt: skip


def record(names):
    texts = [json.loads(line) for line in open(recorder.HERE / "texts.jsonl", encoding="utf-8")]
    texts = texts[:40] + texts[40::11] + CODES
    with open(HERE / "texts.jsonl", "w", encoding="utf-8") as out:
        out.writelines(json.dumps(text) + "\n" for text in texts)
    for path in sorted(HERE.iterdir()):
        name = path.name.removesuffix(".gguf")
        if path.suffix == ".jsonl" or (names and name not in names):
            continue
        encode, decode = marian_reference(path) if name.startswith("marian") else recorder.open_reference(path)
        with open(HERE / f"{name}.jsonl", "w", encoding="utf-8") as out:
            for text in texts:
                e = encode(text)
                hashes = [recorder.fnv("\n".join(e.tokens)), offsets_hash(e.offsets),
                          recorder.fnv(decode(e.ids, False)), recorder.fnv(decode(e.ids, True))]
                out.write(json.dumps([e.ids, "".join(h[:8] for h in hashes)], separators=(",", ":")) + "\n")
        print(name, flush=True)


DECODED = ("marian", "marian_bpe", "marian_spaces", "marian_suffix", "bart", "spm_t5")


def record_decoded():
    """decoded.jsonl: [name, ids, eight digits of the text with special tokens, and without] for ids in any order, as models give them."""
    import random

    from transformers import AutoTokenizer

    rng = random.Random(6)
    with open(HERE / "decoded.jsonl", "w", encoding="utf-8") as out:
        for name in DECODED:
            tokenizer = AutoTokenizer.from_pretrained(str(HERE / name))
            for length in [1] * 40 + list(range(2, 62)) + [rng.randrange(2, 30) for _ in range(100)]:
                ids = [rng.randrange(12 if rng.random() < 0.15 else len(tokenizer)) for _ in range(length)]
                texts = [tokenizer.decode(ids, skip_special_tokens=skip) for skip in (False, True)]
                out.write(json.dumps([name, ids, *(recorder.fnv(text)[:8] for text in texts)], separators=(",", ":")) + "\n")


def main():
    if sys.argv[1] == "make":
        HERE.mkdir(parents=True, exist_ok=True)
        if "encoders" not in sys.argv[2:]:
            make_gguf()
            make_folders()
        make_marian()
        make_others_with_encoder()
    else:
        record(sys.argv[2:])
        record_decoded()


if __name__ == "__main__":
    main()
