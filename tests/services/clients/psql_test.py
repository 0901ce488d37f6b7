"""psql as it is asks smelt serve and a PostgreSQL 15: what it prints is the same, and so is what it completes."""

import os
import pty
import re
import select
import signal
import subprocess
import unittest

from lake_and_postgres import USER, LakeAndPostgresTest

COMMANDS = [
    r"\d", r"\d *.*orders", r"\d sales.orders", r"\d people", r"\dt", r"\dt sales.*", r"\dt *.orders", r"\dv sales.*", r"\dv+ sales.*",
    r"\dt+ sales.*", r"\d+ sales.orders", r"\d sales.cheap", r"\dn", r"\dn+", r"\dm", r"\di", r"\ds", r"\dE", r"\dp sales.*",
    r"\z", r"\dT", r"\df", r"\dx", r"\dD", r"\dy", r"\dew", r"\des", r"\drds", r"\dRp", r"\dX", r"\dd sales.*", r"\ddp", r"\dP",
    r"\d nowhere", r"\dt nowhere.*", r"\dn s*", r"\dt s?les.ord*", r"\conninfo", r"\encoding", r"\dL", r"\dA", r"\dT int4",
    r"\dO C", r"\dc nothing", r"\sv nowhere", r"\dconfig server_encoding", r"\dv information_schema.tables",
    r"\d information_schema.schemata", r"\dT+ uuid", r"\dn+ pg_catalog", r"\db", r"\des",
]  # fmt: skip
STATEMENTS = [
    "select * from sales.orders order by order_id", "table people order by name", "select count(*), max(price) from sales.orders",
    "select current_user, current_schema, current_database()", "show search_path",
    "select 1 as a\\gset\n\\echo :a", "select order_id from sales.orders order by 1\\gdesc", "\\copy (select name from people order by 1) to stdout csv header",
    "select name, \"Born\" from people order by 1 \\crosstabview name name Born", "prepare p as select name from people where name = $1; execute p('Rui');",
    "\\set FETCH_COUNT 1\nselect name from people order by 1", "begin; declare c cursor for select name from people order by 1; fetch 1 from c; fetch all from c; commit;",
]  # fmt: skip
TIMEOUT_S = 60


def settled(text):
    text = re.sub(r"\b\d+ (bytes|kB)\b", "size", text)
    text = re.sub(r'port "\d+"', "port", text)
    text = re.sub(r"View definition:\n( .*\n)+", "View definition\n", text)
    return re.sub(r"(?m)^(ERROR: .*)\n(LINE|HINT|DETAIL)(.*\n)+", r"\1\n", text)


class Terminal:
    """psql on a terminal of its own."""

    def __init__(self, url):
        self.process, self.side = pty.fork()
        if self.process == 0:
            environment = os.environ | {"TERM": "dumb", "PSQL_HISTORY": "/dev/null", "PSQL_PAGER": "", "INPUTRC": "/dev/null"}
            os.execvpe("psql", ["psql", "--no-psqlrc", "--set", "PROMPT1=ready> ", url], environment)
        self.seen = ""

    def send(self, text):
        os.write(self.side, text.encode())

    def wait_for(self, pattern):
        """What was printed up to the pattern, which is taken."""
        while not (found := re.search(pattern, self.seen)):
            ready, _, _ = select.select([self.side], [], [], TIMEOUT_S)
            if not ready:
                raise AssertionError(f"psql never printed {pattern}: {self.seen!r}")
            self.seen += os.read(self.side, 65536).decode(errors="replace")
        before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return before

    def close(self):
        os.close(self.side)
        os.waitpid(self.process, 0)


class PsqlTest(LakeAndPostgresTest):
    def psql(self, url, script):
        command = ["psql", "--no-psqlrc", "--no-align", "--set", "VERBOSITY=default", url]
        done = subprocess.run(command, input=script + "\n", capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        # What belongs to the server's first user there belongs to the owner of the lake here.
        return settled(re.sub(r"\bsmelt\b", USER, done.stdout + done.stderr))

    def test_commands_print_the_same(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assert_same(lambda url, command=command: self.psql(url, command))

    def test_statements_print_the_same(self):
        for statement in STATEMENTS:
            with self.subTest(statement=statement):
                self.assert_same(lambda url, statement=statement: self.psql(url, statement))

    def test_databases_and_roles_are_listed(self):
        ours, theirs = self.both(lambda url: self.psql(url, "\\l lake"))
        self.assertEqual(ours.splitlines()[:2], theirs.splitlines()[:2])
        self.assertIn("\nlake|lake|UTF8|", ours)
        self.assert_same(lambda url: self.psql(url, "\\du lake"))
        self.assertIn("lake", self.psql(self.ours, "\\l+"))

    def test_names_are_completed(self):
        for begun, completed in (
            ("select * from sales.ord", "ers "), ("select * from peo", "ple "), ("\\d sales.ch", "eap "), ("\\dn sa", "les "),
            ("insert into sales.o", "rders "), ("select * from information_schema.enabled_r", "oles "), ("set search_p", "ath "),
            ("show statement_t", "imeout "), ("select order_id from sales.orders where pri", "ce "),
        ):  # fmt: skip
            for url in (self.theirs, self.ours):
                with self.subTest(begun=begun, url=url):
                    terminal = Terminal(url)
                    self.addCleanup(terminal.close)
                    terminal.wait_for("ready> ")
                    terminal.send(begun + "\t")
                    terminal.wait_for(re.escape(begun + completed))

    def test_an_interrupt_ends_the_statement_and_nothing_else(self):
        commands = ["\\echo begun", "select count(*) from range(1000000000000)", "select 40 + 2"]
        arguments = [argument for command in commands for argument in ("--command", command)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(["psql", "--no-psqlrc", "--tuples-only", self.ours, *arguments], text=True, **pipes) as psql:
            self.assertEqual(psql.stdout.readline(), "begun\n")
            while psql.poll() is None and not select.select([psql.stderr], [], [], 0.1)[0]:
                psql.send_signal(signal.SIGINT)
            out, errors = psql.communicate(timeout=TIMEOUT_S)
        self.assertIn("ERROR:  canceling statement due to user request\n", errors)


if __name__ == "__main__":
    unittest.main()
