"""The cases of the comparison: every expectation on every table that it says something about, passing and failing."""

from dataclasses import dataclass, field

COLUMNS = {
    "everyday": ["id", "small", "gaps", "price", "score", "amount", "word", "note", "code", "flag", "maybe", "day", "moment", "late", "nothing", "no_number", "constant", "with space"],
    "special": ["f", "g", "big", "f32", "t", "u", "d", "at", "b"],
}  # fmt: skip
NUMBERS = {"everyday": ["id", "small", "gaps", "price", "score", "amount", "no_number", "constant"], "special": ["f", "g", "big", "f32", "d"]}
TEXTS = {"everyday": ["word", "note", "code", "nothing"], "special": ["t", "u"]}
ORDERED = ["moment", "late", "day"]


@dataclass
class Case:
    table: str
    type: str
    kwargs: dict
    result_format: str | dict = "COMPLETE"
    extra: dict = field(default_factory=dict)

    @property
    def name(self):
        return f"{self.table}: {self.type} {self.kwargs}"


def everywhere(type_, kwargs=None, columns=COLUMNS, tables=("everyday", "special", "empty")):
    """The same expectation on each column of each table; the empty table has the everyday columns."""
    for table in tables:
        for column in columns["everyday" if table == "empty" else table]:
            yield Case(table, type_, {"column": column, **(kwargs or {})})


def nulls():
    yield from everywhere("expect_column_values_to_not_be_null")
    yield from everywhere("expect_column_values_to_be_null")
    for mostly in (0.5, 0.85, 0.9, 1):
        yield Case("everyday", "expect_column_values_to_not_be_null", {"column": "note", "mostly": mostly})
    yield Case("everyday", "expect_column_values_to_be_null", {"column": "note", "mostly": 0.1})


def uniqueness():
    yield from everywhere("expect_column_values_to_be_unique")
    yield Case("everyday", "expect_column_values_to_be_unique", {"column": "word", "mostly": 0.1})
    for columns in (["small", "word"], ["id", "note"], ["flag", "maybe"], ["nothing", "note"], ["gaps", "score"]):
        for ignore in ({}, {"ignore_row_if": "any_value_is_missing"}, {"ignore_row_if": "never"}):
            yield Case("everyday", "expect_compound_columns_to_be_unique", {"column_list": columns, **ignore})
            yield Case("everyday", "expect_select_column_values_to_be_unique_within_record", {"column_list": columns, **ignore})
    yield Case("everyday", "expect_select_column_values_to_be_unique_within_record", {"column_list": ["small", "gaps", "constant"]})
    yield Case("everyday", "expect_select_column_values_to_be_unique_within_record", {"column_list": ["small", "gaps"], "mostly": 0.5})
    yield Case("empty", "expect_compound_columns_to_be_unique", {"column_list": ["small", "word"]})


SETS = [
    ("everyday", "small", [0, 1, 2, 3]), ("everyday", "small", [0, 1, 2, 3, 4, 5, 6]), ("everyday", "gaps", [1.0, 2, 3]),
    ("everyday", "word", ["alpha", "it's", 'say "no"', "😀 emoji 🚀", ""]), ("everyday", "note", ["alpha", "beta", "gamma", "delta", "", " padded ", "unused"]),
    ("everyday", "flag", [True]), ("everyday", "flag", [True, False]), ("everyday", "maybe", [True]), ("everyday", "small", ["0", "1"]),
    ("everyday", "word", [1, 2]), ("everyday", "nothing", ["x"]), ("everyday", "moment", ["2024-02-26 08:30:00", "2024-02-26T15:30:00"]),
    ("everyday", "day", ["2024-02-26", "2024-02-27"]), ("everyday", "price", [1.5]), ("everyday", "constant", [5]), ("everyday", "small", []),
    ("everyday", "no_number", [1]), ("everyday", "flag", [1]), ("everyday", "small", [True, 2]), ("everyday", "constant", [5, 6, None]),
    ("special", "t", ["nan", "NULL", "0"]), ("special", "u", ["a'b", 'c"d', "e\\f", "g\nh", "i\tj", "👩‍👩‍👧", "é"]), ("special", "g", [1.5, 2.5, 4, 1e-9]),
    ("special", "f", [0, 1.5]), ("special", "big", [2**53, 7]), ("special", "b", [True]), ("special", "f32", [0.5, 2, 3]),
    ("empty", "small", [1]), ("empty", "word", ["x"]),
]  # fmt: skip


