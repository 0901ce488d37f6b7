#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time_zone.h"
#include "engine/row_source.h"
#include "ingest/internal/value_parser.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// A value of one field, as far as the checks of a column need it.
struct FieldValue {
  std::string_view text;
  std::int64_t integer = 0;  ///< of every type but kText and kReal
  double real = 0;           ///< of kReal
};

/// One check, ready to run. Immutable and thread-safe.
class CompiledCheck {
 public:
  virtual ~CompiledCheck() = default;
  virtual bool Passes(const FieldValue& value) const = 0;
  std::string_view name;  ///< "set", "min" …
  Severity severity = Severity::kReject;
  std::string complaint;  ///< the end of "'x' …": "is below 0"
};

/// One way in which the times of a column may be written. Immutable and thread-safe.
class TimeLayout {
 public:
  /// Errors: kConfigValueInvalid (a format that the column's type does not know, a zone that there is not).
  static Result<TimeLayout> Compile(const Column& column, const std::string& format);

  /// Reads a text as the column's type holds it.
  Problem Parse(std::string_view text, std::int64_t& value) const;

 private:
  enum class Kind : std::uint8_t { kIso, kPattern, kEpochSeconds, kEpochMillis };

  TimeLayout(Kind kind, ValueType type) : kind_(kind), type_(type) {}
  std::int64_t FromLocal(std::int64_t micros) const;

  Kind kind_;
  ValueType type_;
  std::optional<TimeFormat> pattern_;
  std::optional<TimeZone> zone_;
};

/// A column of the contract, ready to read fields with. Immutable and thread-safe.
class ColumnContract {
 public:
  /// Errors: kConfigValueInvalid (a bound, pattern or format that the type does not know).
  static Result<ColumnContract> Compile(const Column& column);

  const Column& column() const { return *column_; }
  const std::vector<std::unique_ptr<CompiledCheck>>& checks() const { return checks_; }

  /// Reads `value.text`, which is not empty of meaning, into the other members.
  Problem Parse(FieldValue& value) const;

 private:
  explicit ColumnContract(const Column& column) : column_(&column) {}
  Status AddCheck(const Check& check);
  Problem ParseTime(FieldValue& value) const;

  const Column* column_;
  std::vector<TimeLayout> layouts_;  ///< of dates and times, where they are not ISO 8601 in UTC
  std::vector<std::unique_ptr<CompiledCheck>> checks_;
};

/// The contracts of all columns of a table, which must outlive them.
Result<std::vector<ColumnContract>> CompileContract(const SourceTable& table);

/// How the engine holds a column of that type.
engine::SourceColumn EngineColumn(const Column& column);

}  // namespace smelt::ingest
