"""The examples of the documents run as they stand.

In README.md and docs/, a fenced block marked `sh` is a script and one marked `sql` runs on the demo's lake; both must
succeed. Blocks with another mark, or none, are there to be read. The blocks of one document run in their order, in one
folder that holds `demo-lake`, with `smelt` on the path.
"""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

import smelt_program
from smelt_program import PROGRAM, ROOT, TIMEOUT_S, LakeTest, smelt_ok

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Foreign tables and folders that a document speaks of are stood in for by the demo's.
STAND_INS = {"/some/other/table": "demo-lake/silver/sellers"}


def blocks(text):
    """(mark, body, line) of every fenced block."""
    return [(match[1], match[2], text.count("\n", 0, match.start()) + 1) for match in FENCE.finditer(text)]


class DocumentsTest(LakeTest):
    @classmethod
    def setUpClass(cls):
        cls.data = smelt_program.small_data()
        cls.demo = cls.data.parent / f"{cls.data.name}-lake"
        cls.addClassCleanup(shutil.rmtree, cls.demo, ignore_errors=True)
        cls.report = smelt_ok("demo", "--scale", smelt_program.SMALL_SCALE, "--lake", cls.demo).stdout

    def prepare(self, document):
        """A folder with all that the examples of a document count on."""
        folder = self.folder / document.stem
        shutil.copytree(self.demo, folder / "demo-lake")
        shutil.copytree(self.data, folder / "Downloads/olist")
        (folder / "bin").mkdir()
        (folder / "bin/smelt").symlink_to(PROGRAM)
        return folder

    def run_block(self, folder, mark, body):
        for original, stand_in in STAND_INS.items():
            body = body.replace(original, stand_in)
        command = ["bash", "-euo", "pipefail", "-c", body]
        if mark == "sql":
            command = [PROGRAM, "sql", "--lake", "demo-lake", "-c", body]
        environment = smelt_program.environment() | {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        return subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip

    def test_examples_run(self):
        documents = set()
        for document in DOCUMENTS:
            examples = [block for block in blocks(document.read_text(encoding="utf-8")) if block[0] in ("sh", "sql")]
            if not examples:
                continue
            documents.add(document.name)
            folder = self.prepare(document)
            for mark, body, line in examples:
                place = f"{document.relative_to(ROOT)}:{line}"
                with self.subTest(place):
                    result = self.run_block(folder, mark, body)
                    self.assertEqual(result.returncode, 0, f"{place}\n{body}\n{result.stdout}{result.stderr}")
        self.assertLessEqual({"README.md", "getting-started.md", "ingest-csv.md", "query.md", "lake.md"}, documents)

    def test_the_report_in_the_readme_is_that_of_the_program(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        (shown,) = [body for _, body, _ in blocks(readme) if "rows in" in body]

        def steps(text):
            """Name → number of tests and of counts, of the lines that begin with a sign; a small data set may cause warnings,
            whose lines tell other things."""
            found = {}
            for line in text.splitlines():
                words = line.split()
                if words and words[0] in "✔▲=":
                    counts = sum(re.fullmatch("[0-9,]+", word) is not None for word in words[2:])
                    found[words[1]] = words[-2] if words[-1] == "tests" else None, None if words[0] == "▲" else counts
            return found

        shown_steps, real_steps = steps(shown), steps(self.report)
        self.assertGreater(len(shown_steps), 10)
        for name, (tests, counts) in shown_steps.items():
            self.assertIn(name, real_steps)
            real_tests, real_counts = real_steps[name]
            self.assertEqual(tests, real_tests, name)
            self.assertIn(real_counts, (counts, None), name)
        (header,) = [line for line in self.report.splitlines() if line.split()[:1] == ["step"]]
        self.assertEqual(shown.splitlines()[0], header)

    def test_every_help_has_an_example(self):
        """Every command has an example in its help, and it names the command."""
        listing = smelt_ok("--help").stdout.split("Subcommands:")[1].split("Exit codes")[0]
        commands = [line.split()[0] for line in listing.splitlines() if re.match(r"^  [a-z]", line)]
        self.assertGreater(len(commands), 10)
        for command in commands:
            self.assertIn(f"Example: smelt {command}", smelt_ok(command, "--help").stdout)


if __name__ == "__main__":
    unittest.main()