def sets():
    for table, column, value_set in SETS:
        for type_ in (
            "expect_column_values_to_be_in_set", "expect_column_values_to_not_be_in_set", "expect_column_distinct_values_to_be_in_set",
            "expect_column_distinct_values_to_contain_set", "expect_column_distinct_values_to_equal_set",
            "expect_column_most_common_value_to_be_in_set",
        ):  # fmt: skip
            if value_set or type_ != "expect_column_distinct_values_to_be_in_set":
                yield Case(table, type_, {"column": column, "value_set": value_set})
    yield Case("everyday", "expect_column_most_common_value_to_be_in_set", {"column": "small", "value_set": [0], "ties_okay": True})
    yield Case("everyday", "expect_column_most_common_value_to_be_in_set", {"column": "word", "value_set": ["alpha"], "ties_okay": True})
    yield Case("everyday", "expect_column_values_to_be_in_set", {"column": "small", "value_set": [0, 1], "mostly": 0.25})


RANGES = [
    ("everyday", "small", {"min_value": 1, "max_value": 5}), ("everyday", "small", {"min_value": 1, "max_value": 5, "strict_min": True}),
    ("everyday", "small", {"min_value": 0, "max_value": 6, "strict_max": True}), ("everyday", "gaps", {"min_value": 2.5}),
    ("everyday", "price", {"max_value": 200}), ("everyday", "score", {"min_value": 40, "max_value": 60, "mostly": 0.5}),
    ("everyday", "amount", {"min_value": 10, "max_value": 200}), 
    ("everyday", "moment", {"min_value": "2024-03-01", "max_value": "2024-03-10 12:00:00"}), ("everyday", "late", {"max_value": "2024-03-05T00:00:00"}),
    ("everyday", "day", {"min_value": "2024-03-01"}), ("everyday", "flag", {"min_value": 0, "max_value": 1}), ("everyday", "word", {"min_value": 1}),
    ("everyday", "no_number", {"min_value": 0}),
    ("everyday", "small", {"min_value": 5, "max_value": 1}), ("everyday", "id", {"min_value": None, "max_value": 30}),
    ("everyday", "constant", {"min_value": 5, "max_value": 5, "strict_min": True, "strict_max": True}),
    ("special", "f", {"min_value": 0}), ("special", "f", {"max_value": 1e307}), ("special", "g", {"min_value": 1, "max_value": 3}),
    ("special", "big", {"min_value": 0, "max_value": 2**53}), ("special", "d", {"min_value": 0, "max_value": 5}),
    ("special", "at", {"min_value": "1999-12-31", "max_value": "2030-01-01"}), ("special", "f32", {"min_value": 0.1}),
    ("empty", "small", {"min_value": 1}), ("empty", "moment", {"min_value": "2024-03-01"}),
]  # fmt: skip


def ranges():
    for table, column, bounds in RANGES:
        yield Case(table, "expect_column_values_to_be_between", {"column": column, **bounds})
    for table, column in (("everyday", "word"), ("everyday", "note"), ("everyday", "nothing"), ("special", "u"), ("everyday", "small"), ("everyday", "flag"), ("empty", "word"), ("everyday", "price")):
        yield Case(table, "expect_column_value_lengths_to_be_between", {"column": column, "min_value": 2, "max_value": 6})
        yield Case(table, "expect_column_value_lengths_to_be_between", {"column": column, "min_value": 4})
        yield Case(table, "expect_column_value_lengths_to_equal", {"column": column, "value": 4})
    yield Case("everyday", "expect_column_value_lengths_to_be_between", {"column": "word", "min_value": 0, "max_value": 5, "strict_min": True, "strict_max": True})


