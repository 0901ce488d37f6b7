#include "app/internal/contract_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace smelt::app {
namespace {

using ingest::Check;
using ingest::Column;
using ingest::ValueType;
using quality::ContractObject;
using quality::ContractProperty;
using quality::ContractRule;
using quality::DataContract;

bool IsOfFamily(ValueType type, const std::string& logical) {
  const bool whole = type == ValueType::kInteger;
  if (logical == "string") return type == ValueType::kText;
  if (logical == "integer") return whole;
  if (logical == "number") return whole || type == ValueType::kDecimal || type == ValueType::kReal;
  if (logical == "boolean") return type == ValueType::kBoolean;
  if (logical == "date") return type == ValueType::kDate || type == ValueType::kTimestamp;
  if (logical == "timestamp") return type == ValueType::kTimestamp || type == ValueType::kTimestampTz;
  return true;
}

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

Check Bound(Check::Kind kind, std::string bound) {
  Check check;
  check.kind = kind;
  check.bound = std::move(bound);
  return check;
}

Check Pattern(const std::string& pattern) {
  Check check;
  check.kind = Check::Kind::kPattern;
  // A contract's pattern has to occur in the text, a source's is the whole text.
  check.pattern = fmt::format("(?s).*(?:{}).*", pattern);
  return check;
}

/// A check that the column has already, in the same words, is not made twice.
void AddCheck(Column& column, Check check) {
  const bool known = std::ranges::any_of(column.checks, [&](const Check& other) {
    return other.kind == check.kind && other.set == check.set && other.bound == check.bound &&
           other.pattern == check.pattern && other.length_min == check.length_min &&
           other.length_max == check.length_max;
  });
  if (!known) column.checks.push_back(std::move(check));
}

void AddBounds(const Json& options, Column& column) {
  for (const auto& [name, kind] : {std::pair{"minimum", Check::Kind::kMin}, std::pair{"maximum", Check::Kind::kMax}}) {
    const auto bound = options.find(name);
    if (bound != options.end() && !bound->is_null()) AddCheck(column, Bound(kind, TextOf(*bound)));
  }
  // Bounds of a source are inclusive: of whole numbers the next one is meant.
  const auto exclusive = [&](const char* name, Check::Kind kind, std::int64_t step) {
    const auto bound = options.find(name);
    if (bound == options.end() || !bound->is_number_integer() || column.type != ValueType::kInteger) return;
    AddCheck(column, Bound(kind, std::to_string(bound->get<std::int64_t>() + step)));
  };
  exclusive("exclusiveMinimum", Check::Kind::kMin, 1);
  exclusive("exclusiveMaximum", Check::Kind::kMax, -1);
}

void AddLengths(const ContractProperty& property, Column& column) {
  if (column.type != ValueType::kText) return;
  Check length;
  length.kind = Check::Kind::kLength;
  const Json least = property.options.value("minLength", Json());
  const Json most = property.options.value("maxLength", Json());
  if (least.is_number_integer()) length.length_min = least.get<std::int64_t>();
  if (most.is_number_integer()) length.length_max = most.get<std::int64_t>();
  if (least.is_number_integer() || most.is_number_integer()) AddCheck(column, std::move(length));
  const Json pattern = property.options.value("pattern", Json());
  if (pattern.is_string()) {
    AddCheck(column, Pattern(pattern.get<std::string>()));
  }
}

/// A rule of the library that allows no exception is one on every value.
void AddRule(const ContractRule& rule, Column& column) {
  const bool strict = rule.type == "library" && !rule.percent &&
                      (rule.comparison.empty() || (rule.comparison == "mustBe" && rule.bounds == std::vector{0.0}));
  if (!strict || quality::IsMild(rule.severity)) return;
  if (rule.metric == "nullValues") column.required = true;
  if (rule.metric != "invalidValues") return;
  if (const auto values = rule.arguments.find("validValues"); values != rule.arguments.end() && values->is_array()) {
    Check set;
    set.kind = Check::Kind::kSet;
    for (const Json& value : *values) set.set.push_back(TextOf(value));
    AddCheck(column, std::move(set));
  }
  const Json pattern = rule.arguments.value("pattern", Json());
  if (pattern.is_string() && column.type == ValueType::kText) {
    AddCheck(column, Pattern(pattern.get<std::string>()));
  }
}

Status SharpenColumn(const DataContract& contract, const ContractProperty& property, const std::string& table,
                     Column& column) {
  const bool is_family = property.logical_type.empty() || IsOfFamily(column.type, property.logical_type);
  if (!is_family) {
    return Fail(
        Error(ErrorCode::kConfigValueInvalid, fmt::format("{}.{} is loaded as {}, and the contract promises {}", table,
                                                          column.name, column.SqlType(), property.logical_type))
            .At(contract.file, property.line)
            .Hint("give both the same type"));
  }
  if (property.required || property.primary_key) column.required = true;
  AddBounds(property.options, column);
  AddLengths(property, column);
  for (const ContractRule& rule : property.rules) AddRule(rule, column);
  return {};
}

Status SharpenTable(const DataContract& contract, const ContractObject& object, ingest::SourceTable& table) {
  for (const ContractProperty& property : object.properties) {
    if (quality::IsAddedByLoading(property.physical_name)) continue;
    const auto column = std::ranges::find(table.columns, property.physical_name, &Column::name);
    if (column == table.columns.end()) {
      return Fail(Error(ErrorCode::kConfigValueInvalid,
                        fmt::format("the source of {} does not deliver the column {}, which the contract promises",
                                    table.QualifiedName(), property.physical_name))
                      .At(contract.file, property.line)
                      .Hint(fmt::format("add it to the columns in {}, or remove it from the contract", table.file)));
    }
    SMELT_TRY(SharpenColumn(contract, property, table.QualifiedName(), *column));
  }
  return {};
}

bool Binds(const DataContract& contract) {
  return contract.status == "active" || contract.status == "deprecated";
}

}  // namespace

Result<quality::ContractGate> LoadContractGate(const ProjectConfig& project) {
  SMELT_ASSIGN(auto contracts, quality::LoadContracts(project.contracts));
  return quality::ContractGate(std::move(contracts), project.contract_strictness);
}

ingest::SharpenSources HoldToContracts(const ProjectConfig& project) {
  return [folder = project.contracts](std::vector<ingest::Source>& sources) -> Status {
    SMELT_ASSIGN(const auto contracts, quality::LoadContracts(folder));
    for (const DataContract& contract : contracts) {
      if (!Binds(contract)) continue;
      for (const ContractObject& object : contract.objects) {
        const std::string promised = quality::TableOf(contract, object);
        for (ingest::Source& source : sources) {
          for (ingest::SourceTable& table : source.tables) {
            if (table.QualifiedName() == promised) SMELT_TRY(SharpenTable(contract, object, table));
          }
        }
      }
    }
    return {};
  };
}

}  // namespace smelt::app
