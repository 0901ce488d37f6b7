"""The works of the Delta benchmarks: each as SQL for smelt, and as the function of delta_peer.py that does the same."""

import statistics
from dataclasses import replace

from delta_work import CLOCK, Goal, Work

MONTH = 199506
VALUES = [
    "l_orderkey", "l_partkey", "l_suppkey", "l_linenumber", "l_quantity", "l_extendedprice", "l_discount", "l_tax",
    "l_returnflag", "l_linestatus", "l_shipdate", "l_commitdate", "l_receiptdate", "l_shipinstruct", "l_shipmode",
    "l_comment", "l_shipmonth",
]  # fmt: skip
SCATTERED = "l_partkey % 100 = 7"
ZORDER = ("l_partkey", "l_shipdate")
VECTORS = "with ('delta.enableDeletionVectors' = 'true')"
DUCKDB_COPY = "DuckDB, plain copy"


def millions(shape):
    return f"{shape.rows / 1e6:g}M rows"


# Writing.


def smelt_writes(place, partition=None, options=""):
    by = f"partitioned by ({partition})" if partition else ""
    source = f"select * from read_parquet('{place.data}/lineitem.parquet')"
    return place.smelt(f"create table t {by} {options} as {source}")


def peer_writes(place, partition=None):
    return place.peer("write", place.table, place.data / "lineitem.parquet", *([partition] if partition else []))


def write(title, partition=None):
    def smelt(place):
        place.empty()
        return smelt_writes(place, partition)

    def peer(place):
        place.empty()
        return peer_writes(place, partition)

    def copy(place):
        place.empty()
        return place.peer("duckdb_copy", place.table, place.data / "lineitem.parquet", *([partition] if partition else []))

    goals = (Goal(times=2), Goal(times=1 / 1.3, than=DUCKDB_COPY))
    return Work(title, smelt, peer, goals, {DUCKDB_COPY: copy}, changes=True)


# Changing rows.


def take_base(place, partition=None):
    """The table t as the engine itself writes it; smelt's with deletion vectors, which delta-rs cannot write."""

    def make(place):
        smelt_writes(place, partition, VECTORS) if place.engine == "smelt" else peer_writes(place, partition)

    place.copy_base(partition or "plain", make)


def merge_statement(place, source, also):
    on = "t.l_orderkey = s.l_orderkey and t.l_linenumber = s.l_linenumber" + (f" and {also}" if also else "")
    assignments = ", ".join(f"{name} = s.{name}" for name in VALUES)
    values = ", ".join(f"s.{name}" for name in VALUES)
    return (
        f"merge into t using (from read_parquet('{place.data}/{source}.parquet')) s on ({on})"
        f" when matched then update set {assignments} when not matched then insert values ({values})"
    )


def merge(title, source, goals, partition=None, spark=True):
    also = f"t.{partition} = s.{partition}" if partition else ""

    def smelt(place):
        take_base(place, partition)
        return place.smelt(merge_statement(place, source, also))

    def peer(place):
        take_base(place, partition)
        return place.peer("merge", place.table, place.data / f"{source}.parquet", *([also] if also else []))

    def spark_merge(place):
        def write(place):
            place.spark("write", place.table, place.data / "lineitem.parquet", *([partition] if partition else []))

        place.copy_base(partition or "plain", write)
        return place.spark("merge", place.table, place.data / f"{source}.parquet", *([also] if also else []))

    return Work(title, smelt, peer, goals, changes=True, spark=spark_merge if spark else None)


def change(title, statement, peer_work):
    def smelt(place):
        take_base(place)
        return place.smelt(statement)

    def peer(place):
        take_base(place)
        return place.peer(peer_work, place.table, SCATTERED)

    return Work(title, smelt, peer, (Goal(times=10),), changes=True)


def partition_merge():
    """Beside it, what it costs to read that partition and to write it: a merge that does no more costs about that."""
    partition = "l_shipmonth"
    work = merge(lambda s: "merge of 1,000 rows into one of 84 partitions", "upsert_month", (), partition, spark=False)
    copied = "smelt, that partition read and written"

    def copy(place):
        lake = place.of("smelt").lake
        base = f"delta_scan('{lake}/bases/{partition}')"
        return place.smelt(f"create or replace table c as select * from {base} where {partition} = {MONTH}", lake)

    return replace(work, goals=(Goal(times=0.5, than=copied),), others={copied: copy})


# Maintenance.


def optimize(title, zorder, times):
    def smelt(place):
        place.copy(place.data / "tables/small_files")
        columns = f", zorder => [{', '.join(map(repr, zorder))}]" if zorder else ""
        return place.smelt(f"call optimize('t', target_file_bytes => 268435456{columns})")

    def peer(place):
        place.copy(place.data / "tables/small_files")
        return place.peer("optimize", place.table, *zorder)

    return Work(title, lambda p: replace(smelt(p), answer=None), peer, (Goal(times=times),), changes=True)


# The log.


def open_table(title, table, times):
    def smelt(place):
        figure = place.smelt(f"select files from table_detail('tables.{table}')", place.data)
        return replace(figure, answer=int(figure.answer[0]))

    return Work(title, smelt, lambda p: p.peer("list_files", p.data / "tables" / table), (Goal(times=times),))