AGGREGATES = {"min": {"min_value": 1}, "max": {"max_value": 100}, "mean": {"min_value": 2, "max_value": 60}, "median": {"min_value": 1}, "stdev": {"max_value": 20}, "sum": {"min_value": 100}}


def aggregates():
    for word, bounds in AGGREGATES.items():
        yield from everywhere(f"expect_column_{word}_to_be_between", bounds, NUMBERS)
    yield Case("everyday", "expect_column_min_to_be_between", {"column": "moment", "min_value": "2024-02-26 08:30:00"})
    yield Case("everyday", "expect_column_max_to_be_between", {"column": "moment", "max_value": "2024-03-01"})
    yield Case("everyday", "expect_column_max_to_be_between", {"column": "day", "max_value": "2024-03-01"})
    yield Case("everyday", "expect_column_mean_to_be_between", {"column": "word", "max_value": 1})
    yield Case("everyday", "expect_column_mean_to_be_between", {"column": "flag", "max_value": 0.5})
    yield Case("everyday", "expect_column_sum_to_be_between", {"column": "flag", "min_value": 1, "max_value": 60})
    yield Case("everyday", "expect_column_max_to_be_between", {"column": "id", "max_value": 60, "strict_max": True})
    yield Case("everyday", "expect_column_min_to_be_between", {"column": "id"})
    yield from everywhere("expect_column_unique_value_count_to_be_between", {"min_value": 1, "max_value": 20})
    for type_ in ("proportion_of_unique_values", "proportion_of_non_null_values"):
        yield from everywhere(f"expect_column_{type_}_to_be_between", {"min_value": 0.5, "max_value": 0.99})


def quantiles():
    wanted = {"quantiles": [0.0, 0.25, 0.5, 0.9, 1.0], "value_ranges": [[0, 1], [1, 100], [2, 60], [None, 200], [5, None]]}
    yield from everywhere("expect_column_quantile_values_to_be_between", {"quantile_ranges": wanted}, NUMBERS)
    yield Case("everyday", "expect_column_quantile_values_to_be_between", {"column": "price", "quantile_ranges": wanted, "allow_relative_error": "linear"})
    yield Case("everyday", "expect_column_quantile_values_to_be_between", {"column": "price", "quantile_ranges": wanted, "allow_relative_error": "lower"})


def patterns():
    for table, column in [(table, column) for table, columns in TEXTS.items() for column in columns] + [("everyday", "small"), ("everyday", "flag"), ("empty", "word")]:
        for regex in ("^[a-z]+$", "a", "^$", r"\d", "[^\\x00-\\x7F]", "(?i)BR-", "a|é"):
            yield Case(table, "expect_column_values_to_match_regex", {"column": column, "regex": regex})
            yield Case(table, "expect_column_values_to_not_match_regex", {"column": column, "regex": regex})
        for match_on in ("any", "all"):
            yield Case(table, "expect_column_values_to_match_regex_list", {"column": column, "regex_list": ["a", "^.{4,}$"], "match_on": match_on})
        yield Case(table, "expect_column_values_to_not_match_regex_list", {"column": column, "regex_list": ["^a", "[0-9]$"]})
    yield Case("everyday", "expect_column_values_to_match_regex", {"column": "code", "regex": r"^(?!PT)[A-Z]{2}-\d{4}$"})
    yield Case("everyday", "expect_column_values_to_match_regex", {"column": "code", "regex": r"^([A-Z])\1"})
    yield Case("everyday", "expect_column_values_to_match_regex", {"column": "code", "regex": r"(?<=R-)0"})
    yield Case("everyday", "expect_column_values_to_match_regex", {"column": "code", "regex": r"^BR-\d+\Z"})
    yield Case("everyday", "expect_column_values_to_match_regex", {"column": "word", "regex": r"^\w+$"})
    yield Case("everyday", "expect_column_values_to_match_regex", {"column": "code", "regex": "^BR", "mostly": 0.9})


