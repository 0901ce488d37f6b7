"""Compares every project and prints how many differences each has; all of them into a file for each project.

Usage: report.py FOLDER [PROJECT...]
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    projects = sys.argv[2:] or sorted(path.parent.name for path in HERE.glob("projects/*/steps.yml"))
    for project in projects:
        command = [sys.executable, HERE / "project_test.py", project, "--report"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        (folder / f"{project}.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
        print(f"{project}: {(done.stdout.splitlines() or ['dbt itself fails'])[-1]}", flush=True)
    return subprocess.run([sys.executable, HERE / "artefacts_test.py"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
