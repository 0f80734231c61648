#!/usr/bin/env python3
"""Writes the README's table of model families from src/models/registry.cpp; --check only compares."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START, END = "<!-- families: made by tools/families_table.py -->\n", "<!-- end of families -->\n"


def families():
    """(architecture, model_type, description) of every row of the registry."""
    text = (ROOT / "src/models/registry.cpp").read_text(encoding="utf-8")
    table = text[text.index("kFamilies[] = {") : text.index("};")]
    rows = re.findall(r'{"(\w+)",\s*"(\w+)",\s*"([^"]*)",\s*\w+}', table)
    if len(rows) != table.count("{") - 1:
        sys.exit("families_table.py: a row of src/models/registry.cpp is not understood")
    return rows


def main():
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    rows = sorted(families(), key=lambda row: row[2].lower())
    table = "| checkpoints | architecture |\n| --- | --- |\n"
    table += "".join(f"| {description} | `{architecture}` |\n" for architecture, _, description in rows)
    made = before + START + table + END + after
    if "--check" not in sys.argv:
        readme.write_text(made, encoding="utf-8")
    elif made != text:
        sys.exit("README.md: the table of families is not the registry's; run tools/families_table.py")


if __name__ == "__main__":
    main()
