"""Builds one project with dbt and with smelt and compares all that they leave behind.

Usage: project_test.py PROJECT [--report]
--report prints the differences and does not fail.
"""

import sys
import tempfile
from pathlib import Path

from comparison import differences
from known_differences import KNOWN

PROJECTS = Path(__file__).resolve().parent / "projects"


def main():
    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        found = differences(PROJECTS / name, scratch)
    known = KNOWN.get(name, set())
    unexpected = [one for one in found if one.id not in known]
    gone = sorted(known - {one.id for one in found})
    for one in unexpected:
        print(f"{one.id}\n    {one.detail}")
    for entry in gone:
        print(f"no longer differs, take it from known_differences.py: {entry}")
    if "--report" in sys.argv[2:]:
        print(f"{len(found)} differences, {len(unexpected)} of them unexpected")
        return 0
    return 1 if unexpected or gone else 0


if __name__ == "__main__":
    sys.exit(main())
