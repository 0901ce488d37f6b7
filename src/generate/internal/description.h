#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"

namespace smelt::generate {

/// One column of a described table. What stands under its kind is read when SQL is made of it.
struct DataColumn {
  std::string name;
  ConfigNode node;   ///< the whole column
  std::string kind;  ///< "id", "pick", "text", "number", "date", "time", "after", "reference", "sum" or "sql"
  ConfigNode spec;   ///< what stands under the kind
  std::string type;  ///< the SQL type that values are cast to; empty: as they come
  bool hidden = false;
  bool changes = false;
  double missing = 0;
  std::map<std::string, double, std::less<>> dirt;
};

enum class RowSource { kRows, kDaily, kEach };

struct DataTable {
  std::string name;
  ConfigNode node;
  RowSource source = RowSource::kRows;
  double rows = 0;                ///< at scale 1; of a daily table in the whole period
  bool scaled = true;             ///< whether `rows` grows with the scale
  double present = 1;             ///< the share of rows that is there when the period begins; the others arrive evenly
  std::string parent;             ///< of kEach
  std::string counted;            ///< of kEach: an SQL expression for the number of children
  bool rare = false;              ///< of kEach: most parents have none
  double children_mean = 1;       ///< of kEach, about
  std::string time;               ///< the column that says in which period a row falls; empty: none
  std::int64_t within_days = 0;   ///< by how many days `time` may be later than that of the root of `each`
  std::int64_t change_every = 0;  ///< a row's changing columns change once in so many days; 0: never
  double repeated = 0;
  bool file = true;
  std::vector<DataColumn> columns;

  const DataColumn* Find(std::string_view column) const;
  const DataColumn* Id() const;
};

/// Texts with weights; entries have one or several named parts.
struct TextList {
  std::map<std::string, std::vector<std::string>, std::less<>> parts;  ///< "" for entries of one part
  std::vector<double> weights;
};

/// Lists by name and locale; the locale is empty where a list has none.
using TextLists = std::map<std::string, std::map<std::string, TextList, std::less<>>, std::less<>>;

/// How a data set is delivered that comes as many files in one folder.
struct Drops {
  std::int64_t rows_per_file = 0;  ///< about: a table's day is dealt out to so many files
  double repeated = 0;             ///< the share of files that come once more, under another name
  double broken = 0;  ///< the share of files that come without their last column's name, and then corrected
};

struct DataSet {
  std::string name;
  std::int64_t first_day = 0, last_day = 0;  ///< of the period, days since 1970-01-01
  std::array<double, 12> months = {};
  std::array<double, 7> weekdays = {};  ///< from Monday
  double yearly_growth = 0;
  TextLists lists;
  std::optional<Drops> drops;
  std::vector<DataTable> tables;

  const DataTable* Find(std::string_view table) const;
};

/// Reads a description; `lists` are those that every description may use.
/// Errors: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, with file and line.
Result<DataSet> ReadDataSet(const ConfigNode& document, TextLists lists);

/// Reads text lists: a map of names to lists, or to maps of locales to lists. Errors: as ReadDataSet.
Status ReadTextLists(const ConfigNode& node, TextLists& lists);

/// "YYYY-MM-DD" as days since 1970-01-01. Errors: kConfigValueInvalid.
Result<std::int64_t> ReadDay(const ConfigNode& node);

/// A list of weights by value: from a map `{value: weight}` or a list of values of equal weight.
/// Errors: kConfigValueInvalid.
Result<std::vector<std::pair<std::string, double>>> ReadWeights(const ConfigNode& node);

/// The text under `key`. Errors: kConfigKeyMissing, kConfigValueInvalid.
Result<std::string> RequireText(const ConfigNode& node, std::string_view key);

/// What `number` must be: from `low` to `high`. Errors: kConfigValueInvalid.
Result<double> ReadNumber(const ConfigNode& node, double low, double high);

}  // namespace smelt::generate
