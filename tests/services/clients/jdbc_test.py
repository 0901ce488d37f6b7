"""PostgreSQL's JDBC driver on smelt serve and a PostgreSQL 15: DatabaseMetaData, as DBeaver and Tableau ask it, and statements."""

import os
import unittest

import jpype
from lake_and_postgres import LakeAndPostgresTest, as_set, settled

# Method of DatabaseMetaData and its arguments.
QUESTIONS = [
    ("getCatalogs",), ("getSchemas",), ("getSchemas", None, "sal%"), ("getTableTypes",),
    ("getTables", None, "sales", "%", None), ("getTables", "lake", None, "or%", ["TABLE"]), ("getTables", None, "public", None, ["TABLE", "VIEW"]),
    ("getTables", None, "sales", "%", ["VIEW", "MATERIALIZED VIEW", "PARTITIONED TABLE", "FOREIGN TABLE"]),
    ("getColumns", None, "sales", "%", "%"), ("getColumns", None, "public", "people", None), ("getColumns", None, "sales", "orders", "p%"),
    ("getPrimaryKeys", None, "sales", "orders"), ("getImportedKeys", None, "sales", "orders"), ("getExportedKeys", None, "sales", "orders"),
    ("getCrossReference", None, "sales", "orders", None, "public", "people"), ("getIndexInfo", None, "sales", "orders", False, False),
    ("getBestRowIdentifier", None, "sales", "orders", 1, True), ("getVersionColumns", None, "sales", "orders"),
    ("getTablePrivileges", None, "sales", "orders"), ("getColumnPrivileges", None, "sales", "orders", "%"),
    ("getClientInfoProperties",), ("getFunctions", None, "sales", "%"), ("getProcedures", None, "sales", "%"),
]  # fmt: skip
FACTS = ["getDatabaseProductName", "getUserName", "getSQLKeywords", "getMaxColumnNameLength", "getDefaultTransactionIsolation",
         "getDatabaseMajorVersion", "supportsBatchUpdates", "storesLowerCaseIdentifiers", "getNumericFunctions"]  # fmt: skip


class JdbcTest(LakeAndPostgresTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        jpype.startJVM(classpath=[os.environ["SMELT_JDBC_JAR"]], convertStrings=True)

    def connect(self, url, **properties):
        address = url.replace("postgresql://lake:lake@", "jdbc:postgresql://")
        given = jpype.JClass("java.util.Properties")()
        for name, value in ({"user": "lake", "password": "lake"} | properties).items():
            given.setProperty(name, value)
        connection = jpype.JClass("java.sql.DriverManager").getConnection(address, given)
        self.addCleanup(connection.close)
        return connection

    def rows(self, results):
        """Names and types of the columns, then the rows as text."""
        about = results.getMetaData()
        count = range(1, about.getColumnCount() + 1)
        rows = [[(about.getColumnLabel(i), about.getColumnTypeName(i), about.getColumnClassName(i)) for i in count]]
        while results.next():
            rows.append([self.value(results.getObject(i)) for i in count])
        return rows

    def value(self, value):
        if hasattr(value, "getArray"):
            return [self.value(inner) for inner in value.getArray()]
        return value if value is None or isinstance(value, (bool, int, float)) else settled(str(value))

    def test_facts_about_the_database(self):
        for fact in FACTS:
            with self.subTest(fact=fact):
                self.assert_same(lambda url, fact=fact: str(getattr(self.connect(url).getMetaData(), fact)()))

    def test_what_the_database_holds(self):
        for name, *arguments in QUESTIONS:
            with self.subTest(name=name, arguments=arguments):

                def asked(url, name=name, arguments=arguments):
                    head, *rows = self.rows(getattr(self.connect(url).getMetaData(), name)(*arguments))
                    return head, as_set([value for value in row] for row in rows if name != "getCatalogs" or row == ["lake"])

                self.assert_same(asked)

    def test_types_are_among_those_of_postgres(self):
        ours, theirs = self.both(lambda url: self.rows(self.connect(url).getMetaData().getTypeInfo()))
        self.assertEqual(ours[0], theirs[0])
        self.assertEqual([row for row in ours if row not in theirs], [])
        # What ours has not are arrays of the rows of system tables.
        scalars = {"int8", "text", "numeric", "timestamptz", "bool", "date", "uuid", "jsonb", "_text", "_int8"}
        self.assertEqual(scalars - {row[0] for row in ours}, set())

    def test_statements(self):
        def worked(url):
            connection = self.connect(url, prepareThreshold="1")
            orders = connection.prepareStatement("select * from sales.orders where order_id = ? or customer = ? order by order_id")
            answers = []
            for number, name in ((1, "Ana"), (2, "Rui"), (3, None)):  # the first by text, the rest by the server's name
                orders.setLong(1, number)
                orders.setString(2, name)
                answers.append(self.rows(orders.executeQuery()))
            array = connection.prepareStatement("select name from people where name = any(?) order by name")
            array.setArray(1, connection.createArrayOf("text", ["Ana", "Eva"]))
            answers.append(self.rows(array.executeQuery()))
            return answers

        self.assert_same(worked)

    def test_results_come_in_pieces(self):
        def fetched(url):
            connection = self.connect(url)
            connection.setAutoCommit(False)
            statement = connection.createStatement()
            statement.setFetchSize(7)
            rows = self.rows(statement.executeQuery("select i::int as i from generate_series(1, 100) t(i)"))
            connection.rollback()
            return rows

        self.assertEqual(len(self.assert_same(fetched)), 101)

    def test_batches_and_errors(self):
        def worked(url):
            connection = self.connect(url)
            connection.setAutoCommit(False)
            insert = connection.prepareStatement("insert into people values (?, ?)")
            for name in ("Bea", "Cid", "Dia"):
                insert.setString(1, name)
                insert.setDate(2, jpype.JClass("java.sql.Date").valueOf("2001-02-03"))
                insert.addBatch()
            counts = list(insert.executeBatch())
            rows = self.rows(connection.createStatement().executeQuery("select * from people order by name"))
            connection.rollback()
            with self.assertRaises(jpype.JClass("java.sql.SQLException")) as refused:
                connection.createStatement().executeQuery("select nothing from people")
            return counts, rows, str(refused.exception.getSQLState())

        self.assert_same(worked)

    def test_a_statement_is_cancelled(self):
        connection = self.connect(self.ours)
        statement = connection.createStatement()
        statement.setQueryTimeout(1)
        with self.assertRaises(jpype.JClass("java.sql.SQLException")) as refused:
            statement.executeQuery("select count(*) from range(1000000000000)")
        self.assertEqual(str(refused.exception.getSQLState()), "57014")
        self.assertEqual(self.rows(connection.createStatement().executeQuery("select 1 as one"))[1], [1])


if __name__ == "__main__":
    unittest.main()
