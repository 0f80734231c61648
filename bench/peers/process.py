"""Runs one engine in a process of its own, with a time limit, and notes how busy the machine was meanwhile."""

import os
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def processor_seconds():
    """Of all processes since boot."""
    with open("/proc/stat", encoding="utf-8") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


class Process:
    """Runs a command to its end or the limit: its lines, seconds to the first of them, peak memory, others' load."""

    def __init__(self, line, limit, environment):
        before, start = processor_seconds(), time.perf_counter()
        child = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE, start_new_session=True,
                                 env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", **environment})  # fmt: skip
        killer = threading.Timer(limit, os.killpg, (child.pid, signal.SIGKILL))  # with what it started
        killer.start()
        errors = []
        reader = threading.Thread(target=lambda: errors.extend(child.stderr), daemon=True)
        reader.start()
        try:
            first = child.stdout.readline()
            self.to_first_line = time.perf_counter() - start
            self.lines = [text for text in [first, *child.stdout] if text.startswith("{")]
        except BaseException:  # Ctrl-C: it has a session of its own and would go on
            os.killpg(child.pid, signal.SIGKILL)
            raise
        reader.join()
        child.stdout.close()
        child.stderr.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        self.timed_out = killer.finished.is_set()
        killer.cancel()
        self.peak = usage.ru_maxrss * 1024
        wall = time.perf_counter() - start
        used = processor_seconds() - before - usage.ru_utime - usage.ru_stime
        self.foreign = round(max(0.0, used / wall), 2)
        said = [text.strip() for text in errors if text.strip()]
        self.why = f"not done in {limit} s" if self.timed_out else (said[-1][:200] if said else f"ended with status {status}")


class Spinner:
    """Another program that keeps one core busy."""

    def __init__(self, wanted):
        self.wanted = wanted

    def __enter__(self):
        if self.wanted:
            self.child = subprocess.Popen([sys.executable, "-c", "while True: pass"])

    def __exit__(self, *_):
        if self.wanted:
            self.child.kill()
            self.child.wait()
