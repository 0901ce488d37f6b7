"""Rows that bring every kind of page about that smelt writes into Parquet files; for tests of other readers."""

# Dictionaries of many widths, runs, plain values, both in one column, values that are missing here and there.
# `{n}` is the number of rows; as a query of smelt.
QUERY = """
    select i, (i % 2 = 0) as b, (i % 100 - 50)::tinyint as few8, (i * 7919 % 5000 - 2500)::smallint as some16,
      (hash(i) % 3000000000::bigint)::bigint::double as f64, case when i % 3 > 0 then (i % 7)::float / 2 end as f32,
      case when i > 3000 then i::bigint * 1000003 end as late64, (i // 4)::int as quarter,
      (i * 31 % 1000)::decimal(9, 2) / 4::decimal(9, 2) as quotient, (i % 900)::decimal(9, 2) as d9,
      (i * 104729)::decimal(18, 4) as d18, ((i - 5000)::decimal(38, 10)) * 1000000007 as d38,
      date '1965-03-01' + (i * 37 % 20000)::int as da,
      timestamp '2020-01-01 00:00:00.000001' + to_microseconds(i::bigint * 977) as ntz,
      timestamptz '2020-01-01 00:00:00+00' + to_seconds(i::bigint % 86400) as tz,
      case when i < 4000 then null else 'v' || i end as unique_text, 'name of ' || i % 40 as few_texts,
      case when i < {n} // 2 then repeat('x', 900) || i % 12 when i % 5 > 0 then 'y' || i end as mixed,
      case when i % 1000 < 900 then 'run' end as runs, encode(chr(0) || i % 300) as blobs, null::int as nothing
    from range({n}) r(i)
"""
CODECS = ("snappy", "zstd", "lz4_raw", "uncompressed")


def create(table, rows, codec):
    """The statement that makes a table of these rows."""
    return f"create table {table} with ('delta.parquet.compression.codec' = '{codec}') as {QUERY.format(n=rows)}"
