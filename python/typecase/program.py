"""The console script: the program that the wheel carries."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    program = Path(__file__).parent / "bin" / "typecase"
    if not program.is_file():
        sys.exit("typecase: this installation has no program; `./dev run` builds it")
    os.execv(program, [str(program), *sys.argv[1:]])
