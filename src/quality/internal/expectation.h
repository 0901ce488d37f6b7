#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "quality/internal/frame.h"
#include "quality/result.h"
#include "quality/suite.h"

/// The shape of an expectation: a descriptor that says what it takes, and a function that turns it into SQL figures and
/// a judgement of them.
namespace smelt::quality {

enum class KwargKind {
  kColumn,          ///< a column's name
  kColumns,         ///< a list of column names
  kText,            ///< a string
  kTexts,           ///< a list of strings
  kTable,           ///< the name of another table
  kNumber,          ///< a number
  kFraction,        ///< a number from 0 to 1
  kFlag,            ///< true or false
  kBound,           ///< a number, or a date, time or text as a string; null is no bound
  kValues,          ///< a list of scalars
  kPairs,           ///< a list of two-element lists
  kPartition,       ///< {"values" or "bins": [...], "weights": [...], "tail_weights": [left, right]}
  kInterpolation,   ///< nearest, lower, higher, midpoint or linear; false is nearest
  kObject,          ///< an object, a JSON Schema say
  kQuantileRanges,  ///< {"quantiles": [...], "value_ranges": [[low, high], ...]}
  kCondition,       ///< a row condition: a string, or the object form of Great Expectations 1.x
  kResultFormat,    ///< a result format's name, or an object that has it as "result_format"
  kIgnored,         ///< accepted and without effect
};

struct Kwarg {
  std::string name;
  KwargKind kind;
  bool required = false;
  std::string summary;
  std::vector<std::string_view> choices = {};  ///< for kText: the only values allowed
};

/// What an expectation looks at, which decides the kwargs it shares with others of its kind.
enum class Domain {
  kRows,     ///< judges row by row: `mostly` and `row_condition` apply
  kFigures,  ///< judges figures over rows: `row_condition` applies
  kTable,    ///< judges names and types of columns
};

/// Of an expectation on rows: what else decides whether a row holds.
enum class RowScope {
  kAlone,        ///< nothing: each row is judged by itself
  kAmongEquals,  ///< the rows that are equal to it: when some go, those that held still do
  kAmongAll,     ///< the order or the distribution of all rows
};

/// A verdict with the figures that explain it, in the form of Great Expectations.
struct Judgement {
  bool success = false;
  Json result = Json::object();
};

/// An expectation that holds or not for each row.
struct RowCheck {
  /// How an unexpected row is shown: its one value, a list of values, or an object by column name.
  enum class Shape { kValue, kList, kRecord };
  std::vector<Column> columns = {};  ///< the values shown
  Shape shape = Shape::kValue;
  /// SQL predicate of the rows that are not judged for lack of values. Empty: all are, and no missing figures are told.
  std::string missing = {};
  /// SQL aggregate that counts the judged rows; empty: made from `missing`. `count(c)` costs much less than a filter.
  std::string judged = {};
  /// SQL predicate that judged rows satisfy; NULL counts as not.
  std::string expected = {};
  /// SQL aggregate that counts the rows that are judged and satisfy `expected`; empty: made from both.
  std::string satisfied = {};
  /// SQL expression, computed over the judged rows (a window, say), that `expected` knows as kDerived.
  std::string derived = {};
  /// SQL aggregates that `with_facts` needs before it can say what is expected: a mean, say. Their query goes before
  /// the others.
  std::vector<std::string> facts = {};
  /// Sets `expected`, given the values of `facts`.
  std::function<void(RowCheck&, const std::vector<Json>&)> with_facts = {};
  /// A test of the text of `columns[0]` that SQL cannot say. It is asked once for each different value.
  std::function<Result<bool>(const std::string&)> value_test = {};
  /// SQL aggregate over the judged rows that equals their number only if all satisfy `expected`: cheaper than
  /// `derived`, which is then only computed when they differ.
  std::string proof = {};
  /// Columns of which one with a different value in each judged row is proof enough, and a cheaper one (CountWithBits).
  /// Where it is the only column judged, it also proves the contrary.
  std::vector<Column> keys = {};
};
inline constexpr std::string_view kDerived = "smelt_derived";

/// An aggregate that follows, for more rows, from what it was for fewer and what it is for those that came.
struct Part {
  enum class Merge { kSum, kLeast, kGreatest };
  std::string sql;   ///< the aggregate
  std::string type;  ///< of its value, which survives being written as text
  Merge merge = Merge::kSum;
};

/// An expectation that judges figures.
struct FigureCheck {
  std::vector<std::string> figures;  ///< SQL expressions that yield one integer or JSON text each
  std::function<Judgement(const std::vector<Json>&)> judge;
  /// Further figures, which need the values of the first; judge gets those of both.
  std::function<std::vector<std::string>(const std::vector<Json>&)> then = {};
  /// Figures wanted only to explain a failure, put into the result under these names.
  std::vector<std::pair<std::string, std::string>> explain = {};
  /// Where all of `figures` are made of such aggregates: these, and the figures with others in their place.
  std::vector<Part> parts = {};
  std::function<std::vector<std::string>(const std::vector<std::string>&)> of_parts = {};
};

/// A check of figures that are all made of parts.
FigureCheck CheckOfParts(std::vector<Part> parts,
                         std::function<std::vector<std::string>(const std::vector<std::string>&)> figures,
                         std::function<Judgement(const std::vector<Json>&)> judge);

/// What an expectation becomes on a given table.
using Check = std::variant<Judgement, RowCheck, FigureCheck>;

/// One use of an expectation on one table: typed access to its kwargs, and the pieces of SQL that respect its
/// row_condition.
class Call {
 public:
  /// `condition` is the SQL of the row_condition, empty when there is none. The references outlive the call.
  Call(const ExpectationConfig& config, const Frame& frame, std::string condition, ResultFormat format = {})
      : config_(config), frame_(frame), condition_(std::move(condition)), format_(format) {}

