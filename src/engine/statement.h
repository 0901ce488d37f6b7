#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/typed_result.h"

namespace smelt::engine {

class Session;

/// What a statement asks for and answers with.
struct StatementShape {
  std::vector<ValueType> parameters{};  ///< $1, $2 …; kUnknown where nothing in the statement says it
  std::vector<TypedColumnInfo> columns{};
  bool has_rows = false;  ///< whether it is a query, or a change with RETURNING
};

/// A value for a parameter: a text, and the type that it is read as. Confined like any value.
struct ParameterValue {
  ValueType type{};  ///< kUnknown: as text that takes the type of its place; kDecimal of precision 0: as
                     ///< wide as the text
  std::optional<std::string> text{};  ///< as SQL writes it, lists as [1, NULL], of kBlob the bytes; nothing is NULL
};

/// Judges the columns that a statement answers with, before anything of it is done.
using ColumnCheck = std::function<Status(const std::vector<TypedColumnInfo>& columns)>;

/// One statement, prepared: it is parsed, and can be run many times. Confined to the thread of its session, and must
/// not outlive it.
class Statement {
 public:
  ~Statement();

  const std::string& text() const;
  /// How many parameters it has: the highest of $1, $2 …, or the number of ?.
  std::size_t parameter_count() const;
  /// Finds out types and names by binding the statement, without running it. Done once; `options` as for Run.
  /// Errors: kSql…, kDelta…, kStore…, with the place in the text where one is known.
  Result<const StatementShape*> Describe(const TypedOptions& options = {});
  /// Runs it. Changes are done when this returns; of queries, the rows come while they are taken. Conflicts are retried
  /// as those of Session::Query. Errors: as Session::Query; kUsage for a wrong number of values; those of `check`,
  /// which is asked where the statement has rows: nothing was done then.
  Result<std::unique_ptr<TypedRows>> Run(std::span<const ParameterValue> values, const TypedOptions& options = {},
                                         const ColumnCheck& check = {});

  struct Impl;

 private:
  friend class Session;
  explicit Statement(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::engine
