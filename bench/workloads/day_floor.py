"""What a day's whole tables cost at least: DuckDB computes them anew from tables in memory, and writes Parquet files.

Usage: day_floor.py LAKE MODELS OUTPUT RUNS
LAKE has a day that was added last; MODELS is the folder of the models' compiled SQL. Counted are the tables that the last
run replaced as a whole, which hold values as of the day (recency, quintiles, rankings). There is no reading of files, no
merge, no history, no log and no check in it. Prints one JSON object with the `seconds` of each run.
"""

import json
import re
import sys
import time
from pathlib import Path

import duckdb
from deltalake import DeltaTable


def newest_operation(table):
    commit = max((table / "_delta_log").glob("[0-9]*.json"))
    return json.loads(commit.read_text(encoding="utf-8").splitlines()[0])["commitInfo"]["operation"]


def load(connection, lake):
    """All tables of the lake, in memory; the names of those that were replaced last."""
    replaced = []
    for log in sorted(lake.glob("[!_]*/*/_delta_log")):
        schema, name = log.parent.parent.name, log.parent.name
        files = DeltaTable(log.parent).file_uris()
        if not files or schema == "quality":
            continue
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create table {schema}.{name} as from read_parquet({files})")
        if schema in ("silver", "gold") and newest_operation(log.parent) == "CREATE OR REPLACE TABLE":
            replaced.append((schema, name))
    return replaced


def main():
    lake, models, output, runs = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    output.mkdir(exist_ok=True)
    connection = duckdb.connect()
    statements = []
    for schema, name in load(connection, lake):
        sql = (models / schema / f"{name}.sql").read_text(encoding="utf-8").strip().rstrip(";")
        sql = re.sub(r'"lake"\."?(\w+)"?\.', r"\1.", sql)
        statements.append(f"copy ({sql}) to '{output}/{schema}_{name}.parquet' (format parquet)")
    laps = []
    for _ in range(runs):
        began = time.perf_counter()
        for statement in statements:
            connection.execute(statement)
        laps.append(time.perf_counter() - began)
    print(json.dumps({"seconds": laps, "tables": len(statements)}))


if __name__ == "__main__":
    main()
