"""How long a file or a function may be. Exceptions are listed with their exact size, so the list can only shrink."""

import re

from tree import Violation

FUNCTION_LINES_MAX = 70
SOURCE_LINES_MAX = 800
HEADER_LINES_MAX = 250
FILE_BYTES_MAX = 1 << 20
EXCEPTIONS = "tests/tidy/exceptions.txt"

# What may stand between the parameters of a function and its body.
BODY_FOLLOWS = re.compile(
    r"(\)|\b(const|noexcept|override|final|mutable|try)|&|->\s*[\w:<>,&*\s\[\]()]+|\{\})\s*$", re.DOTALL
)
ACCESS = re.compile(r"\s*(public|protected|private)\s*$")
CONSTRUCTOR_INITIALISERS = re.compile(r"\)\s*(noexcept\s*)?:(?!:)")


def functions(file):
    """Yields (name, first line, last line) of each function body that is not inside another one."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group()), file.code, flags=re.M)
    head_start, head, at = 0, "", 0
    while at < len(code):
        char = code[at]
        if char == "{" and is_body(head):
            end = matching_brace(code, at)
            yield function_name(head), file.line_of(head_start), file.line_of(end)
            at, head = end, ""
        elif char == "{" and is_initialiser(head):
            at = matching_brace(code, at)
            head += "{}"
        elif char in "{};" and parentheses_balanced(head):
            head = ""
        elif char == ":" and ACCESS.match(head):
            head = ""
        else:
            if not head.strip():
                head_start = at if not char.isspace() else head_start
            head += char
        at += 1


def parentheses_balanced(head):
    return head.count("(") <= head.count(")")


def is_body(head):
    if "(" not in head or not parentheses_balanced(head):
        return False
    if re.match(r"\s*(namespace|class|struct|union|enum)\b", head) and not re.search(r"\)\s*(const\s*)?$", head):
        return False
    return bool(BODY_FOLLOWS.search(head))


def is_initialiser(head):
    """A brace in the middle of a declaration: `: x_{1}`, `= {`, a default argument."""
    if not parentheses_balanced(head) or CONSTRUCTOR_INITIALISERS.search(head):
        return True
    return bool(re.search(r"[=,(]\s*[\w:<>,\s]*$", head)) and not re.match(
        r"\s*(template\s*<.*>\s*)?(namespace|class|struct|union|enum)\b", head, re.DOTALL
    )


def matching_brace(code, at):
    depth = 0
    for position in range(at, len(code)):
        if code[position] == "{":
            depth += 1
        elif code[position] == "}":
            depth -= 1
            if depth == 0:
                return position
    return len(code) - 1


def function_name(head):
    match = re.search(r"([~\w:]+)\s*\(", head)
    if match and match[1].startswith("TEST"):
        arguments = re.search(r"\(\s*(\w+)\s*,\s*(\w+)", head)
        return f"{arguments[1]}.{arguments[2]}" if arguments else match[1]
    return match[1] if match else "?"


def read_exceptions(tree):
    """(path, function or "") → (lines, line in the list)."""
    file = tree.file(EXCEPTIONS)
    listed = {}
    for number, line in enumerate(file.text.splitlines() if file else [], 1):
        fields = line.split("#")[0].split()
        if len(fields) == 2:
            path, _, function = fields[0].partition(":")
            listed[path, function] = (int(fields[1]), number)
    return listed


def measure(tree):
    """Yields (path, function or "", line, size, limit) of everything that has a limit."""
    for file in tree.cpp():
        limit = HEADER_LINES_MAX if file.is_header else SOURCE_LINES_MAX
        yield file.path, "", 1, file.line_count, limit
        for name, first, last in functions(file):
            yield file.path, name, first, last - first + 1, FUNCTION_LINES_MAX


def check_sizes(tree):
    listed = read_exceptions(tree)
    excused = set()
    for path, function, line, size, limit in measure(tree):
        if size <= limit:
            continue
        what = f"{function} has {size} lines" if function else f"{size} lines"
        allowed, listed_at = listed.get((path, function), (None, 0))
        if allowed is None:
            cure = "split it along its steps" if function else "split it along its concepts"
            yield Violation(path, line, "size", f"{what}, at most {limit} are allowed", cure)
        elif size > allowed:
            yield Violation(path, line, "size", f"{what}, {EXCEPTIONS} allows {allowed}", "it may only become shorter")
        elif size < allowed:
            yield Violation(EXCEPTIONS, listed_at, "size", f"{path} {what} by now", f"lower {allowed} to {size}")
        excused.add((path, function))
    for (path, function), (_, line) in listed.items():
        if (path, function) not in excused:
            name = f"{path}:{function}" if function else path
            yield Violation(EXCEPTIONS, line, "size", f"{name} is within its limit", "remove the line")


def check_bytes(tree):
    for file in tree.files:
        size = (tree.root / file.path).stat().st_size
        if size > FILE_BYTES_MAX:
            yield Violation(file.path, 1, "size", f"{size:,} bytes", "keep files over 1 MiB out of the tree")


RULES = [check_sizes, check_bytes]
