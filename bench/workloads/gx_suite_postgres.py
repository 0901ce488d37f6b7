"""Great Expectations on a table of PostgreSQL: prints the seconds of the loading and the validation, as JSON.

Usage: gx_suite_postgres.py DATA.parquet SUITE.json

The server is the one of SMELT_TEST_POSTGRES; its table orders is made anew. An expectation that this engine does not have
is one that fails with an exception; it is counted.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.simplefilter("ignore")

TYPES = {"int64": "bigint", "double": "double precision", "string": "text", "timestamp[us]": "timestamp"}


def load(address, data):
    """The rows as a table, with what a database knows of it after a while."""
    import psycopg
    import pyarrow.csv
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(data)
    columns = ", ".join(f"{field.name} {TYPES[str(field.type)]}" for field in file.schema_arrow)
    options = pyarrow.csv.WriteOptions(include_header=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("drop table if exists orders")
        connection.execute(f"create table orders ({columns})")
        with connection.cursor().copy("copy orders from stdin (format csv)") as copy:
            for batch in file.iter_batches():
                sink = pyarrow.BufferOutputStream()
                pyarrow.csv.write_csv(batch, sink, options)
                copy.write(sink.getvalue().to_pybytes())
        connection.execute("vacuum analyze orders")


def main():
    address = os.environ["SMELT_TEST_POSTGRES"]
    began = time.perf_counter()
    load(address, sys.argv[1])
    loaded = time.perf_counter()
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    url = address.replace("postgresql://", "postgresql+psycopg2://", 1)
    source = context.data_sources.add_postgres("postgres", connection_string=url)
    batch = source.add_table_asset("orders", table_name="orders").add_batch_definition_whole_table("all").get_batch()
    suite = great_expectations.ExpectationSuite(**json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
    ready = time.perf_counter()
    result = batch.validate(suite, result_format="SUMMARY")
    done = time.perf_counter()
    verdicts = sorted((one.expectation_config.type, str(one.success)) for one in result.results)
    failed = sorted(one.expectation_config.type for one in result.results if one.exception_info.get("raised_exception", True))
    seconds = {"load": loaded - began, "validate": done - ready}
    print(json.dumps({"seconds": seconds, "verdicts": verdicts, "without_answer": failed}))


if __name__ == "__main__":
    main()
