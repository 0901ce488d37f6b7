"""PostgreSQL's port under clients that misbehave: others are served all the time, and what they took is given back."""

import os
import random
import socket
import struct
import unittest

from watched_server import MIB, WatchedServerTest
from wire_client import SYNC, WireClient, WireFailure, message, simple_query, startup

DROPPED = 10_000
HALF_OPEN = 400
SEED = int(os.environ.get("FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
CONVERSATIONS = 2_000
HUGE = "select i, repeat('x', 1000) as text from range(100000000) r(i)"


def extended(sql):
    """Parse, Bind, Describe, Execute and Sync of a statement."""
    return (
        message("P", b"s\0" + sql.encode() + b"\0" + struct.pack("!h", 0))
        + message("B", b"\0s\0" + struct.pack("!hhh", 0, 0, 0))
        + message("D", b"P\0")
        + message("E", b"\0" + struct.pack("!i", 0))
        + SYNC
    )


class WireFaultsTest(WatchedServerTest):
    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.pg_port), timeout=30)
        self.addCleanup(connection.close)
        return connection

    def drop(self, i):
        """Drops a connection: at once, with a reset, within the startup, after it, within a message, before the answer, within
        the answer, within a transaction."""
        kind = i % 8
        if kind < 3:
            connection = socket.create_connection(("127.0.0.1", self.pg_port), timeout=30)
            if kind == 1:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if kind == 2:
                connection.sendall(startup()[:20])
            return connection.close()
        with WireClient(self.pg_port, {}) as client:
            if kind == 4:
                client.send(simple_query("select 1")[:9])
            if kind == 5:
                client.send(extended("select count(*) from shop.orders"))
            if kind == 6:
                client.send(simple_query(HUGE))
                client.receive()
            if kind == 7:
                client.query("begin")
                client.query("select count(*) from shop.orders")
        return None

    def test_connections_that_are_dropped_leave_nothing_behind(self):
        process = self.serve()
        with self.healthy():
            for i in range(2_000):  # what first clients make the server hold stays
                self.drop(i)
        self.await_idle(process)
        files, memory = self.open_files(process), self.memory(process)
        with self.healthy():
            for i in range(DROPPED):
                self.drop(i)
        self.await_idle(process)
        self.await_baseline(process, files, memory)
        self.end(process)

    def test_slow_readers_hold_neither_memory_nor_others(self):
        process = self.serve()
        start = self.memory(process)
        self.read_slowly(process)
        files, memory = self.open_files(process), self.memory(process)
        self.assertLess(memory - start, 300 * MIB)
        for _ in range(2):
            self.read_slowly(process)
        self.await_baseline(process, files, memory)
        self.end(process)

    def read_slowly(self, process):
        """Twenty clients read a little of what would be 100 GB for each, and go."""
        memory = self.memory(process)
        readers = [WireClient(self.pg_port, {}) for _ in range(20)]
        for number, reader in enumerate(readers):
            reader.send(simple_query(HUGE) if number % 2 else extended(HUGE))
        with self.healthy() as others:
            self.await_that("others are served", lambda: min(others.answers.values()) > 50)
            for reader in readers:
                for _ in range(1_000):
                    reader.receive()
            held = self.memory(process) - memory
        self.assertLess(held, 300 * MIB)
        for reader in readers:
            reader.socket.close()
        self.await_idle(process)

    def test_clients_that_say_nothing_keep_nobody_out(self):
        process = self.serve()
        files = self.open_files(process)
        silent = [self.connect() for _ in range(HALF_OPEN)]
        for connection in silent[::2]:
            connection.sendall(startup()[:11])
        logged_in = [WireClient(self.pg_port, {}) for _ in range(50)]
        for client in logged_in[::2]:
            client.send(simple_query("select 1")[:7])
        with self.healthy() as others:
            self.await_that("others are served", lambda: min(others.answers.values()) > 50)
        for connection in silent + [client.socket for client in logged_in]:
            connection.close()
        self.await_baseline(process, files)
        self.end(process)

    def test_logins_that_take_too_long_are_cut_off(self):
        process = self.serve()
        files = self.open_files(process)
        for _ in range(20):
            self.connect().sendall(startup()[:11])
        self.await_that("the logins are there", lambda: self.open_files(process) >= files + 20)
        self.await_baseline(process, files)
        self.end(process)

    def test_more_clients_than_there_may_be_are_told(self):
        process = self.serve()
        clients = [WireClient(self.pg_port, {}) for _ in range(200)]
        with self.assertRaises(WireFailure) as refused:
            WireClient(self.pg_port, {})
        self.assertEqual(refused.exception.state, "53300")
        self.assertEqual(clients[0].query("select 1"), [["1"]])
        clients.pop().socket.close()

        def has_place():
            try:
                clients.append(WireClient(self.pg_port, {}))
            except WireFailure:
                return False
            return True

        self.await_that("there is a place again", has_place)
        for client in clients:
            client.socket.close()
        self.end(process)

    def test_what_is_no_startup_is_refused(self):
        process = self.serve()
        for data in (
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,  # the begin of TLS without asking first
            struct.pack("!ii", 0, 0),
            struct.pack("!ii", 3, 196_608),
            struct.pack("!ii", 0x7FFFFFFF, 196_608) + b"x" * 1_000,
            struct.pack("!Ii", 0xFFFFFFFF, 196_608),
            struct.pack("!ii", 9, 196_608) + b"x",
            struct.pack("!ii", 8, 131_072),
            struct.pack("!iiii", 16, 80_877_102, 1, 1),  # cancels what is not there
            startup(database="elsewhere"),
        ):
            connection = self.connect()
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while piece := connection.recv(65_536):
                    answer += piece
            except ConnectionResetError:
                pass
            self.assertIn(answer[:1], (b"", b"E"), data)
        with WireClient(self.pg_port, {}) as client:
            self.assertEqual(client.query("select 1"), [["1"]])
        self.end(process)

    def test_what_is_no_message_costs_the_connection_or_the_statement(self):
        process = self.serve()
        for data, state in (
            (b"Q\xff\xff\xff\xff", b"C54000"),
            (b"Q\x7f\xff\xff\xff" + b"x" * 10_000, b"C54000"),
            (b"Q\0\0\0\0", b"C08P01"),
            (b"Q\0\0\0\3", b"C08P01"),
            (message("?"), b"C08P01"),
        ):
            with WireClient(self.pg_port, {}) as client:
                client.send(data)
                self.assertIn(state, client.until_closed(), data[:20])
        for data in (
            message("Q", b"select 1"),  # without its end
            message("P", b"a") + SYNC,
            message("B", b"\0\0" + struct.pack("!hi", -1, 2_000_000_000)) + SYNC,
            message("E", b"nothing\0" + struct.pack("!i", -5)) + SYNC,
            message("D", b"X\0") + SYNC,
            message("F", b"\0" * 20) + SYNC,
            message("Q", b"select '\xff\xfe'\0"),
        ):
            with WireClient(self.pg_port, {}) as client:
                client.send(data)
                try:
                    client.answer()
                except WireFailure as failure:
                    self.assertRegex(failure.state, "^[0-9A-Z]{5}$")
                self.assertEqual(client.query("select 1"), [["1"]], data)
        self.end(process)

    def test_large_messages_are_taken_and_given_back(self):
        process = self.serve()
        start = self.memory(process)
        self.send_much()
        self.await_idle(process)
        files, memory = self.open_files(process), self.memory(process)
        for _ in range(5):
            self.send_much()
        self.await_baseline(process, files, memory)
        self.assertLess(self.memory(process) - start, 400 * MIB)
        self.end(process)

    def send_much(self):
        with WireClient(self.pg_port, {}) as client:
            for _ in range(5):
                self.assertEqual(client.query("select length('" + "x" * (16 * MIB) + "')"), [[str(16 * MIB)]])

    def mutated(self, chance, data):
        """Data in which some bytes are others, missing or twice."""
        data = bytearray(data)
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at : at + chance.randrange(1, 8)]
            elif kind == 2:
                data[at:at] = data[at : at + chance.randrange(1, 40)]
            else:
                data[at : at + 4] = struct.pack("!i", chance.choice((0, -1, 4, 1 << 24, 0x7FFFFFFF, -0x80000000)))
            if not data:
                return b"\0"
        return bytes(data)

    def test_conversations_with_mistakes_hurt_nobody_else(self):
        process = self.serve()
        whole = (
            extended("select order_id, name, price, day, paid from shop.orders where order_id < 3")
            + simple_query("begin; select count(*) from shop.orders; commit")
            + simple_query("copy (select 1) to stdout")
            + message("C", b"Ss\0")
            + message("H")
            + SYNC
        )
        chance = random.Random(SEED)
        with self.subTest(f"FUZZ_SEED={SEED}"), self.healthy():
            for number in range(CONVERSATIONS):
                logged_in = number % 4 > 0
                with WireClient(self.pg_port, {} if logged_in else None) as client:
                    client.send(self.mutated(chance, whole if logged_in else startup(application_name="x")))
                    client.socket.shutdown(socket.SHUT_WR)
                    client.until_closed()
        self.await_idle(process)
        self.end(process)


if __name__ == "__main__":
    unittest.main()
