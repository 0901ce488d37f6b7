"""What smelt says of a suite on the same table, written as a Parquet file."""

import json

import pyarrow.parquet

from smelt_program import smelt


class SmeltSide:
    """Suites, data and results in one folder."""

    def __init__(self, folder):
        self.folder = folder

    def data(self, name, table):
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            pyarrow.parquet.write_table(table, path)
        return path

    def validate(self, name, table, suite, result_format):
        """The results by the number that each expectation carries in its meta."""
        path, out = self.folder / "suite.json", self.folder / "result.json"
        path.write_text(json.dumps(suite, ensure_ascii=False), encoding="utf-8")
        out.unlink(missing_ok=True)
        how = result_format if isinstance(result_format, str) else json.dumps(result_format)
        run = smelt("validate", "--suite", path, "--data", self.data(name, table), "--out", out, "--result-format", how)
        if run.returncode not in (0, 1) or not out.exists():
            raise AssertionError(f"smelt validate: exit {run.returncode}\n{run.stdout}{run.stderr}")
        results = json.loads(out.read_text(encoding="utf-8"))["results"]
        return {one["expectation_config"]["meta"]["case"]: one for one in results}
