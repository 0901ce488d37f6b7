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
        selects = {".".join(relation): rows_sql(relation, shape, clock_columns) for relation, shape in columns.items()}
        rows = self._rows_of_all(selects)
        if rows is None:
            rows = {name: self._rows_of(select) for name, select in selects.items()}
        return Contents({".".join(relation): shape for relation, shape in columns.items()}, rows)

    def _rows_of_all(self, selects):
        """The rows of all relations by one statement; none when one of them cannot be read."""
        parts = (f"select {place} as place, [*columns(*)] as cells from ({select})" for place, select in enumerate(selects.values()))
        found = self._query(" union all ".join(parts)) if selects else []
        if found is None:
            return None
        rows = [[] for _ in selects]
        for one in found:
            rows[one["place"]].append(one["cells"])
        return dict(zip(selects, map(sorted_rows, rows)))

    def _rows_of(self, select):
        found = self._query(select)
        return sorted_rows([("cannot be read",)] if found is None else [tuple(row.values()) for row in found])

    def _query(self, sql):
        done = smelt("sql", "--lake", self.lake, "--format", "json", "-c", f"set timezone = 'UTC'; {sql}", cwd=self.folder)
        return json.loads(done.stdout or "[]") if done.returncode == 0 else None
