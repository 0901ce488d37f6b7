"""Who may include whom: the edges of src/deps.yaml, private folders, cycles, third-party headers."""

import re

from tree import Violation

DEPS = "src/deps.yaml"
# The one third-party type that public headers may name (docs/decisions/0003).
THIRD_PARTY_HEADERS_ALLOWED = {
    ("src/base/json.h", "nlohmann/json.hpp"),
    ("src/base/json_fwd.h", "nlohmann/json_fwd.hpp"),
}
SYSTEM_HEADERS = {"fcntl.h", "stddef.h", "stdint.h", "sys/types.h", "unistd.h"}


def read_edges(tree):
    """The allowed edges as module → list of modules, and the line of each."""
    edges, lines = {}, {}
    file = tree.file(DEPS)
    for number, line in enumerate(file.text.splitlines() if file else [], 1):
        match = re.fullmatch(r"(\w+):\s*\[([\w,\s]*)\]\s*", line.split("#")[0].rstrip())
        if match:
            edges[match[1]] = re.findall(r"\w+", match[2])
            lines[match[1]] = number
    return edges, lines


def find_cycle(graph):
    """A path whose first and last node are the same, or nothing."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node) :] + [node]
        if node in done:
            return None
        path.append(node)
        for target in graph.get(node, ()):
            if cycle := visit(target):
                return cycle
        path.pop()
        done.add(node)
        return None

    for node in sorted(graph):
        if cycle := visit(node):
            return cycle
    return None


def check_edges_file(tree):
    edges, lines = read_edges(tree)
    for module in tree.modules():
        if module not in edges:
            yield Violation(DEPS, 1, "layers", f"module {module} is not listed", "add it with the modules it may use")
    for module, line in lines.items():
        if module not in tree.modules():
            yield Violation(DEPS, line, "layers", f"src/{module} does not exist", "remove the line")
        for target in edges[module]:
            if target not in edges:
                yield Violation(DEPS, line, "layers", f"{module} uses {target}, which is not listed", "list it")
    if cycle := find_cycle(edges):
        yield Violation(DEPS, lines[cycle[0]], "layers", "a cycle: " + " → ".join(cycle), "drop one of these edges")


def check_cmake(tree):
    """A target must not link a module that its sources may not include."""
    edges, _ = read_edges(tree)
    for module in tree.modules():
        file = tree.file(f"src/{module}/CMakeLists.txt")
        match = file and re.search(r"smelt_module\([^)]*?\bUSES\b([^)]*)\)", file.text)
        used = re.split(r"\bLINKS\b", match[1])[0].split() if match else []
        for target in used:
            if target not in edges.get(module, []):
                line = file.line_of(match.start())
                yield Violation(file.path, line, "layers", f"links {target}", f"no such edge is in {DEPS}")


def check_includes(tree):
    edges, _ = read_edges(tree)
    for file in tree.sources():
        for line, name, quoted in file.includes():
            problem = include_problem(tree, file, name, quoted, edges)
            if problem:
                yield Violation(file.path, line, "layers", *problem)


def include_problem(tree, file, name, quoted, edges):
    if name.startswith("duckdb"):
        if file.module != "engine" or (file.is_header and not file.is_internal):
            return f"includes {name}", "DuckDB's headers belong to src/engine/internal; use engine/session.h"
        return None
    if not quoted:
        return third_party_problem(file, name)
    target = name.split("/")[0]
    if target not in edges or not (tree.root / "src" / name).is_file():
        return f'"{name}" is no file below src/', "write the path from src/, or <…> for other libraries"
    if target == file.module:
        return None
    if target not in edges.get(file.module, []):
        return f"{file.module} includes {name}", f"{DEPS} does not let {file.module} use {target}"
    if "internal" in name.split("/"):
        return f"reaches into {name}", f"use a public header of {target}, or add what is missing there"
    if "tests" in name.split("/") and not file.is_test:
        return f"reaches into {name}", "what tests need stays in tests"
    return None


def third_party_problem(file, name):
    public = file.is_header and not file.is_internal and not file.is_test and file.module != "engine"
    standard = re.fullmatch(r"[a-z_0-9]+", name) or name in SYSTEM_HEADERS
    if not public or standard or (file.path, name) in THIRD_PARTY_HEADERS_ALLOWED:
        return None
    return f"a public header includes <{name}>", "keep third-party types in internal/ or in the .cc file"


def check_include_cycles(tree):
    graph = {}
    for file in tree.sources():
        if file.is_header:
            graph[file.path] = [f"src/{name}" for _, name, quoted in file.includes() if quoted]
    if cycle := find_cycle(graph):
        yield Violation(cycle[0], 1, "layers", "headers include each other: " + " → ".join(cycle), "break the circle")


RULES = [check_edges_file, check_cmake, check_includes, check_include_cycles]
