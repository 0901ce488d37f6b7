"""smelt, called with dbt's command line on its own copy of a project."""

import json

from outcome import COLUMNS_SQL, Contents, Outcome, columns_by_relation, node_results, results_of, rows_sql, sorted_rows

from smelt_program import environment, smelt


class SmeltSide:
    name = "smelt"

    def __init__(self, folder):
        self.folder = folder
        self.target = folder / "target"
        self.lake = self.target / "lake"

    def run(self, arguments, settings):
        """Runs one command in the project's folder."""
        before = results_of(self.target)
        settings = {**environment(), "SMELT_LAKE": str(self.lake), **settings}
        done = smelt(*arguments, cwd=self.folder, env=settings)
        text = done.stdout + done.stderr
        return Outcome(done.returncode, node_results(self.target, before), sorted(done.stdout.splitlines()), text)

    def contents(self, clock_columns):
        if not self.lake.exists():
            return Contents({}, {})
        listing = self._query(COLUMNS_SQL)
        if listing is None:
            return Contents({}, {})
        columns = columns_by_relation(tuple(row.values()) for row in listing)
        rows = {}
        for relation, shape in columns.items():
            found = self._query(rows_sql(relation, shape, clock_columns))
            found = [("cannot be read",)] if found is None else [tuple(row.values()) for row in found]
            rows[".".join(relation)] = sorted_rows(found)
        return Contents({".".join(relation): shape for relation, shape in columns.items()}, rows)

    def _query(self, sql):
        done = smelt("sql", "--lake", self.lake, "--format", "json", "-c", f"set timezone = 'UTC'; {sql}", cwd=self.folder)
        return json.loads(done.stdout or "[]") if done.returncode == 0 else None
