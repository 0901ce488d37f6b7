"""A wall clock for programs that a test starts: it can be set while they run, and it can run faster.

tests/faults/shifted_clock.cc puts it in front of the system's clock; $SHIFTED_CLOCK_LIBRARY is that library, which ctest
sets.
"""

import mmap
import os
import struct
import time
from datetime import datetime, timezone
from pathlib import Path

from smelt_program import ROOT, environment

LIBRARY = os.environ.get("SHIFTED_CLOCK_LIBRARY", str(ROOT / "build/release/lib/libshifted_clock.so"))


class ShiftedClock:
    def __init__(self, path, at, rate=1):
        self.path = Path(path)
        self.path.write_bytes(bytes(32))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 32)
        self.count = 0
        self.set(at, rate)

    def set(self, at, rate=1):
        """From now on it is `at` (ISO 8601, UTC), and the clock runs `rate` times as fast as time does."""
        wall = datetime.fromisoformat(at).replace(tzinfo=timezone.utc)
        self.memory[0:8] = struct.pack("q", self.count + 1)
        self.wall_ns, self.anchor_ns, self.rate = int(wall.timestamp()) * 10**9, time.monotonic_ns(), rate
        self.memory[8:32] = struct.pack("qqq", self.wall_ns, self.anchor_ns, rate)
        self.count += 2
        self.memory[0:8] = struct.pack("q", self.count)

    def environment(self):
        """Of a program that is to live by this clock."""
        return environment() | {"LD_PRELOAD": LIBRARY, "SHIFTED_CLOCK": str(self.path)}
