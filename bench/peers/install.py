"""Installs the environments of peers.toml, each into a folder of its own.

`make(folder, name)` returns None when it is there, else why not: a peer without its environment is reported, not left out.
"""

import os
import shutil
import subprocess
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 3600  # seconds for one environment


def table():
    with open(os.path.join(HERE, "peers.toml"), "rb") as file:
        return tomllib.load(file)


def python(folder, name):
    """The interpreter of an environment; the caller may have one with the reference's packages already."""
    given = os.environ.get("TYPECASE_REFERENCE_PYTHON")
    if name == "reference" and given:
        return given
    return os.path.join(folder, name, "bin", "python")


def packages_of(interpreter):
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return subprocess.run([interpreter, "-c", script], check=True, capture_output=True, text=True).stdout.strip()


def run(*command, **environment):
    subprocess.run(command, check=True, timeout=LIMIT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                   env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment})  # fmt: skip


def with_pip(folder, name, wanted):
    """A venv; `on_top_of` lets it see another environment's packages, its own coming first."""
    place = os.path.join(folder, name)
    run(sys.executable, "-m", "venv", place)
    interpreter = os.path.join(place, "bin", "python")
    if below := wanted.get("on_top_of"):
        with open(os.path.join(packages_of(interpreter), "below.pth"), "w", encoding="utf-8") as file:
            file.write(packages_of(python(folder, below)) + "\n")
    pip = [interpreter, "-m", "pip", "install", "--quiet"]
    if "override" in wanted:  # only uv can overrule a package's own pin
        run(*pip, "--only-binary", ":all:", "uv")
        overrides = os.path.join(place, "override.txt")
        with open(overrides, "w", encoding="utf-8") as file:
            file.write("\n".join(wanted["override"]) + "\n")
        pip = [os.path.join(place, "bin", "uv"), "pip", "install", "--quiet", "--python", interpreter, "--override", overrides]
    if "packages" in wanted:
        run(*pip, "--only-binary", ":all:", *wanted["packages"])
    if "source" in wanted:
        run(*pip, "--no-binary", wanted["source"][0].split("==")[0], *wanted["source"], **wanted.get("build", {}))


def with_npm(folder, name, wanted):
    """Packages that carry shared libraries: unpacked, none of their scripts run."""
    if not shutil.which("npm"):
        raise FileNotFoundError("npm is missing")
    run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", os.path.join(folder, name), *wanted["npm"])


def make(folder, name, install=True):
    """None, or in a line why the environment cannot be used. A stamp with the versions says it is complete."""
    wanted = table()["environment"][name]
    if name == "reference" and os.environ.get("TYPECASE_REFERENCE_PYTHON"):
        return None
    stamp = os.path.join(folder, name, "complete")
    if os.path.exists(stamp):
        with open(stamp, encoding="utf-8") as file:
            if file.read() == repr(wanted):
                return None
    if not install:
        return "not installed"
    if below := wanted.get("on_top_of"):
        if why := make(folder, below):
            return why
    shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    os.makedirs(os.path.join(folder, name))
    try:
        (with_npm if "npm" in wanted else with_pip)(folder, name, wanted)
    except (OSError, subprocess.SubprocessError) as error:
        return "cannot be installed: " + reason(error)
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(repr(wanted))
    return None


def reason(error):
    text = (getattr(error, "stderr", None) or str(error)).strip()
    lines = [line for line in text.splitlines() if "ERROR" in line or "error" in line] or text.splitlines()[-1:]
    return lines[-1].strip()[:200] if lines else type(error).__name__


def with_variant(folder, variant):
    """A folder beside it that holds the same libraries, but of the ones named after processors this one alone."""
    chosen = f"{folder}-{variant}"
    shutil.rmtree(chosen, ignore_errors=True)
    os.makedirs(chosen)
    for file in os.listdir(folder):
        if not file.startswith("libggml-cpu-") or file == f"libggml-cpu-{variant}.so":
            os.symlink(os.path.join(folder, file), os.path.join(chosen, file))
    return chosen


def libraries(folder, name):
    """The folder in an environment where libllama lies."""
    for place, _, files in os.walk(os.path.join(folder, name)):
        if any(file.startswith("libllama.") and ".so" in file for file in files):
            return place
    return None
