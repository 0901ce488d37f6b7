"""One project, both programs, step after step: every difference between what they leave behind.

A project's steps.yml holds
  steps: a list of
    - run: the command line, e.g. "build --select a+"; `env:` beside it adds environment variables
    - write: {path: text}   changes the project between two commands
    - remove: [path]
    - copy: {from: folder, to: folder, files: [name]}
  clock_columns: ["schema.table.column"]   values that follow the clock: compared is whether there is one
  logs: true   what templates log must appear in smelt's output
"""

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml
from artefact_checks import all_problems
from dbt_side import LISTINGS, DbtSide
from outcome import compiled_files
from smelt_side import SmeltSide

ROWS_SHOWN = 5


@dataclass
class Difference:
    """`id` names the place and stays the same from run to run; `detail` says what the two sides have there."""

    id: str
    detail: str


def mapping_differences(place, dbt, smelt, describe=repr):
    """One difference for each key whose values differ, or which one side lacks."""
    for key in sorted(dbt.keys() | smelt.keys()):
        if key not in smelt:
            yield Difference(f"{place} {key}", "smelt has none")
        elif key not in dbt:
            yield Difference(f"{place} {key}", f"only smelt has it: {describe(smelt[key])}")
        elif dbt[key] != smelt[key]:
            yield Difference(f"{place} {key}", f"dbt {describe(dbt[key])}\n    smelt {describe(smelt[key])}")


def row_differences(dbt, smelt):
    """Of the relations that both have, those whose rows differ."""
    for name in sorted(dbt.keys() & smelt.keys()):
        if dbt[name] != smelt[name]:
            gone = [row for row in dbt[name] if row not in smelt[name]][:ROWS_SHOWN]
            new = [row for row in smelt[name] if row not in dbt[name]][:ROWS_SHOWN]
            counts = f"{len(dbt[name])} rows against {len(smelt[name])}"
            yield Difference(f"rows {name}", f"{counts}\n    only dbt {gone}\n    only smelt {new}")


def line_differences(arguments, dbt, smelt, logs):
    """Listings must be equal; what templates log must be in smelt's output."""
    if arguments[0] in LISTINGS and dbt.lines != smelt.lines:
        missing, extra = set(dbt.lines) - set(smelt.lines), set(smelt.lines) - set(dbt.lines)
        yield Difference("listing", f"only dbt {sorted(missing)}\n    only smelt {sorted(extra)}")
    elif logs:
        for line in dbt.lines:
            if line not in smelt.text:
                yield Difference(f"log {line}", "smelt does not print it")


def run_differences(arguments, dbt, smelt, logs):
    if dbt.exit_code != smelt.exit_code:
        tail = "\n    ".join(smelt.text.strip().splitlines()[-12:])
        yield Difference("exit code", f"dbt {dbt.exit_code}, smelt {smelt.exit_code}\n    {tail}")
    if dbt.nodes and not smelt.nodes:
        yield Difference("status", "smelt writes no results in target/run_results.json")
    else:
        yield from mapping_differences("status", dbt.nodes, smelt.nodes)
    yield from line_differences(arguments, dbt, smelt, logs)


def state_differences(dbt, smelt, clock_columns):
    """What differs between the two projects' compiled files and relations."""
    yield from mapping_differences("compiled", compiled_files(dbt.target), compiled_files(smelt.target))
    of_dbt, of_smelt = dbt.contents(clock_columns), smelt.contents(clock_columns)
    yield from mapping_differences("columns", of_dbt.columns, of_smelt.columns)
    yield from row_differences(of_dbt.rows, of_smelt.rows)


def artefact_differences(target):
    """What is wrong with the artefacts that smelt has written."""
    for name, problem in all_problems(target):
        yield Difference(f"artefact {name} {problem.partition(':')[0]}", problem)


def change(folder, step):
    """A step that is no command: files that are written, removed or copied."""
    for path, text in step.get("write", {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for path in step.get("remove", []):
        (folder / path).unlink()
    for name in step.get("copy", {}).get("files", []):
        source, destination = folder / step["copy"]["from"] / name, folder / step["copy"]["to"]
        destination.mkdir(exist_ok=True)
        if source.exists():
            shutil.copy(source, destination)


def copies(project, scratch):
    """Both sides with a copy of the project each."""
    sides = []
    for side in (DbtSide, SmeltSide):
        folder = Path(scratch) / side.name / project.name
        shutil.copytree(project, folder, ignore=shutil.ignore_patterns("target", "logs", "dbt_packages"))
        if not (folder / "profiles.yml").exists():
            shutil.copy(project.parent / "profiles.yml", folder)
        sides.append(side(folder))
    return sides


def differences(project, scratch):
    """All differences of a project's steps, and the exit codes of dbt."""
    plan = yaml.safe_load((project / "steps.yml").read_text(encoding="utf-8"))
    clock_columns = set(plan.get("clock_columns", []))
    dbt, smelt = copies(project, scratch)
    found, seen = [], set()
    for number, step in enumerate(plan["steps"], 1):
        if "run" not in step:
            change(dbt.folder, step)
            change(smelt.folder, step)
            continue
        arguments = shlex.split(step["run"])
        settings = {name: str(value) for name, value in step.get("env", {}).items()}
        outcomes = [side.run(arguments, settings) for side in (dbt, smelt)]
        expected = step.get("exit_code", 0)
        if outcomes[0].exit_code != expected:
            raise AssertionError(f"{step['run']}: dbt ends with {outcomes[0].exit_code}, not {expected}\n{outcomes[0].text}")
        for one in run_differences(arguments, *outcomes, plan.get("logs", False)):
            found.append(Difference(f"{number}: {one.id}", f"after {step['run']}: {one.detail}"))
        for one in [*state_differences(dbt, smelt, clock_columns), *artefact_differences(smelt.target)]:
            if (one.id, one.detail) not in seen:  # what stays different is said once
                seen.add((one.id, one.detail))
                found.append(Difference(f"{number}: {one.id}", f"after {step['run']}: {one.detail}"))
    return found
