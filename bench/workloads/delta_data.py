"""Generates what the Delta benchmarks read: the same bytes for the same number of rows.

Usage: delta_data.py FOLDER ROWS

Parquet files (lineitem, the sources of merges) and, under FOLDER/tables, Delta tables that neither engine wrote: their
logs are written here, line by line.
"""

import json
import sys
import uuid
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from deltalake import DeltaTable
from delta_shape import shape_of

# A table like TPC-H's lineitem: keys ascend as in a load by time of order, all else is scattered by a hash.
LINEITEM = """
    select (i // 4 + 1)::bigint as l_orderkey, (h // 7 % 200000)::bigint as l_partkey, (h // 11 % 10000)::bigint as l_suppkey,
      (i % 4 + 1)::integer as l_linenumber, (h // 13 % 50 + 1)::decimal(15, 2) as l_quantity,
      ((h // 17 % 9000000) / 100 + 900)::decimal(15, 2) as l_extendedprice,
      ((h // 19 % 11) / 100)::decimal(15, 2) as l_discount, ((h // 23 % 9) / 100)::decimal(15, 2) as l_tax,
      ['A', 'N', 'R'][h // 29 % 3 + 1] as l_returnflag,
      ['F', 'O'][h // 31 % 2 + 1] as l_linestatus, day as l_shipdate, (day + (h // 37 % 60)::integer) as l_commitdate,
      (day + (h // 41 % 30)::integer) as l_receiptdate,
      ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'][h // 43 % 4 + 1] as l_shipinstruct,
      ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'][h // 47 % 7 + 1] as l_shipmode,
      printf('%s deposits wake %x about the %s', ['quick', 'final', 'ironic', 'bold'][h // 53 % 4 + 1], h % 16777216,
        ['foxes', 'ideas', 'requests'][h // 59 % 3 + 1]) as l_comment,
      (year(day) * 100 + month(day))::integer as l_shipmonth
    from (select i, h, date '1992-01-01' + (h // 61 % 2556)::integer as day
      from (select i, (hash(i) // 2)::bigint as h from range({first}, {last}) r(i)))"""

# Rows that a merge brings: every n-th row of the table with another price and text, and a tenth as many new ones.
UPSERT = """
    select * replace (l_extendedprice + 1 as l_extendedprice, 'merged' as l_comment) from lineitem
    where hash(l_orderkey, l_linenumber) % {every} = 0
    union all (select * replace ('new' as l_comment) from ({new}) limit {count})"""

COLUMNS = [
    ("l_orderkey", "long"), ("l_partkey", "long"), ("l_suppkey", "long"), ("l_linenumber", "integer"),
    ("l_quantity", "decimal(15,2)"), ("l_extendedprice", "decimal(15,2)"), ("l_discount", "decimal(15,2)"),
    ("l_tax", "decimal(15,2)"), ("l_returnflag", "string"), ("l_linestatus", "string"), ("l_shipdate", "date"),
    ("l_commitdate", "date"), ("l_receiptdate", "date"), ("l_shipinstruct", "string"), ("l_shipmode", "string"),
    ("l_comment", "string"), ("l_shipmonth", "integer"),
]  # fmt: skip
BEGAN_MS = 1_700_000_000_000


class LogWriter:
    """Writes the log of a table, a commit at a time."""

    def __init__(self, folder, configuration=None):
        self.log = folder / "_delta_log"
        self.log.mkdir(parents=True)
        self.version = -1
        fields = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in COLUMNS]
        metadata = {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, folder.name)),
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "partitionColumns": [],
            "configuration": configuration or {},
            "createdTime": BEGAN_MS,
        }
        protocol = {"minReaderVersion": 1, "minWriterVersion": 4 if configuration else 2}
        self.first = [{"protocol": protocol}, {"metaData": metadata}]

    def commit(self, files):
        """Adds `files`, as (path, bytes, statistics), in one version."""
        self.version += 1
        at = BEGAN_MS + self.version * 1000
        info = {"timestamp": at, "operation": "WRITE", "operationParameters": {"mode": "Append"}, "isBlindAppend": True}
        actions = [{"commitInfo": info}, *self.first]
        self.first = []
        for path, size, stats in files:
            add = {"path": path, "partitionValues": {}, "size": size, "modificationTime": at, "dataChange": True}
            actions.append({"add": {**add, "stats": json.dumps(stats)}})
        text = "".join(json.dumps(action) + "\n" for action in actions)
        (self.log / f"{self.version:020}.json").write_text(text, encoding="utf-8")