def parseable():
    for column in ("text_day", "word", "code", "nothing", "json", "small"):
        yield Case("everyday", "expect_column_values_to_match_strftime_format", {"column": column, "strftime_format": "%Y-%m-%d"})
        yield Case("everyday", "expect_column_values_to_be_json_parseable", {"column": column})
        yield Case("everyday", "expect_column_values_to_be_dateutil_parseable", {"column": column})
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 0}}}
    yield Case("everyday", "expect_column_values_to_match_json_schema", {"column": "text_day", "json_schema": schema})
    yield Case("everyday", "expect_column_values_to_match_json_schema", {"column": "json", "json_schema": schema, "row_condition": 'json.str.startswith("{")', "condition_parser": "pandas"})
    yield Case("everyday", "expect_column_values_to_match_json_schema", {"column": "nothing", "json_schema": schema})
    yield Case("empty", "expect_column_values_to_match_json_schema", {"column": "word", "json_schema": schema})


def order():
    for column in ("id", "small", "descending", "gaps", "price", "moment", "late", "no_number"):
        for direction in ("increasing", "decreasing"):
            for strictly in (False, True):
                yield Case("everyday", f"expect_column_values_to_be_{direction}", {"column": column, "strictly": strictly})
    yield Case("empty", "expect_column_values_to_be_increasing", {"column": "id"})
    yield Case("everyday", "expect_column_values_to_be_increasing", {"column": "small", "mostly": 0.8})


def types():
    # pandas has columns of objects, and of floats where whole numbers have gaps: those are no types of a table
    for column in ("id", "small", "price", "score", "word", "note", "flag", "moment"):
        for name in ("int", "int64", "int32", "float", "float64", "str", "bool", "object", "datetime64", "Timestamp"):
            yield Case("everyday", "expect_column_values_to_be_of_type", {"column": column, "type_": name})
        yield Case("everyday", "expect_column_values_to_be_in_type_list", {"column": column, "type_list": ["int64", "float64"]})
        yield Case("everyday", "expect_column_values_to_be_in_type_list", {"column": column, "type_list": ["str", "bool"]})


def pairs():
    for a, b in (("small", "gaps"), ("moment", "late"), ("price", "score"), ("code", "twin"), ("id", "descending"), ("flag", "maybe"), ("nothing", "note"), ("word", "small")):
        for ignore in ({}, {"ignore_row_if": "either_value_is_missing"}, {"ignore_row_if": "neither"}):
            yield Case("everyday", "expect_column_pair_values_to_be_equal", {"column_A": a, "column_B": b, **ignore})
            yield Case("everyday", "expect_column_pair_values_a_to_be_greater_than_b", {"column_A": a, "column_B": b, **ignore})
            yield Case("everyday", "expect_column_pair_values_a_to_be_greater_than_b", {"column_A": a, "column_B": b, "or_equal": True, **ignore})
    pairs_set = [[0, 0], [1, 1], [2, 2], [3, None], [None, 1]]
    yield Case("everyday", "expect_column_pair_values_to_be_in_set", {"column_A": "small", "column_B": "gaps", "value_pairs_set": pairs_set})
    yield Case("everyday", "expect_column_pair_values_to_be_in_set", {"column_A": "word", "column_B": "flag", "value_pairs_set": [["alpha", True], ["it's", False]], "mostly": 0.05})
    yield Case("empty", "expect_column_pair_values_to_be_equal", {"column_A": "small", "column_B": "gaps"})
    for columns, total in ((["small", "constant"], 8), (["small", "gaps"], 4), (["price", "score"], 100), (["constant", "constant"], 10), (["gaps", "score"], 5)):
        for ignore in ({}, {"ignore_row_if": "any_value_is_missing"}, {"ignore_row_if": "never"}):
            yield Case("everyday", "expect_multicolumn_sum_to_equal", {"column_list": columns, "sum_total": total, **ignore})
    for columns in (["code", "twin"], ["small", "gaps", "constant"], ["flag", "maybe"], ["nothing", "no_number"]):
        for ignore in ({}, {"ignore_row_if": "any_value_is_missing"}, {"ignore_row_if": "never"}):
            yield Case("everyday", "expect_multicolumn_values_to_be_equal", {"column_list": columns, **ignore})


