"""The nine files of projects/physical for tests: the base period and the days after it, generated once per process."""

import functools
import shutil
import tempfile
import unittest
from pathlib import Path

from smelt_program import ROOT, SMALL_SCALE, smelt_ok

PROJECT = ROOT / "projects/physical"
TABLES = ("products", "recipes", "customers", "orders", "order_lines", "shipments", "returns", "waste", "quality")


def copy_of_the_project(folder):
    """The project in a folder of its own, where a run may leave its target folder."""
    return Path(shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", "data", "lakes")))


# So many that some products and customers change within them.
DAYS = 60


@functools.cache
def base_and_days(scale=SMALL_SCALE, seed="7"):
    """A folder with the files of the base period, and the folders of the days after it, in their order."""
    folder = Path(tempfile.mkdtemp(prefix="smelt-physical-"))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    options = ["--scale", scale, "--seed", seed]
    smelt_ok("generate", "physical", *options, "--out", folder / "base")
    smelt_ok("generate", "physical", *options, "--extra-days", DAYS, "--no-base", "--out", folder / "days")
    return folder / "base", sorted(path for path in (folder / "days").iterdir() if path.is_dir())
