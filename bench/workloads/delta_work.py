"""What the Delta benchmarks are made of: a place where an engine works, what it took, and goals to compare that with."""

import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from delta_shape import shape_of
from measuring import ROOT, SMELT, run_together

PEER = ROOT / "bench/workloads/delta_peer.py"
SPARK = ROOT / "bench/workloads/delta_spark.py"
WITH_SPARK = ROOT / "tests/with_spark.py"
CLOCK = "select epoch_us(get_current_timestamp()) as bench_clock"
LOOKS = 10  # at the clock, one after the other, which tell what a look takes
MANY_FILES = 1_500
# Columns of each kind, those among them that the works change.
CHECKED = "l_orderkey, l_partkey, l_linenumber, l_quantity, l_extendedprice, l_shipdate, l_comment, l_shipmonth"


@dataclass(frozen=True)
class Figure:
    """What a work took: itself, and the processes with their start and end. Times are in seconds."""

    seconds: float
    wall: float
    cpu: float
    peak_mib: float
    answer: list | int | None = None
    note: str = ""
    laps: tuple = ()


@dataclass(frozen=True)
class Goal:
    """At least `times` as fast as another engine's figure, or at most `most_s`, or at most `memory` of another's."""

    times: float = 0
    than: str = "deltalake"
    most_s: float = 0
    memory: float = 0

    def verdict(self, figures):
        smelt, other = figures["smelt"], figures.get(self.than)
        if self.most_s:
            return self._say(f"≤ {self.most_s * 1000:g} ms", smelt["seconds"] <= self.most_s)
        if other is None:
            return f"≥ {self.times:g}× {self.than}: not measured"
        if self.memory:
            return self._say(f"≤ {self.memory:g}× memory", smelt["peak_mib"] <= self.memory * other["peak_mib"])
        text = f"≥ {self.times:g}×" if self.times >= 1 else f"≤ {1 / self.times:.1f}× time"
        of = "" if self.than == "deltalake" else f" of {self.than}"
        return self._say(text + of, other["seconds"] >= self.times * smelt["seconds"])

    @staticmethod
    def _say(text, met):
        return f"{text}: {'met' if met else '**missed**'}"


@dataclass(frozen=True, eq=False)
class Work:
    """A line of the table. Each side does the work once, in its place, and says what that took."""

    title: Callable  # of the shape
    smelt: Callable
    peer: Callable
    goals: tuple
    others: dict = field(default_factory=dict)
    changes: bool = False  # leaves a table `t` with the same rows for every engine
    spark: Callable | None = None  # where Spark is a peer, too, when asked for

    def name(self, place):
        return self.title(place.shape)


class Place:
    """Where an engine works: a lake with the table main.t, beside the rows that were generated."""

    def __init__(self, data, python, rows, engine=""):
        self.data = data
        self.shape = shape_of(rows)
        self.engine = engine
        self._python = python
        self._rows = rows
        self.clear()

    def of(self, engine):
        """The place of one engine. It keeps the tables that were made before."""
        place = object.__new__(Place)
        place.__dict__.update(self.__dict__, engine=engine)
        return place

    @property
    def lake(self):
        return self.data / "work" / self.engine

    @property
    def table(self):
        return self.lake / "main/t"

    def clear(self):
        shutil.rmtree(self.data / "work", ignore_errors=True)

    def empty(self):
        """No table t, and nothing left to be written to the disk. A table of many files is put aside until the end: ext4
        without a journal passes over the numbers of files that were deleted in the last minute, one by one."""
        if self.table.is_dir():
            aside = self.data / "work/aside"
            aside.mkdir(parents=True, exist_ok=True)
            self.table.rename(aside / str(time.time_ns())) if self._has_many_files() else shutil.rmtree(self.table)
        self.table.unlink(missing_ok=True)
        self.table.parent.mkdir(parents=True, exist_ok=True)
        os.sync()

    def _has_many_files(self):
        return len(list(itertools.islice(self.table.rglob("*"), MANY_FILES))) == MANY_FILES

    def copy(self, source):
        """A table t that is another one: its log copied, its files linked, for no engine changes a file."""
        self.empty()
        shutil.copytree(source, self.table, copy_function=link_or_copy)
        os.sync()

    def copy_base(self, name, make):
        """A table t with the rows that this engine wrote before; `make` writes them when it did not yet."""
        base = self.lake / "bases" / name
        if not base.exists():
            self.empty()
            make(self)
            base.parent.mkdir(exist_ok=True)
            self.table.rename(base)
        self.copy(base)

    def smelt(self, statement, lake=None, before="", times=1):
        """smelt does a statement, several times when asked, between looks at the clock, without what a look takes."""
        script = f"{CLOCK}; " * LOOKS + f"{before}; {CLOCK};" + f"{statement}; {CLOCK};" * times
        return smelt_figure([self._command(["-c", script], lake)], LOOKS)

    def smelt_scripts(self, scripts):
        """Several processes of smelt at once, each with a script of statements that look at the clock between them. What
        a look takes is no part of their laps: it is as much as a tenth of a short statement."""
        files = []
        for at, script in enumerate(scripts):
            files.append(self.lake / f"script-{at}.sql")
            files[-1].write_text(f"{CLOCK}; " * LOOKS + script, encoding="utf-8")
        return smelt_figure([self._command(["-f", file]) for file in files], LOOKS)

    def _command(self, what, lake=None):
        return [SMELT, "sql", "--lake", lake or self.lake, "--format", "csv", *what]

    def peer(self, work, *arguments, then=()):
        """A peer's script; with `then`, also the other arguments at the same time."""
        every = [arguments, *then] if then else [arguments]
        run = run_together([[self._python, PEER, work, *each] for each in every])
        told = [json.loads(output.splitlines()[-1]) for output in run.outputs]
        figure = Figure(max(each["seconds"] for each in told), run.seconds, run.cpu, run.peak_mib)
        laps = tuple(lap for each in told for lap in each.get("laps", ()))
        return replace(figure, answer=told[0].get("answer"), laps=laps)

    def spark(self, work, *arguments):
        """The same by Spark, whose figure is without the start of its session."""
        run = run_together([[sys.executable, WITH_SPARK, SPARK, work, *arguments]])
        return Figure(json.loads(run.outputs[0].splitlines()[-1])["seconds"], run.seconds, run.cpu, run.peak_mib)

    def contents(self, engine):
        """Rows and digest of an engine's table t, as smelt reads it."""
        sql = f"select count(*), cast(sum(hash({CHECKED})) as varchar) from delta_scan('{self.of(engine).table}')"
        command = [SMELT, "sql", "--format", "csv", "-c", sql]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[1]


def link_or_copy(source, target):
    if "_delta_log" in Path(source).parts:
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def smelt_figure(commands, idle=0):
    """The times between the looks at the clock are the laps; the answer is what was printed before the last look. After
    the first `idle` laps, which have nothing in them, the laps are without what these took."""
    run = run_together(commands)
    laps, answer = [], None
    for output in run.outputs:
        lines = output.splitlines()
        looks = [at for at, line in enumerate(lines) if line == "bench_clock"]
        clocks = [int(lines[at + 1]) / 1e6 for at in looks]
        between = [after - before for before, after in zip(clocks, clocks[1:])]
        look = statistics.median(between[:idle]) if idle else 0
        laps += [lap - look for lap in between[idle:]]
        said = lines[looks[-2] + 2 : looks[-1]]
        answer = said[1].split(",") if len(said) == 2 else None
    return Figure(sum(laps), run.seconds, run.cpu, run.peak_mib, answer, laps=tuple(laps))
