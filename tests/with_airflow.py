"""Runs a Python script with Airflow, in a virtual environment under .cache (300 MB).

Usage: with_airflow.py SCRIPT [ARGUMENT...]
The versions are those of interop/airflow_requirements.txt. Where they cannot be had, or not within a quarter of an hour, the
exit code is 77, which ctest takes for "skipped"; in continuous integration that is a failure.
"""

import os
import subprocess
import sys

from with_peers import TESTS, environment, give_up

REQUIREMENTS = TESTS / "interop/airflow_requirements.txt"
PATIENCE_S = 900


def main():
    try:
        python = environment(REQUIREMENTS, "airflow", PATIENCE_S)
    except subprocess.SubprocessError as problem:
        give_up(f"Airflow could not be installed: {problem}")
    os.execv(python, [str(python), *sys.argv[1:]])


if __name__ == "__main__":
    main()