def outliers():
    yield from everywhere("expect_column_value_z_scores_to_be_less_than", {"threshold": 1.5, "double_sided": True}, NUMBERS)
    yield Case("everyday", "expect_column_value_z_scores_to_be_less_than", {"column": "price", "threshold": 1.2, "double_sided": False})
    yield Case("everyday", "expect_column_value_z_scores_to_be_less_than", {"column": "score", "threshold": -1.2, "double_sided": True, "mostly": 0.7})
    yield Case("everyday", "expect_column_value_z_scores_to_be_less_than", {"column": "word", "threshold": 1, "double_sided": True})
    yield from everywhere("expect_column_values_to_not_be_outliers", {"multiplier": 0.3}, NUMBERS)
    yield from everywhere("expect_column_values_to_not_be_outliers", {"method": "std", "multiplier": 1.5}, NUMBERS)
    yield Case("everyday", "expect_column_values_to_not_be_outliers", {"column": "score", "mostly": 0.5})


def divergence():
    type_ = "expect_column_kl_divergence_to_be_less_than"
    words = {"values": ["alpha", "beta", "gamma", "delta"], "weights": [0.4, 0.3, 0.2, 0.1]}
    bins = {"bins": [0, 20, 40, 60, 80, 100], "weights": [0.05, 0.2, 0.5, 0.2, 0.05]}
    hole = {"bins": [0, 40, 60, 100], "weights": [0.5, 0, 0.5]}
    tails = {"bins": [30, 50, 70], "weights": [0.4, 0.4], "tail_weights": [0.1, 0.1]}
    inf = float("inf")
    open_ends = {"bins": [-inf, 40, 50, 60, inf], "weights": [0.2, 0.3, 0.3, 0.2]}
    yield Case("everyday", type_, {"column": "note", "partition_object": words, "threshold": 0.1, "bucketize_data": False})
    yield Case("everyday", type_, {"column": "note", "partition_object": words, "threshold": 5, "tail_weight_holdout": 0.1})
    yield Case("everyday", type_, {"column": "small", "partition_object": {"values": [0, 1, 2, 3, 4, 5, 6, 9], "weights": [0.125] * 8}, "threshold": 0.2})
    for partition in (bins, hole, tails, open_ends):
        for column in ("score", "gaps", "price", "no_number"):
            yield Case("everyday", type_, {"column": column, "partition_object": partition, "threshold": 0.5})
    yield Case("everyday", type_, {"column": "score", "partition_object": hole, "threshold": 5, "internal_weight_holdout": 0.1})
    yield Case("everyday", type_, {"column": "price", "partition_object": bins, "threshold": 5, "tail_weight_holdout": 0.1})
    yield Case("everyday", type_, {"column": "score", "partition_object": tails, "threshold": 0.5, "tail_weight_holdout": 0.1})
    yield Case("everyday", type_, {"column": "score", "partition_object": bins, "threshold": None})
    yield Case("empty", type_, {"column": "score", "partition_object": bins, "threshold": 0.5})


