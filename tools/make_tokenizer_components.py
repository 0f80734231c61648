#!/usr/bin/env python3
"""Writes one small tokenizer.json for each component: tests/golden/tokenizers/components/*.json.

    make_tokenizer_components.py

Each file is a whole tokenizer whose interesting part is the one it is named after. Files whose
names begin with the same word share the rest, so a difference points to the component.
"""
import base64
import json
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "tokenizers"

ALPHABET = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,!?'\"-_()[]{}<>/\\|@#$%&*+=~^`;:\n\t\r"
    "éèüößñçåÅøſıİκαβγЖяб中文字漢あカ한글กबिव عשً́̈̀​‍️▁Ġ€…–“”’«»½²٣１Ⅷ😀👍🇩🇪\u00a0\u3000\u2028"
)


def file(**parts):
    out = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
           "pre_tokenizer": None, "post_processor": None, "decoder": None}
    out.update(parts)
    return out


def words(extra=()):
    """A vocabulary for WordLevel in which every character is a word; other words are unknown."""
    return {w: i for i, w in enumerate(["[UNK]", *dict.fromkeys([*ALPHABET, *extra])])}


LEVEL = {"type": "WordLevel", "vocab": words(["the", "The", "and", "a b", "'s"]), "unk_token": "[UNK]"}
# Every piece is an unknown token, and Unigram's unknown tokens show their text.
SHOW = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]], "byte_fallback": False}
# Cuts everything into characters, so that offsets show where each came from.
EACH = {"type": "Split", "pattern": {"Regex": "(?m)."}, "behavior": "Isolated", "invert": False}
EVERYTHING = {"type": "Split", "pattern": {"Regex": "(?m).+"}, "behavior": "Isolated", "invert": False}


def charsmap(entries):
    """SentencePiece's compiled map of {text: replacement}: a double array built greedily."""
    blob, place = b"", {}
    for text in entries.values():
        if text not in place:
            place[text] = len(blob)
            blob += text.encode() + b"\0"
    tree = {}
    for key, text in entries.items():
        node = tree
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[-1] = place[text]
    units, used, next_base = {}, set(), 1
    def label_unit(byte, offset, leaf):
        return byte | leaf << 8 | offset << 10
    def put(node, at, byte):
        nonlocal next_base
        base = next_base
        next_base += 1
        children = [b for b in node if b != -1]
        while base == 0 or any((at ^ base ^ b) in used for b in children) or (-1 in node and (at ^ base) in used):
            base += 1
        units[at] = label_unit(byte, base, -1 in node)
        for b in children:
            used.add(at ^ base ^ b)
        if -1 in node:
            used.add(at ^ base)
            units[at ^ base] = node[-1] | 1 << 31
        for b in children:
            put(node[b], at ^ base ^ b, b)
    used.add(0)
    put(tree, 0, 0)
    size = max(units) + 257
    array = [units.get(i, 0) for i in range(size)]
    return base64.b64encode(struct.pack("<I", size * 4) + struct.pack(f"<{size}I", *array) + blob).decode()


