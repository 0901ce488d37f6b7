"""Names, calls and words that do not belong in the tree, each with what to write instead.

The patterns put one letter into brackets where they would otherwise match this file.
"""

import re
from pathlib import Path

from tree import Violation

BANNED_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}

# pattern, modules that may use it, what to write instead; looked for in code, not in comments or strings
BANNED_CALLS = [
    (r"\bv?s[n]?printf\s*\(", (), "use fmt::format"),
    (r"(?<![\w.>])f?printf\s*\(", ("app",), "return an Error or call Log; only app speaks to the user"),
    (r"\bstr(n?cpy|n?cat|tok)\s*\(", (), "use std::string and std::string_view"),
    (r"\b(std::)?ato(i|l|ll|f)\s*\(", (), "use std::from_chars, which reports bad input"),
    (r"\bstd::sto(i|l|ll|ul|ull|f|d)\s*\(", (), "use std::from_chars, which does not throw"),
    (r"\bstd::(cout|cerr|clog|cin)\b", ("app",), "return an Error or call Log; only app speaks to the user"),
    (r"\bstd::endl\b", (), "write '\\n'"),
    (r"\busing\s+namespace\s+std\b", (), "write std:: where it is needed"),
    (r"\bstd::thread\b(?!\s*::)", (), "use std::jthread, which stops and joins"),
    (r"\.detach\s*\(", (), "keep the thread and join it"),
    (r"\b(std::)?s?rand\s*\(", (), "use std::mt19937_64 with a seed"),
    (r"\bstd::regex\b", (), "use RE2, which is linear in its input"),
    (r"\b(std::this_thread::sleep_(for|until)|usleep|nanosleep)\s*\(", ("base",), "use SleepFor of base/retry.h"),
    (r"(?<![\w.>:])(system|popen)\s*\(", (), "call the library instead of a shell"),
    (r"(?<![\w.>])(std::)?(_?exit|abort|quick_exit)\s*\(", ("app", "base"), "return an Error"),
    (r"(?<![\w.>])assert\s*\(", (), "use SMELT_ASSERT, which stays on in release builds"),
    (r"\bDISA[B]LED_\w+|\bGTEST_[S]KIP\b", (), "a test that is switched off proves nothing: repair or delete it"),
]
# Code of the tests may talk, wait, end and search as it likes.
FREE_IN_TESTS = ("printf", "exit", "sleep", "std::regex")

# pattern, what is wrong, what to do; looked for in the whole text of every file
BANNED_WORDS = [
    (r"(?<![\w.])/(tm[p]/w|wor[k]|roo[t]|hom[e]/\w+)/", "a path of one machine", "take it from the environment or derive it"),
    (r"\b(TO[D]O|FIX[M]E|XX[X])\b", "an unfinished place", "finish it or leave it out"),
    (r"(?i)\bregistry\.npm[j]s|\bpy[p]i\.org|\bpython[h]osted|deb\.deb[i]an\.org", "a registry's host", "the client's own configuration names it"),
]
LICENCES = {"LICENSE"}


def check_file_names(tree):
    for file in tree.files:
        for part in Path(file.path).parts:
            words = set(re.split(r"[^a-z0-9]+", part.lower()))
            if bad := words & BANNED_NAMES:
                yield Violation(
                    file.path, 1, "names", f"'{sorted(bad)[0]}' says nothing", "name the concept that the file holds"
                )
    for file in tree.sources():
        name = Path(file.path).name
        if not re.fullmatch(r"[a-z0-9_]+\.(cc|h)", name):
            yield Violation(file.path, 1, "names", f"{name} is not snake_case", "write it in lower case with _")
        if file.is_header and not re.search(r"^#pragma once$", file.text, re.MULTILINE):
            yield Violation(file.path, 1, "names", "the header lacks #pragma once", "put it on the first line")


def check_calls(tree):
    for file in tree.cpp():
        for pattern, modules, cure in BANNED_CALLS:
            if file.module in modules:
                continue
            for line, match in file.find_in_code(pattern):
                if file.is_test and any(call in match[0] for call in FREE_IN_TESTS):
                    continue
                yield Violation(file.path, line, "calls", f"{match[0].rstrip('( ')} is banned here", cure)


def check_words(tree):
    for file in tree.files:
        if file.path in LICENCES:
            continue
        for pattern, problem, cure in BANNED_WORDS:
            for match in re.finditer(pattern, file.text):
                line = file.line_of(match.start())
                yield Violation(file.path, line, "words", f"'{match[0]}' is {problem}", cure)


RULES = [check_file_names, check_calls, check_words]
