"""Runs a Python script with the packages of a list, in a virtual environment under .cache.

Usage: with_peers.py [--packages LIST] SCRIPT [ARGUMENT...]
LIST is interop/requirements.txt unless another one of this folder is named.
The environment is made at the first call; its folder is named after the list, so another list makes another one.
"""

import ast
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
INSTALLER = TESTS / "uv_requirements.txt"
SKIPPED = 77
# What uv is to know of pip's configuration, which it does not read.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "HTTPS_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


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


def settings_of_pip():
    """Where packages come from, as variables for uv: of pip's files, then of its environment."""
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=True)
    variables = {}
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        variable = SETTINGS.get(key.rpartition(".")[2])
        if variable and (words := ast.literal_eval(value).split()):
            variables[variable] = (" " if variable == "UV_INDEX" else ",").join(words)
    return variables


def make_empty(folder):
    """The Python of a new environment without packages, pip's own included."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin/python"


def install_by_pip(python, requirements, patience_s):
    command = [*PIP, "--quiet", "--python", python, "install", "--requirement", requirements]
    subprocess.run(command, check=True, timeout=patience_s)


def install_fast(python, requirements, patience_s):
    """With uv, in a fraction of pip's time; what several environments have is there once."""
    with made_once("uv", INSTALLER) as (folder, wanted):
        if wanted:
            install_by_pip(make_empty(folder), INSTALLER, patience_s)
    settings = {"UV_CACHE_DIR": str(folder.parent / "uv-cache"), "UV_PYTHON_DOWNLOADS": "never", **settings_of_pip()}
    command = [folder / "bin/uv", "pip", "install", "--quiet", "--no-config", "--python", python]
    subprocess.run([*command, "--requirement", requirements], check=True, timeout=patience_s, env=os.environ | settings)


def environment(requirements=REQUIREMENTS, name="python", patience_s=None):
    """The Python of the environment with these packages, which is made where it is missing, within so many seconds."""
    with made_once(name, requirements) as (folder, wanted):
        if wanted:
            python = make_empty(folder)
            try:
                install_fast(python, requirements, patience_s)
            except (subprocess.CalledProcessError, OSError) as problem:
                print(f"uv did not do it, pip is asked: {problem}", file=sys.stderr)
                install_by_pip(python, requirements, patience_s)
    return folder / "bin/python"


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