def json_value(value):
    return value if isinstance(value, (int, str)) else float(value) if hasattr(value, "as_tuple") else str(value)


def statistics_of(path):
    """What a writer of Delta would put into the log of a file of one row group."""
    meta = pq.read_metadata(path)
    columns = [meta.row_group(0).column(at) for at in range(meta.num_columns)]
    known = [(column.path_in_schema, column.statistics) for column in columns]
    return {
        "numRecords": meta.num_rows,
        "minValues": {name: json_value(stats.min) for name, stats in known},
        "maxValues": {name: json_value(stats.max) for name, stats in known},
        "nullCount": {name: stats.null_count for name, stats in known},
    }


def commit_in_parts(log, adds, commits):
    """All files, in as many commits."""
    for at in range(commits):
        log.commit(adds[at * len(adds) // commits : (at + 1) * len(adds) // commits])


def table_of_files(db, folder, files, rows, commits, configuration=None):
    """A table of `files` files that hold `rows` rows together."""
    log = LogWriter(folder, configuration)
    step = max(rows // files, 1)
    table = db.execute(f"from lineitem limit {step * files}").to_arrow_table()
    adds = []
    for at in range(files):
        path = folder / f"part-{at:05}.parquet"
        pq.write_table(table.slice(at * step, step), path)
        adds.append((path.name, path.stat().st_size, statistics_of(path)))
    commit_in_parts(log, adds, commits)


def table_without_data(db, folder, files, commits):
    """The log of a table whose files are not there, for measuring how it is opened."""
    log = LogWriter(folder)
    sample = folder / "sample.parquet"
    pq.write_table(db.execute("from lineitem limit 1000").to_arrow_table(), sample)
    stats = statistics_of(sample)
    sample.unlink()
    adds = []
    for at in range(files):
        least = {**stats["minValues"], "l_orderkey": at * 250}
        greatest = {**stats["maxValues"], "l_orderkey": at * 250 + 249}
        path = f"part-{at:05}-{uuid.UUID(int=at)}.parquet"
        adds.append((path, 50_000 + at, {**stats, "minValues": least, "maxValues": greatest}))
    commit_in_parts(log, adds, commits)


def main():
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    shape = shape_of(rows)
    tables = folder / "tables"
    tables.mkdir(parents=True)
    db = duckdb.connect()
    db.execute("set preserve_insertion_order = true")
    db.execute(f"copy ({LINEITEM.format(first=0, last=rows)}) to '{folder}/lineitem.parquet'")
    db.execute(f"create view lineitem as from '{folder}/lineitem.parquet'")
    new = LINEITEM.format(first=rows, last=rows * 2)
    for percent in (1, 10):
        upsert = UPSERT.format(every=100 // percent, new=new, count=rows * percent // 1000)
        db.execute(f"copy ({upsert}) to '{folder}/upsert_{percent}.parquet'")
    month = "select * replace ('merged' as l_comment) from lineitem where l_shipmonth = 199506 limit 1000"
    db.execute(f"copy ({month}) to '{folder}/upsert_month.parquet'")

    table_of_files(db, tables / "small_files", shape.small_files, rows, 1)
    table_of_files(db, tables / "many_files", shape.many_files, rows, shape.checkpoint_version + 1)
    feed = {"delta.enableChangeDataFeed": "true"}
    table_of_files(db, tables / "feed", shape.feed_commits, shape.feed_commits * 100, shape.feed_commits, feed)
    table_without_data(db, tables / "long_log", shape.log_commits, shape.log_commits)
    table_without_data(db, tables / "checkpointed", shape.checkpoint_files, shape.checkpoint_version + 1)
    for name in ("many_files", "checkpointed"):
        DeltaTable(tables / name).create_checkpoint()


if __name__ == "__main__":
    main()
