"""Every C++ file is as clang-format writes it."""

import re
import shutil
import subprocess

from tree import Violation

FILES_PER_CALL = 50


def check_format(tree):
    files = [file.path for file in tree.cpp()]
    if not files:
        return
    if shutil.which("clang-format") is None:
        yield Violation(".clang-format", 1, "format", "clang-format is not installed", "run make setup")
        return
    seen = set()
    for at in range(0, len(files), FILES_PER_CALL):
        command = ["clang-format", "--dry-run", "--style=file", *files[at : at + FILES_PER_CALL]]
        output = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False).stderr
        for path, line in re.findall(r"^(\S+):(\d+):\d+: (?:warning|error):", output, re.MULTILINE):
            if path not in seen:
                seen.add(path)
                yield Violation(path, int(line), "format", "differs from .clang-format", f"clang-format -i {path}")


RULES = [check_format]