NORMALIZERS = {
    "nfc": {"type": "NFC"}, "nfd": {"type": "NFD"}, "nfkc": {"type": "NFKC"}, "nfkd": {"type": "NFKD"},
    "lowercase": {"type": "Lowercase"}, "strip_accents": {"type": "StripAccents"}, "nmt": {"type": "Nmt"},
    "byte_level": {"type": "ByteLevel"},
    "strip": {"type": "Strip", "strip_left": True, "strip_right": True},
    "strip_left": {"type": "Strip", "strip_left": True, "strip_right": False},
    "strip_right": {"type": "Strip", "strip_left": False, "strip_right": True},
    "prepend": {"type": "Prepend", "prepend": "▁x"},
    "replace": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
    "replace_longer": {"type": "Replace", "pattern": {"String": "e"}, "content": "ée"},
    "replace_nothing": {"type": "Replace", "pattern": {"String": ""}, "content": "-"},
    "replace_regex": {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
    "replace_ends": {"type": "Replace", "pattern": {"Regex": r"^|\s*$|\b(?=\p{L})"}, "content": "<"},
    "replace_away": {"type": "Replace", "pattern": {"Regex": r"[\p{M}\p{P}]"}, "content": ""},
    "bert": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
    "bert_cased": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": False},
    "bert_accents": {"type": "BertNormalizer", "clean_text": False, "handle_chinese_chars": False, "strip_accents": True, "lowercase": False},
    "bert_no_accents": {"type": "BertNormalizer", "clean_text": False, "handle_chinese_chars": True, "strip_accents": False, "lowercase": True},
    "precompiled": {"type": "Precompiled", "precompiled_charsmap": charsmap({
        "a": "A", "é": "E\u0301x", "e\u0301": "é", "ﬁ": "fi", "\u3000": " ", "\t": " ", "\n": " ", "１": "1", "½": "1/2",
        "\u200b": "", "b\u0308": "B", "😀": ":)", "\r\n": "N", "ｶﾞ": "ガ", "中": "", "ſ": "s"})},
    "precompiled_first": {"type": "Precompiled", "precompiled_charsmap": charsmap({"a": "", "x": "", "'": "’’’", "\u0301": "!"})},
    "sequence": {"type": "Sequence", "normalizers": [{"type": "Strip", "strip_left": True, "strip_right": False},
        {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "StripAccents"}, {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
    "sequence_compose": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Replace", "pattern": {"Regex": "[ae]"}, "content": "oo"}, {"type": "NFC"}]},
}

split = lambda pattern, behavior, invert=False: {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
PRE_TOKENIZERS = {
    "bert": {"type": "BertPreTokenizer"}, "whitespace": {"type": "Whitespace"}, "whitespace_split": {"type": "WhitespaceSplit"},
    "unicode_scripts": {"type": "UnicodeScripts"}, "fixed_length": {"type": "FixedLength", "length": 3}, "fixed_default": {"type": "FixedLength"},
    "char_delimiter": {"type": "CharDelimiterSplit", "delimiter": "e"},
    "digits": {"type": "Digits", "individual_digits": False}, "digits_each": {"type": "Digits", "individual_digits": True},
    "byte_level": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False},
    "byte_level_whole": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": False},
    "metaspace": {"type": "Metaspace", "replacement": "▁"},
    "metaspace_first": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"},
    "metaspace_never": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "never", "split": True},
    "metaspace_whole": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
    "metaspace_legacy": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True, "str_rep": "x"},
    "sequence": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"},
        {"type": "Punctuation", "behavior": "MergedWithPrevious"}, {"type": "Digits", "individual_digits": True}]},
    "falcon": {"type": "Sequence", "pretokenizers": [{"type": "Punctuation", "behavior": "Contiguous"},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}, {"type": "Digits", "individual_digits": False},
        split({"Regex": "[0-9][0-9][0-9]"}, "Isolated")]},
    "bloom": {"type": "Sequence", "pretokenizers": [split({"Regex": " ?[^(\\s|[.,!?…。，、।۔،])]+"}, "Isolated"),
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]},
}
for name in BEHAVIORS:
    PRE_TOKENIZERS["punctuation_" + name.lower()] = {"type": "Punctuation", "behavior": name}
    PRE_TOKENIZERS["split_" + name.lower()] = split({"Regex": r"\s+|\p{Lu}|(?=\d)"}, name)
    PRE_TOKENIZERS["split_inverted_" + name.lower()] = split({"Regex": r"\p{L}+|[^\S\n]"}, name, True)
    PRE_TOKENIZERS["split_literal_" + name.lower()] = split({"String": "a"}, name)
REGEXES = {
    "o200k": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "cl100k": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s*[\r\n]|\s+(?!\S)|\s+",
    "words": r"\b\w+\b|\W", "not_words": r"\B\w", "posix": r"[[:alpha:]]+|[[:^alpha:][:digit:]]|[[:punct:]]",
    "nested": r"[\p{L}&&[^\p{Lu}]]+|[^[\p{L}][\p{N}]]", "scripts": r"\p{Han}+|\p{Greek}+|\p{^Latin}|\P{L}+", "folding": r"(?i:ß|K|[k-m]|\p{Lu}|é)",
    "lines": r"^.|.$|\R", "keep": r"a\Kb|(?<=t)h", "absent": r"(?~the)", "clusters": r"\X", "hex": r"\h+|\H", "atomic": r"(?>a+|ab)b?|(?<!x)y",
    "recursion": r"\((?:[^()]|\g<0>)*\)", "backreference": r"(.)\1+", "binary": r"\p{Emoji}+|\p{Alphabetic}{2}|\p{White_Space}", "digits": r"\d+|\D{2}",
}

ADDED = lambda content, i, **flags: {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
                                     "normalized": False, "special": False, **flags}


