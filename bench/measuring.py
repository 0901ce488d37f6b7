"""Runs commands and measures them: wall time, and the greatest resident memory of their processes together."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMELT = Path(os.environ.get("SMELT_PROGRAM", ROOT / "build/release/bin/smelt"))
SAMPLE_EVERY_S = 0.02
SAMPLE_SHARES_EVERY_S = 0.2  # the system walks all pages of a process for it


@dataclass
class Run:
    """One run of one or several commands that were started together."""

    seconds: float
    cpu: float  # seconds of all cores
    peak_mib: float
    outputs: list


def tree_of(pid):
    """The process and all below it, as far as they are still there."""
    found = [pid]
    for process in found:
        try:
            found += map(int, Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split())
        except OSError:
            pass
    return found


def resident_mib(pid):
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, IndexError):
        return 0.0


def share_mib(pid):
    """Its resident memory, where pages that n processes share count as an n-th in each: forked ones share most of theirs."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except OSError:
        return 0.0


class MemoryWatch:
    """Samples the resident memory of processes and their descendants while it is open."""

    def __init__(self, pids, forked=False):
        self.peak_mib = 0.0
        self._pids = pids
        self._memory_of = share_mib if forked else resident_mib
        self._every_s = SAMPLE_SHARES_EVERY_S if forked else SAMPLE_EVERY_S
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _watch(self):
        while True:
            total = sum(self._memory_of(process) for pid in self._pids for process in tree_of(pid))
            self.peak_mib = max(self.peak_mib, total)
            if self._done.wait(self._every_s):
                return


def run_together(commands, forked=False):
    """Starts all commands at once and waits for them; each must succeed. What they print is in the same order.

    `forked`: they are trees of processes that share memory, which is then counted once.
    """
    began = time.perf_counter()
    outputs = [tempfile.TemporaryFile() for _ in commands]
    processes = [
        subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        for command, output in zip(commands, outputs)
    ]
    cpu = greatest = 0.0
    with MemoryWatch([process.pid for process in processes], forked) as watch:
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            greatest = max(greatest, usage.ru_maxrss / 1024)
            cpu += usage.ru_utime + usage.ru_stime
        seconds = time.perf_counter() - began
    texts = []
    for command, process, output in zip(commands, processes, outputs):
        output.seek(0)
        texts.append(output.read().decode())
        output.close()
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit {process.returncode}\n{texts[-1]}")
    return Run(seconds, cpu, max(greatest, watch.peak_mib), texts)


def python_with_peers():
    """The interpreter that has the packages of the peers, made where it is missing."""
    command = [sys.executable, ROOT / "tests/with_peers.py", "-c", "import sys; print(sys.executable)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
