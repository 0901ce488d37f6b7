"""Logins, TLS and cancelling at the PostgreSQL port with the clients themselves: psycopg and psql (libpq), asyncpg, pgjdbc, node-postgres."""

import asyncio
import json
import os
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import asyncpg
import jpype
import psycopg
from lake_and_postgres import end, serve
from smelt_program import PROGRAM, environment, smelt_ok

PASSWORD = "correct horse battery"
LONG = "select count(*) from range(1000000000000)"
NODE = """
const { createRequire } = await import("node:module");
const pg = createRequire(process.env.SMELT_NODE_CLIENTS + "/")("pg");
const client = new pg.Client(JSON.parse(process.argv[1]));
try {
  await client.connect();
  const { rows } = await client.query("select current_user as name");
  await client.end();
  console.log(rows[0].name);
} catch (error) {
  console.log(error.code);
}
"""


class LoginsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="smelt-logins-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        lake = cls.folder / "lake"
        smelt_ok("sql", "--lake", lake, "-c", "create table t as select 1 as i")
        for name, role in (("anna", "writer"), ("rui", "reader")):
            command = [PROGRAM, "users", "add", name, "--role", role, "--lake", str(lake)]
            subprocess.run(command, input=PASSWORD + "\n", text=True, check=True, capture_output=True, env=environment())
        cls.certificate, key = cls.make_certificate("127.0.0.1")
        cls.other, _ = cls.make_certificate("elsewhere")
        process, cls.port = serve(lake, "--tls-cert", cls.certificate, "--tls-key", key)
        cls.addClassCleanup(end, process)
        jpype.startJVM(classpath=[os.environ["SMELT_JDBC_JAR"]], convertStrings=True)

    @classmethod
    def make_certificate(cls, name):
        certificate, key = cls.folder / f"{name}.pem", cls.folder / f"{name}.key"
        subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1" if name[0].isdigit() else f"subjectAltName=DNS:{name}"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-keyout", key, "-out", certificate, *subject], check=True, capture_output=True)  # fmt: skip
        return certificate, key

    def connect(self, user="anna", password=PASSWORD, **more):
        given = {"host": "127.0.0.1", "port": self.port, "dbname": "lake", "user": user, "password": password}
        connection = psycopg.connect(**given, autocommit=True, **more)
        self.addCleanup(connection.close)
        return connection

    def jdbc(self, password=PASSWORD, **more):
        given = jpype.JClass("java.util.Properties")()
        for name, value in ({"user": "anna", "password": password} | more).items():
            given.setProperty(name, str(value))
        connection = jpype.JClass("java.sql.DriverManager").getConnection(f"jdbc:postgresql://127.0.0.1:{self.port}/lake", given)
        self.addCleanup(connection.close)
        return connection

    def test_psycopg_logs_in(self):
        for mode, more in (("disable", {}), ("require", {}), ("verify-ca", {"sslrootcert": self.certificate}),
                           ("verify-full", {"sslrootcert": self.certificate})):  # fmt: skip
            with self.subTest(mode=mode):
                connection = self.connect(sslmode=mode, require_auth="scram-sha-256", **more)
                self.assertEqual(connection.execute("select current_user").fetchone(), ("anna",))
                self.assertEqual(bool(connection.pgconn.ssl_in_use), mode != "disable")

    def test_logins_are_bound_to_the_channel_where_the_client_wants_it(self):
        connection = self.connect(sslmode="require", channel_binding="require")
        self.assertEqual(connection.execute("select current_user").fetchone(), ("anna",))
        self.connect(sslmode="require", channel_binding="disable")
        with self.assertRaisesRegex(psycopg.OperationalError, "channel binding"):
            self.connect(sslmode="disable", channel_binding="require")
        rows = self.jdbc(sslmode="require", channelBinding="require").createStatement().executeQuery("select current_user")
        rows.next()
        self.assertEqual(rows.getString(1), "anna")

    def test_an_unknown_certificate_is_refused_by_the_client(self):
        with self.assertRaisesRegex(psycopg.OperationalError, "certificate verify failed"):
            self.connect(sslmode="verify-full", sslrootcert=self.other)

    def test_wrong_passwords_are_refused(self):
        for user, password in (("anna", "wrong password"), ("nobody", PASSWORD)):
            with self.assertRaisesRegex(psycopg.OperationalError, f'password authentication failed for user "{user}"'):
                self.connect(user, password)
        with self.assertRaises(jpype.JClass("java.sql.SQLException")) as refused:
            self.jdbc("wrong password")
        self.assertEqual(str(refused.exception.getSQLState()), "28P01")

    def test_psql_logs_in_with_tls(self):
        address = f"host=127.0.0.1 port={self.port} dbname=lake user=rui sslmode=verify-full sslrootcert={self.certificate}"
        done = subprocess.run(["psql", "--no-psqlrc", "--tuples-only", address, "--command", "select current_user", "--command", "\\conninfo"],
                              env=os.environ | {"PGPASSWORD": PASSWORD}, capture_output=True, text=True, check=True)  # fmt: skip
        self.assertIn(" rui\n", done.stdout)
        self.assertIn("SSL connection (protocol: TLSv1.3", done.stdout)

    def test_jdbc_logs_in(self):
        for mode, more in (("disable", {}), ("require", {}), ("verify-full", {"sslrootcert": self.certificate})):
            with self.subTest(mode=mode):
                rows = self.jdbc(sslmode=mode, **more).createStatement().executeQuery("select current_user")
                rows.next()
                self.assertEqual(rows.getString(1), "anna")

    async def ask_asyncpg(self, password, tls):
        connection = await asyncpg.connect(host="127.0.0.1", port=self.port, database="lake", user="anna", password=password, ssl=tls)
        try:
            return await connection.fetchval("select current_user")
        finally:
            await connection.close()

    def test_asyncpg_logs_in(self):
        for tls in ("disable", "require", ssl.create_default_context(cafile=str(self.certificate))):
            self.assertEqual(asyncio.run(self.ask_asyncpg(PASSWORD, tls)), "anna")

    def node(self, password=PASSWORD, **more):
        given = {"host": "127.0.0.1", "port": self.port, "database": "lake", "user": "anna", "password": password} | more
        done = subprocess.run(["node", "--input-type=module", "--eval", NODE, json.dumps(given)], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def test_node_logs_in(self):
        self.assertEqual(self.node(), "anna")
        self.assertEqual(self.node(ssl={"ca": self.certificate.read_text(encoding="utf-8")}), "anna")
        self.assertEqual(self.node(ssl={"ca": self.other.read_text(encoding="utf-8")}), "DEPTH_ZERO_SELF_SIGNED_CERT")

    def test_statements_are_cancelled(self):
        for mode in ("disable", "require"):
            connection = self.connect(sslmode=mode)
            stopped = threading.Event()

            def cancel(connection=connection, stopped=stopped):
                while not stopped.wait(0.1):
                    connection.cancel_safe()

            canceller = threading.Thread(target=cancel)
            canceller.start()
            with self.assertRaises(psycopg.errors.QueryCanceled) as cancelled:
                connection.execute(LONG)
            stopped.set()
            canceller.join()
            self.assertIn("due to user request", str(cancelled.exception))
            self.assertEqual(connection.execute("select 1").fetchone(), (1,))

    def test_statements_have_a_timeout(self):
        connection = self.connect(options="-c statement_timeout=50")
        self.assertEqual(connection.execute("show statement_timeout").fetchone(), ("50ms",))
        with self.assertRaises(psycopg.errors.QueryCanceled) as cancelled:
            connection.execute(LONG)
        self.assertIn("due to statement timeout", str(cancelled.exception))
        connection.execute("set statement_timeout = 0")
        self.assertEqual(connection.execute("show statement_timeout").fetchone(), ("0",))

    def test_asyncpg_gives_up_and_goes_on(self):
        async def work():
            connection = await asyncpg.connect(host="127.0.0.1", port=self.port, database="lake", user="anna", password=PASSWORD)
            with self.assertRaises(asyncio.TimeoutError):
                await connection.fetchval(LONG, timeout=0.2)
            value = await connection.fetchval("select 1")
            await connection.close()
            return value

        self.assertEqual(asyncio.run(work()), 1)

    def test_privileges_are_those_of_the_role(self):
        for user, may in (("anna", True), ("rui", False)):
            connection = self.connect(user)
            row = connection.execute(
                "select has_table_privilege('t', 'select'), has_table_privilege('t', 'insert'), has_schema_privilege('public', 'usage'),"
                " has_schema_privilege('public', 'create'), has_table_privilege('t', 'select, delete')"
            ).fetchone()
            self.assertEqual(row, (True, may, True, may, True))
            if not may:
                with self.assertRaises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("insert into t values (2)")


if __name__ == "__main__":
    unittest.main()
