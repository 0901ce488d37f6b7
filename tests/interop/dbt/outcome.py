"""What a command of dbt's did to a project: the form in which both programs' results are compared."""

import json
from dataclasses import dataclass, field
from pathlib import Path

# Types that Delta Lake does not have are kept as these.
TYPE_IN_DELTA = {
    "HUGEINT": "DECIMAL(38,0)",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20,0)",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
}

GENERIC_TESTS = ("unique", "not_null", "accepted_values", "relationships")

COLUMNS_SQL = """
select table_schema, table_name, column_name, data_type from information_schema.columns
where table_catalog = 'lake' order by table_schema, table_name, ordinal_position"""


@dataclass
class Outcome:
    """What one command left behind."""

    exit_code: int
    nodes: dict = field(default_factory=dict)  # unique id → (status, failures)
    lines: list = field(default_factory=list)  # what a listing printed, or what templates logged
    text: str = ""  # all that was printed, to be shown when something differs


@dataclass
class Contents:
    """The relations after a command: "schema.name" → [(column, type)] and its rows as sorted texts."""

    columns: dict
    rows: dict


def results_of(target):
    """The results of the nodes in target/run_results.json and of the sources in target/sources.json, as they are there."""
    paths = [Path(target) / name for name in ("run_results.json", "sources.json")]
    return [json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"results": []} for path in paths]


def node_results(target, before):
    """Unique id → (status, failures) of the results, leaving out files that are as they were before the command."""
    fresh = [after for after, old in zip(results_of(target), before) if after != old]
    return {one["unique_id"]: (str(one["status"]), one.get("failures")) for file in fresh for one in file["results"]}


def is_own(path):
    """Whether a compiled file is of a generic test that each program has macros of its own for."""
    return path.parent.suffix in (".yml", ".yaml") and path.name.removeprefix("source_").startswith(GENERIC_TESTS)


def is_given(path, files):
    """Whether a compiled file holds what a unit test gives for a model: each test writes it anew, and any may be the last."""
    return path.parent.suffix in (".yml", ".yaml") and any(other.name == path.name and other.parent.suffix == "" for other in files)


def compiled_files(target):
    """Path under target/compiled → the SQL without blanks at its ends; of the generic tests both have and of what unit
    tests give, that it is there."""
    folder = Path(target) / "compiled"
    files = [path for path in folder.rglob("*") if path.is_file()]

    def text(path):
        return "" if is_own(path) or is_given(path, files) else path.read_text(encoding="utf-8").strip()

    return {str(path.relative_to(folder)): text(path) for path in files}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def columns_by_relation(rows):
    """The rows of COLUMNS_SQL as "schema.name" → [(column, type as Delta has it)]."""
    found = {}
    for schema, table, column, kind in rows:
        found.setdefault((schema, table), []).append((column, TYPE_IN_DELTA.get(kind, kind)))
    return found


def rows_sql(relation, columns, clock_columns):
    """Reads a relation as texts; of columns that follow the clock, whether they hold a value."""
    name = ".".join(relation)

    def expression(column):
        sql = quoted(column)
        return f"({sql} is not null)::varchar" if f"{name}.{column}" in clock_columns else f"{sql}::varchar"

    wanted = ", ".join(f"{expression(column)} as c{place}" for place, (column, _) in enumerate(columns))
    return f"select {wanted} from {'.'.join(map(quoted, relation))}"


def sorted_rows(rows):
    return sorted((tuple(row) for row in rows), key=lambda row: [(value is None, value or "") for value in row])
