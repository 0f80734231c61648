#!/usr/bin/env python3
"""Writes src/text/chat/characters_table.cpp: what this Python's str methods know of characters.

    make_python_characters.py > src/text/chat/characters_table.cpp

Run it with the Python of the reference environment (3.11, Unicode 14).
"""

import sys
import unicodedata

ALL = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]

CASE_IGNORABLE = {"Mn", "Me", "Cf", "Lm", "Sk"}
WORD_BREAK = {0x27, 0x2E, 0x3A, 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55,
              0xFF07, 0xFF0E, 0xFF1A}  # fmt: skip


def is_cased(c):
    return c.islower() or c.isupper() or c.istitle()


def is_case_ignorable(c):
    return unicodedata.category(c) in CASE_IGNORABLE or ord(c) in WORD_BREAK


SETS = {
    "kSpace": str.isspace,
    "kAlpha": str.isalpha,
    "kDecimal": str.isdecimal,
    "kDigit": str.isdigit,
    "kNumeric": str.isnumeric,
    "kLower": str.islower,
    "kUpper": str.isupper,
    "kTitle": lambda c: unicodedata.category(c) == "Lt",
    "kCaseIgnorable": is_case_ignorable,
    "kPrintable": str.isprintable,
    "kIdentifierStart": str.isidentifier,
    "kIdentifierPart": lambda c: ("a" + c).isidentifier(),
}

MAPS = {
    "kToUpper": str.upper,
    "kToLower": str.lower,
    "kToTitle": str.title,
    "kToFolded": str.casefold,
}


def ranges_of(test):
    """[first, last] pairs of consecutive members."""
    out = []
    for c in map(ord, filter(test, ALL)):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def runs_of(mapping):
    """(first, last, step, delta) for single characters; (character, text) for those that become several."""
    runs, longer = [], []
    for c in ALL:
        to = mapping(c)
        if to == c:
            continue
        if len(to) > 1:
            longer.append((ord(c), to))
            continue
        code, delta = ord(c), ord(to) - ord(c)
        last = runs[-1] if runs else None
        if last and last[3] == delta and code - last[1] in (1, 2) and (last[0] == last[1] or code - last[1] == last[2]):
            last[2] = code - last[1]
            last[1] = code
        else:
            runs.append([code, code, 1, delta])
    return runs, longer


def write_rows(rows, out):
    line = "   "
    for row in rows:
        if len(line) + len(row) > 98:
            out.write(line + "\n")
            line = "   "
        line += " " + row
    out.write(line + "\n")


def main():
    out = sys.stdout
    out.write("// Written by tools/make_python_characters.py from Python's str methods (Unicode ")
    out.write(unicodedata.unidata_version + ").\n// clang-format off\n")
    out.write('#include "text/chat/characters_table.h"\n\nnamespace typecase::chat::table {\n')
    for name, test in SETS.items():
        ranges = ranges_of(test)
        out.write(f"\nconst Range {name}[] = {{\n")
        write_rows([f"{{{a:#x},{b:#x}}}," for a, b in ranges], out)
        out.write(f"}};\nconst std::size_t {name}Size = {len(ranges)};\n")
    for name, mapping in MAPS.items():
        runs, longer = runs_of(mapping)
        out.write(f"\nconst Run {name}[] = {{\n")
        write_rows([f"{{{a:#x},{b:#x},{s},{d}}}," for a, b, s, d in runs], out)
        out.write(f"}};\nconst std::size_t {name}Size = {len(runs)};\n")
        out.write(f"\nconst Longer {name}Longer[] = {{\n")
        write_rows([f"{{{c:#x},{{{','.join(f'{ord(x):#x}' for x in t)}}}}}," for c, t in longer], out)
        out.write(f"}};\nconst std::size_t {name}LongerSize = {len(longer)};\n")
    out.write("\n}  // namespace typecase::chat::table\n")


if __name__ == "__main__":
    main()