def shape():
    for table in ("everyday", "empty", "wide"):
        yield Case(table, "expect_table_row_count_to_equal", {"value": 60})
        yield Case(table, "expect_table_row_count_to_be_between", {"min_value": 1, "max_value": 60})
        yield Case(table, "expect_table_row_count_to_be_between", {"max_value": 2})
        yield Case(table, "expect_table_column_count_to_equal", {"value": 22})
        yield Case(table, "expect_table_column_count_to_be_between", {"min_value": 22})
        yield Case(table, "expect_column_to_exist", {"column": "price"})
        yield Case(table, "expect_column_to_exist", {"column": "c9999", "column_index": 9999})
        yield Case(table, "expect_column_to_exist", {"column": "price", "column_index": 3})
        yield Case(table, "expect_column_to_exist", {"column": "PRICE"})
    yield Case("special", "expect_table_columns_to_match_ordered_list", {"column_list": ["n", "f", "g", "big", "f32", "t", "u", "d", "at", "b"]})
    yield Case("special", "expect_table_columns_to_match_ordered_list", {"column_list": ["n", "g", "f", "big"]})
    yield Case("special", "expect_table_columns_to_match_set", {"column_set": ["b", "at", "n", "f", "g", "big", "f32", "t", "u", "d"]})
    yield Case("special", "expect_table_columns_to_match_set", {"column_set": ["n", "f", "missing"], "exact_match": False})
    yield Case("special", "expect_table_columns_to_match_set", {"column_set": ["n", "f"], "exact_match": False})
    yield Case("special", "expect_table_columns_to_match_set", {"column_set": ["n", "f"]})
    for i in (0, 1, 5000, 9999):
        yield Case("wide", "expect_column_values_to_be_between", {"column": f"c{i}", "min_value": i, "max_value": i})
        yield Case("wide", "expect_column_values_to_not_be_null", {"column": f"c{i}"})
    for type_, kwargs in (("expect_column_values_to_be_between", {"min_value": 1}), ("expect_column_mean_to_be_between", {"min_value": 1}), ("expect_column_values_to_be_of_type", {"type_": "int"}), ("expect_column_distinct_values_to_be_in_set", {"value_set": [1]})):
        yield Case("everyday", type_, {"column": "absent", **kwargs})


CONDITIONS = [
    ("small > 3", "pandas"), ("small > 3 and word != 'alpha'", "pandas"), ("note.notnull()", "pandas"), ("small in [1, 2] or flag", "pandas"),
    ("`with space` == 2", "pandas"), ("not (small == 1)", "pandas"), ("small == gaps", "pandas"), ("score > 40 and score <= 60", "pandas"),
    ("gaps != 3", "pandas"), ("gaps == gaps", "pandas"), ("note not in ['alpha', 'beta']", "pandas"), ("3 < small <= 5", "pandas"),
    ("price * 2 > 100", "pandas"), ("(small + gaps) > 6", "pandas"), ('word.str.contains("a")', "pandas"), ("moment > '2024-03-05'", "pandas"),
    ("~flag", "pandas"), ("flag & (small > 2)", "pandas"), ("note.isna()", "pandas"), ("small % 2 == 0", "pandas"), ("flag == True", "pandas"),
    ('word.str.startswith("a") or word.str.len() > 6', "pandas"), ("score.between(40, 60)", "pandas"), ("note.isin(['alpha'])", "pandas"), ("-small < -3", "pandas"),
    ('col("small") > 3', "great_expectations"), ('col("note").notnull()', "great_expectations__experimental__"),
    ('col("word") == "alpha"', "great_expectations"), ('col("gaps") != 3', "great_expectations"), ('col("score") <= 50.5', "great_expectations__experimental__"),
]  # fmt: skip


def column(name):
    return {"name": name}


OBJECT_CONDITIONS = [
    {"type": "comparison", "column": column("small"), "operator": ">", "parameter": 3},
    {"type": "comparison", "column": column("small"), "operator": "IN", "parameter": [1, 2]},
    {"type": "comparison", "column": column("note"), "operator": "NOT_IN", "parameter": ["alpha", "it's"]},
    {"type": "nullity", "column": column("note"), "is_null": False},
    {"type": "nullity", "column": column("gaps"), "is_null": True},
    {"type": "pass_through", "pass_through_filter": "small > 3 and flag"},
    {"type": "and", "conditions": [
        {"type": "comparison", "column": column("small"), "operator": ">=", "parameter": 2},
        {"type": "comparison", "column": column("word"), "operator": "!=", "parameter": 'say "no"'}]},
    {"type": "or", "conditions": [
        {"type": "comparison", "column": column("gaps"), "operator": "!=", "parameter": 2},
        {"type": "and", "conditions": [
            {"type": "comparison", "column": column("flag"), "operator": "==", "parameter": True},
            {"type": "nullity", "column": column("note"), "is_null": True}]}]},
]  # fmt: skip