def added_tokens():
    """Every combination of the flags, over contents that lie in and on one another."""
    out, n = [], 1000
    contents = ["<tok>", "word", "<s>", "é!", "  ", "the", "a", "Ab", "<|x|>", "\n", "ſ", "中", "'s", "<", "tok", "E"]
    for bits in range(32):
        flags = {k: bool(bits >> i & 1) for i, k in enumerate(["single_word", "lstrip", "rstrip", "normalized", "special"])}
        yield bits, [ADDED(c, n + i, **{**flags, "lstrip": flags["lstrip"] ^ (i % 5 == 1), "special": flags["special"] ^ (i % 3 == 1),
                                        "normalized": flags["normalized"] ^ (i % 4 == 2)}) for i, c in enumerate(contents)]


def unigram(pieces, **options):
    import math
    vocab = [["<unk>", 0.0], ["<s>", 0.0], ["</s>", 0.0]]
    vocab += [[p, round(-math.log(i + 3) * 1.7 - 0.1 * len(p), 6)] for i, p in enumerate(pieces)]
    return {"type": "Unigram", "unk_id": 0, "vocab": vocab, "byte_fallback": False, **options}


PIECES = list(dict.fromkeys(["▁", "▁the", "▁a", "s", "e", "ing", "▁in", "ain", "▁S", "pain", "in", "a", "t", "n", "i", "r", "o", "h", "d", "l", "th", "he",
    "er", "▁th", "▁and", "word", "wor", "rd", "▁word", "中", "文", "中文", "é", "ä", "ü", "ö", "我", "のし", "あ", "lll", "ll", "aa", "aaa", "aaaa",
    "1", "12", "123", "▁▁", "▁▁▁", "'", "'s", "▁I", "x", "y", "z", "b", "c", "f", "g", "k", "m", "p", "u", "v", "w", "T", "S", "<s>", "я", "й", "ж"]))
FALLBACK = [f"<0x{b:02X}>" for b in range(256)]


def wordpiece(**options):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz0123456789.,!?'-", *[f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789é中"],
              "the", "##ing", "##ain", "in", "##in", "rain", "sp", "word", "##s", "zw", "##ol", "中", "文", "é", "##ver", "we", "don", "##e", "x", "##", "##xx"]
    return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {p: i for i, p in enumerate(dict.fromkeys(pieces))}, **options}


SENTENCEPIECE = {"decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                 {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}}
BERT = {"normalizer": NORMALIZERS["bert"], "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}}
METASPACE = {"pre_tokenizer": PRE_TOKENIZERS["metaspace"], "decoder": {"type": "Metaspace", "replacement": "▁"}}
MODELS = {
    "unigram": {"model": unigram(PIECES), **METASPACE},
    "unigram_t5": {"model": unigram(PIECES), "normalizer": NORMALIZERS["precompiled"], "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"}, PRE_TOKENIZERS["metaspace"]]}, "decoder": METASPACE["decoder"],
        "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}},
                                    {"SpecialToken": {"id": "</s>", "type_id": 0}}], "special_tokens": {"</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}},
    "unigram_bytes": {"model": unigram(PIECES + FALLBACK, byte_fallback=True), "normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"}, NORMALIZERS["replace"]]}, **SENTENCEPIECE},
    "unigram_some_bytes": {"model": unigram(PIECES + FALLBACK[:0xC4], byte_fallback=True), **METASPACE},
    "unigram_whole": {"model": unigram(PIECES), "normalizer": NORMALIZERS["replace"]},
    "unigram_ties": {"model": {"type": "Unigram", "unk_id": 1, "vocab": [[p, -1.0 * len(p)] for p in ["a", "b", "ab", "aa", "e", "th", "t", "h", "the", " ", "he", "a"]]}},
    "unigram_scores": {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 50.0], ["a", 70.5], ["ab", 60.0], ["th", 100.0], ["e", 55.25], ["éé", 52.0]]}},
    "wordpiece": {"model": wordpiece(), **BERT},
    "wordpiece_short": {"model": wordpiece(max_input_chars_per_word=5), **BERT},
    "wordpiece_no_prefix": {"model": wordpiece(continuing_subword_prefix=""), "pre_tokenizer": {"type": "Whitespace"}},
    "wordpiece_odd_prefix": {"model": wordpiece(continuing_subword_prefix="@@"), "pre_tokenizer": {"type": "Whitespace"},
                             "decoder": {"type": "WordPiece", "prefix": "@@", "cleanup": False}},
    "wordlevel": {"model": LEVEL, "pre_tokenizer": {"type": "Whitespace"}},
}

