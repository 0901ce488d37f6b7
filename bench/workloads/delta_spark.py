"""Spark with Delta Lake as a peer of the Delta benchmarks, as tests/with_spark.py runs it.

Usage: delta_spark.py WORK ARGUMENT...
Prints one JSON object: `seconds` that the statement took in a session that had been started before.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from delta_peer import KEYS  # noqa: E402
from spark_session import spark  # noqa: E402


def write(table, parquet, partition=None):
    by = f"partitioned by ({partition})" if partition else ""
    spark(large=True).sql(f"create table delta.`{table}` using delta {by} as select * from parquet.`{parquet}`")


def merge(table, parquet, also=""):
    on = KEYS + (f" and {also}" if also else "")
    spark(large=True).sql(
        f"merge into delta.`{table}` as t using parquet.`{parquet}` as s on {on}"
        " when matched then update set * when not matched then insert *"
    )


WORKS = [write, merge]


def main():
    work = {function.__name__: function for function in WORKS}[sys.argv[1]]
    spark(large=True).sql("select 1").collect()
    began = time.perf_counter()
    work(*sys.argv[2:])
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
