#!/usr/bin/env python3
"""Writes src/text/unicode/*_tables.cpp: what normalizers, scripts and graphemes know of code points.

    make_text_tables.py OUTPUT_FOLDER

The pinned `tokenizers` library is asked wherever it can be: decompositions, compositions, lower case
and scripts are its own, whatever Unicode version each follows. Combining classes are stable, so they
come from Python's unicodedata for the characters that the library's normalization data (Unicode 9.0)
knows; grapheme classes and the names of scripts come from the package `regex`, corrected by asking
the library. Needs the packages `tokenizers` and `regex`.
"""
import base64
import struct
import sys
import unicodedata
from pathlib import Path

import regex
from tokenizers import Regex, normalizers, pre_tokenizers

LAST = 0x110000
POINTS = [c for c in range(LAST) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)
BLOCK = 128
HEAD = "// Made by tools/make_text_tables.py from tokenizers 0.23.3; do not edit.\n"


def rows(values, width, form=str):
    for i in range(0, len(values), width):
        yield "    " + ", ".join(form(v) for v in values[i : i + width]) + ","


def array(type_, name, values, width=24, form=str):
    return [f"const {type_} {name}[{len(values)}] = {{", *rows(values, width, form), "};",
            f"const std::size_t {name}Size = {len(values)};"]


def two_stage(values):
    blocks, index = {}, []
    for start in range(0, LAST, BLOCK):
        block = tuple(values[start : start + BLOCK])
        index.append(blocks.setdefault(block, len(blocks)))
    return index, [v for block in blocks for v in block]


def ranges_of(members):
    out = []
    for c in sorted(members):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def write(folder, name, header, lines):
    text = HEAD + f'#include "text/unicode/{header}"\n\nnamespace typecase::unicode::tables {{\n// clang-format off\n'
    text += "\n".join(lines) + "\n// clang-format on\n}  // namespace typecase::unicode::tables\n"
    (folder / f"{name}_tables.cpp").write_text(text, encoding="utf-8")
    print(name, len(text), file=sys.stderr)


