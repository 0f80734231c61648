#!/usr/bin/env python3
"""Fails on an include that climbs the table of modules (docs/architecture.md).

    check_layers.py [ROOT]
"""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "base": set(),
    "hub": {"base"},
    "tensor": {"base"},
    "text": {"base"},
    "decode": {"base"},
    "checkpoint": {"base", "tensor"},
    "plan": {"base", "tensor"},
    "models": {"base", "tensor", "checkpoint", "plan"},
    "backend": {"base", "tensor", "plan"},
    "engine": {"base", "tensor", "text", "decode", "checkpoint", "plan", "models", "backend"},
    "capi": set(),        # what <typecase/…> shows
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    wrong = []
    for path in sorted(root.glob("src/*/**/*.[ch]*")):
        module = path.relative_to(root / "src").parts[0]
        for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
            target = include.split("/")[0]
            if target in MAY_INCLUDE and target != module and target not in MAY_INCLUDE[module]:
                wrong.append(f"{path.relative_to(root)}: {module} may not include {include}")
    for folder in ("apps", "examples", "python"):
        for path in sorted(p for p in root.glob(f"{folder}/**/*.[ch]*") if "__pycache__" not in p.parts):
            for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
                if (root / "src" / include).exists():
                    wrong.append(f"{path.relative_to(root)}: only <typecase/…> may be included, not {include}")
    print("\n".join(wrong) or "layers: every include goes down the table")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
