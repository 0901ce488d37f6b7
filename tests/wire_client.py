"""A client of PostgreSQL's protocol that also does what none should: half of a message, nonsense, not reading."""

import socket
import struct

SYNC = b"S\0\0\0\4"


class WireFailure(Exception):
    """An ErrorResponse. `state` is its SQLSTATE."""

    def __init__(self, body):
        fields = {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}
        self.state, self.message, self.hint = fields["C"], fields["M"], fields.get("H", "")
        super().__init__(f"{self.state} {self.message}")


def startup(**parameters):
    """The first message of a client."""
    pairs = {"user": "me", "database": "lake"} | parameters
    body = struct.pack("!i", 196_608) + b"".join(f"{name}\0{value}\0".encode() for name, value in pairs.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def message(kind, body=b""):
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def simple_query(sql):
    return message("Q", sql.encode() + b"\0")


class WireClient:
    """A connection; with `parameters` it logs in. Closes itself as a context."""

    def __init__(self, port, parameters=None, timeout=120):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""
        if parameters is not None:
            self.socket.sendall(startup(**parameters))
            self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self, count):
        while len(self.buffer) < count:
            piece = self.socket.recv(65_536)
            if not piece:
                raise EOFError
            self.buffer += piece
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def receive(self):
        """The kind and the body of the next message."""
        kind, length = struct.unpack("!ci", self.read(5))
        return kind.decode(), self.read(length - 4)

    def answer(self):
        """All messages up to ReadyForQuery: the rows as texts. An error among them is raised when all is read."""
        rows, failure = [], None
        while True:
            kind, body = self.receive()
            if kind == "E":
                failure = WireFailure(body)
                if body.startswith(b"SFATAL"):
                    raise failure
            elif kind == "D":
                rows.append(self.cells(body))
            elif kind == "Z":
                if failure:
                    raise failure
                return rows

    @staticmethod
    def cells(body):
        (count,), at, cells = struct.unpack_from("!h", body), 2, []
        for _ in range(count):
            (size,) = struct.unpack_from("!i", body, at)
            at += 4
            cells.append(None if size < 0 else body[at : at + size].decode())
            at += max(size, 0)
        return cells

    def query(self, sql):
        self.send(simple_query(sql))
        return self.answer()

    def state_of(self, sql):
        """The SQLSTATE with which a statement fails."""
        try:
            rows = self.query(sql)
        except WireFailure as failure:
            return failure.state
        raise AssertionError(f"{sql} gave {rows[:3]}")

    def until_closed(self):
        """What the server still says until it closes the connection."""
        data = self.buffer
        try:
            while piece := self.socket.recv(65_536):
                data += piece
        except ConnectionResetError:
            pass
        return data
