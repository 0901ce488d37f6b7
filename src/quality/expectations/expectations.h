#pragma once

#include <vector>

#include "quality/internal/expectation.h"

/// The expectations by what they look at, one file each. The registry lists them.
namespace smelt::quality {

std::vector<Expectation> TableColumnExpectations();
std::vector<Expectation> TableRowCountExpectations();
std::vector<Expectation> NullExpectations();
std::vector<Expectation> UniquenessExpectations();
std::vector<Expectation> SetExpectations();
std::vector<Expectation> RangeExpectations();
std::vector<Expectation> TypeExpectations();
std::vector<Expectation> PatternExpectations();
std::vector<Expectation> ParseableExpectations();
std::vector<Expectation> OrderExpectations();
std::vector<Expectation> AggregateExpectations();
std::vector<Expectation> DistributionExpectations();
std::vector<Expectation> DivergenceExpectations();
std::vector<Expectation> OutlierExpectations();
std::vector<Expectation> DistinctValueExpectations();
std::vector<Expectation> ColumnPairExpectations();
std::vector<Expectation> MulticolumnExpectations();
std::vector<Expectation> CustomSqlExpectations();
std::vector<Expectation> ServiceLevelExpectations();

}  // namespace smelt::quality
