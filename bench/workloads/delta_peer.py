"""The peers of the Delta benchmarks: the `deltalake` package (delta-rs), and DuckDB where it can do the same.

Usage: delta_peer.py WORK ARGUMENT...

Prints one JSON object: `seconds` that the work took, without the start of Python and the imports.
"""

import json
import sys
import time
from pathlib import Path

KEYS = "t.l_orderkey = s.l_orderkey and t.l_linenumber = s.l_linenumber"
TARGET_BYTES = 256 << 20


def stream(parquet):
    """The rows of a file, a batch at a time: nothing holds all of them."""
    import pyarrow.dataset as ds

    return ds.dataset(parquet).scanner().to_reader()


def write(table, parquet, partition=None):
    from deltalake import write_deltalake

    write_deltalake(table, stream(parquet), partition_by=[partition] if partition else None)


def merge(table, parquet, also=""):
    import pyarrow.parquet as pq
    from deltalake import DeltaTable

    predicate = KEYS + (f" and {also}" if also else "")
    merger = DeltaTable(table).merge(pq.read_table(parquet), predicate, source_alias="s", target_alias="t")
    merger.when_matched_update_all().when_not_matched_insert_all().execute()


def delete(table, predicate):
    from deltalake import DeltaTable

    DeltaTable(table).delete(predicate)


def update(table, predicate):
    from deltalake import DeltaTable

    DeltaTable(table).update(updates={"l_comment": "'changed'"}, predicate=predicate)


def optimize(table, *zorder):
    from deltalake import DeltaTable

    optimizer = DeltaTable(table).optimize
    if zorder:
        optimizer.z_order(zorder, target_size=TARGET_BYTES)
    else:
        optimizer.compact(target_size=TARGET_BYTES)


def list_files(table):
    from deltalake import DeltaTable

    return {"answer": len(DeltaTable(table).file_uris())}


def reopen(table):
    """What it costs to look for a newer version when there is none."""
    from deltalake import DeltaTable

    opened = DeltaTable(table)
    laps = []
    for _ in range(20):
        began = time.perf_counter()
        opened.update_incremental()
        laps.append(time.perf_counter() - began)
    return {"seconds": sorted(laps)[len(laps) // 2]}


def query(table, sql):
    from deltalake import DeltaTable, QueryBuilder

    (row,) = QueryBuilder().register("t", DeltaTable(table)).execute(sql).read_all().to_struct_array().to_pylist()
    return {"answer": [str(value) for value in row.values()]}


def append(table, first, count):
    """`count` commits of 100 rows each; the laps are those of each commit.

    By the path: with one DeltaTable for all, the first commits are faster and the last ones far slower.
    """
    import pyarrow as pa
    from deltalake import CommitProperties, write_deltalake

    patient = CommitProperties(max_commit_retries=1000)  # with the 15 of the package, eight writers fail
    laps = []
    for at in range(int(first), int(first) + int(count)):
        ids = range(at * 100, at * 100 + 100)
        rows = pa.table({"id": pa.array(ids, pa.int64()), "name": [f"name {i}" for i in ids], "value": [i * 0.5 for i in ids]})
        began = time.perf_counter()
        write_deltalake(table, rows, mode="append", commit_properties=patient)
        laps.append(time.perf_counter() - began)
    return {"laps": laps}


def create(table):
    """An empty table for the appends."""
    import pyarrow as pa
    from deltalake import DeltaTable

    DeltaTable.create(table, pa.schema([("id", pa.int64()), ("name", pa.string()), ("value", pa.float64())]))


def change_feed(table, first, last):
    import pyarrow as pa
    from deltalake import DeltaTable

    changes = DeltaTable(table).load_cdf(starting_version=int(first), ending_version=int(last))
    return {"answer": sum(len(batch) for batch in pa.RecordBatchReader.from_stream(changes))}


def duckdb_copy(target, parquet, partition=None):
    import duckdb

    how = f"format parquet, partition_by ({partition})" if partition else "format parquet"
    duckdb.execute(f"copy (from '{parquet}') to '{target}' ({how})")


def duckdb_query(table, sql):
    """By DuckDB's own extension for Delta tables, out of its package."""
    import duckdb
    import duckdb_extension_delta

    (extension,) = Path(duckdb_extension_delta.__file__).parent.rglob("*.duckdb_extension")
    duckdb.execute(f"load '{extension}'")
    began = time.perf_counter()
    duckdb.execute(f"create view t as from delta_scan('{table}')")
    row = duckdb.execute(sql).fetchone()
    return {"answer": [str(value) for value in row], "seconds": time.perf_counter() - began}


WORKS = [write, merge, delete, update, optimize, list_files, reopen, query, append, create, change_feed]
WORKS += [duckdb_copy, duckdb_query]


def main():
    work = {function.__name__: function for function in WORKS}[sys.argv[1]]
    if sys.argv[1].startswith("duckdb"):
        import duckdb  # noqa: F401
    else:
        import deltalake  # noqa: F401
        import pyarrow.dataset  # noqa: F401
        import pyarrow.parquet  # noqa: F401
    began = time.perf_counter()
    told = work(*sys.argv[2:]) or {}
    print(json.dumps({"seconds": time.perf_counter() - began, **told}))


if __name__ == "__main__":
    main()
