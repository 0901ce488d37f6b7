"""The differences that are known, each with its reason. A rule that explains nothing any more fails the test."""

from dataclasses import dataclass, field
from typing import Callable

COUNTS = "partial_unexpected_counts"


@dataclass
class Known:
    """Differences in one field (or in all, "") of the cases that `applies` picks, given the two values."""

    reason: str
    fields: set
    applies: Callable
    met: int = field(default=0)


def holds_null(value):
    if isinstance(value, list):
        return any(map(holds_null, value))
    return value is None or (isinstance(value, dict) and any(map(holds_null, value.values())))


def same_counts(theirs, ours):
    """The same values counted, whatever their order."""
    if not isinstance(theirs, list) or not isinstance(ours, list):
        return False
    return sorted(map(repr, theirs)) == sorted(map(repr, ours))


def columns_of(case):
    kwargs = case.kwargs
    named = [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B"), *kwargs.get("column_list", [])]
    return {name for name in named if name}


def is_about(*columns):
    return lambda case, theirs, ours: bool(columns_of(case) & set(columns))


def is_type(*types):
    return lambda case, theirs, ours: case.type in types


def both(*rules):
    return lambda case, theirs, ours: all(rule(case, theirs, ours) for rule in rules)


def type_names(case):
    return {case.kwargs.get("type_"), *case.kwargs.get("type_list", [])}


def raised_there_only(case, theirs, ours):
    return theirs is True and ours is False


def raised_here_only(case, theirs, ours):
    return theirs is False and ours is True


def in_set_of_times(case, theirs, ours):
    return case.type in SETS and case.kwargs["column"] in ("moment", "day")


SETS = {"expect_column_values_to_be_in_set", "expect_column_values_to_not_be_in_set", "expect_column_most_common_value_to_be_in_set"}
TYPES = ("expect_column_values_to_be_of_type", "expect_column_values_to_be_in_type_list")

KNOWN = [
    Known("where pandas counts values beside a missing one, their order is that of the comparison with NaN; and with None there "
          "are no counts", {COUNTS},
          lambda case, theirs, ours: same_counts(theirs, ours) or theirs == "absent" and holds_null(ours)),
    Known("each NaN of a column of floats counts by itself", {COUNTS},
          lambda case, theirs, ours: case.type == "expect_column_values_to_not_be_null" and holds_null(theirs)),
    Known("the order of what is missing is that of a set", {"partial_missing_list"},
          lambda case, theirs, ours: len(theirs) == len(ours)),
    Known("columns of 32-bit floats are summed up with 32 bits", {"observed_value"}, is_about("f32")),
    Known("decimals are objects, with which pandas does not calculate", {"raised"}, both(is_about("amount", "d"), raised_there_only)),
    Known("dates are objects, which pandas does not compare with a time", {"raised"},
          both(is_about("moment", "late", "at", "day"), raised_there_only)),
    Known("booleans with missing ones are objects, which have no order", {"raised"}, both(is_about("maybe"), raised_there_only)),
    Known("texts in the value_set of a column of times are compared as texts; SQL engines compare times", set(), in_set_of_times),
    Known("int, str and object name every width of whole numbers and every text", {"success"},
          lambda case, theirs, ours: case.type in TYPES and ours is True and bool({"int", "str", "object"} & type_names(case))),
    Known("Timestamp is SQL's name of a moment, too, whatever its case", {"success"},
          lambda case, theirs, ours: case.type in TYPES and ours is True and "Timestamp" in type_names(case)),
    Known("names of columns are compared without case, as SQL does", {"success"},
          lambda case, theirs, ours: case.kwargs.get("column") == "PRICE"),
    Known("types are told in the words of SQL", {"observed_value"}, is_type(*TYPES)),
    Known("regular expressions that take more than linear time are refused", {"raised"},
          lambda case, theirs, ours: ours is True and any(part in case.kwargs.get("regex", "") for part in ("(?!", "(?<=", "\\1"))),
    Known("a text that is only a number is no date", set(),
          lambda case, theirs, ours: case.type.endswith("dateutil_parseable") and case.kwargs["column"] == "json"),
    Known("a variance beyond the range of doubles cannot be computed", {"raised"}, both(is_about("f"), raised_here_only)),
]  # fmt: skip


def is_known(case, field_name, theirs, ours):
    for rule in KNOWN:
        if (not rule.fields or field_name in rule.fields) and rule.applies(case, theirs, ours):
            rule.met += 1
            return True
    return False