  const Frame& frame() const { return frame_; }
  ResultFormat format() const { return format_; }
  /// SQL of the row_condition; empty when there is none.
  const std::string& condition() const { return condition_; }

  /// The kwarg's value; null when absent. Its type is what the descriptor says.
  const Json& Value(std::string_view kwarg) const;
  std::string Text(std::string_view kwarg, std::string_view fallback = {}) const;
  bool Flag(std::string_view kwarg, bool fallback = false) const;

  /// The columns that a kwarg names. Errors: kQualityNotApplicable when the table has no such column.
  Result<Column> GetColumn(std::string_view kwarg = "column") const;
  Result<std::vector<Column>> GetColumns(std::string_view kwarg = "column_list") const;
  /// The column as its values are compared: a text column as timestamps under `parse_strings_as_datetimes`.
  Column Comparable(Column column) const;

  /// "<aggregate> filter (where …)": over the rows that the row_condition and `where` leave.
  std::string Over(std::string_view aggregate, std::string_view where = {}) const;
  /// "from <relation> where …".
  std::string From(std::string_view where = {}) const;
  /// The same over the relation in which rows have their position, where there is one.
  std::string FromNumbered(std::string_view where = {}) const;

 private:
  std::string Where(std::string_view where) const;

  const ExpectationConfig& config_;
  const Frame& frame_;
  std::string condition_;
  ResultFormat format_;
};

/// A check of the values of one column, which leaves out missing values.
RowCheck ValueCheck(Column column, std::string expected);

/// A ValueCheck whose `expected` is not true of a missing value: counting the rows of which it is needs no test of
/// that. `counted`: the same predicate in a form that costs less; empty: `expected` itself.
RowCheck StrictCheck(Column column, std::string expected, std::string_view counted = {});

/// The check of a column whose values cannot be judged, which is `why`: it holds where there are none.
RowCheck NoValuesCheck(Column column, Error why);

/// The descriptor of an expectation.
struct Expectation {
  std::string name;
  std::string summary;
  Domain domain;
  std::vector<Kwarg> kwargs;  ///< its own; those of its domain come on top (AllowedKwargs)
  std::string example;        ///< kwargs as JSON
  /// Errors: kQualityNotApplicable.
  std::function<Result<Check>(const Call&)> compile;
  RowScope scope = RowScope::kAlone;  ///< with Domain::kRows

  /// Whether single rows can be blamed, and be taken out of a table that is to hold. A pure function.
  bool can_quarantine() const { return domain == Domain::kRows && scope != RowScope::kAmongAll; }
};

}  // namespace smelt::quality
