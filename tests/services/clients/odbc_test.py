"""PostgreSQL's ODBC driver on smelt serve and a PostgreSQL 15: the catalogue functions, typed values, parameters."""

import datetime
import decimal
import unittest
from pathlib import Path
from urllib.parse import urlsplit

import pyodbc
from lake_and_postgres import LakeAndPostgresTest, as_set, settled

LIBRARIES = Path("/usr/lib")
DRIVER = next(LIBRARIES.glob("*/odbc/psqlodbcw.so"))
QUESTIONS = [
    ("tables", {}), ("tables", {"schema": "sales"}), ("tables", {"schema": "sales", "tableType": "VIEW"}), ("tables", {"table": "peo%"}),
    ("tables", {"catalog": "%", "schema": "", "table": ""}), ("tables", {"catalog": "", "schema": "%", "table": ""}),
    ("columns", {"schema": "sales", "table": "orders"}), ("columns", {"table": "people"}), ("columns", {"schema": "sales", "table": "cheap"}),
    ("primaryKeys", {"table": "orders", "schema": "sales"}), ("foreignKeys", {"table": "orders", "schema": "sales"}),
    ("statistics", {"table": "orders", "schema": "sales"}), ("rowIdColumns", {"table": "orders", "schema": "sales"}),
    ("rowVerColumns", {"table": "orders", "schema": "sales"}), ("procedures", {"schema": "sales"}), ("getTypeInfo", {}),
]  # fmt: skip


class OdbcTest(LakeAndPostgresTest):
    def connect(self, url, more=""):
        port = urlsplit(url).port
        text = f"Driver={DRIVER};Server=127.0.0.1;Port={port};Database=lake;Uid=lake;Pwd=lake;{more}"
        connection = pyodbc.connect(text, autocommit=True)
        self.addCleanup(connection.close)
        return connection

    def rows(self, cursor, facts=5):
        """Names and types of the columns, and the rows. Whether a column may be NULL, the driver asks the catalogue where
        rows say which table their columns are of; those of a lake do not."""
        described = [[column[0], column[1].__name__, *column[3:6]][:facts] for column in cursor.description]
        return described, as_set(list(row) for row in cursor)

    def test_what_the_database_holds(self):
        for name, arguments in QUESTIONS:
            with self.subTest(name=name, arguments=arguments):

                def asked(url, name=name, arguments=arguments):
                    cursor = self.connect(url).cursor()
                    getattr(cursor, name)(**arguments)
                    return self.rows(cursor)

                self.assert_same(asked)

    def test_values(self):
        for more in ("", "UseServerSidePrepare=0;", "UseDeclareFetch=1;Fetch=1;", "BoolsAsChar=0;", "ByteaAsLongVarBinary=1;"):
            with self.subTest(more=more):
                self.assert_same(lambda url, more=more: self.rows(self.connect(url, more).execute("select * from sales.orders"), facts=2))

    def test_parameters(self):
        def worked(url):
            cursor = self.connect(url).cursor()
            answers = []
            for condition, value in (
                ("order_id = ?", 1), ("price > ?", decimal.Decimal("10.00")), ("day = ?", datetime.date(2024, 3, 1)), ("customer = ?", "Ana"),
                ("paid = ?", True), ("weight = ?", 0.5), ("placed = ?", datetime.datetime(2024, 2, 29, 10, 11, 12, 500000)),
            ):  # fmt: skip
                rows = cursor.execute(f"select order_id, customer from sales.orders where {condition} order by 1", value).fetchall()
                answers.append([list(row) for row in rows])
            return answers

        self.assertEqual(self.assert_same(worked)[0], [[1, "Ana"]])

    def test_transactions_and_errors(self):
        def worked(url):
            connection = self.connect(url)
            connection.autocommit = False
            cursor = connection.cursor()
            cursor.executemany("insert into people values (?, ?)", [("Bea", datetime.date(2001, 1, 1)), ("Cid", None)])
            count = cursor.execute("select count(*) from people").fetchval()
            connection.rollback()
            with self.assertRaises(pyodbc.Error) as refused:
                cursor.execute("select * from nowhere")
            connection.rollback()
            return count, cursor.execute("select count(*) from people").fetchval(), refused.exception.args[0]

        self.assertEqual(self.assert_same(worked)[:2], (4, 2))

    def test_facts_about_the_database(self):
        for fact in (pyodbc.SQL_DBMS_NAME, pyodbc.SQL_DATABASE_NAME, pyodbc.SQL_USER_NAME, pyodbc.SQL_IDENTIFIER_QUOTE_CHAR, pyodbc.SQL_TXN_CAPABLE):
            self.assert_same(lambda url, fact=fact: settled(self.connect(url).getinfo(fact)))


if __name__ == "__main__":
    unittest.main()
