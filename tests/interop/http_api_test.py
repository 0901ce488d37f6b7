"""The HTTP API as programs of others see it: schemathesis tries what its document says, pyarrow reads its rows."""

import io
import subprocess
import sys
import unittest
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from served_lake import ServedLakeTest

EXAMPLES = "15"

# One column of each family of types, with a value and without.
VALUES = """
    select * from (values
      (true, 1::tinyint, 2::smallint, 3, 4::bigint, 5::hugeint, 1.5::float, 2.5, 3.25::decimal(10,2), 'text',
       '\\x00\\xff'::blob, date '2018-05-24', timestamp '2018-05-24 13:00:00.5', timestamptz '2018-05-24 13:00:00+00',
       [1, null, 3], {'a': 1, 'b': ['x']}, map {'k': 2}, '9e107d9d-372b-4b6e-9a3c-7f2d5e1c0b8a'::uuid, 'x'::enum('x', 'y'),
       '{"j": 1}'::json, time '01:02:03', interval '1 month 2 days'),
      (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
       null, null, null))
    t(boolean, tiny, small, plain, big, huge, single, real, exact, words, bytes, day, instant, utc, list, struct, pairs, id,
      choice, json, clock, duration)
"""


class HttpApiTest(ServedLakeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()

    def rows(self, sql, form):
        status, headers, content = self.ask("POST", "/api/v1/sql", {"sql": sql, "format": form})
        self.assertEqual(status, 200, content)
        return headers["Content-Type"], content

    def test_pyarrow_reads_arrow_streams(self):
        media_type, content = self.rows(VALUES, "arrow")
        self.assertEqual(media_type, "application/vnd.apache.arrow.stream")
        table = pa.ipc.open_stream(content).read_all()
        table.validate(full=True)
        row, empty = table.to_pylist()
        self.assertEqual(set(empty.values()), {None})
        self.assertEqual(row["huge"], Decimal(5))
        self.assertEqual((row["exact"], row["words"], row["bytes"]), (Decimal("3.25"), "text", b"\x00\xff"))
        self.assertEqual((row["day"], row["instant"]), (date(2018, 5, 24), datetime(2018, 5, 24, 13, 0, 0, 500000)))
        self.assertEqual(row["utc"], datetime(2018, 5, 24, 13, tzinfo=UTC))
        self.assertEqual((row["list"], row["struct"], row["pairs"]), ([1, None, 3], {"a": 1, "b": ["x"]}, [("k", 2)]))
        self.assertEqual((row["id"], row["choice"]), ("9e107d9d-372b-4b6e-9a3c-7f2d5e1c0b8a", "x"))
        self.assertEqual(tuple(row["duration"]), (1, 2, 0))

    def test_pyarrow_reads_streams_of_many_batches_and_of_none(self):
        sql = "select i, if(i % 7 = 0, null, repeat('x', i % 50)) as t, [i, i + 1] as l from range(100000) r(i)"
        reader = pa.ipc.open_stream(self.rows(sql, "arrow")[1])
        batches = list(reader)
        self.assertGreater(len(batches), 1)
        table = pa.Table.from_batches(batches)
        table.validate(full=True)
        self.assertEqual(table.num_rows, 100000)
        self.assertEqual(table["t"].null_count, 14286)
        self.assertEqual(table["l"][99999].as_py(), [99999, 100000])
        empty = pa.ipc.open_stream(self.rows(f"select * from ({sql}) where false", "arrow")[1]).read_all()
        self.assertEqual((empty.num_rows, empty.column_names), (0, ["i", "t", "l"]))

    def test_pyarrow_reads_parquet(self):
        table = pa.parquet.read_table(io.BytesIO(self.rows(VALUES, "parquet")[1]))
        row, empty = table.to_pylist()
        self.assertEqual(set(empty.values()), {None})
        self.assertEqual((row["huge"], row["exact"]), (Decimal(5), Decimal("3.25")))
        self.assertEqual(row["utc"], datetime(2018, 5, 24, 13, tzinfo=UTC))

    def test_the_api_does_what_its_document_says(self):
        checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
        tester = Path(sys.executable).with_name("schemathesis")
        result = subprocess.run(
            [tester, "run", f"{self.url}/api/v1/openapi.json", "--checks", checks, "--max-examples", EXAMPLES,
             "--phases", "examples,fuzzing", "--seed", "1", "--request-timeout", "60",
             "--no-color", "--generation-database", "none"],
            capture_output=True, text=True, timeout=500, check=False, cwd=self.folder)  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stdout[-8000:] + result.stderr)
        self.assertEqual(self.call("GET", "/healthz")[0], 200)
        self.end(self.server)


if __name__ == "__main__":
    unittest.main()