def conditions():
    wanted = [{"row_condition": text, "condition_parser": parser} for text, parser in CONDITIONS]
    wanted += [{"row_condition": condition} for condition in OBJECT_CONDITIONS]
    for condition in wanted:
        yield Case("everyday", "expect_column_values_to_be_between", {"column": "price", "min_value": 50, "max_value": 200, **condition})
        yield Case("everyday", "expect_table_row_count_to_be_between", {"min_value": 10, **condition})
        yield Case("everyday", "expect_column_mean_to_be_between", {"column": "score", "min_value": 45, **condition})
    chosen = {"row_condition": "small > 3", "condition_parser": "pandas"}
    yield Case("everyday", "expect_column_values_to_be_unique", {"column": "word", **chosen})
    yield Case("everyday", "expect_compound_columns_to_be_unique", {"column_list": ["small", "word"], **chosen})
    yield Case("everyday", "expect_column_pair_values_to_be_equal", {"column_A": "small", "column_B": "gaps", **chosen})
    yield Case("everyday", "expect_multicolumn_sum_to_equal", {"column_list": ["small", "constant"], "sum_total": 8, **chosen})
    yield Case("everyday", "expect_column_distinct_values_to_be_in_set", {"column": "small", "value_set": [4, 5], **chosen})
    yield Case("everyday", "expect_column_values_to_be_increasing", {"column": "small", **chosen})
    yield Case("everyday", "expect_column_value_z_scores_to_be_less_than", {"column": "price", "threshold": 1, "double_sided": True, **chosen})


FORMATS = ["BOOLEAN_ONLY", "BASIC", "SUMMARY",
    {"result_format": "SUMMARY", "partial_unexpected_count": 3}, {"result_format": "SUMMARY", "partial_unexpected_count": 0},
    {"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]},
    {"result_format": "COMPLETE", "unexpected_index_column_names": ["id", "code"], "exclude_unexpected_values": True},
    {"result_format": "BASIC", "include_unexpected_rows": True}, {"result_format": "SUMMARY", "unexpected_index_column_names": ["code"], "partial_unexpected_count": 2},
]  # fmt: skip


def formats():
    looked_at = [
        ("expect_column_values_to_be_between", {"column": "small", "min_value": 1}), ("expect_column_values_to_not_be_null", {"column": "note"}),
        ("expect_column_values_to_be_unique", {"column": "word"}), ("expect_column_pair_values_to_be_equal", {"column_A": "small", "column_B": "gaps"}),
        ("expect_compound_columns_to_be_unique", {"column_list": ["small", "flag"]}), ("expect_column_mean_to_be_between", {"column": "price", "max_value": 1}),
        ("expect_column_distinct_values_to_be_in_set", {"column": "word", "value_set": ["alpha"]}), ("expect_column_values_to_be_increasing", {"column": "small"}),
        ("expect_table_row_count_to_equal", {"value": 3}), ("expect_column_values_to_be_in_set", {"column": "word", "value_set": ["alpha"]}),
        ("expect_column_distinct_values_to_contain_set", {"column": "word", "value_set": [f"w{i}" for i in range(30)]}),
        ("expect_column_value_z_scores_to_be_less_than", {"column": "price", "threshold": 1, "double_sided": True}), ("expect_column_to_exist", {"column": "zz"}),
        ("expect_column_quantile_values_to_be_between", {"column": "price", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 1]]}}),
    ]  # fmt: skip
    for result_format in FORMATS:
        for type_, kwargs in looked_at:
            yield Case("everyday", type_, kwargs, result_format)


GROUPS = [nulls, uniqueness, sets, ranges, aggregates, quantiles, patterns, parseable, order, types, pairs, outliers, divergence, shape, conditions, formats]


def all_cases():
    return [case for group in GROUPS for case in group()]
