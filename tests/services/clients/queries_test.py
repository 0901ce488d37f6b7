"""What tools that the registries lack ask of the catalogue gets the same answers from smelt serve and from a PostgreSQL 15.

The statements are in queries.sql. `-- without: a, b` there names columns in which two PostgreSQL servers differ, too.
Those of expressions.sql are what people write themselves.
"""

import re
import unittest
from decimal import Decimal
from pathlib import Path

import psycopg
from lake_and_postgres import LakeAndPostgresTest, as_set

QUERIES = Path(__file__).with_name("queries.sql")
EXPRESSIONS = Path(__file__).with_name("expressions.sql")
# Types that only these have, or references to types, which are numbers here so that clients can join them.
OTHER_TYPES = {f"pg_catalog.{name}" for name in ("pg_prepared_statements", "pg_sequences", "pg_statistic_ext_data", "pg_stats_ext")}


def queries():
    """(name, columns to leave out, statement) of each."""
    for block in re.split(r"(?m)^-- (?!without: )(?=\w[\w ]+: )", QUERIES.read_text(encoding="utf-8"))[1:]:
        name, text = block.split("\n", 1)
        without = re.findall(r"-- without: (.*)\n", text)
        statement = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip().removesuffix(";")
        yield name, set(", ".join(without).split(", ")), statement


def without_zeros(value):
    """An answer whose numbers lack the zeros at their ends."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+|E-\d+)", value):
        return format(Decimal(value).normalize(), "f")
    return [without_zeros(inner) for inner in value] if isinstance(value, (list, tuple)) else value


class QueriesTest(LakeAndPostgresTest):
    def test_answers_are_the_same(self):
        with psycopg.connect(self.ours, autocommit=True) as ours, psycopg.connect(self.theirs, autocommit=True) as theirs:
            for name, without, statement in queries():
                with self.subTest(name=name):
                    self.assertEqual(*(self.answer(connection, statement, without) for connection in (ours, theirs)))

    def test_relations_of_the_system_have_the_same_columns(self):
        listing = """select format('%s.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') order by 1"""
        with psycopg.connect(self.ours, autocommit=True) as ours, psycopg.connect(self.theirs, autocommit=True) as theirs:
            relations = [name for (name,) in theirs.execute(listing) if name not in OTHER_TYPES]
            self.assertGreater(len(relations), 200)
            for name in relations:
                with self.subTest(relation=name):
                    columns = [
                        [(column.name, column.type_code) for column in connection.execute(f"select * from {name} limit 0").description]
                        for connection in (ours, theirs)
                    ]
                    self.assertEqual(*columns)

    def test_expressions_are_the_same(self):
        exact, of_any_zeros = EXPRESSIONS.read_text(encoding="utf-8").split("-- Zeros behind the last digit")
        with psycopg.connect(self.ours, autocommit=True) as ours, psycopg.connect(self.theirs, autocommit=True) as theirs:
            for text, settle in ((exact, lambda value: value), (of_any_zeros, without_zeros)):
                for line in (line for line in text.splitlines() if line.startswith(("select", "with"))):
                    with self.subTest(statement=line):
                        self.assertEqual(*(settle(self.answer_or_state(connection, line)) for connection in (ours, theirs)))

    def answer_or_state(self, connection, statement):
        try:
            return self.answer(connection, statement, set())
        except psycopg.Error as error:
            return error.sqlstate

    def answer(self, connection, statement, without):
        """Names and types of the columns, and the rows in an order of their own."""
        cursor = connection.execute(statement.encode())
        if cursor.description is None:
            return cursor.statusmessage
        kept = [i for i, column in enumerate(cursor.description) if column.name not in without]
        columns = [(column.name, column.type_code) for column in cursor.description]
        return columns, as_set([row[i] for i in kept] for row in cursor)


if __name__ == "__main__":
    unittest.main()