def normalization():
    forms = {}
    for name in ("NFC", "NFD", "NFKC", "NFKD"):
        normalizer = getattr(normalizers, name)()
        text = "\n".join(map(chr, POINTS)).replace("\n\n\n", "\n\x01\n", 1)  # U+000A itself
        forms[name] = dict(zip(POINTS, normalizer.normalize_str(text).split("\n")))
        forms[name][10] = "\n"
        forms[name][11] = normalizer.normalize_str("\x0b")
    nfd = normalizers.NFD()
    # Known to the library: sorted in front of U+0345, whose class is the highest.
    known = lambda c: c == 0x345 or nfd.normalize_str("a\u0345" + chr(c))[1] != "\u0345"
    combining = {c: unicodedata.combining(chr(c)) for c in POINTS}
    combining = {c: k if k and known(c) else 0 for c, k in combining.items()}
    pairs = {}
    for c in POINTS:
        parts = unicodedata.decomposition(chr(c)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            a, b = (int(p, 16) for p in parts)
            if normalizers.NFC().normalize_str(chr(a) + chr(b)) == chr(c):
                pairs[a, b] = c
    second = {b for _, b in pairs} | set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
    records, numbers = [], []
    for c in range(LAST):
        flags = 0
        if c in combining:
            for bit, form in enumerate(("NFC", "NFD", "NFKC", "NFKD")):
                changes = forms[form][c] != chr(c) or combining[c] or ("C" in form and c in second)
                flags |= bool(changes) << bit
        record = (combining.get(c, 0), flags)
        if record not in records:
            records.append(record)
        numbers.append(records.index(record))
    assert len(records) <= 256
    index, cells = two_stage(numbers)
    lines = array("std::uint8_t", "kCombiningClass", [r[0] for r in records])
    lines += array("std::uint8_t", "kNormalizationFlags", [r[1] for r in records])
    lines += array("std::uint16_t", "kNormalizationBlocks", index, 32)
    lines += array("std::uint8_t", "kNormalizationRecords", cells, 32)
    characters, place = [], {}
    for kind, form, other in (("Canonical", "NFD", None), ("Compatibility", "NFKD", "NFD")):
        keys, starts = [], []
        for c in POINTS:
            if c in HANGUL or forms[form][c] == chr(c) or (other and forms[form][c] == forms[other][c]):
                continue
            word = tuple(map(ord, forms[form][c]))
            if word not in place:
                place[word] = len(characters)
                characters += word
            keys.append(c)
            starts.append(place[word] << 8 | len(word))
        lines += array("char32_t", f"k{kind}Keys", keys, 16, hex)
        lines += array("std::uint32_t", f"k{kind}Words", starts, 16, hex)
    lines += array("char32_t", "kDecomposed", characters, 16, hex)
    ordered = sorted(pairs)
    lines += array("std::uint64_t", "kComposedPairs", [a << 32 | b for a, b in ordered], 8, hex)
    lines += array("char32_t", "kComposed", [pairs[p] for p in ordered], 16, hex)
    return lines


def lowercase():
    lower = normalizers.Lowercase()
    changed = {c: lower.normalize_str(chr(c)) for c in POINTS if lower.normalize_str(chr(c)) != chr(c)}
    long = {c: s for c, s in changed.items() if len(s) > 1}
    assert list(long) == [0x130] and long[0x130] == "i\u0307"  # written in the code
    keys = [c for c in changed if c not in long]
    return array("char32_t", "kUpper", keys, 16, hex) + array("char32_t", "kLower", [ord(changed[c]) for c in keys], 16, hex)


def scripts():
    cut = pre_tokenizers.UnicodeScripts()
    names = {c: None for c in POINTS}
    joined = lambda a, b: len(cut.pre_tokenize_str(chr(a) + chr(b))) == 1
    # A character that joins both a Latin and a Greek letter belongs to no script of its own.
    representatives = []
    numbers = [0] * LAST
    for c in POINTS:
        if c == 0x20 or (joined(0x61, c) and joined(0x3B1, c)):
            continue  # 0: any
        recent = numbers[c - 1]
        if recent and joined(representatives[recent - 1], c):
            numbers[c] = recent
            continue
        for i, r in enumerate(representatives):
            if joined(r, c):
                numbers[c] = i + 1
                break
        else:
            representatives.append(c)
            numbers[c] = len(representatives)
    index, cells = two_stage(numbers)
    return array("std::uint16_t", "kScriptBlocks", index, 32) + array("std::uint8_t", "kScriptNumbers", cells, 32)


GRAPHEME = "Other CR LF Control Extend ZWJ Regional_Indicator Prepend SpacingMark L V T LV LVT".split()


def first_prefix_map():
    """A Precompiled normalizer whose only entry turns "a" into "X"."""
    unit = lambda label, offset, leaf=0: label | leaf << 8 | offset << 10
    array_ = [0] * 1024
    base = 0x100  # the root's offset
    array_[0] = unit(0, base)
    at = base ^ 0x61
    value = 0x200
    array_[at] = unit(0x61, at ^ value, 1)
    array_[value] = 0 | 1 << 31
    blob = struct.pack("<I", len(array_) * 4) + struct.pack(f"<{len(array_)}I", *array_) + b"X\0"
    return normalizers.Precompiled(blob)


def graphemes():
    of = {}
    for number, name in enumerate(GRAPHEME):
        for c in ranges_members(rf"\p{{GCB={name}}}"):
            of[c] = number
    probe = first_prefix_map()
    for c in POINTS:
        if c in range(0x20, 0x7F):
            continue
        joins = probe.normalize_str("a" + chr(c)) == "X"
        extends = of.get(c, 0) in (GRAPHEME.index("Extend"), GRAPHEME.index("ZWJ"), GRAPHEME.index("SpacingMark"))
        if joins and not extends:
            print(f"grapheme: U+{c:04X} joins in the library only", file=sys.stderr)
            of[c] = GRAPHEME.index("Extend")
        elif extends and not joins and c < 0x110000:
            print(f"grapheme: U+{c:04X} does not join in the library", file=sys.stderr)
            of[c] = 0
    pictographic = set(ranges_members(r"\p{Extended_Pictographic}"))
    consonant = set(ranges_members(r"\p{InCB=Consonant}"))
    linker = set(ranges_members(r"\p{InCB=Linker}"))
    incb_extend = set(ranges_members(r"\p{InCB=Extend}"))
    numbers = [of.get(c, 0) | (c in pictographic) << 4 | (c in consonant) << 5 | (c in linker) << 6 | (c in incb_extend) << 7
               for c in range(LAST)]
    index, cells = two_stage(numbers)
    return array("std::uint16_t", "kGraphemeBlocks", index, 32) + array("std::uint8_t", "kGraphemeClasses", cells, 32)


def ranges_members(pattern):
    compiled = regex.compile(pattern)
    return [c for c in POINTS if compiled.fullmatch(chr(c))]


EVERY = "".join(map(chr, POINTS))
BINARY = """Alphabetic Uppercase Lowercase White_Space Ideographic Unified_Ideograph Math Cased Case_Ignorable
Emoji Emoji_Presentation Emoji_Modifier Emoji_Modifier_Base Emoji_Component Extended_Pictographic
Default_Ignorable_Code_Point Diacritic Extender Grapheme_Extend Grapheme_Base ID_Start ID_Continue XID_Start XID_Continue
Join_Control Quotation_Mark Dash Variation_Selector Hex_Digit ASCII_Hex_Digit Regional_Indicator""".split()
POSIX = "alnum alpha blank cntrl digit graph lower print punct space upper xdigit word ascii".split()


def members_of(pattern):
    """The code points that the library's regular expressions match, None for an unknown name."""
    try:
        split = pre_tokenizers.Split(Regex(f"{pattern}+"), "removed", invert=True)
    except Exception:
        return None
    return {ord(c) for text, _ in split.pre_tokenize_str(EVERY) for c in text}


def properties():
    """Names as the library accepts them (without case, spaces, - and _), and their ranges."""
    names = regex._regex_core.PROPERTIES
    names = {n for key in ("SCRIPT", "SCRIPTEXTENSIONS") if key in names for n in names[key][1]}
    known, ranges, rows_ = {}, [], []
    wanted = [(n.lower().replace("_", "").replace(" ", ""), rf"\p{{{n}}}") for n in sorted(names | set(BINARY))]
    wanted += [("posix:" + n, f"[[:{n}:]]") for n in POSIX]
    for name, pattern in sorted(wanted):
        members = members_of(pattern)
        if members is None:
            continue
        found = tuple(map(tuple, ranges_of(members)))
        if found not in known:
            known[found] = len(ranges)
            ranges += found
        rows_.append((name, known[found], len(found)))
    lines = array("std::uint32_t", "kPropertyRanges", [v for pair in ranges for v in pair], 20, hex)
    lines[-1] = f"const std::size_t kPropertyRangesSize = {len(ranges)};"
    lines += [f"const Property kProperties[{len(rows_)}] = {{", *(f'    {{"{n}", {a}, {k}}},' for n, a, k in rows_), "};",
              f"const std::size_t kPropertiesSize = {len(rows_)};"]
    return lines


def main():
    folder = Path(sys.argv[1])
    parts = {"normalization": normalization, "lowercase": lowercase, "script": scripts, "grapheme": graphemes, "property": properties}
    for name in sys.argv[2:] or parts:
        write(folder, name, f"{name}.h", parts[name]())


if __name__ == "__main__":
    main()
