"""Builds projects with dbt and with smelt and compares all that they leave behind.

Usage: project_test.py [--report] PROJECT...
--report prints the differences and does not fail.
Each project is built in a process of its own, which begins with dbt's modules loaded: loading them takes as long as a project.
"""

import os
import sys
import tempfile
import traceback
from pathlib import Path

from artefact_checks import ARTEFACTS, validator
from comparison import differences
from known_differences import KNOWN

PROJECTS = Path(__file__).resolve().parent / "projects"


def compare(name, report):
    with tempfile.TemporaryDirectory() as scratch:
        found = differences(PROJECTS / name, scratch)
    known = KNOWN.get(name, set())
    unexpected = [one for one in found if one.id not in known]
    gone = sorted(known - {one.id for one in found})
    for one in unexpected:
        print(f"{one.id}\n    {one.detail}")
    for entry in gone:
        print(f"no longer differs, take it from known_differences.py: {entry}")
    if report:
        print(f"{len(found)} differences, {len(unexpected)} of them unexpected")
        return 0
    return 1 if unexpected or gone else 0


def in_own_process(name, report):
    """compare() in a process that has what this one has loaded."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    # Ended without what Python does at its end, which is not for a process that was forked: dbt's semaphores are left.
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
    status = 1
    try:
        status = compare(name, report)
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main():
    report = "--report" in sys.argv[1:]
    names = [name for name in sys.argv[1:] if name != "--report"]
    for name in ARTEFACTS:
        validator(name)
    failed = []
    for name in names:
        if len(names) > 1:
            print(f"== {name}")
        if in_own_process(name, report):
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
