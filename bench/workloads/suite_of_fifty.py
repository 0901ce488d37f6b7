"""Fifty expectations on orders of a shop, and such orders as a Parquet file.

Usage: suite_of_fifty.py ROWS DATA.parquet SUITE.json
"""

import json
import sys
from pathlib import Path

STATES = ["created", "paid", "shipped", "delivered", "returned"]
REGIONS = [f"region-{i:02d}" for i in range(27)]
CHUNK = 500_000


def expectation(name, mostly=None, **kwargs):
    return {"type": f"expect_{name}", "kwargs": {**kwargs, **({"mostly": mostly} if mostly else {})}}


def suite():
    """Every kind of question that suites ask, most of them answered with yes."""
    needed = ["order_id", "customer_id", "state", "region", "quantity", "price", "discount", "created_at", "email", "sku"]
    expectations = [
        expectation("table_row_count_to_be_between", min_value=1),
        expectation("table_column_count_to_equal", value=12),
        expectation("table_columns_to_match_set", column_set=[*needed, "shipped_at", "note"]),
        *(expectation("column_values_to_not_be_null", column=name) for name in needed),
        expectation("column_values_to_not_be_null", column="shipped_at", mostly=0.7),
        expectation("column_values_to_be_null", column="note", mostly=0.8),
        expectation("column_values_to_be_unique", column="order_id"),
        expectation("compound_columns_to_be_unique", column_list=["order_id", "sku"]),
        expectation("column_values_to_be_in_set", column="state", value_set=STATES),
        expectation("column_values_to_be_in_set", column="region", value_set=REGIONS),
        expectation("column_distinct_values_to_be_in_set", column="region", value_set=REGIONS),
        expectation("column_distinct_values_to_contain_set", column="state", value_set=STATES[:3]),
        expectation("column_most_common_value_to_be_in_set", column="state", value_set=["delivered"]),
        expectation("column_values_to_be_between", column="quantity", min_value=1, max_value=20),
        expectation("column_values_to_be_between", column="price", min_value=0, max_value=900, mostly=0.95),
        expectation("column_values_to_be_between", column="discount", min_value=0, max_value=0.5),
        expectation("column_values_to_be_between", column="created_at", min_value="2020-01-01T00:00:00", max_value="2030-01-01T00:00:00"),
        expectation("column_values_to_be_between", column="price", min_value=1, row_condition="state == 'paid'", condition_parser="pandas", mostly=0.9),
        expectation("column_value_lengths_to_be_between", column="email", min_value=5, max_value=60),
        expectation("column_value_lengths_to_equal", column="sku", value=8),
        expectation("column_values_to_match_regex", column="sku", regex="^[A-Z]{2}-[0-9]{5}$"),
        expectation("column_values_to_match_regex", column="email", regex=r"^[^@\s]+@[^@\s]+\.[a-z]+$"),
        expectation("column_values_to_match_regex_list", column="region", regex_list=["^region-[0-9]+$", "^other$"]),
        *(expectation("column_values_to_be_of_type", column=name, type_=kind)
          for name, kind in (("quantity", "int64"), ("price", "float64"), ("email", "str"))),
        *(expectation(f"column_{word}_to_be_between", column="price", min_value=low, max_value=high)
          for word, low, high in (("min", 0, 10), ("max", 500, 5000), ("mean", 100, 400), ("median", 50, 400), ("stdev", 10, 500))),
        expectation("column_sum_to_be_between", column="quantity", min_value=1),
        expectation("column_quantile_values_to_be_between", column="price",
                    quantile_ranges={"quantiles": [0.05, 0.5, 0.95], "value_ranges": [[0, 100], [50, 400], [300, 2000]]}),
        expectation("column_unique_value_count_to_be_between", column="region", min_value=20, max_value=30),
        expectation("column_proportion_of_unique_values_to_be_between", column="customer_id", min_value=0.01),
        expectation("column_proportion_of_non_null_values_to_be_between", column="shipped_at", min_value=0.6),
        expectation("column_value_z_scores_to_be_less_than", column="price", threshold=4, double_sided=True, mostly=0.95),
        expectation("column_kl_divergence_to_be_less_than", column="state",
                    partition_object={"values": STATES, "weights": [0.1, 0.2, 0.2, 0.4, 0.1]}, threshold=0.1),
        expectation("column_values_to_be_increasing", column="order_id"),
        expectation("column_pair_values_a_to_be_greater_than_b", column_A="shipped_at", column_B="created_at",
                    ignore_row_if="either_value_is_missing"),
        expectation("column_to_exist", column="email"),
    ]  # fmt: skip
    return {"name": "fifty", "expectations": expectations}


def write_orders(path, rows):
    import numpy
    import pyarrow
    import pyarrow.parquet

    random = numpy.random.default_rng(17)
    writer = None
    for begin in range(0, rows, CHUNK):
        count = min(CHUNK, rows - begin)
        ids = numpy.arange(begin, begin + count)
        created = numpy.datetime64("2023-01-01", "us") + ids.astype("timedelta64[s]").astype("timedelta64[us]")
        missing = random.random(count) < 0.2
        table = pyarrow.table(
            {
                "order_id": ids,
                "customer_id": random.integers(0, max(1, rows // 5), count),
                "state": numpy.array(STATES)[random.choice(5, count, p=[0.1, 0.2, 0.2, 0.4, 0.1])],
                "region": numpy.array(REGIONS)[random.integers(0, 27, count)],
                "quantity": random.integers(1, 21, count),
                "price": numpy.round(random.gamma(2, 120, count), 2),
                "discount": numpy.round(random.random(count) / 2, 2),
                "created_at": created,
                "email": [f"user{number}@mail{number % 97}.org" for number in random.integers(0, rows, count)],
                "sku": [f"{'ABC'[number % 3]}Z-{number:05d}" for number in random.integers(0, 100_000, count)],
                "shipped_at": pyarrow.array(created + numpy.timedelta64(2, "D"), mask=missing),
                "note": pyarrow.array(["gift"] * count, mask=random.random(count) < 0.9),
            }
        )
        writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=122_880)
    writer.close()


def main():
    rows, data, wanted = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    write_orders(data, rows)
    found = suite()
    assert len(found["expectations"]) == 50, len(found["expectations"])
    wanted.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
