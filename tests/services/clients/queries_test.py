"""What tools that the registries lack ask of the catalogue gets the same answers from smelt serve and from a PostgreSQL 15.

The statements are in queries.sql. `-- without: a, b` there names columns in which two PostgreSQL servers differ, too.
"""

import re
import unittest
from pathlib import Path

import psycopg
from lake_and_postgres import LakeAndPostgresTest, as_set, type_of

QUERIES = Path(__file__).with_name("queries.sql")


def queries():
    """(name, columns to leave out, statement) of each."""
    for block in re.split(r"(?m)^-- (?!without: )(?=\w[\w ]+: )", QUERIES.read_text(encoding="utf-8"))[1:]:
        name, text = block.split("\n", 1)
        without = re.findall(r"-- without: (.*)\n", text)
        statement = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip().removesuffix(";")
        yield name, set(", ".join(without).split(", ")), statement


class QueriesTest(LakeAndPostgresTest):
    def test_answers_are_the_same(self):
        with psycopg.connect(self.ours, autocommit=True) as ours, psycopg.connect(self.theirs, autocommit=True) as theirs:
            for name, without, statement in queries():
                with self.subTest(name=name):
                    self.assertEqual(*(self.answer(connection, statement, without) for connection in (ours, theirs)))

    def answer(self, connection, statement, without):
        """Names and types of the columns, and the rows in an order of their own."""
        cursor = connection.execute(statement.encode())
        if cursor.description is None:
            return cursor.statusmessage
        kept = [i for i, column in enumerate(cursor.description) if column.name not in without]
        columns = [(column.name, type_of(column.type_code)) for column in cursor.description]
        return columns, as_set([row[i] for i in kept] for row in cursor)


if __name__ == "__main__":
    unittest.main()
