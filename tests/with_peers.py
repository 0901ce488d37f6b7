"""Runs a Python script with the packages of a list, in a virtual environment under .cache.

Usage: with_peers.py [--packages LIST] SCRIPT [ARGUMENT...]
LIST is interop/requirements.txt unless another one of this folder is named.
The environment is made at the first call; its folder is named after the list, so another list makes another one.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
REQUIREMENTS = TESTS / "interop/requirements.txt"
SKIPPED = 77


@contextlib.contextmanager
def made_once(name, *lists):
    """A folder under .cache that belongs to the contents of these files, and whether it has still to be filled.

    It counts as filled when the block ends without an exception. Other processes wait meanwhile.
    """
    identity = hashlib.sha256(b"".join(path.read_bytes() for path in lists) + sys.version.encode()).hexdigest()[:12]
    folder = TESTS.parent / ".cache" / f"{name}-{identity}"
    complete = folder / "complete"
    folder.parent.mkdir(exist_ok=True)
    with open(folder.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = not complete.exists()
        if wanted:
            shutil.rmtree(folder, ignore_errors=True)
        yield folder, wanted
        if wanted:
            complete.touch()


def environment(requirements=REQUIREMENTS, name="python", patience_s=None):
    """The Python of the environment with these packages, which is made where it is missing, within so many seconds."""
    with made_once(name, requirements) as (folder, wanted):
        python = folder / "bin/python"
        if wanted:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*install, "--requirement", requirements], check=True, timeout=patience_s)
    return python


def give_up(why):
    """Ends the script as skipped, or as failed in continuous integration, where nothing may be skipped."""
    print(f"{Path(sys.argv[0]).name}: {why}", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") else SKIPPED)


def main():
    arguments, packages = sys.argv[1:], REQUIREMENTS
    if arguments[0] == "--packages":
        packages, arguments = TESTS / arguments[1], arguments[2:]
    python = environment(packages)
    os.execv(python, [str(python), *arguments])


if __name__ == "__main__":
    main()
