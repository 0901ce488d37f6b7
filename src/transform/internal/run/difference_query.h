#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"

namespace smelt::transform {

/// What has become of a table since a query read it.
struct TableDifference {
  /// A query of the rows that the table has and did not have, perhaps of some more; empty: there are none. Nothing: not
  /// known, or too many to be worth it.
  std::optional<std::string> added;
  /// The same of the rows that it had and has no more.
  std::optional<std::string> removed;
  std::string before = {};  ///< a query of all rows that it had
};

/// By "schema.table" in lower case: all tables that a query reads. An unchanged one has two empty texts.
using TableDifferences = std::map<std::string, TableDifference, std::less<>>;

/// The trees of queries that many others are made with, each parsed once. Thread-safe.
class KnownTrees {
 public:
  /// The SELECT that the text is; null when it is none that the engine can show. Errors: kSql….
  Result<Json> Parse(engine::Session& session, const std::string& sql);

 private:
  std::mutex lock_;
  std::map<std::string, Json> trees_;
};

/// The names that stand for functions of a row's values, and for nothing else: no aggregate, no macro. Errors: kSql….
Result<std::set<std::string>> ScalarFunctions(engine::Session& session);

/// What a query gives of the rows that are new in tables, and of the rest that goes with them. All queries together
/// tell what the query itself gives now, if what it gave before is known.
struct DifferenceQueries {
  std::vector<std::string> found;   ///< of rows that are new in its result, and perhaps of some that are not
  std::vector<std::string> barred;  ///< have to give no row: else there may be more
  /// With `exact`, `found` are the new rows, each once, and no other row has gone from the result if these give no row.
  std::vector<std::string> barred_for_count;
  bool exact = false;
};

/// Follows the differences of tables through a query. Nothing: the query has to be asked as it is.
///
/// Filters, projections, inner, left, semi and anti joins and unions are followed, and groups by what distinguishes
/// them: a row that is new in their result comes of a row that is new in a table. On the side of a join whose rows make
/// others go, new ones add nothing, and keys that are gone are looked for. Aggregates without groups, windows, limits,
/// views and all else are not followed; as a side of a union they are among the queries as they are.
///
/// The query has to be one that DescribeStatement calls repeatable. Errors: kSql….
Result<std::optional<DifferenceQueries>> FollowDifferences(engine::Session& session, std::string_view sql,
                                                           const TableDifferences& differences,
                                                           const std::set<std::string>& scalar_functions,
                                                           KnownTrees& known_trees);

}  // namespace smelt::transform
