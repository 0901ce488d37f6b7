"""Runs a Python script with the packages of interop/requirements.txt, in a virtual environment under .cache.

Usage: with_peers.py SCRIPT [ARGUMENT...]
The environment is made at the first call; its folder is named after the list, so another list makes another one.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
REQUIREMENTS = TESTS / "interop/requirements.txt"


def environment():
    """The Python of the environment, which is made where it is missing."""
    identity = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = TESTS.parent / ".cache" / f"python-{identity}"
    python, complete = folder / "bin/python", folder / "complete"
    folder.parent.mkdir(exist_ok=True)
    with open(folder.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*install, "--requirement", REQUIREMENTS], check=True)
            complete.touch()
    return python


def main():
    python = environment()
    os.execv(python, [str(python), *sys.argv[1:]])


if __name__ == "__main__":
    main()
