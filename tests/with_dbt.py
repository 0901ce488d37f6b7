"""Runs a Python script with dbt-core and dbt-duckdb, in a virtual environment under .cache.

Usage: with_dbt.py SCRIPT [ARGUMENT...]
The versions are those of interop/dbt/requirements.txt. Where they cannot be had (no registry), the exit code is 77, which
ctest takes for "skipped"; in continuous integration that is a failure.
"""

import os
import subprocess
import sys

from with_peers import TESTS, environment, give_up

REQUIREMENTS = TESTS / "interop/dbt/requirements.txt"


def main():
    try:
        python = environment(REQUIREMENTS, "dbt")
    except subprocess.CalledProcessError as problem:
        give_up(f"dbt could not be installed: {problem}")
    os.execv(python, [str(python), *sys.argv[1:]])


if __name__ == "__main__":
    main()
