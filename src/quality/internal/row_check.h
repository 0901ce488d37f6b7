#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quality/internal/expectation.h"
#include "quality/internal/figures.h"
#include "quality/result.h"

/// SQL and judgement of expectations that hold or not for each row, with the meaning of nulls and of `mostly` that
/// Great Expectations gives them.
namespace smelt::quality {

/// What the first query of a suite says of a RowCheck.
struct RowCounts {
  std::int64_t elements = 0;
  std::int64_t judged = 0;
  std::int64_t unexpected = 0;

  std::int64_t missing() const { return elements - judged; }
};

class RowQuery {
 public:
  RowQuery(RowCheck check, const Call& call) : check_(std::move(check)), call_(call) {}

  /// The figures that Counts reads.
  FigureRequest CountFigures() const;
  /// Nothing when the proof failed: the unexpected rows have still to be counted.
  std::optional<RowCounts> Counts(const std::vector<Json>& figures) const;
  /// The counts but for the unexpected rows.
  RowCounts CountsWithoutProof(const std::vector<Json>& figures) const;

  /// The number of unexpected rows, for when the proof failed.
  std::string UnexpectedCountFigure() const;
  /// The values of the first unexpected rows, as many as `format` shows at most.
  std::string SampleFigure(ResultFormat format) const;

  const RowCheck& check() const { return check_; }

  /// A query of the unexpected rows, for people.
  std::string UnexpectedRowsSql() const;

 private:
  std::string Judged() const;
  /// "from … where …" over the judged rows whose `expected` passes a test ("is not true").
  std::string RowsThat(std::string_view test) const;
  std::string UnexpectedRows() const;
  std::string ShownValue() const;

  RowCheck check_;
  const Call& call_;
};

/// Success as Great Expectations defines it: the share of judged rows that are not unexpected reaches `mostly`; a table
/// without judged rows passes.
bool MostlyHolds(const RowCounts& counts, double mostly);

/// The fields of a row-wise result that `format` asks for. `sample` is a list of unexpected values. `tells_missing`:
/// with the figures about missing values.
Json RowResult(const RowCounts& counts, const Json& sample, bool tells_missing, ResultFormat format);

}  // namespace smelt::quality
