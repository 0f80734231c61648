"""The wheel: what it holds, and that it works where nothing else of this tree is. Made of the build folder that
TYPECASE_BUILD names, as `./dev wheel` does; `pip install .` compiles the same files anew."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

BUILT = os.environ.get("TYPECASE_BUILD", "")
pytestmark = pytest.mark.skipif(not BUILT, reason="TYPECASE_BUILD names no build folder")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    made = subprocess.run(["tools/wheel_of_built.sh", sys.executable, BUILT, folder], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", folder, wheel],
                   check=True)
    return folder


def outside(installed: Path, command: list) -> str:
    """What a command prints that finds the installed package alone (and numpy), far from this tree."""
    numpy = [p for p in sys.path if p.endswith("site-packages")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), *numpy])}
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=installed, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_it_is_small_and_complete(wheel):
    assert wheel.stat().st_size < 15_000_000
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"typecase/bin/typecase", "typecase/py.typed", "typecase/__init__.py"} <= names
    assert [n for n in names if n.startswith("typecase/_native.") and n.endswith(".so")]
    assert [n for n in names if n.endswith("licenses/LICENSE")]
    pages = {f"typecase/{page.name}" for page in Path("python/typecase").glob("*.py")}
    assert pages <= names
    assert not [n for n in names if n.split("/")[0] not in ("typecase", f"typecase-{version()}.dist-info")]


def version() -> str:
    import typecase

    return typecase.__version__


def test_the_package_generates(installed):
    model = Path("tests/golden/llama-text").resolve()
    code = f"""
from typecase import pipeline
import typecase
assert typecase.__file__.startswith({str(installed)!r}), typecase.__file__
print(pipeline("text-generation", model={str(model)!r})("the cat", max_new_tokens=5, do_sample=False, return_text=True))
"""
    import typecase

    expected = typecase.pipeline("text-generation", model=str(model))("the cat", max_new_tokens=5, do_sample=False)
    assert outside(installed, [sys.executable, "-c", code]) == str(expected)


def test_the_program_comes_along(installed):
    script = [sys.executable, "-c", "import sys; from typecase.program import main; sys.argv[1:] = ['--version']; main()"]
    assert version() in outside(installed, script)
    assert version() in outside(installed, [installed / "bin" / "typecase", "--version"])


def test_libraries_that_a_system_may_lack_come_along(installed):
    code = "import typecase._native; print(open('/proc/self/maps').read())"
    loaded = outside(installed, [sys.executable, "-c", code])
    for library in (installed / "typecase" / "lib").iterdir():
        assert not library.name.startswith(("libc.", "libm.", "libstdc++"))
        if library.name.startswith(("libsimdjson", "libonig")):
            assert str(library) in loaded