def reopen():
    """A statement in a process that has the table open already."""

    def smelt(place):
        figure = place.smelt("select count(*) from tables.checkpointed", place.data, times=21)
        return replace(figure, seconds=statistics.median(figure.laps[1:]), answer=None)

    def peer(place):
        return place.peer("reopen", place.data / "tables/checkpointed")

    return Work(lambda s: "reopen the checkpointed table, nothing changed, p50", smelt, peer, (Goal(most_s=0.001),))


def selective_query():
    def sql(place, table):
        first = place.shape.rows // 8
        keys = f"l_orderkey between {first} and {first + 200}"
        return f"select count(*) as n, sum(l_extendedprice) as s from {table} where {keys}"

    extension = "DuckDB's delta extension"

    def smelt(place):
        return place.smelt(sql(place, "tables.many_files"), place.data)

    def peer(place):
        return place.peer("query", place.data / "tables/many_files", sql(place, "t"))

    def duckdb(place):
        return place.peer("duckdb_query", place.data / "tables/many_files", sql(place, "t"))

    goals = (Goal(times=3, than=extension),)
    return Work(lambda s: f"selective query, {s.many_files:,} files", smelt, peer, goals, {extension: duckdb})


# Small commits.


def with_laps(figure, in_order):
    """The median of the commits; of one writer's, also how they change from the first tenth to the last."""
    tenth = max(len(figure.laps) // 10, 1)
    first, last = (statistics.median(part) * 1000 for part in (figure.laps[:tenth], figure.laps[-tenth:]))
    note = f"first tenth {first:.1f}, last {last:.1f}, " if in_order else ""
    note += f"p99 {sorted(figure.laps)[int(len(figure.laps) * 0.99)] * 1000:.1f}"
    return replace(figure, seconds=statistics.median(figure.laps), answer=None, note=note)


def appends(writers):
    def ranges(place):
        each = place.shape.appends // writers
        return [(at * each, each) for at in range(writers)]

    def script(first, count):
        insert = "insert into t select i, 'name ' || i, (i * 0.5)::double from range({}, {}) r(i);"
        statements = "".join(f"{insert.format(at * 100, at * 100 + 100)} {CLOCK};" for at in range(first, first + count))
        return f"{CLOCK}; {statements}"

    def counted(place, figure):
        """Every commit that was acknowledged is in the table."""
        wanted = sum(count for _, count in ranges(place)) * 100
        (answer,) = place.smelt("select count(*) from t", place.of(place.engine).lake).answer
        if int(answer) != wanted:
            raise SystemExit(f"{place.engine}: {answer} rows after appends of {wanted}")
        return with_laps(figure, in_order=writers == 1)

    def smelt(place):
        place.empty()
        place.smelt("create table t (id bigint, name varchar, value double)")
        return counted(place, place.smelt_scripts([script(*each) for each in ranges(place)]))

    def peer(place):
        place.empty()
        place.peer("create", place.table)
        first, *others = [(place.table, *map(str, each)) for each in ranges(place)]
        return counted(place, place.peer("append", *first, then=others))

    who = "one after the other" if writers == 1 else f"by {writers} writers at once"
    goals = (Goal(most_s=0.002),) if writers == 1 else ()
    return Work(lambda s: f"{s.appends // writers * writers:,} appends of 100 rows {who}, p50", smelt, peer, goals)


def change_feed():
    def bounds(place):
        return place.shape.feed_commits - 10, place.shape.feed_commits - 1

    def smelt(place):
        first, last = bounds(place)
        figure = place.smelt(f"select count(*) from (from table_changes('tables.feed', {first}, {last}))", place.data)
        return replace(figure, answer=int(figure.answer[0]))

    def peer(place):
        return place.peer("change_feed", place.data / "tables/feed", *map(str, bounds(place)))

    return Work(lambda s: f"change feed, last 10 of {s.feed_commits:,} commits", smelt, peer, ())


AS_SPARK = Goal(times=10, than="Spark")
UPSERT_1 = (Goal(times=3), Goal(memory=0.25), AS_SPARK)
UPSERT_10 = (Goal(times=2), Goal(memory=0.25), AS_SPARK)

WORKS = [
    write(lambda s: f"write {millions(s)} from Parquet"),
    write(lambda s: f"write {millions(s)}, partitioned by 84 months", "l_shipmonth"),
    merge(lambda s: "merge touching 1 % of rows", "upsert_1", UPSERT_1),
    merge(lambda s: "merge touching 10 % of rows", "upsert_10", UPSERT_10),
    merge(lambda s: "merge touching 1 %, partitioned", "upsert_1", UPSERT_1, "l_shipmonth"),
    merge(lambda s: "merge touching 10 %, partitioned", "upsert_10", UPSERT_10, "l_shipmonth"),
    partition_merge(),
    change(lambda s: "delete 1 % scattered rows", f"delete from t where {SCATTERED}", "delete"),
    change(lambda s: "update 1 % scattered rows", f"update t set l_comment = 'changed' where {SCATTERED}", "update"),
    optimize(lambda s: f"optimize {s.small_files:,} small files", (), 2),
    optimize(lambda s: "Z-order by two columns", ZORDER, 3),
    open_table(lambda s: f"open: log of {s.log_commits:,} commits, no checkpoint", "long_log", 5),
    open_table(lambda s: f"open: checkpoint of {s.checkpoint_files:,} files", "checkpointed", 5),
    reopen(),
    selective_query(),
    *(appends(writers) for writers in (1, 2, 8)),
    change_feed(),
]
