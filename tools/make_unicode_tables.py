#!/usr/bin/env python3
"""Writes src/base/unicode_tables.cpp: what the pinned `tokenizers` library knows of every code point.

    make_unicode_tables.py OUTPUT.cpp

The library mixes several Unicode versions: one for the classes of its regular expressions, others
for digits, punctuation, marks and words. Asking the library itself, class by class, gives for each
part the version it uses. Needs the `tokenizers` package.
"""
import sys

from tokenizers import Regex, normalizers, pre_tokenizers

CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn".split()
# Bits after the categories, in the order of src/base/unicode.h.
EXTRA = "White_Space numeric punctuation word bert_dropped bert_accent accent".split()
BLOCK = 128
LAST = 0x110000
EVERY = "".join(chr(c) for c in range(LAST) if not 0xD800 <= c < 0xE000)


def regex_class(name):
    split = pre_tokenizers.Split(Regex(f"{name}+"), "removed", invert=True)
    return {ord(c) for text, _ in split.pre_tokenize_str(EVERY) for c in text}


def cut_off_from_x(pre_tokenizer):
    """The code points that `pre_tokenizer` separates from a letter (or drops)."""
    found = set()
    for text, _ in pre_tokenizer.pre_tokenize_str(EVERY):
        if [piece for piece, _ in pre_tokenizer.pre_tokenize_str(text[0] + "x")] != [text[0] + "x"]:
            found |= set(map(ord, text))
    return found


def dropped(normalizer):
    """The code points that `normalizer` deletes."""
    kept = set(normalizer.normalize_str(EVERY))
    return {ord(c) for c in EVERY if c not in kept and normalizer.normalize_str("x" + c + "x") == "xx"}


def properties():
    sets = [regex_class(rf"\p{{{name}}}") for name in CATEGORIES[:-1]]
    sets.append(set(range(LAST)) - set().union(*sets))
    white_space = regex_class(r"\s")
    sets += [
        white_space,
        cut_off_from_x(pre_tokenizers.Digits(individual_digits=False)),
        cut_off_from_x(pre_tokenizers.Punctuation("contiguous")),
        set(map(ord, EVERY)) - cut_off_from_x(pre_tokenizers.Whitespace()) - white_space,
        dropped(normalizers.BertNormalizer(True, False, False, False)),
        dropped(normalizers.BertNormalizer(False, False, True, False)),
        dropped(normalizers.StripAccents()),
    ]
    bits = [0] * LAST
    for bit, members in enumerate(sets):
        print(f"{(CATEGORIES + EXTRA)[bit]:14} {len(members):7}", file=sys.stderr)
        for c in members:
            bits[c] |= 1 << bit
    return bits


def rows(values, width, form):
    for i in range(0, len(values), width):
        yield "    " + ", ".join(form(v) for v in values[i : i + width]) + ","


def main():
    bits = properties()
    records = sorted(set(bits))
    number = {record: i for i, record in enumerate(records)}
    blocks, index = {}, []
    for start in range(0, LAST, BLOCK):
        block = tuple(number[b] for b in bits[start : start + BLOCK])
        index.append(blocks.setdefault(block, len(blocks)))
    assert len(records) <= 256 and len(blocks) <= 65536
    lines = [
        "// Made by tools/make_unicode_tables.py from tokenizers 0.23.3; do not edit.",
        '#include "base/unicode.h"',
        "",
        "namespace typecase::unicode::tables {",
        "// clang-format off",
        f"const std::uint64_t kRecords[{len(records)}] = {{",
        *rows(records, 8, hex),
        "};",
        f"const std::uint16_t kBlocks[{len(index)}] = {{",
        *rows(index, 32, str),
        "};",
        f"const std::uint8_t kRecordOf[{len(blocks) * BLOCK}] = {{",
        *rows([r for block in blocks for r in block], 32, str),
        "};",
        "// clang-format on",
        "}  // namespace typecase::unicode::tables",
    ]
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    print(f"{len(records)} records, {len(blocks)} blocks", file=sys.stderr)


if __name__ == "__main__":
    main()
