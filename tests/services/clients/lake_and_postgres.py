"""The same tables in a lake that smelt serves and in a PostgreSQL 15, so that clients can ask both the same.

Both have a database `lake` that belongs to the user `lake`. `ours` and `theirs` are their addresses.
"""

import json
import os
import re
import signal
import tempfile
import unittest
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from smelt_program import environment, smelt_ok, start

USER = PASSWORD = "lake"
LAYERS = ["bronze", "silver", "gold", "quarantine"]  # schemas that every lake has

# In the words that both read.
TABLES = """
create schema sales;
create table sales.orders (
  order_id bigint not null, customer text, price numeric(10,2), day date not null, paid boolean, pieces integer,
  shelf smallint, weight double precision, ratio real, placed timestamp, sent timestamptz, label bytea,
  tags text[], sizes integer[]);
create table people (name text not null, "Born" date);
create view sales.cheap as select order_id, price from sales.orders where price < 10;
comment on table sales.orders is 'What was ordered';
comment on column sales.orders.price is 'In reais';
insert into sales.orders values
  (1, 'Ana', 12.50, '2024-02-29', true, 3, 1, 0.5, 1.25, '2024-02-29 10:11:12.5', '2024-02-29 10:11:12+00', 'x'::bytea,
   array['a', 'b c'], array[1, 2]),
  (2, null, 7.25, '2024-03-01', false, null, null, null, null, null, null, null, null, null);
insert into people values ('Ana', '1990-01-02'), ('Rui', null);
"""


def url_of(port, user=USER, password=PASSWORD):
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/lake"


def make_theirs():
    """The database and its owner in the PostgreSQL server, anew."""
    server = os.environ["SMELT_TEST_POSTGRES"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("drop database if exists lake")
        connection.execute("drop role if exists lake")
        connection.execute(f"create role {USER} superuser createdb createrole login replication bypassrls password '{PASSWORD}'")
        connection.execute(f"create database lake owner {USER}")
    theirs = url_of(urlsplit(server).port)
    with psycopg.connect(theirs, autocommit=True) as connection:
        connection.execute(f"alter schema public owner to {USER}")
        connection.execute("drop extension plpgsql")
        for layer in LAYERS:
            connection.execute(f"create schema {layer}")
        connection.execute(TABLES)
        connection.execute("analyze")
    return theirs


def serve(lake, *arguments, **variables):
    """Starts smelt serve; the process and the port of its PostgreSQL door."""
    process = start("serve", "--lake", lake, "--json", "--http-port", "0", "--pg-port", "0", *arguments,
                    env=environment() | variables)  # fmt: skip
    printed = []
    for line in process.stdout:
        printed.append(line)
        if found := re.search(r"postgresql://127.0.0.1:(\d+)/lake", line):
            return process, int(found[1])
    raise AssertionError(f"it does not listen: {printed}")


def end(process):
    process.send_signal(signal.SIGTERM)
    process.wait()
    process.stdout.close()


class LakeAndPostgresTest(unittest.TestCase):
    """Both servers stand for all tests of a class, which leave the tables as they are."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="smelt-clients-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.lake = cls.folder / "lake"
        smelt_ok("sql", "--lake", cls.lake, "-c", TABLES)
        process, cls.port = serve(cls.lake)
        cls.addClassCleanup(end, process)
        cls.ours = url_of(cls.port)
        cls.theirs = make_theirs()

    def both(self, ask):
        """What a function of an address says of ours and of theirs."""
        return ask(self.ours), ask(self.theirs)

    def assert_same(self, ask):
        ours, theirs = self.both(ask)
        self.assertEqual(ours, theirs)
        return ours


FIRST_OWN_OID = 16384


def settled(value):
    """A value of an answer without what differs between any two servers: identifiers of objects."""
    if isinstance(value, dict):
        return {name: settled(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [settled(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and value >= FIRST_OWN_OID:
        return "oid"
    if isinstance(value, (int, float, str, bool, type(None))):
        return value
    return str(value)


def as_set(rows):
    """Rows in an order of their own."""
    return sorted((settled(row) for row in rows), key=json.dumps)
