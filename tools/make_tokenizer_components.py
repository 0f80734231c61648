#!/usr/bin/env python3
"""Writes one small tokenizer.json for each component: tests/golden/tokenizers/components/*.json.

    make_tokenizer_components.py

Each file is a whole tokenizer whose interesting part is the one it is named after. Files whose
names begin with the same word share the rest, so a difference points to the component.
"""
import base64
import json
import re
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


def bpe(words, end="", size=220, first=(), **options):
    """A BPE model learned from `words` (lists of symbols), the most frequent pair first, then by spelling."""
    from collections import Counter

    counts = Counter(tuple(w[:-1]) + (w[-1] + end,) for w in words if w)
    vocab = dict.fromkeys([*first, *sorted({s for w in counts for s in w} | {s.removesuffix(end) if end else s for w in counts for s in w})])
    merges = []
    while len(merges) < size:
        pairs = Counter()
        for word, n in counts.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(list(best))
        vocab["".join(best)] = None
        joined = Counter()
        for word, n in counts.items():
            out, i = [], 0
            while i < len(word):
                step = 2 if word[i : i + 2] == best else 1
                out.append("".join(word[i : i + step]))
                i += step
            joined[tuple(out)] += n
        counts = joined
    return {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": end or None, "fuse_unk": False,
            "byte_fallback": False, "ignore_merges": False, "vocab": {t: i for i, t in enumerate(vocab)}, "merges": merges, **options}


def own():
    """Small tokenizers for the classes that need a certain vocabulary: (name, tokenizer.json)."""
    from record_tokenizers import SENTENCES

    data = unigram(PIECES)
    data["vocab"] = [[t, 0.0] for t in ["<pad>", "<unk>", "[CLS]", "[SEP]", "[UNK]", "[MASK]", "[PAD]"]] + data["vocab"][3:]
    data["unk_id"] = 1
    yield "unigram_cls", file(model=data, normalizer=NORMALIZERS["precompiled"], **METASPACE)
    data = unigram(PIECES)
    data["vocab"] = [[t, 0.0] for t in ["<s>", "<pad>", "</s>", "<unk>"]] + data["vocab"][5:] + [[t, 0.0] for t in ["en_XX", "de_DE", "<mask>"]]
    yield "unigram_languages", file(model={**data, "unk_id": 3}, normalizer=NORMALIZERS["sequence"], **METASPACE)
    text = [s.split() for s in SENTENCES]
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    yield "bpe_block", file(model=bpe([list("▁" + w) for line in text for w in line], first=marks, fuse_unk=True), normalizer=NORMALIZERS["precompiled"],
                            added_tokens=[ADDED(t, i, special=True) for i, t in enumerate(marks)], **METASPACE)
    words = [re.findall(r"\w+|[^\w\s]", w) for line in text for w in line]
    flat = [w for parts in words for w in parts]
    yield "bpe_words", file(model=bpe([list(w) for w in flat + [w.lower() for w in flat]], "</w>", first=[*marks, "."]))
    letters = byte_letters()
    spell = lambda w: [letters[b] for b in w.lower().encode()]
    every = [[c] for c in letters.values()] + [[c, c] for c in letters.values()]
    yield "bpe_byte_words", file(model=bpe([spell(w) for w in flat] * 3 + every, "</w>", first=["<|startoftext|>", "<|endoftext|>"]))


def byte_letters():
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return {b: chr(b) if b in plain else chr(next(spare)) for b in range(256)}


def token(content, **flags):
    """A token with flags, as tokenizer_config.json has it."""
    return {"__type": "AddedToken", **{k: v for k, v in ADDED(content, 0, **{"special": True, **flags}).items() if k != "id"}}


def classes():
    """(name, base, tokenizer_config.json, other files): `base` names the tokenizer.json beside them."""
    def some(cls, base, **variants):
        for name, config in {"plain": {}, **variants}.items():
            yield f"{cls}_{name}", base, {"tokenizer_class": cls, **config}, {}

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
    yield from recipes(some)
    yield from neighbours()


