"""Values of every type through the PostgreSQL port: as text and binary, out and in, beside a real PostgreSQL 15.

The same expressions go to both servers; what psycopg and asyncpg make of the answers has to be the same.
"""

import asyncio
import datetime
import decimal
import os
import re
import signal
import unittest
import uuid

import asyncpg
import psycopg
from smelt_program import LakeTest, environment, smelt_ok, start

SERVER = os.environ["SMELT_TEST_POSTGRES"]
EXPRESSIONS = [
    "true", "null::boolean", "1::smallint", "(-2147483648)::int", "9223372036854775807::bigint",
    "1.5::real", "1234567::real", "0.000012345::real", "1e15::double precision", "0.1::double precision",
    "1e-5::double precision", "'NaN'::double precision", "'-Infinity'::double precision",
    "0::numeric(10,2)", "-0.05::numeric(10,4)", "12345678901234567890.123456789::numeric(38,9)", "10000::numeric(9,0)",
    "100000000::numeric(12,3)", "'x'::text", "''::text", "'grün €'::text",
    "'2024-02-29'::date", "'0001-01-01'::date", "'9999-12-31'::date",
    "'10:11:12'::time", "'10:11:12.120000'::time", "'2024-02-29 10:11:12.5'::timestamp", "'1969-12-31 23:59:59.999999'::timestamp",
    "'2024-07-01 10:11:12+02'::timestamptz", "'1 day 02:03:04.5'::interval", "'0 seconds'::interval",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "array[1,2,null]::int[]", "array['a','b c','','NULL','\"','\\']::text[]",
    "array[1.5,2.25]::numeric(10,2)[]", "array['2024-01-01']::date[]", "array[true,false]::boolean[]",
]  # fmt: skip
VALUES = [
    True, 7, -(2**40), 1.25, decimal.Decimal("1.50"), decimal.Decimal("-123456789012345678.0001"), "te'xt \"\\", b"\x00\xff",
    datetime.date(2024, 2, 29), datetime.time(1, 2, 3, 4), datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
    datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC), datetime.timedelta(days=-1, seconds=5), uuid.UUID(int=7), [1, None, 3],
]  # fmt: skip


class WireValuesTest(LakeTest):
    def setUp(self):
        super().setUp()
        smelt_ok("sql", "--lake", self.lake, "-c", "create table main.t (id int, name varchar, day date)")
        process = start("serve", "--lake", self.lake, "--json", "--http-port", "0", "--pg-port", "0", env=environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.send_signal, signal.SIGTERM)
        for line in process.stdout:
            if found := re.search(r"postgresql://127.0.0.1:(\d+)/lake", line):
                self.url = f"postgresql://ada@127.0.0.1:{found[1]}/lake"
                break
        else:
            self.fail("it does not listen")

    def test_expressions_are_as_postgres_writes_them(self):
        with psycopg.connect(self.url, autocommit=True) as ours, psycopg.connect(SERVER, autocommit=True) as theirs:
            for connection in (ours, theirs):
                connection.execute("set time zone 'Europe/Berlin'")
            for expression in EXPRESSIONS:
                for binary in (False, True):
                    with self.subTest(expression=expression, binary=binary):
                        answers = [self.raw(connection, f"select {expression} as v", binary) for connection in (ours, theirs)]
                        self.assertEqual(*answers)

    def raw(self, connection, query, binary):
        with connection.cursor(binary=binary) as cursor:
            cursor.execute(query)
            column = cursor.description[0]
            return column.type_code, cursor.pgresult.get_value(0, 0)

    def test_values_come_back_as_they_went(self):
        with psycopg.connect(self.url, autocommit=True) as ours:
            for value in VALUES:
                for binary in (False, True):
                    with self.subTest(value=value, binary=binary):
                        placeholder = "%b" if binary else "%t"
                        row = ours.execute(f"select {placeholder}", [value], binary=binary).fetchone()
                        self.assertEqual(row[0], value)

    def test_asyncpg_reads_prepared_statements_and_cursors(self):
        async def work():
            connection = await asyncpg.connect(self.url)
            self.assertEqual(await connection.fetchval("select $1::numeric", decimal.Decimal("1.5")), decimal.Decimal("1.5"))
            await connection.executemany("insert into t values ($1, $2, $3)", [(i, f"n{i}", datetime.date(2024, 1, 1)) for i in range(3)])
            async with connection.transaction():
                rows = [row["id"] async for row in connection.cursor("select id from t order by id", prefetch=2)]
            self.assertEqual(rows, [0, 1, 2])
            with self.assertRaises(asyncpg.UndefinedTableError):
                await connection.fetch("select * from nowhere")
            await connection.close()

        asyncio.run(work())

    def test_rows_are_copied(self):
        with psycopg.connect(self.url, autocommit=True) as ours, ours.cursor() as cursor:
            with cursor.copy("copy t from stdin") as copy:
                copy.write_row((1, "a\tb\\", datetime.date(2024, 1, 1)))
                copy.write_row((2, None, None))
            with cursor.copy("copy t (id, name) from stdin with (format binary)") as copy:
                copy.set_types(["int4", "text"])
                copy.write_row((3, "c"))
            rows = ours.execute("select * from t order by id").fetchall()
            self.assertEqual(rows, [(1, "a\tb\\", datetime.date(2024, 1, 1)), (2, None, None), (3, "c", None)])
            with self.assertRaises(psycopg.DataError) as refused, cursor.copy("copy t from stdin csv") as copy:
                copy.write("4,x,2024-01-01\n5,x,never\n")
            self.assertIn("line 2", str(refused.exception))


if __name__ == "__main__":
    unittest.main()
