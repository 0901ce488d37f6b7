"""An installed tree must work wherever it is moved, without the tree it was built in.

Usage: install_test.py BUILD_FOLDER
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = Path(sys.argv.pop(1)).resolve()


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        folder = Path(cls.temporary.name)
        installed = run("cmake", "--install", str(BUILD), "--prefix", str(folder / "first"))
        assert installed.returncode == 0, installed.stderr
        # A copy elsewhere, so that nothing can depend on the prefix.
        cls.root = folder / "moved to/here"
        cls.root.parent.mkdir()
        shutil.move(folder / "first", cls.root)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_what_is_installed(self):
        for path in (
            "bin/smelt",
            "lib/libduckdb.so",
            "lib/smelt/extensions/httpfs.duckdb_extension",
            "share/smelt/projects/olist",
            "share/doc/smelt/LICENSE",
            "share/doc/smelt/LICENSE.duckdb",
            "share/doc/smelt/THIRD_PARTY.md",
        ):
            self.assertTrue((self.root / path).exists(), path)

    def test_program_starts(self):
        result = run(str(self.root / "bin/smelt"), "version", cwd="/", env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("smelt", result.stdout)

    def test_library_is_the_installed_one(self):
        lines = run("ldd", str(self.root / "bin/smelt")).stdout.splitlines()
        duckdb = [line for line in lines if "libduckdb.so" in line]
        self.assertEqual(len(duckdb), 1, lines)
        self.assertIn(str(self.root.resolve()), str(Path(duckdb[0].split("=>")[1].split(" (")[0].strip()).resolve()))

    def test_no_path_of_the_build_is_left(self):
        dynamic = run("readelf", "-d", str(self.root / "bin/smelt")).stdout
        self.assertNotIn(str(BUILD), dynamic)
        self.assertIn("$ORIGIN/../lib", dynamic)


if __name__ == "__main__":
    unittest.main()