def recipes(some):
    """The classes of src/text/class_recipes.cpp."""
    accents = {"do_lower_case": True, "keep_accents": True}
    unkept = {"keep_accents": False, "add_prefix_space": False}
    yield from some("BarthezTokenizer", "own/unigram_languages", no_prefix={"add_prefix_space": False, "mask_token": "<M>"})
    yield from some("BigBirdTokenizer", "own/unigram_cls", tokens={"cls_token": "the", "add_prefix_space": False})
    yield from some("BlenderbotTokenizer", "small/added", no_prefix={"add_prefix_space": False})
    yield from some("CLIPTokenizer", "own/bpe_byte_words", tokens={"bos_token": "<s>", "unk_token": "the</w>", "pad_token": "!"})
    yield from some("CodeLlamaTokenizer", "small/byte_fallback", no_prefix={"add_prefix_space": False, "fill_token": "<FILL>", "eot_token": None},
                    extra={"additional_special_tokens": ["<one>"]})
    yield from some("CodeGenTokenizer", "small/added", prefix={"add_prefix_space": True, "bos_token": "<mask>"})
    yield from some("DebertaTokenizer", "small/added", prefix={"add_prefix_space": True, "cls_token": "word"})
    yield from some("FunnelTokenizer", "components/model_wordpiece", marks={"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "do_lower_case": False},
                    accents={"unk_token": "[UNK]", "strip_accents": False, "tokenize_chinese_chars": False, "clean_text": False, "wordpieces_prefix": "#"})
    yield from some("HerbertTokenizer", "own/bpe_words", tokens={"cls_token": "the", "sep_token": "."})
    yield from some("LukeTokenizer", "small/added", prefix_clean={"add_prefix_space": True, "clean_up_tokenization_spaces": True})
    yield from some("MBartTokenizer", "own/unigram_languages", german={"src_lang": "de_DE", "tgt_lang": "en_XX"}, extra={"additional_special_tokens": ["<one>"]})
    yield from some("MBart50Tokenizer", "own/unigram_languages", german={"src_lang": "de_DE"}, extra={"additional_special_tokens": ["<one>"]})
    yield from some("NllbTokenizer", "own/bpe_block", french={"src_lang": "fra_Latn"}, legacy={"legacy_behaviour": True}, extra={"additional_special_tokens": ["eng_Latn"]})
    yield from some("NougatTokenizer", "small/added", tokens={"bos_token": "word"})
    yield from some("OpenAIGPTTokenizer", "own/bpe_words")
    yield from some("PegasusTokenizer", "own/unigram_languages", offset={"offset": 5, "mask_token_sent": None})
    yield from some("RemBertTokenizer", "own/unigram_cls", accents=accents, unkept=unkept)
    yield from some("RemBertTokenizer", "components/model_unigram_t5")
    yield from some("ReformerTokenizer", "own/bpe_block", tokens={"unk_token": "<pad>"})
    yield from some("SeamlessM4TTokenizer", "own/bpe_block", languages={"src_lang": "deu", "tgt_lang": "deu", "added_tokens_decoder": {
        "300": {"content": "__deu__", "special": True, "normalized": False}}})
    yield from some("Siglip2Tokenizer", "small/byte_fallback")
    yield from some("SplinterTokenizer", "components/model_wordpiece", left={"padding_side": "left", "do_lower_case": False, "question_token": "<Q>"})
    speech = {str(800 + i): {"content": t, "special": True, "normalized": False} for i, t in enumerate(
        ["<|startoftranscript|>", "<|en|>", "<|zh|>", "<|de|>", "<|es|>", "<|translate|>", "<|transcribe|>", "<|notimestamps|>", "<|startofprev|>"])}
    yield from some("WhisperTokenizer", "small/added", marks={"added_tokens_decoder": speech}, german={"added_tokens_decoder": speech, "language": "German",
        "task": "transcribe", "predict_timestamps": True}, prefix={"add_prefix_space": True, "added_tokens_decoder": speech, "language": "es"})
    yield from some("XGLMTokenizer", "own/unigram_languages", no_prefix={"add_prefix_space": False}, extra={"additional_special_tokens": ["<one>"]})
    yield from some("XLNetTokenizer", "own/unigram_cls", lower={"do_lower_case": True, "unk_id": 4}, extra={"additional_special_tokens": ["<one>"]})


def neighbours():
    """Folders with special_tokens_map.json and added_tokens.json, as older checkpoints have them."""
    generic, gpt2, bert = ({"tokenizer_class": c} for c in ["PreTrainedTokenizerFast", "GPT2Tokenizer", "BertTokenizer"])
    flags = lambda content, **rest: {k: v for k, v in token(content, **rest).items() if k not in ("__type", "special")}
    strings = {"special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "additional_special_tokens": ["<one>", "<tok>"]}}
    objects = {"special_tokens_map.json": {"unk_token": flags("<unk>", lstrip=True), "mask_token": flags("<mask>", rstrip=True), "image_token": "<img>",
                                           "video_token": flags("<one>", lstrip=True)}}
    added = {"added_tokens.json": {"<one>": 900, "<two>": 702, "<pad>": 701, "word": 5, "<mask>": 700}}
    bases = [("generic", "small/added", generic), ("gpt2", "small/added", gpt2), ("bert", "components/model_wordpiece", bert)]
    for name, base, config in bases:
        yield f"map_strings_{name}", base, config, strings
        yield f"map_objects_{name}", base, config, objects
        yield f"added_{name}", base, config, added
        yield f"map_added_{name}", base, config, {**strings, **added}
        yield f"objects_added_{name}", base, {**config, "pad_token": "<pad>", "mask_token": "[MASK]"}, {**objects, **added}
    yield "config_overruled", "small/added", {**generic, "bos_token": "<|b|>", "eos_token": token("<mask>"), "image_token": "<i>", "additional_special_tokens": ["<two>"]}, strings
    yield "config_overruled_extra", "small/added", {**gpt2, "extra_special_tokens": ["<two>", "<one>"]}, {"special_tokens_map.json": {
        "extra_special_tokens": ["<three>", "<one>", flags("<four>", rstrip=True)], "additional_special_tokens": ["<five>"]}}
    listed = {"0": {**flags("<|endoftext|>", lstrip=True), "special": True}, "700": {**flags("<tok>"), "special": False}, "710": {**flags("<one>", rstrip=True), "special": False}}
    for name, base, config in bases[:2]:
        yield f"list_rules_{name}", base, {**config, "added_tokens_decoder": listed, "eos_token": "<tok>"}, {**strings, **added}
    yield "extra_object", "small/added", {**generic, "extra_special_tokens": {"image_token": "<one>", "boi_token": "<two>"}, "audio_token": "<a>"}, {
        "special_tokens_map.json": {"extra_special_tokens": {"eoi_token": "<three>"}, "audio_token": "<b>"}}
    # Without a tokenizer.json: vocab.json and merges.txt.
    yield "apart_gpt2", "apart/gpt2", gpt2, {**strings, **added}
    yield "apart_objects", "apart/gpt2", {**gpt2, "add_bos_token": True}, objects
    yield "apart_roberta", "apart/gpt2", {"tokenizer_class": "RobertaTokenizer"}, {**strings, **objects}
    yield "apart_qwen2", "apart/qwen2", {"tokenizer_class": "Qwen2Tokenizer"}, {**strings, **added}
    yield "apart_clip", "apart/bpe_byte_words", {"tokenizer_class": "CLIPTokenizer"}, {"special_tokens_map.json": {"bos_token": flags("<|startoftext|>", normalized=True),
        "eos_token": flags("<|endoftext|>", normalized=True), "unk_token": flags("<|endoftext|>", normalized=True), "pad_token": "!"}}
    yield "apart_whisper", "apart/gpt2", {"tokenizer_class": "WhisperTokenizer"}, {"added_tokens.json": {
        "<|endoftext|>": 700, "<|startoftranscript|>": 701, "<|en|>": 702, "<|notimestamps|>": 703, "<|0.00|>": 704}, "special_tokens_map.json": {
        "bos_token": flags("<|endoftext|>", normalized=True), "additional_special_tokens": ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|notimestamps|>"]}}
    yield "apart_blenderbot", "apart/gpt2", {"tokenizer_class": "BlenderbotTokenizer", "add_prefix_space": True}, {"special_tokens_map.json": {"mask_token": flags("<mask>", lstrip=True)},
                                                                                                                 "added_tokens.json": {"<mask>": 700}}
    yield "apart_openai", "apart/bpe_words", {"tokenizer_class": "OpenAIGPTTokenizer"}, strings
    yield "empty_files", "small/added", gpt2, {"special_tokens_map.json": {}, "added_tokens.json": {}}
    yield "t5_map", "components/model_unigram_t5", {"tokenizer_class": "T5Tokenizer"}, {"special_tokens_map.json": {"eos_token": "<s>", "pad_token": flags("<pad>"),
        "additional_special_tokens": [f"<extra_id_{i}>" for i in range(100)]}, "added_tokens.json": {"<extra_id_0>": 80, "<one>": 81}}
    yield "t5_added", "components/model_unigram_t5", {"tokenizer_class": "T5Tokenizer", "extra_ids": 3}, {"added_tokens.json": {"<extra_id_0>": 80, "<one>": 81}}
    yield "llama_map", "small/byte_fallback", {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}, {"special_tokens_map.json": {
        "bos_token": flags("<s>", normalized=True), "eos_token": flags("</s>", normalized=True), "unk_token": flags("<unk>", normalized=True)}, "added_tokens.json": {"<pad>": 32000}}


# Texts with the tokens that classes and neighbouring files name.
CLASS_TEXTS = ["a <mask> b", "  <mask>  the rain", "[MASK] in  [MASK]!", "<s>the</s> <pad> x<unk>", " <one> a <two> b<three>  <four> x <five>", "[CLS] rain [SEP] in [PAD]",
               "en_XX the de_DE rain eng_Latn fra_Latn x", "<extra_id_0> the <extra_id_1>", "<img> word <i> <a> <b> x  <tok>  y", "<cls> rain <sep> <M> <eop>",
               "<madeupword1> the <unk_3> a <mask_1> <mask_2>", "<ent> Rain <ent2> [QUESTION] . <Q>", "▁<PRE> a ▁<SUF> b ▁<MID> <FILL> c", "__deu__ x __fra__ y",
               "<|startoftranscript|><|de|><|notimestamps|> the <|0.00|> rain<|1.50|>", "<|startoftext|>The RAIN  in<|endoftext|> </w> x", " don 't  can not . x", "it 's a test , we 've"]


def main():
    folder = HERE / "components"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps([name, data], ensure_ascii=True, separators=(",", ":")) for name, data in components()]
    (folder / "tokenizers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, data in own():
        (folder / f"{name}.json").write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
    table = {f"{name}@{base.split('/')[1]}": [base, config, files] for name, base, config, files in classes()}
    rows = [json.dumps([name, *row]) for name, row in table.items()]
    (folder / "classes.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "class_texts.jsonl").write_text("".join(json.dumps(text) + "\n" for text in CLASS_TEXTS), encoding="utf-8")
    print(len(lines), "tokenizers", len(rows), "classes")


if __name__ == "__main__":
    main()
