"""The source tree as the rules see it: files, their modules, and their code without comments and strings."""

import functools
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

SKIPPED_FOLDERS = {"build", "node_modules", "__pycache__", "demo-lake", "target"}
KEPT_DOT_FOLDERS = {".ci"}
CPP_SUFFIXES = {".cc", ".h"}
# What a comment or literal looks like, longest forms first; the rules must not trip over their contents.
NOT_CODE = re.compile(
    r'R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"'  # raw string
    r"|//[^\n]*|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",  # a character, but no digit separator
    re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<target>"[^"]+"|<[^>]+>)', re.MULTILINE)


@dataclass(frozen=True)
class Violation:
    """One broken rule: where, which, what is wrong there, and what to do about it."""

    path: str
    line: int
    rule: str
    problem: str
    cure: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.problem}; {self.cure}"


@dataclass
class SourceFile:
    """A text file of the tree. `path` is relative to the root, with forward slashes."""

    root: Path
    path: str

    @functools.cached_property
    def text(self):
        return (self.root / self.path).read_text(encoding="utf-8", errors="replace")

    @functools.cached_property
    def code(self):
        """The text with comments and literals blanked out; offsets and lines stay the same."""

        def blank(match):
            return re.sub(r"[^\n]", " ", match.group())

        return NOT_CODE.sub(blank, self.text)

    @property
    def is_cpp(self):
        return Path(self.path).suffix in CPP_SUFFIXES

    @property
    def is_header(self):
        return self.path.endswith(".h")

    @property
    def module(self):
        """The module a source belongs to: `engine` for src/engine/internal/scan.cc; nothing elsewhere."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    @property
    def is_internal(self):
        return "internal" in self.path.split("/")[2:-1]

    @property
    def is_test(self):
        return "tests" in self.path.split("/")[:-1]

    @property
    def line_count(self):
        return self.text.count("\n")

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        """Yields (line, name, quoted) for each include directive that is code."""
        for match in INCLUDE.finditer(self.text):
            hash_at = self.text.index("#", match.start())
            if self.code[hash_at] == "#":
                target = match["target"]
                yield self.line_of(hash_at), target[1:-1], target[0] == '"'

    def find_in_code(self, pattern):
        for match in re.finditer(pattern, self.code):
            yield self.line_of(match.start()), match


@dataclass
class Tree:
    """All text files below a root, without what was built or fetched."""

    root: Path
    files: list = field(default_factory=list)

    @classmethod
    def read(cls, root):
        root = Path(root)
        tree = cls(root)
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(
                name
                for name in folders
                if name not in SKIPPED_FOLDERS and (not name.startswith(".") or name in KEPT_DOT_FOLDERS)
            )
            for name in sorted(names):
                path = Path(folder) / name
                if is_text(path):
                    tree.files.append(SourceFile(root, path.relative_to(root).as_posix()))
        return tree

    def cpp(self):
        return [file for file in self.files if file.is_cpp]

    def sources(self):
        """The C++ files of the modules."""
        return [file for file in self.cpp() if file.module]

    def modules(self):
        folder = self.root / "src"
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []

    def file(self, path):
        return next((file for file in self.files if file.path == path), None)


def is_text(path):
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as stream:
        return b"\0" not in stream.read(4096)
