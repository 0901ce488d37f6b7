"""A disk that becomes full stops a write with a clear error and leaves the tables readable and as they were; a pipeline
goes on when there is room again.

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
import urllib.parse
from pathlib import Path

from smelt_program import LakeTest, commits, contents, scalar, small_data, smelt, smelt_ok, tables, versions

DISK_BYTES = 6 << 20
# Too little for all tables of the pipeline, enough for the first.
PIPELINE_DISK_BYTES = 1 << 20
ROOM_BYTES = 256 << 20
SCALE = "0.005"
RECORDS = ("quality.results",)
SETUP = "create schema if not exists silver; create table silver.t as select i from range(1000) r(i)"
# Random text does not compress: about 30 MB.
TOO_MUCH = "insert into silver.t select (hash(i) >> 1)::bigint from range(4000000) r(i)"


def namespace(folder, size=DISK_BYTES):
    """The command prefix that gives a process a small tmpfs at `folder`, or nothing where that is not allowed."""
    mount = f'mount -t tmpfs -o size={size} none "$0" && exec "$@"'
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


def orphans(lake):
    """Data files that no commit names."""
    named = {
        urllib.parse.unquote(action["add"]["path"]).rsplit("/", 1)[-1]
        for table in tables(lake)
        for _, actions in commits(lake, table)
        for action in actions
        if "add" in action
    }
    return sorted(str(path) for path in lake.glob("[!_]*/**/part-*.parquet") if path.name not in named)


def run_pipeline(lake, data):
    """Runs in a small disk that grows after the first run: what happened, as JSON."""
    failed = smelt("demo", "--data", data, "--lake", lake)
    orphaned = orphans(lake)
    subprocess.run(["mount", "-o", f"remount,size={ROOM_BYTES}", str(lake.parent)], check=True)
    smelt_ok("demo", "--data", data, "--lake", lake)
    found = {table: list(each) for table, each in contents(lake).items() if table not in RECORDS}
    return {"exit": failed.returncode, "output": failed.stdout + failed.stderr, "orphans": orphaned, "contents": found}


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

    def test_pipeline_goes_on_when_there_is_room(self):
        disk = self.folder / "disk"
        disk.mkdir()
        prefix = namespace(disk, PIPELINE_DISK_BYTES)
        if prefix is None:
            self.skipTest("no tmpfs may be mounted here")
        data = small_data(SCALE)
        command = [*prefix, sys.executable, __file__, "--pipeline", str(disk / "lake"), str(data)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["exit"], 3, report["output"])
        self.assertIn("SMELT-STORE-0005", report["output"])
        self.assertEqual(report["orphans"], [])
        smelt_ok("demo", "--data", data, "--lake", self.lake)
        expected = {table: list(each) for table, each in contents(self.lake).items() if table not in RECORDS}
        self.assertEqual(report["contents"], expected)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        print(json.dumps(fill(Path(sys.argv[2]), {})))
    elif sys.argv[1:2] == ["--pipeline"]:
        print(json.dumps(run_pipeline(Path(sys.argv[2]), sys.argv[3])))
    else:
        unittest.main()
