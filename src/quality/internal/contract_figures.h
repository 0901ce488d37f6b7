#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quality/contract.h"
#include "quality/data_source.h"

namespace smelt::quality {

/// A promise as SQL: an aggregate over the table's rows, and what it has to be.
struct ContractFigure {
  std::string property, check;
  std::string sql;      ///< one number
  std::string subject;  ///< what is counted: "null values"
  std::string comparison = "mustBe";
  std::vector<double> bounds = {0};
  bool percent = false;
  std::string severity = {};
  std::int64_t line = 0;
};

/// The figures of an object's properties that the table has, and of its rules of the library.
std::vector<ContractFigure> FiguresOf(const ContractObject& object, const DataSource& table);

/// The greatest length that a type of texts has: 18 of "varchar(18)"; nothing for other types.
std::optional<std::int64_t> TextLength(std::string_view physical_type);

/// Whether a value is what a comparison wants.
bool Compares(double value, const std::string& comparison, const std::vector<double>& bounds);
/// "below 5", "between 1 and 3".
std::string ComparisonText(const std::string& comparison, const std::vector<double>& bounds);

/// The column of a property; null when the table has none of that name.
const engine::ResultColumn* ColumnOf(const ContractProperty& property, const DataSource& table);

}  // namespace smelt::quality
