"""Each rule must speak up on a small tree that breaks it, and be silent on one that keeps it."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import sizes
import tidy
from tree import SourceFile, Tree

ROOT = Path(__file__).resolve().parents[2]
ERRORS_DEF = 'SMELT_ERROR(kBroken, "BASE", 1, false, 3, 500, "XX000", "Broken")\n'

CLEAN = {
    "src/deps.yaml": "# edges\nbase: []\nstore: [base]\n",
    "src/base/README.md": "# base\n",
    "src/base/CMakeLists.txt": "smelt_module(base)\n",
    "src/base/errors.def": ERRORS_DEF,
    "src/base/error.h": "#pragma once\n\n#include <string>\n\nint Describe();\n",
    "src/base/error.cc": '#include "base/error.h"\n\nint Describe() { return ErrorCode::kBroken; }\n',
    "src/store/README.md": "# store\n",
    "src/store/CMakeLists.txt": "smelt_module(store USES base)\n",
    "src/store/internal/file.h": "#pragma once\n",
    "src/store/store.cc": '#include "base/error.h"\n#include "store/internal/file.h"\n',
    "docs/README.md": "[errors](reference/errors.md)\n",
    "docs/reference/errors.md": "SMELT-BASE-0001\n",
    "README.md": "[docs](docs/README.md)\n",
}


def long_function(lines):
    return "int Long() {\n" + "  Step();\n" * (lines - 2) + "}\n"


class TidyTest(unittest.TestCase):
    def found(self, changes):
        """The violations of the clean tree after `changes` (path → text, or None to remove the file)."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path, text in {**CLEAN, **changes}.items():
                if text is not None:
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_text(text, encoding="utf-8")
            found = tidy.violations(root)
        # The snippets below are short, not formatted; only test_format looks at that rule.
        return [str(violation) for violation in found if violation.rule != "format"]

    def assert_broken(self, changes, *expected):
        """Each of `expected` begins one violation, and there are no others."""
        found = self.found(changes)
        for text in expected:
            self.assertTrue(any(line.startswith(text) for line in found), f"{text!r} is not in {found}")
        self.assertEqual(len(found), len(expected), found)

    def test_clean_tree_is_silent(self):
        self.assertEqual(self.found({}), [])

    # -- layers

    def test_undeclared_edge(self):
        changes = {
            "src/store/store.h": "#pragma once\n",
            "src/base/error.cc": '#include "base/error.h"\n\n#include "store/store.h"\n\n'
            "int Describe() { return ErrorCode::kBroken; }\n",
        }
        self.assert_broken(changes, "src/base/error.cc:3: layers: base includes store/store.h")

    def test_reach_into_internal(self):
        changes = {
            "src/base/internal/secret.h": "#pragma once\n",
            "src/store/store.cc": '#include "base/internal/secret.h"\n#include "store/internal/file.h"\n',
        }
        self.assert_broken(changes, "src/store/store.cc:1: layers: reaches into base/internal/secret.h")

    def test_what_tests_share_stays_in_tests(self):
        support = {"src/base/tests/folder.h": "#pragma once\n"}
        include = '#include "base/tests/folder.h"\n'
        self.assertEqual(self.found({**support, "src/store/tests/a_test.cc": include}), [])
        changes = {**support, "src/store/a.cc": include}
        self.assert_broken(changes, "src/store/a.cc:1: layers: reaches into base/tests/folder.h")

    def test_include_that_does_not_start_at_the_root(self):
        changes = {"src/store/store.cc": '#include "file.h"\n#include "store/internal/file.h"\n'}
        self.assert_broken(changes, 'src/store/store.cc:1: layers: "file.h" is no file below src/')

    def test_include_in_a_comment_is_none(self):
        changes = {"src/store/store.cc": '// #include "nowhere.h"\n/*\n#include "nowhere.h"\n*/\n#include "store/internal/file.h"\n'}
        self.assertEqual(self.found(changes), [])

    def test_cycle_of_modules(self):
        changes = {"src/deps.yaml": "base: [store]\nstore: [base]\n"}
        self.assert_broken(changes, "src/deps.yaml:1: layers: a cycle: base → store → base")

    def test_cycle_of_headers(self):
        changes = {
            "src/store/a.h": '#pragma once\n\n#include "store/b.h"\n',
            "src/store/b.h": '#pragma once\n\n#include "store/a.h"\n',
        }
        self.assert_broken(changes, "src/store/a.h:1: layers: headers include each other")

    def test_module_that_is_not_listed(self):
        changes = {"src/deps.yaml": "base: []\n", "src/store/CMakeLists.txt": "smelt_module(store)\n",
                   "src/store/store.cc": '#include "store/internal/file.h"\n'}
        found = self.found(changes)
        self.assertTrue(any("module store is not listed" in line for line in found), found)

    def test_link_without_edge(self):
        changes = {"src/base/CMakeLists.txt": "smelt_module(base USES store LINKS curl)\n"}
        self.assert_broken(changes, "src/base/CMakeLists.txt:1: layers: links store")

    def test_third_party_in_a_public_header(self):
        changes = {"src/base/error.h": "#pragma once\n\n#include <fmt/format.h>\n"}
        self.assert_broken(changes, "src/base/error.h:3: layers: a public header includes <fmt/format.h>")

    def test_duckdb_outside_the_engine(self):
        changes = {"src/store/internal/file.h": "#pragma once\n\n#include <duckdb.hpp>\n"}
        self.assert_broken(changes, "src/store/internal/file.h:3: layers: includes duckdb.hpp")

    # -- sizes

    def test_long_function(self):
        changes = {"src/store/long.cc": long_function(71)}
        self.assert_broken(changes, "src/store/long.cc:1: size: Long has 71 lines")
        self.assertEqual(self.found({"src/store/long.cc": long_function(70)}), [])

    def test_exception_must_be_exact(self):
        def tree(lines, allowed):
            return {"src/store/long.cc": long_function(lines), sizes.EXCEPTIONS: f"src/store/long.cc:Long {allowed}\n"}

        self.assertEqual(self.found(tree(90, 90)), [])
        self.assert_broken(tree(91, 90), "src/store/long.cc:1: size: Long has 91 lines, ")
        self.assert_broken(tree(80, 90), "tests/tidy/exceptions.txt:1: size: src/store/long.cc Long has 80 lines by now")
        self.assert_broken(tree(60, 90), "tests/tidy/exceptions.txt:1: size: src/store/long.cc:Long is within its limit")

    def test_long_files(self):
        changes = {
            "src/store/long.cc": "int x;\n" * 801,
            "src/store/internal/file.h": "#pragma once\n" + "int x();\n" * 250,
        }
        self.assert_broken(
            changes, "src/store/long.cc:1: size: 801 lines", "src/store/internal/file.h:1: size: 251 lines"
        )

    def test_large_file(self):
        changes = {"docs/data.csv": "x" * 1_100_000}
        self.assert_broken(changes, "docs/data.csv:1: size: 1,100,000 bytes")

    def test_functions_are_found(self):
        code = """\
namespace a {
constexpr int kTable[] = {1, 2};
struct Point : Base<int(int)> {
 public:
  Point(int x, int y)
      : x_{x},
        y_(y) {
    Check();
  }
  int x() const { return x_; }
};
#define LOOP(x) \\
  while (x) {
auto Make(std::vector<int> values = {1, 2}) -> std::vector<int> {
  auto inner = [](int v) {
    return v;
  };
  return {'{', "}"};
}
const char* kText = R"(void NotCode() {)";
TEST(Parser, ReadsLists) {
}
template <typename T>
T Last(T value) noexcept {
  return value;
}
}  // namespace a
"""
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.cc").write_text(code, encoding="utf-8")
            found = list(sizes.functions(SourceFile(Path(folder), "a.cc")))
        self.assertEqual(
            found,
            [("Point", 5, 9), ("x", 10, 10), ("Make", 14, 19), ("Parser.ReadsLists", 21, 22), ("Last", 23, 26)],
        )

    # -- names, calls, words

    def test_banned_file_names(self):
        for name in ("utils.cc", "string_helpers.cc", "common.cc", "file_manager.cc"):
            with self.subTest(name):
                self.assert_broken({f"src/store/{name}": ""}, f"src/store/{name}:1: names: ")

    def test_file_name_in_camel_case(self):
        self.assert_broken({"src/store/FileStore.cc": ""}, "src/store/FileStore.cc:1: names: FileStore.cc")

    def test_header_without_guard(self):
        self.assert_broken({"src/store/internal/file.h": "int x();\n"}, "src/store/internal/file.h:1: names: ")

    def test_banned_calls(self):
        for call in (
            'std::cout << "x";',
            'printf("x");',
            "sprintf(a, b);",
            "strcpy(a, b);",
            "using namespace std;",
            "worker.detach();",
            "std::thread t(Run);",
            "std::stoi(text);",
            "std::this_thread::sleep_for(pause);",
            "std::exit(1);",
            "assert(x > 0);",
            "std::regex pattern;",
        ):
            with self.subTest(call):
                self.assert_broken({"src/store/call.cc": f"void F() {{ {call} }}\n"}, "src/store/call.cc:1: calls: ")

    def test_calls_that_only_look_banned(self):
        for call in (
            "int n = std::thread::hardware_concurrency();",
            "log.printf(x);",
            "static_assert(kSize > 0);",
            "fmt::format(x);  // not sprintf(x)",
            'Log("std::cout");',
        ):
            with self.subTest(call):
                self.assertEqual(self.found({"src/store/call.cc": f"void F() {{\n  {call}\n}}\n"}), [])

    def test_switched_off_test(self):
        name = "DISA" + "BLED_Case"
        self.assert_broken({"src/store/tests/a_test.cc": f"TEST(A, {name}) {{}}\n"}, "src/store/tests/a_test.cc:1: calls: ")

    def test_banned_words(self):
        for text, problem in (
            ("see /roo" + "t/x", "a path of one machine"),
            ("TO" + "DO: later", "an unfinished place"),
            ("https://pyp" + "i.org/simple", "a registry's host"),
        ):
            with self.subTest(text):
                found = self.found({"docs/README.md": f"[errors](reference/errors.md)\n{text}\n"})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith("docs/README.md:2: words: ") and problem in found[0], found)

    # -- completeness

    def test_missing_readme(self):
        self.assert_broken({"src/store/README.md": None}, "src/store/README.md:1: readme: is missing")

    def test_error_codes(self):
        second = 'SMELT_ERROR(kOther, "BASE", 2, false, 3, 500, "XX000", "Other")\n'
        self.assert_broken(
            {"src/base/errors.def": ERRORS_DEF + second},
            "src/base/errors.def:2: errors: kOther is used nowhere",
            "src/base/errors.def:2: errors: SMELT-BASE-0002 is not in docs/reference/errors.md",
        )
        twice = ERRORS_DEF + ERRORS_DEF
        self.assert_broken({"src/base/errors.def": twice}, "src/base/errors.def:2: errors: kBroken has the code of kBroken")
        self.assert_broken(
            {"docs/reference/errors.md": "SMELT-BASE-0001\nSMELT-BASE-0009\n"},
            "docs/reference/errors.md:2: errors: SMELT-BASE-0009 does not exist",
        )

    def test_orphans(self):
        self.assert_broken({"src/store/alone.h": "#pragma once\n"}, "src/store/alone.h:1: orphans: no file includes it")
        self.assert_broken({"src/stray.cc": ""}, "src/stray.cc:1: orphans: belongs to no module")
        self.assert_broken({"src/store/tests/fake.cc": ""}, "src/store/tests/fake.cc:1: orphans: no test program")
        self.assert_broken({"docs/alone.md": "text\n"}, "docs/alone.md:1: orphans: no page links to it")
        self.assert_broken({"tools/forgotten": "#!/bin/sh\n"}, "tools/forgotten:1: orphans: nothing runs it")
        self.assert_broken(
            {"README.md": "[docs](docs/README.md) [gone](docs/gone.md)\n"},
            "README.md:1: orphans: links to docs/gone.md",
        )

    # -- formatting

    def test_format(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(ROOT / ".clang-format", folder)
            (Path(folder) / "ugly.cc").write_text("int x = 1;\nint  y=1 ;\n", encoding="utf-8")
            (Path(folder) / "fine.cc").write_text("int x = 1;\n", encoding="utf-8")
            found = [str(violation) for violation in tidy.violations(folder)]
        self.assertEqual(found, ["ugly.cc:2: format: differs from .clang-format; clang-format -i ugly.cc"])

    # -- the program

    def test_exit_code_and_skipped_folders(self):
        with tempfile.TemporaryDirectory() as folder:
            program = [str(ROOT / "tests/tidy/tidy.py"), folder]
            self.assertEqual(subprocess.run(["python3", *program], capture_output=True, check=False).returncode, 0)
            for built in ("build/src/x/utils.cc", ".deps/utils.cc"):
                (Path(folder) / built).parent.mkdir(parents=True)
                (Path(folder) / built).write_text("", encoding="utf-8")
            self.assertEqual(Tree.read(folder).files, [])
            (Path(folder) / "utils.cc").write_text("", encoding="utf-8")
            result = subprocess.run(["python3", *program], capture_output=True, text=True, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn("utils.cc:1: names: ", result.stdout)


if __name__ == "__main__":
    unittest.main()
