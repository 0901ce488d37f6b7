"""Files for projects/landing in tests, and what its tables have to hold, computed by plain SQL over the files."""

import csv
import functools
import json
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from smelt_program import ROOT, query, smelt_ok

PROJECT = ROOT / "projects/landing"
TABLES = ("products", "orders", "order_items")
KEYS = {"products": ("product_id",), "orders": ("order_id",), "order_items": ("order_id", "product_id")}
DAYS = 3


def copy_of_the_project(folder, settle_seconds=0):
    """The project in a folder of its own, with nothing in raw/."""
    copied = Path(shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", "raw", "archive", "rejected")))
    (copied / "raw").mkdir()
    change(copied / "sources/landing.yml", "settle_seconds: 2", f"settle_seconds: {settle_seconds}")
    return copied


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


@functools.cache
def drops(rate="1500", bad_share="0.05", seed="11", days=DAYS):
    """A folder with the files of some days."""
    folder = Path(tempfile.mkdtemp(prefix="smelt-drops-"))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    options = ("--rate", rate, "--days", days, "--bad-share", bad_share, "--seed", seed)
    smelt_ok("generate", "landing", *options, "--out", folder)
    # So few files that chance may have left all of them whole and none twice: one is, as the generator would have it.
    whole = [path for path in sorted(folder.glob("*.csv")) if "_again" not in path.name and not is_broken(path)]
    shutil.copy(whole[-1], whole[-1].with_stem(whole[-1].stem + "_again"))
    lines = whole[1].read_text(encoding="utf-8").split("\n", 1)
    whole[1].rename(whole[1].with_stem(whole[1].stem + "_corrected"))
    whole[1].write_text("\n".join([lines[0].rpartition(",")[0], lines[1]]), encoding="utf-8")
    return folder


def table_of(name):
    """"order_changes_2025-03-01_001.csv" → "orders"."""
    start = re.match(r"(.*)_\d{4}-\d{2}-\d{2}_", name).group(1)
    return "orders" if start == "order_changes" else start


def day_of(name):
    return re.search(r"\d{4}-\d{2}-\d{2}", name).group(0)


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def is_broken(path):
    """Whether a file lacks the name of its last column."""
    with open(path, encoding="utf-8") as file:
        return "updated_at" not in file.readline()


def expected_rows(lake, folder):
    """Table → its rows by key, from the files of a folder: the good ones, of each key the newest, and of items those whose
    order and product are there."""

    def files_of(*starts):
        paths = [str(path) for start in starts for path in sorted(folder.glob(f"{start}_20*.csv")) if not is_broken(path)]
        return f"read_csv({json.dumps(paths).replace(chr(34), chr(39))}, all_varchar = true, union_by_name = true)"

    newest = "qualify row_number() over (partition by {} order by updated_at desc) = 1"
    stamp = "try_cast(updated_at as timestamptz)"
    money = "try_cast({0} as decimal(12, 2)) >= 0"
    moment = """case channel when 'store' then try_strptime(ordered_at, '%d/%m/%Y %H:%M:%S')::timestamp at time zone 'America/Sao_Paulo'
        when 'app' then try_cast(make_timestamptz(try_cast(ordered_at as bigint) * 1000000) as timestamptz)
        else try_cast(ordered_at as timestamptz) end"""
    statements = {
        "products": f"""select * from {files_of("products")} where department_id is not null and {money.format("price")}
            and {stamp} is not null {newest.format("product_id")}""",
        "orders": f"""select * replace (epoch_us({moment})::varchar as ordered_at) from {files_of("orders", "order_changes")}
            where user_id is not null and {money.format("total")} and {moment} is not null {newest.format("order_id")}""",
    }
    statements["order_items"] = f"""select * from {files_of("order_items")}
        where try_cast(quantity as bigint) >= 1 and {money.format("line_total")}
        and order_id in (select order_id from ({statements["orders"]}))
        and product_id in (select product_id from ({statements["products"]}))
        {newest.format("order_id, product_id")}"""
    return {
        table: {tuple(row[key] for key in KEYS[table]): compared(row) for row in query(lake, statements[table])}
        for table in TABLES
    }


def compared(row):
    """A row without what is written in several ways: numbers and times as texts."""
    return {name: str(value) for name, value in row.items() if name not in ("updated_at",)}


def rows_there(lake):
    """Table → its rows by key, in the shape of expected_rows."""
    statements = {
        "products": "select product_id, product_name, department_id, department, price::varchar as price from processed.products",
        "orders": """select order_id, user_id, order_date::varchar as order_date, channel,
            epoch_us(ordered_at)::varchar as ordered_at, status, total::varchar as total from processed.orders""",
        "order_items": """select order_id, product_id, order_date::varchar as order_date, quantity::varchar as quantity,
            unit_price::varchar as unit_price, line_total::varchar as line_total from processed.order_items""",
    }
    return {
        table: {tuple(row[key] for key in KEYS[table]): compared(row) for row in query(lake, statement)}
        for table, statement in statements.items()
    }


def names_in(zone):
    """The names of the files in a zone, without the day they came there and what explains refusals; sorted."""
    return sorted(path.name for path in zone.rglob("*.csv")) if zone.exists() else []
