"""Runs all cases on both sides and lists what differs."""

import json
import math
import re
from collections import defaultdict

# What is text for people, or tells of the engine: not compared.
NOT_COMPARED = {"unexpected_index_query", "exception_message", "exception_traceback"}


def suites(cases):
    """The cases as suites, one for each table and result format: (table, format, {case: expectation})."""
    grouped = defaultdict(dict)
    for number, case in enumerate(cases):
        expectation = {"type": case.type, "kwargs": case.kwargs, "meta": {"case": number}, **case.extra}
        grouped[case.table, json.dumps(case.result_format)][number] = expectation
    return [(table, json.loads(result_format), found) for (table, result_format), found in grouped.items()]


def raised(result):
    """Whether the expectation could not be judged; Great Expectations tells it for the result or for each metric."""
    info = result["exception_info"]
    return bool(info.get("raised_exception", any(isinstance(one, dict) and one.get("raised_exception") for one in info.values())))


def plain(value):
    """A value as it is compared: times without their separator, numbers as floats, no infinities."""
    if isinstance(value, bool) or value is None or value == "NaT":
        return None if value == "NaT" else value
    if isinstance(value, (int, float)):
        if math.isnan(value):
            return None
        return ("inf" if value > 0 else "-inf") if math.isinf(value) else float(value)
    if isinstance(value, str):
        return re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.000000$", r"\1T\2", value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items() if key not in NOT_COMPARED}


def same(one, other):
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


def differences(case, theirs, ours):
    """(field, Great Expectations' value, smelt's) of each field that differs."""
    found = []
    if raised(theirs) != raised(ours):
        return [("raised", raised(theirs), raised(ours))]
    if theirs["success"] != ours["success"]:
        found.append(("success", theirs["success"], ours["success"]))
    expected, got = plain(theirs["result"]), plain(ours["result"])
    for key in sorted(expected.keys() | got.keys()):
        if not same(expected.get(key, "absent"), got.get(key, "absent")):
            found.append((key, expected.get(key, "absent"), got.get(key, "absent")))
    return found
