"""A disk that becomes full stops a write with a clear error and leaves the tables readable and as they were.

The disk is a tmpfs of a few megabytes in a mount namespace of its own, so nothing stays behind. Where the system allows
neither, the largest permitted file takes its place (RLIMIT_FSIZE).
"""

import json
import resource
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from smelt_program import LakeTest, scalar, smelt, smelt_ok, versions

DISK_BYTES = 6 << 20
SETUP = "create schema if not exists silver; create table silver.t as select i from range(1000) r(i)"
# Random text does not compress: about 30 MB.
TOO_MUCH = "insert into silver.t select (hash(i) >> 1)::bigint from range(4000000) r(i)"


def namespace(folder):
    """The command prefix that gives a process a small tmpfs at `folder`, or nothing where that is not allowed."""
    mount = f'mount -t tmpfs -o size={DISK_BYTES} none "$0" && exec "$@"'
    prefix = ["unshare", "--mount", "--map-root-user", "bash", "-c", mount, str(folder)]
    if not shutil.which("unshare"):
        return None
    return prefix if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0 else None


def limit_files():
    # Ignored, the signal turns into an error of the write, as on a full disk.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_BYTES, DISK_BYTES))


def files_of(lake):
    return sorted(str(path) for path in lake.glob("silver/**/*") if path.is_file())


def fill(lake, options):
    """Runs in the small disk: what happened, as JSON."""
    smelt_ok("sql", "--lake", lake, "-c", SETUP)
    before, files_before = versions(lake), files_of(lake)
    failed = smelt("sql", "--lake", lake, "-c", TOO_MUCH, **options)
    left_behind = sorted(set(files_of(lake)) - set(files_before))
    if left_behind:
        return {"exit": failed.returncode, "error": failed.stderr, "left_behind": left_behind}
    unchanged = versions(lake) == before and scalar(lake, "select count(*) as n from silver.t") == 1000
    smelt_ok("sql", "--lake", lake, "-c", "insert into silver.t values (-1)")
    rows = scalar(lake, "select count(*) as n from silver.t")
    return {"exit": failed.returncode, "error": failed.stderr, "unchanged": unchanged, "rows_after_insert": rows}


class DiskFullTest(LakeTest):
    def assert_clean_failure(self, report):
        self.assertEqual(report["exit"], 3, report)
        self.assertIn("SMELT-STORE-", report["error"])
        self.assertNotIn("left_behind", report)
        self.assertTrue(report["unchanged"], report)
        self.assertEqual(report["rows_after_insert"], 1001, report)

    def test_small_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        prefix = namespace(disk)
        if prefix is None:
            print("no tmpfs may be mounted here: using a limit on the size of files", file=sys.stderr)
            self.assert_clean_failure(fill(self.lake, {"preexec_fn": limit_files}))
            return
        command = [*prefix, sys.executable, __file__, "--fill", str(disk / "lake")]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assert_clean_failure(report)
        self.assertIn("SMELT-STORE-0005", report["error"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        print(json.dumps(fill(Path(sys.argv[2]), {})))
    else:
        unittest.main()
