"""The tables that both sides judge, as Arrow: everyday columns and the values that often go wrong."""

import datetime as dt
import math
import random
from decimal import Decimal

import pyarrow as pa

ROWS = 60
WORDS = ["alpha", "beta", "gamma", "delta", "", " padded ", "it's", 'say "no"', "naïve", "😀 emoji 🚀", "100%", "a_b", "Ünïcode", "x" * 40]


def with_gaps(values, every, start=0):
    """The same values, every n-th one missing."""
    return [None if (i + start) % every == 0 else value for i, value in enumerate(values)]


def everyday():
    """Columns of every type, with and without missing values."""
    rng = random.Random(11)
    day = dt.date(2024, 2, 26)
    moments = [dt.datetime(2024, 2, 26, 8, 30) + dt.timedelta(hours=7 * i) for i in range(ROWS)]
    prices = [round(rng.uniform(0.5, 250), 2) for _ in range(ROWS)]
    return pa.table(
        {
            "id": pa.array(range(1, ROWS + 1), pa.int64()),
            "small": pa.array([i % 7 for i in range(ROWS)], pa.int32()),
            "gaps": pa.array(with_gaps([i % 11 for i in range(ROWS)], 9), pa.int64()),
            "descending": pa.array([ROWS - i // 2 for i in range(ROWS)], pa.int64()),
            "price": pa.array(prices, pa.float64()),
            "score": pa.array(with_gaps([round(rng.gauss(50, 12), 3) for _ in range(ROWS)], 10, 3), pa.float64()),
            "amount": pa.array([Decimal(f"{price:.2f}") for price in prices], pa.decimal128(10, 2)),
            "word": pa.array([WORDS[i % len(WORDS)] for i in range(ROWS)], pa.string()),
            "note": pa.array(with_gaps([rng.choice(WORDS[:6]) for _ in range(ROWS)], 7), pa.string()),
            "code": pa.array([f"BR-{i:04d}" if i % 13 else f"PT-{i:04d}" for i in range(ROWS)], pa.string()),
            "twin": pa.array([f"BR-{i:04d}" if i % 5 else f"XX-{i:04d}" for i in range(ROWS)], pa.string()),
            "flag": pa.array([i % 3 == 0 for i in range(ROWS)], pa.bool_()),
            "maybe": pa.array(with_gaps([i % 2 == 0 for i in range(ROWS)], 6), pa.bool_()),
            "day": pa.array([day + dt.timedelta(days=i % 20) for i in range(ROWS)], pa.date32()),
            "moment": pa.array(moments, pa.timestamp("us")),
            "late": pa.array(with_gaps([m + dt.timedelta(hours=i % 5 - 1) for i, m in enumerate(moments)], 8), pa.timestamp("us")),
            "text_day": pa.array([(day + dt.timedelta(days=i % 20)).isoformat() for i in range(ROWS)], pa.string()),
            "json": pa.array(json_texts(), pa.string()),
            "nothing": pa.array([None] * ROWS, pa.string()),
            "no_number": pa.array([None] * ROWS, pa.float64()),
            "constant": pa.array([5] * ROWS, pa.int64()),
            "with space": pa.array([i % 4 for i in range(ROWS)], pa.int64()),
        }
    )


def json_texts():
    texts = ['{"a": 1}', '{"a": "one"}', "[1, 2]", "not json", '{"a": 5, "b": null}', "", '{"a": -3}', "17"]
    return [texts[i % len(texts)] for i in range(ROWS)]


def special():
    """Not a number, infinities, numbers at the ends of their types, texts that look like something else."""
    return pa.table(
        {
            "n": pa.array(range(8), pa.int64()),
            "f": pa.array([1.5, math.nan, math.inf, -math.inf, 0.0, -0.0, None, 1e308], pa.float64()),
            "g": pa.array([1.5, math.nan, 2.5, None, 2.5, 4.0, 4.0, 1e-9], pa.float64()),
            "big": pa.array([2**53, -(2**53), 0, 1, -1, 2**40, 7, 7], pa.int64()),
            "f32": pa.array([0.1, 0.5, 2.0, -1.25, 3.0, 0.1, None, 9.5], pa.float32()),
            "t": pa.array(["nan", "NULL", "None", "inf", "0", "-0", None, "1e308"], pa.string()),
            "u": pa.array(["a'b", 'c"d', "e\\f", "g\nh", "i\tj", "👩‍👩‍👧", "é", "e\u0301"], pa.string()),
            "d": pa.array([Decimal(v) for v in ["0.00", "-1.50", "99999999.99", "0.01", "1.10", "1.10", "2.00"]] + [None], pa.decimal128(12, 2)),
            "at": pa.array([dt.datetime(1970, 1, 1), dt.datetime(2038, 1, 19, 3, 14, 7, 999999), None] + [dt.datetime(2024, 2, 29)] * 5, pa.timestamp("us")),
            "b": pa.array([True, False, None, True, True, False, None, True], pa.bool_()),
        }
    )


def empty():
    return everyday().slice(0, 0)


def wide():
    """10,000 columns of three rows."""
    return pa.table({f"c{i}": pa.array([i, i + 1, None], pa.int64()) for i in range(10_000)})


TABLES = {"everyday": everyday, "special": special, "empty": empty, "wide": wide}
