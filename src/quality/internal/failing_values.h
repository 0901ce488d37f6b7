#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/row_source.h"
#include "engine/session.h"

namespace smelt::quality {

/// Takes the one column of texts of a query, keeps those that fail a test, and gives them back as rows with the column
/// `value`. An error of the test ends the query.
class FailingValues : public engine::ResultSink, public engine::RowSource {
 public:
  using Test = std::function<Result<bool>(const std::string&)>;
  explicit FailingValues(Test test) : test_(std::move(test)), columns_{{.name = "value"}} {}

  Status Columns(const std::vector<engine::ResultColumn>& columns, engine::ResultKind kind) override;
  Status Rows(const std::vector<std::vector<engine::Cell>>& rows) override;

  const std::vector<engine::SourceColumn>& columns() const override { return columns_; }
  Status Next(engine::RowBatch& batch) override;

 private:
  Test test_;
  std::vector<engine::SourceColumn> columns_;
  std::vector<std::string> failing_;
  std::size_t next_ = 0;
};

}  // namespace smelt::quality