special = lambda token, id: {"id": token, "ids": [id], "tokens": [token]}
POST_PROCESSORS = {
    "bert": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
    "roberta": {"type": "RobertaProcessing", "sep": ["</s>", 3], "cls": ["<s>", 2], "trim_offsets": True, "add_prefix_space": True},
    "roberta_trim": {"type": "RobertaProcessing", "sep": ["</s>", 3], "cls": ["<s>", 2], "trim_offsets": True, "add_prefix_space": False},
    "roberta_plain": {"type": "RobertaProcessing", "sep": ["</s>", 3], "cls": ["<s>", 2], "trim_offsets": False, "add_prefix_space": True},
    "byte_level": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    "template": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 2}}, {"Sequence": {"id": "A", "type_id": 1}}, {"SpecialToken": {"id": "two", "type_id": 0}}],
                 "pair": [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "two", "type_id": 3}}, {"Sequence": {"id": "A", "type_id": 0}}],
                 "special_tokens": {"[CLS]": special("[CLS]", 2), "two": {"id": "two", "ids": [3, 4], "tokens": ["[SEP]", "[MASK]"]}}},
    "sequence": {"type": "Sequence", "processors": [{"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
                 {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}]},
}
DECODERS = {
    "word_piece": {"type": "WordPiece", "prefix": "##", "cleanup": True}, "word_piece_plain": {"type": "WordPiece", "prefix": "", "cleanup": False},
    "bpe": {"type": "BPEDecoder", "suffix": "e"}, "bpe_empty": {"type": "BPEDecoder", "suffix": ""},
    "ctc": {"type": "CTC", "pad_token": "[UNK]", "word_delimiter_token": "a", "cleanup": True}, "ctc_plain": {"type": "CTC", "pad_token": "e", "word_delimiter_token": " ", "cleanup": False},
    "fuse": {"type": "Fuse"}, "metaspace": {"type": "Metaspace", "replacement": "a", "prepend_scheme": "always"},
    "metaspace_never": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"},
    "replace_regex": {"type": "Replace", "pattern": {"Regex": "[aeiou]|(?=[A-Z])"}, "content": "<>"}, "replace_nothing": {"type": "Replace", "pattern": {"String": ""}, "content": "-"},
    "strip": {"type": "Strip", "content": "e", "start": 1, "stop": 1},
    "sequence": {"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Strip", "content": " ", "start": 1, "stop": 2}]},
    "byte_level": {"type": "Sequence", "decoders": [{"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}, {"type": "Fuse"}]},
}


def shape(**options):
    return {"truncation": None, "padding": None, **options}


cut = lambda n, stride=0, strategy="LongestFirst", direction="Right": {"max_length": n, "stride": stride, "strategy": strategy, "direction": direction}
pad = lambda strategy, direction="Right", multiple=None: {"strategy": strategy, "direction": direction, "pad_to_multiple_of": multiple,
                                                           "pad_id": 4, "pad_type_id": 7, "pad_token": "[PAD]"}
SHAPES = {
    "cut": shape(truncation=cut(7)), "cut_left": shape(truncation=cut(7, 2, direction="Left")), "cut_first": shape(truncation=cut(9, strategy="OnlyFirst")),
    "cut_second": shape(truncation=cut(9, strategy="OnlySecond")), "cut_tiny": shape(truncation=cut(2)), "cut_none": shape(truncation=cut(0)),
    "pad": shape(padding=pad({"Fixed": 12})), "pad_left": shape(padding=pad({"Fixed": 5}, "Left", 8)), "pad_batch": shape(padding=pad("BatchLongest", multiple=6)),
    "both": shape(truncation=cut(10), padding=pad({"Fixed": 10}, "Left")),
}


def components():
    for name, part in NORMALIZERS.items():
        yield f"normalizer_{name}", file(normalizer=part, pre_tokenizer=EACH, model=SHOW)
    for name, part in PRE_TOKENIZERS.items():
        yield f"pre_tokenizer_{name}", file(pre_tokenizer=part, model=SHOW)
    for name, pattern in REGEXES.items():
        yield f"regex_{name}", file(pre_tokenizer=split({"Regex": pattern}, "Isolated"), model=SHOW)
    for name, parts in MODELS.items():
        yield f"model_{name}", file(**parts)
    for name, part in POST_PROCESSORS.items():
        pre = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
        yield f"post_processor_{name}", file(pre_tokenizer=pre, post_processor=part, model=LEVEL)
    for name, part in DECODERS.items():
        yield f"decoder_{name}", file(pre_tokenizer=EACH, decoder=part, model=LEVEL)
    for bits, tokens in added_tokens():
        yield f"added_{bits:02}", file(added_tokens=tokens, normalizer=[None, NORMALIZERS["lowercase"], NORMALIZERS["sequence_compose"]][bits % 3],
                                       pre_tokenizer=PRE_TOKENIZERS["metaspace_first"] if bits % 2 else EVERYTHING, model=LEVEL, decoder={"type": "Fuse"} if bits % 4 == 0 else None)
    for name, parts in SHAPES.items():
        yield f"shape_{name}", file(pre_tokenizer={"type": "WhitespaceSplit"}, post_processor=POST_PROCESSORS["bert"], model=LEVEL, **parts)


def token(content, **flags):
    """A token with flags, as tokenizer_config.json has it."""
    return {"__type": "AddedToken", **{k: v for k, v in ADDED(content, 0, **{"special": True, **flags}).items() if k != "id"}}


def classes():
    """(name, base, tokenizer_config.json): `base` names the tokenizer.json beside it."""
    def some(cls, base, **variants):
        for name, config in {"plain": {}, **variants}.items():
            yield f"{cls}_{name}", base, {"tokenizer_class": cls, **config}

    yield from some("LlamaTokenizer", "small/byte_fallback", legacy={"legacy": True}, no_prefix={"add_prefix_space": False},
                    bos={"bos_token": "<s>", "eos_token": token("</s>", lstrip=True), "add_bos_token": True})
    yield from some("GemmaTokenizer", "small/byte_fallback", unknown={"unk_token": "<0x00>", "bos_token": None})
    for cls in ["GPT2Tokenizer", "Qwen2Tokenizer", "GPTNeoXTokenizer", "CohereTokenizer", "RobertaTokenizer"]:
        yield from some(cls, "small/added", prefix={"add_prefix_space": True}, tokens={"bos_token": "<mask>", "eos_token": "word", "unk_token": None,
            "pad_token": "<|pad|>", "extra_special_tokens": ["<one>", token("<two>", rstrip=True)]})
    yield from some("Qwen2TokenizerFast", "small/qwen2")
    yield from some("BertTokenizer", "components/model_wordpiece", cased={"do_lower_case": False}, accents={"strip_accents": False, "tokenize_chinese_chars": False},
                    tokens={"unk_token": "the", "cls_token": "[MASK]", "sep_token": token("!", lstrip=True, normalized=True)})
    yield from some("MPNetTokenizer", "components/model_wordpiece")
    yield from some("PreTrainedTokenizerFast", "components/model_wordpiece", split={"split_special_tokens": True, "cls_token": "[CLS]", "sep_token": "word"},
                    clean={"clean_up_tokenization_spaces": True}, decoder={"added_tokens_decoder": {
                        "3": {"content": "[SEP]", "lstrip": True, "rstrip": True, "single_word": False, "normalized": False, "special": True},
                        "70": {"content": "word", "lstrip": False, "rstrip": False, "single_word": True, "normalized": True, "special": False}}})
    for cls in ["T5Tokenizer", "XLMRobertaTokenizer", "CamembertTokenizer"]:
        yield from some(cls, "components/model_unigram_t5")
    for cls in ["AlbertTokenizer", "DebertaV2Tokenizer"]:
        yield from some(cls, "own/unigram_cls")
    yield from some("AlbertTokenizer", "own/unigram_cls", accents={"keep_accents": True, "do_lower_case": False, "add_prefix_space": False})
    yield from some("XLMRobertaTokenizer", "components/model_unigram", no_prefix={"add_prefix_space": False, "mask_token": token("<mask>", lstrip=True)})
    yield from some("DebertaV2Tokenizer", "own/unigram_cls", punctuation={"split_by_punct": True, "do_lower_case": True})
    yield from some("PreTrainedTokenizerFast", "components/shape_both", side={"padding_side": "left", "pad_token": "[PAD]"})


def main():
    folder = HERE / "components"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps([name, data], ensure_ascii=True, separators=(",", ":")) for name, data in components()]
    (folder / "tokenizers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = unigram(PIECES)
    data["vocab"] = [[t, 0.0] for t in ["<pad>", "<unk>", "[CLS]", "[SEP]", "[UNK]", "[MASK]", "[PAD]"]] + data["vocab"][3:]
    data["unk_id"] = 1
    own = file(model=data, normalizer=NORMALIZERS["precompiled"], **METASPACE)
    (folder / "unigram_cls.json").write_text(json.dumps(own, separators=(",", ":")), encoding="utf-8")
    table = {f"{name}@{base.split('/')[1]}": [base, config] for name, base, config in classes()}
    rows = [json.dumps([name, base, config]) for name, (base, config) in table.items()]
    (folder / "classes.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(len(lines), "tokenizers", len(rows), "classes")


if __name__ == "__main__":
    main()
