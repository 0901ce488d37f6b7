"""The programs of bench/dbt, each with a project of its own, and which of its commands stands for which work."""

import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path

from dbt_project import graph, write_project
from measuring import ROOT, SMELT, run_together
from sqlmesh_project import write_sqlmesh_project

THREADS = 4
EXAMPLE = ROOT / "tests/interop/dbt/projects/macro_library"
LEFT_BEHIND = ("target", "logs", ".cache")
# Neither program may wait for a server that counts its users.
ENVIRONMENT = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "1"}


@functools.cache
def python_with(script, *options):
    """The interpreter of a virtual environment that `script` of the tests makes where it is missing."""
    command = [sys.executable, ROOT / "tests" / script, *options, "-c", "import sys; print(sys.executable)"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


def python_with_dbt():
    return python_with("with_dbt.py")


def python_with_sqlmesh():
    return python_with("with_peers.py", "--packages", ROOT / "bench/workloads/sqlmesh_requirements.txt")


def versions_of(python, *packages):
    """What is installed: "dbt-core 1.11, duckdb 1.5"."""
    script = "import sys, importlib.metadata as m, json; print(json.dumps([m.version(name) for name in sys.argv[1:]]))"
    said = subprocess.run([python, "-c", script, *packages], capture_output=True, text=True, check=True).stdout
    return ", ".join(f"{name} {version}" for name, version in zip(packages, json.loads(said)))


class Side:
    """A program and the folder of its project. `commands`: work → the command's arguments; a work that is not there it cannot do."""

    name = ""
    commands = {}

    def __init__(self, scratch):
        self.folder = scratch / self.name.replace(" ", "_") / "project"
        self._aside = scratch / "aside"
        self._known = False

    def program(self):
        """The program and what its command line begins with."""
        raise NotImplementedError

    def places(self):
        """What its command line ends with."""
        return []

    def version(self):
        raise NotImplementedError

    def fill(self, models):
        """Writes the synthetic project of so many models."""
        write_project(self.folder, models, THREADS)

    def fill_example(self):
        """Copies the small example, with a database in its own folder."""
        shutil.copytree(EXAMPLE, self.folder)
        profiles = (EXAMPLE.parent / "profiles.yml").read_text(encoding="utf-8")
        (self.folder / "profiles.yml").write_text(profiles.replace("target/lake.duckdb", f"{self.folder}/target/lake.duckdb"), encoding="utf-8")

    def can(self, verb, example=False):
        return verb in self.commands and not (example and self.fill_example is None)

    def command(self, verb):
        return [*self.program(), *self.commands[verb], *self.places()]

    def run(self, verb):
        found = run_together([self.command(verb)], forked=True)
        self._known = True
        return found

    def clean(self):
        """As after a fresh clone. What a command left is moved away: deleted inodes would slow the next files down for a minute."""
        for name in LEFT_BEHIND:
            if (self.folder / name).exists():
                self._aside.mkdir(exist_ok=True)
                (self.folder / name).rename(self._aside / f"{self.folder.parent.name}-{name}-{len(list(self._aside.iterdir()))}")
        (self.folder / "target").mkdir()
        self._known = False

    def know(self):
        """As after an earlier command, which runs untimed where there was none."""
        if not self._known:
            self.clean()
            self.run("parse")

    def change_one(self, run):
        """One model says something else than before; all else is known."""
        self.know()
        model = self.folder / graph(4)[3].file
        model.write_text(model.read_text(encoding="utf-8").split("--")[0] + f"-- change {run}\n", encoding="utf-8")


class Smelt(Side):
    name = "smelt"
    commands = {verb: (verb,) for verb in ("parse", "compile", "run", "build")}

    def program(self):
        return [SMELT]

    def places(self):
        return ["--project-dir", self.folder, "--profiles-dir", self.folder, "--lake", self.folder / "target/lake"]

    def version(self):
        return subprocess.run([SMELT, "version"], capture_output=True, text=True, check=True).stdout.strip()


class Dbt(Side):
    name = "dbt"
    commands = {verb: (verb,) for verb in ("parse", "compile", "run", "build")}

    def program(self):
        return [python_with_dbt().parent / "dbt"]

    def places(self):
        return ["--project-dir", self.folder, "--profiles-dir", self.folder]

    def version(self):
        return versions_of(python_with_dbt(), "dbt-core", "dbt-duckdb", "duckdb")


class Sqlmesh(Side):
    """sqlmesh reading the same dbt project. Its dbt adapter sets the threads to 1 where the database is DuckDB.

    `info` loads the project, which renders and binds every query, and prints how many models there are: it stands for parse.
    `plan` makes the tables, runs the audits and shows the tables as views: it stands for build. No command renders all models
    into files, and none makes tables without audits.
    """

    name = "sqlmesh"
    commands = {"parse": ("info", "--skip-connection"), "build": ("plan", "--auto-apply", "--no-prompts")}
    fill_example = None  # its dbt adapter lacks what the example's macros use

    def program(self):
        return [python_with_sqlmesh().parent / "sqlmesh", "--paths", self.folder, "--log-file-dir", self.folder / "logs"]

    def version(self):
        return versions_of(python_with_sqlmesh(), "sqlmesh", "duckdb")

    def fill(self, models):
        super().fill(models)
        (self.folder / "sqlmesh.yaml").write_text("model_defaults: {start: 2024-01-01}\n", encoding="utf-8")


class SqlmeshOwn(Sqlmesh):
    """sqlmesh on the same models written for it, with threads like the others."""

    name = "sqlmesh native"

    def fill(self, models):
        write_sqlmesh_project(self.folder, models, THREADS)


SIDES = [Smelt, Dbt, Sqlmesh, SqlmeshOwn]
