"""python -m typecase.notebook FILE.ipynb: runs a notebook for transformers on Typecase.

Writes the executed copy beside it as FILE.executed.ipynb (--output names another file). Needs jupyter
(nbclient and ipykernel). Exit code: 0; 1 when a cell raised, with the copy written as far as it came;
2 for wrong use; 3 when there is no such file.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def run(source: Path, target: Path, timeout: int = 600) -> None:
    """Executes `source` with `import typecase.as_transformers` in front, and writes `target`.

    timeout: seconds for one cell. Raises nbclient's CellExecutionError for a cell that raised, after
    writing; ImportError naming what is not installed.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
    except ImportError as error:
        raise ImportError(f"{error.name} is not installed; `pip install nbclient ipykernel` brings it") from None

    notebook = nbformat.read(source, as_version=4)
    first = nbformat.v4.new_code_cell("import typecase.as_transformers")
    notebook.cells.insert(0, first)
    client = NotebookClient(notebook, timeout=timeout, kernel_name="python3",
                            resources={"metadata": {"path": str(source.resolve().parent)}})
    try:
        client.execute()
    finally:
        notebook.cells.remove(first)
        nbformat.write(notebook, target)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m typecase.notebook",
                                     description="Runs a notebook for transformers on Typecase.")
    parser.add_argument("notebook", type=Path, metavar="FILE.ipynb")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where the executed copy goes")
    parser.add_argument("--timeout", type=int, default=600, metavar="SECONDS", help="for one cell (600)")
    arguments = parser.parse_args()
    source = arguments.notebook
    if not source.is_file():
        print(f"there is no file {str(source)!r}", file=sys.stderr)
        return 3
    target = arguments.output or source.with_suffix(".executed.ipynb")
    try:
        run(source, target, arguments.timeout)
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:
        if type(error).__name__ != "CellExecutionError":
            raise
        print(error, file=sys.stderr)
        return 1
    finally:
        if target.exists():
            print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
