"""What must be there: a README per module, a place and a test for every error code, a use for every file."""

import re
from pathlib import Path

from tree import Violation

ERRORS = "src/base/errors.def"
ERRORS_PAGE = "docs/reference/errors.md"
README_LINES_MAX = 80
ENTRY = re.compile(r'^SMELT_ERROR\((\w+),\s*"(\w+)",\s*(\d+),', re.MULTILINE)


def check_readmes(tree):
    for module in tree.modules():
        path = f"src/{module}/README.md"
        file = tree.file(path)
        if file is None:
            yield Violation(path, 1, "readme", "is missing", "say purpose, main types and what the module refuses to do")
        elif file.line_count > README_LINES_MAX:
            cure = f"a page, {README_LINES_MAX} lines, at most; details belong beside the code or in docs/"
            yield Violation(path, 1, "readme", f"{file.line_count} lines", cure)


def check_errors(tree):
    catalogue = tree.file(ERRORS)
    if catalogue is None:
        return
    sources = [file for file in tree.sources() if not file.is_test]
    used = {name for file in sources for name in re.findall(r"\bErrorCode::(\w+)", file.code)}
    page = tree.file(ERRORS_PAGE)
    documented = set(re.findall(r"\bSMELT-[A-Z]+-\d{4}\b", page.text)) if page else set()
    defined = {}
    for match in ENTRY.finditer(catalogue.text):
        name, code, line = match[1], f"SMELT-{match[2]}-{int(match[3]):04}", catalogue.line_of(match.start())
        if code in defined:
            yield Violation(ERRORS, line, "errors", f"{name} has the code of {defined[code]}, {code}", "take the next number")
        defined[code] = name
        if name not in used:
            yield Violation(ERRORS, line, "errors", f"{name} is used nowhere", "return it where it belongs or remove it")
        if code not in documented:
            yield Violation(ERRORS, line, "errors", f"{code} is not in {ERRORS_PAGE}", "run tools/error-reference")
    for code in sorted(documented - set(defined)):
        line = page.line_of(page.text.index(code))
        yield Violation(ERRORS_PAGE, line, "errors", f"{code} does not exist", "run tools/error-reference")


def check_orphans(tree):
    yield from headers_never_included(tree)
    yield from sources_outside_modules(tree)
    yield from pages_never_linked(tree)
    yield from scripts_never_called(tree)


def headers_never_included(tree):
    included = {f"src/{name}" for file in tree.cpp() for _, name, _ in file.includes()}
    for file in tree.sources():
        if file.is_header and file.path not in included:
            yield Violation(file.path, 1, "orphans", "no file includes it", "remove it")


def sources_outside_modules(tree):
    """The build takes src/<module>/**.cc and, as tests, src/<module>/tests/*_test.cc: other places are compiled by none."""
    for file in tree.cpp():
        parts = file.path.split("/")
        if parts[0] in ("src", "projects") and not file.module:
            yield Violation(file.path, 1, "orphans", "belongs to no module", "move it into src/<module>/")
        elif file.is_test and file.module and file.path.endswith(".cc"):
            if len(parts) != 4 or not file.path.endswith("_test.cc"):
                cure = f"name it src/{file.module}/tests/<thing>_test.cc"
                yield Violation(file.path, 1, "orphans", "no test program compiles it", cure)


def pages_never_linked(tree):
    pages = [file for file in tree.files if file.path.endswith(".md")]
    linked = set()
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", page.text):
            if not re.match(r"[a-z]+:", target):
                yield from broken_link(tree, page, target)
                resolved = (tree.root / page.path).parent / target
                linked.add(resolved.resolve())
    for page in pages:
        if page.path.startswith("docs/") and (tree.root / page.path).resolve() not in linked:
            yield Violation(page.path, 1, "orphans", "no page links to it", "link it from docs/README.md or a nearer page")


def broken_link(tree, page, target):
    if not ((tree.root / page.path).parent / target).exists():
        line = page.line_of(page.text.index(f"]({target}"))
        yield Violation(page.path, line, "orphans", f"links to {target}, which does not exist", "correct the link")


def scripts_never_called(tree):
    """A program in tools/, bench/ or tests/ that nothing names is run by nobody."""
    folders = ("tools", "bench", "tests")
    for file in tree.files:
        name = Path(file.path).name
        runnable = file.path.endswith((".py", ".sh")) or file.text.startswith("#!")
        if file.path.split("/")[0] not in folders or not runnable:
            continue
        # By its name, or as a module of Python.
        stem = Path(name).stem
        called = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])|\bimport\b.*\b{re.escape(stem)}\b|\bfrom {re.escape(stem)} import")
        # Looking for plain text first: most files have none of it.
        if not any(stem in other.text and called.search(other.text) for other in tree.files if other.path != file.path):
            yield Violation(file.path, 1, "orphans", "nothing runs it", "call it from a test or the Makefile, or remove it")


RULES = [check_readmes, check_errors, check_orphans]
