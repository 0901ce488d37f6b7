"""dbt-core with dbt-duckdb in this process, on its own copy of a project."""

import contextlib
import io
import os

import duckdb
from dbt.adapters.duckdb import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from outcome import COLUMNS_SQL, Contents, Outcome, columns_by_relation, node_results, results_of, rows_sql, sorted_rows

LOGGED = ("JinjaLogInfo", "JinjaLogWarning", "PrintEvent")
LISTINGS = ("ls", "list")


@contextlib.contextmanager
def environment_with(settings):
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class DbtSide:
    name = "dbt"

    def __init__(self, folder):
        self.folder = folder
        self.target = folder / "target"

    def run(self, arguments, settings):
        """Runs one command, as `dbt ARGUMENTS` in the project's folder would."""
        before = results_of(self.target)
        events = []
        printed = io.StringIO()
        runner = dbtRunner(callbacks=[lambda event: events.append((event.info.name, event.info.msg))])
        with environment_with(settings), contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            result = runner.invoke(["--no-send-anonymous-usage-stats", "--no-use-colors", *arguments])
            DuckDBConnectionManager.close_all_connections()
        exit_code = 0 if result.success else 2 if result.exception else 1
        lines = [message for name, message in events if name in LOGGED]
        if arguments[0] in LISTINGS:
            lines = sorted(result.result or [])
        text = "\n".join(message for _, message in events[-40:]) + (f"\n{result.exception}" if result.exception else "")
        return Outcome(exit_code, node_results(self.target, before), lines, text)

    def contents(self, clock_columns):
        path = self.target / "lake.duckdb"
        if not path.exists():
            return Contents({}, {})
        with duckdb.connect(str(path)) as connection:
            connection.execute("set timezone = 'UTC'")
            columns = columns_by_relation(connection.execute(COLUMNS_SQL).fetchall())
            rows = {}
            for relation, shape in columns.items():
                try:
                    found = connection.execute(rows_sql(relation, shape, clock_columns)).fetchall()
                except duckdb.Error as problem:  # a view over what is gone
                    found = [(f"cannot be read: {type(problem).__name__}",)]
                rows[".".join(relation)] = sorted_rows(found)
        return Contents({".".join(relation): shape for relation, shape in columns.items()}, rows)
