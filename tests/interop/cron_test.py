"""Schedules fire at the same instants in smelt as in croniter, looking ahead and back, across changes of the clocks too.

The schedules are random ones over every form that both know. SMELT_CRON_SEED names the seed, SMELT_CRON_SCHEDULES how
many there are. What differs on purpose: where the clocks are put back, a schedule whose hour is not `*` fires at the
first of the two, where croniter fires at both; and days by their place in the month (`fri#2`, `15w`) beside a field that
rules all of them out, which croniter gives up on, stand for themselves.
"""

import json
import os
import random
import subprocess
import unittest
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter
from croniter.croniter import CroniterError

PROGRAM = os.environ["SMELT_PROGRAM"]
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()
COUNT = 6


class Grammar:
    """Makes schedules, most of them valid."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, low, high, names):
        if names and self.random.random() < 0.4:
            name = self.random.choice(names)
            return name.upper() if self.random.random() < 0.2 else name
        return str(self.random.randint(low, high))

    def element(self, low, high, names):
        kind = self.random.random()
        if kind < 0.35:
            return self.value(low, high, names)
        step = f"/{self.random.randint(1, max(2, (high - low) // 2))}"
        if kind < 0.5:
            return "*" + step
        if kind < 0.6:
            return self.value(low, high, names) + step
        span = f"{self.value(low, high, names)}-{self.value(low, high, names)}"
        return span + (step if self.random.random() < 0.4 else "")

    def field(self, low, high, names=(), star=0.4):
        if self.random.random() < star:
            return "*"
        return ",".join(self.element(low, high, names) for _ in range(self.random.choice([1, 1, 1, 2, 3])))

    def day(self):
        kind = self.random.random()
        if kind < 0.08:
            return self.random.choice(["l", "L", "15,l", "20-l", "?"])
        if kind < 0.13:
            return f"{self.random.randint(1, 31)}w"
        return self.field(1, 31, star=0.5)

    def weekday(self):
        kind = self.random.random()
        if kind < 0.1:
            return self.random.choice(["fri#2", "1#1", "mon#1,mon#3", "l5", "l0", "sun#5", "mon-wed#2", "?"])
        return self.field(0, 7, WEEKDAYS, star=0.55)

    def schedule(self):
        minute = self.field(0, 59, star=0.2)
        fields = [minute, self.field(0, 23), self.day(), self.field(1, 12, MONTHS, star=0.7), self.weekday()]
        if self.random.random() < 0.15:
            fields.append(self.field(0, 59, star=0.1))
            if self.random.random() < 0.3:
                fields.append(self.random.choice(["*", "2024", "2020-2030/2", "2024,2025"]))
        return " ".join(fields)


def smelt(schedules, zone, start, back=False):
    command = [PROGRAM, "pipeline", "times", "--json", "--timezone", zone, "--from", start.isoformat(),
               "--count", str(COUNT), *(["--previous"] if back else []), "--", *schedules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(schedules), done.stderr + done.stdout[-500:]
    return lines


def peer(schedule, zone, start, back=False):
    """croniter's instants; nothing when it refuses the schedule or finds none."""
    found = []
    try:
        times = croniter(schedule, start.astimezone(ZoneInfo(zone)), ret_type=datetime)
        step = times.get_prev if back else times.get_next
        for _ in range(COUNT * 3):
            found.append(step(datetime).astimezone(timezone.utc))
    except CroniterError:
        return found or None
    return found


def fires_every_hour(schedule):
    return croniter.expand(schedule)[0][1] == ["*"]


def has_two_rules_for_days(schedule):
    day, weekday = schedule.split()[2], schedule.split()[4].lower()
    place = day.endswith("w") or "#" in weekday or weekday.startswith("l")
    return place and day != "*" and weekday not in ("*", "?")


def is_second_of_two(instant, zone):
    return instant.astimezone(ZoneInfo(zone)).fold == 1


class CronTest(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("SMELT_CRON_SEED", "20180524"))
        self.grammar = Grammar(self.seed)
        self.count = int(os.environ.get("SMELT_CRON_SCHEDULES", "1500"))

    def compare(self, schedules, zone, start, back):
        valid = 0
        for answer in smelt(schedules, zone, start, back):
            schedule = answer["schedule"]
            expected = peer(schedule, zone, start, back)
            with self.subTest(schedule=schedule, zone=zone, start=start.isoformat(), back=back, seed=self.seed):
                if expected is None and has_two_rules_for_days(schedule):
                    continue
                if expected is None:
                    self.assertTrue("error" in answer or len(answer["times"]) < COUNT, answer)
                    continue
                valid += 1
                if not fires_every_hour(schedule):
                    expected = [at for at in expected if not is_second_of_two(at, zone)]
                texts = [at.strftime("%Y-%m-%dT%H:%M:%SZ") for at in expected[:COUNT]]
                self.assertEqual(answer.get("times", answer.get("error"))[: len(texts)], texts)
        return valid

    def test_the_same_instants_without_changes_of_the_clocks(self):
        schedules = [self.grammar.schedule() for _ in range(self.count)]
        for back in (False, True):
            start = datetime(2024, 2, 27, 12, 34, 56, tzinfo=timezone.utc)
            self.assertGreater(self.compare(schedules, "UTC", start, back), self.count // 2)

    def test_the_same_instants_where_the_clocks_change(self):
        for zone, start in [("America/New_York", "2024-03-09T12:00:30+00:00"), ("Europe/Berlin", "2024-10-26T05:10:30+00:00"),
                            ("America/New_York", "2024-11-02T20:00:30+00:00"), ("Australia/Lord_Howe", "2024-10-05T03:00:30+00:00"),
                            ("Asia/Kolkata", "2024-05-01T00:00:30+00:00")]:
            schedules = [self.grammar.schedule() for _ in range(self.count // 5)]
            self.compare(schedules, zone, datetime.fromisoformat(start), back=False)

    def test_looking_back_finds_what_looking_ahead_finds(self):
        for zone in ("America/New_York", "Europe/Berlin", "America/Sao_Paulo"):
            for hour in range(5):
                schedule = f"*/30 {hour} * * *"
                start = datetime(2017, 1, 1, tzinfo=timezone.utc)
                ahead, at = [], start
                while at < start + timedelta(days=370):
                    times = smelt([schedule], zone, at)[0]["times"]
                    ahead += times
                    at = datetime.fromisoformat(times[-1].replace("Z", "+00:00"))
                back, before = [], at + timedelta(seconds=1)
                while before > start + timedelta(days=30):
                    times = smelt([schedule], zone, before, back=True)[0]["times"]
                    back += times
                    before = datetime.fromisoformat(times[-1].replace("Z", "+00:00"))
                self.assertEqual(sorted(back), ahead[-len(back):])
                self.assertEqual(len(set(ahead)), len(ahead))


if __name__ == "__main__":
    unittest.main()
