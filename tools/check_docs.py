#!/usr/bin/env python3
"""Checks the documentation: every relative link leads to a file, every `typecase COMMAND` and
`./dev COMMAND` shown in a code block exists.

    check_docs.py ROOT [PROGRAM]      PROGRAM: the built typecase, asked for its commands
"""
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```.*?^```", re.M | re.S)


def broken_links(page, text):
    for target in LINK.findall(BLOCK.sub("", text)):
        path = target.split("#")[0]
        if path and "://" not in path and not (page.parent / path).exists():
            yield f"link to {target}, which does not exist"


def unknown_commands(text, call, known):
    for block in BLOCK.findall(text):
        for word in re.findall(rf"^(?:\$ )?{re.escape(call)} ([a-z]+)\b", block, re.M):
            if word not in known:
                yield f"shows `{call} {word}`, but there is no such command"


def dev_commands(root):
    branches = (root / "dev").read_text(encoding="utf-8").rsplit("case $command in", 1)[1]
    return set(re.findall(r"[a-z]+", " ".join(re.findall(r"^  ([a-z| -]+)\)", branches, re.M))))


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    known = {"./dev": dev_commands(root)}
    if len(sys.argv) > 2:
        listing = subprocess.run([sys.argv[2], "--help"], capture_output=True, text=True, check=True)
        known["typecase"] = set(re.findall(r"^  ([a-z]+)\b", listing.stdout, re.M))
    wrong = []
    pages = sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")])
    for page in pages:
        text = page.read_text(encoding="utf-8")
        found = list(broken_links(page, text))
        for call, commands in known.items():
            found += unknown_commands(text, call, commands)
        wrong += [f"{page.relative_to(root)}: {what}" for what in found]
    print("\n".join(wrong) or f"docs: {len(pages)} pages, every link and command exists")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
