#include "engine/internal/postgres_functions/format_functions.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "engine/internal/postgres_functions/calendar.h"
#include "engine/internal/postgres_functions/number_to_text.h"
#include "engine/internal/postgres_functions/text_to_number.h"
#include "engine/internal/postgres_functions/text_to_time.h"
#include "engine/internal/postgres_functions/time_to_text.h"

namespace smelt::engine::postgres {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using duckdb::Vector;

std::string_view ViewOf(const string_t& text) {
  return {text.GetData(), text.GetSize()};
}

TimePattern ReadPattern(std::string_view text, const TimePattern* /*kind*/) {
  return ReadTimePattern(text);
}
NumberPattern ReadPattern(std::string_view text, const NumberPattern* /*kind*/) {
  return ReadNumberPattern(text);
}

/// The format of a call, where it is a constant.
template <typename Pattern>
struct BoundPattern : public duckdb::FunctionData {
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<BoundPattern>(*this); }
  bool Equals(const FunctionData& other) const override {
    const auto& bound = other.Cast<BoundPattern>();
    return (pattern == nullptr) == (bound.pattern == nullptr) &&
           (pattern == nullptr || pattern->text == bound.pattern->text);
  }

  std::shared_ptr<const Pattern> pattern{};
};

template <typename Pattern>
duckdb::unique_ptr<BoundPattern<Pattern>> BoundPatternOf(duckdb::ClientContext& context,
                                                         const duckdb::Expression& argument) {
  auto bound = duckdb::make_uniq<BoundPattern<Pattern>>();
  if (argument.HasParameter() || !argument.IsFoldable()) return bound;
  const duckdb::Value text = duckdb::ExpressionExecutor::EvaluateScalar(context, argument);
  if (text.IsNull()) return bound;
  const Pattern* kind = nullptr;
  bound->pattern = std::make_shared<const Pattern>(ReadPattern(duckdb::StringValue::Get(text), kind));
  return bound;
}

using FormatArguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

template <typename Pattern>
duckdb::unique_ptr<duckdb::FunctionData> BindFormat(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                    FormatArguments& arguments) {
  auto bound = BoundPatternOf<Pattern>(context, *arguments[1]);
  // Of a decimal any width and scale will do, which the catalogue's type leaves open.
  if (function.arguments[0].id() == LogicalTypeId::DECIMAL) function.arguments[0] = arguments[0]->return_type;
  return bound;
}

/// The format of each row: the constant one, or the one that was read for the row before.
template <typename Pattern>
class PatternOfRows {
 public:
  explicit PatternOfRows(duckdb::ExpressionState& state)
      : bound_(state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<BoundPattern<Pattern>>()) {}

  const Pattern& Of(const string_t& text) {
    if (bound_.pattern) return *bound_.pattern;
    const Pattern* kind = nullptr;
    if (!read_ || read_->text != ViewOf(text)) read_ = ReadPattern(ViewOf(text), kind);
    return *read_;
  }

 private:
  const BoundPattern<Pattern>& bound_;
  std::optional<Pattern> read_;
};

/// Room for one text, used again for every row.
string_t Taken(Vector& result, std::string& text) {
  const string_t taken = duckdb::StringVector::AddString(result, text.data(), text.size());
  text.clear();
  return taken;
}

// ---- to_char of times -----------------------------------------------------------------------------------------------

std::int64_t MicrosOf(duckdb::timestamp_t value) {
  return value.value;
}

/// Runs `append(parts)` for rows that are not empty and not infinite.
template <typename T, typename Parts>
void WriteTimes(Vector& times, duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result,
                Parts parts_of) {
  PatternOfRows<TimePattern> patterns(state);
  std::string text;
  duckdb::BinaryExecutor::ExecuteWithNulls<T, string_t, string_t>(
      times, arguments.data[1], result, arguments.size(),
      [&](T value, string_t format, duckdb::ValidityMask& validity, idx_t row) {
        const std::optional<TimeParts> parts = parts_of(value);
        if (!parts || format.GetSize() == 0) {
          validity.SetInvalid(row);
          return string_t();
        }
        AppendTime(patterns.Of(format), *parts, text);
        return Taken(result, text);
      });
}

void WriteTimestamps(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  WriteTimes<duckdb::timestamp_t>(arguments.data[0], arguments, state, result,
                                  [](duckdb::timestamp_t value) -> std::optional<TimeParts> {
                                    if (!duckdb::Timestamp::IsFinite(value)) return std::nullopt;
                                    return PartsOfTimestamp(MicrosOf(value));
                                  });
}

void WriteIntervals(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  WriteTimes<duckdb::interval_t>(arguments.data[0], arguments, state, result,
                                 [](duckdb::interval_t value) -> std::optional<TimeParts> {
                                   return PartsOfInterval(value.months, value.days, value.micros);
                                 });
}

void WriteTimesOfDay(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  WriteTimes<duckdb::dtime_t>(
      arguments.data[0], arguments, state, result,
      [](duckdb::dtime_t value) -> std::optional<TimeParts> { return PartsOfInterval(0, 0, value.micros); });
}

/// A zone's name where it is that of UTC, else how far the zone is from it, as PostgreSQL has it of zones without an
/// abbreviation.
std::string ZoneText(const std::string& zone, int offset_seconds) {
  static constexpr std::string_view kUtc[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "UCT"};
  for (const std::string_view name : kUtc) {
    if (duckdb::StringUtil::CIEquals(zone, std::string(name))) return name.contains("GMT") ? "GMT" : "UTC";
  }
  const int minutes = std::abs(offset_seconds) / 60;
  std::string text = fmt::format("{}{:02}", offset_seconds < 0 ? '-' : '+', minutes / 60);
  if (minutes % 60 != 0) text += fmt::format("{:02}", minutes % 60);
  return text;
}

std::string ZoneOf(duckdb::ClientContext& context) {
  duckdb::Value setting;
  return context.TryGetCurrentSetting("TimeZone", setting) ? setting.ToString() : "UTC";
}

void WritePoints(Vector& points, duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  const idx_t count = arguments.size();
  // Which time the session's zone has is for the calendar to say that casts go by.
  Vector local(LogicalType::TIMESTAMP, count);
  duckdb::VectorOperations::Cast(state.GetContext(), points, local, count);
  const std::string zone = ZoneOf(state.GetContext());
  PatternOfRows<TimePattern> patterns(state);
  std::string text;
  duckdb::TernaryExecutor::ExecuteWithNulls<duckdb::timestamp_t, duckdb::timestamp_t, string_t, string_t>(
      points, local, arguments.data[1], result, count,
      [&](duckdb::timestamp_t point, duckdb::timestamp_t there, string_t format, duckdb::ValidityMask& validity,
          idx_t row) {
        if (!duckdb::Timestamp::IsFinite(point) || !duckdb::Timestamp::IsFinite(there) || format.GetSize() == 0) {
          validity.SetInvalid(row);
          return string_t();
        }
        TimeParts parts = PartsOfTimestamp(MicrosOf(there));
        parts.offset_seconds = static_cast<int>((MicrosOf(there) - MicrosOf(point)) / kMicrosPerSecond);
        parts.zone = ZoneText(zone, *parts.offset_seconds);
        AppendTime(patterns.Of(format), parts, text);
        return Taken(result, text);
      });
}

void WriteTimestampsWithZone(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  WritePoints(arguments.data[0], arguments, state, result);
}

/// A day is that of the session's zone.
void WriteDates(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  if (ZoneOf(state.GetContext()) != "UTC") {
    Vector points(LogicalType::TIMESTAMP_TZ, arguments.size());
    duckdb::VectorOperations::Cast(state.GetContext(), arguments.data[0], points, arguments.size());
    return WritePoints(points, arguments, state, result);
  }
  WriteTimes<duckdb::date_t>(arguments.data[0], arguments, state, result,
                             [](duckdb::date_t value) -> std::optional<TimeParts> {
                               if (!duckdb::Date::IsFinite(value)) return std::nullopt;
                               TimeParts parts = PartsOfDay(value.days);
                               parts.offset_seconds = 0;
                               parts.zone = "UTC";
                               return parts;
                             });
}

// ---- to_char of numbers ---------------------------------------------------------------------------------------------

template <typename T, auto Append>
void WriteNumbers(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  PatternOfRows<NumberPattern> patterns(state);
  std::string text;
  duckdb::BinaryExecutor::Execute<T, string_t, string_t>(arguments.data[0], arguments.data[1], result, arguments.size(),
                                                         [&](T value, string_t format) {
                                                           Append(patterns.Of(format), value, text);
                                                           return Taken(result, text);
                                                         });
}

void WriteDecimals(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  Vector digits(LogicalType::VARCHAR, arguments.size());
  duckdb::VectorOperations::DefaultCast(arguments.data[0], digits, arguments.size());
  PatternOfRows<NumberPattern> patterns(state);
  std::string text;
  duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(
      digits, arguments.data[1], result, arguments.size(), [&](string_t value, string_t format) {
        AppendDecimal(patterns.Of(format), ViewOf(value), text);
        return Taken(result, text);
      });
}

// ---- to_date, to_timestamp, to_number -------------------------------------------------------------------------------

void ReadDates(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  PatternOfRows<TimePattern> patterns(state);
  duckdb::BinaryExecutor::Execute<string_t, string_t, duckdb::date_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [&](string_t text, string_t format) {
        return duckdb::date_t(static_cast<std::int32_t>(TimeOfText(patterns.Of(format), ViewOf(text)).days));
      });
}

void ReadTimestamps(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  const idx_t count = arguments.size();
  constexpr std::int64_t kNoZone = std::numeric_limits<std::int64_t>::min();
  Vector local(LogicalType::TIMESTAMP, count);
  Vector exact(LogicalType::BIGINT, count);
  auto* points = duckdb::FlatVector::GetData<std::int64_t>(exact);
  for (idx_t row = 0; row < count; ++row) points[row] = kNoZone;
  PatternOfRows<TimePattern> patterns(state);
  duckdb::BinaryExecutor::ExecuteWithNulls<string_t, string_t, duckdb::timestamp_t>(
      arguments.data[0], arguments.data[1], local, count,
      [&](string_t text, string_t format, duckdb::ValidityMask& /*validity*/, idx_t row) {
        const ReadTime time = TimeOfText(patterns.Of(format), ViewOf(text));
        if (time.offset_seconds) points[row] = time.micros - *time.offset_seconds * kMicrosPerSecond;
        return duckdb::timestamp_t(time.micros);
      });
  const bool is_constant = local.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  duckdb::VectorOperations::Cast(state.GetContext(), local, result, count);
  if (!is_constant) result.Flatten(count);
  auto* written = is_constant ? duckdb::ConstantVector::GetData<duckdb::timestamp_t>(result)
                              : duckdb::FlatVector::GetData<duckdb::timestamp_t>(result);
  for (idx_t row = 0; row < (is_constant ? 1 : count); ++row) {
    if (points[row] != kNoZone) written[row] = duckdb::timestamp_t(points[row]);
  }
}

constexpr int kDecimalDigitsMax = 38;

/// A number of a constant format has its digits; that of any other is a floating-point one.
duckdb::unique_ptr<duckdb::FunctionData> BindToNumber(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                      FormatArguments& arguments) {
  auto bound = BoundPatternOf<NumberPattern>(context, *arguments[1]);
  if (!bound->pattern) return bound;
  const NumberPattern& pattern = *bound->pattern;
  const int scale = pattern.behind + pattern.shifted;
  const int width = std::max(pattern.before + scale, 1);
  if (width <= kDecimalDigitsMax) {
    function.SetReturnType(LogicalType::DECIMAL(static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(scale)));
  }
  return bound;
}

/// The digits of a number, with those behind V behind its point.
std::string PlainDigits(const NumberPattern& pattern, std::string_view text) {
  ReadDigits read = DigitsOfText(pattern, text);
  if (pattern.shifted == 0) return read.text;
  const bool negative = read.text.starts_with('-');
  std::string digits = negative ? read.text.substr(1) : read.text;
  const auto moved = static_cast<std::size_t>(pattern.shifted);
  if (digits.size() <= moved) digits.insert(0, moved + 1 - digits.size(), '0');
  digits.insert(digits.size() - moved, 1, '.');
  return negative ? "-" + digits : digits;
}

void ReadNumbers(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  Vector digits(LogicalType::VARCHAR, arguments.size());
  PatternOfRows<NumberPattern> patterns(state);
  duckdb::BinaryExecutor::ExecuteWithNulls<string_t, string_t, string_t>(
      arguments.data[0], arguments.data[1], digits, arguments.size(),
      [&](string_t text, string_t format, duckdb::ValidityMask& validity, idx_t row) {
        if (format.GetSize() == 0) {
          validity.SetInvalid(row);
          return string_t();
        }
        const std::string plain = PlainDigits(patterns.Of(format), ViewOf(text));
        return duckdb::StringVector::AddString(digits, plain);
      });
  duckdb::VectorOperations::DefaultCast(digits, result, arguments.size());
}

using Execute = void (*)(duckdb::DataChunk&, duckdb::ExpressionState&, Vector&);

duckdb::ScalarFunction FormatFunction(const LogicalType& value, const LogicalType& result, Execute execute,
                                      duckdb::bind_scalar_function_t bind) {
  duckdb::ScalarFunction function({value, LogicalType::VARCHAR}, result, execute, bind);
  function.SetFallible();
  return function;
}

void AddToChar(duckdb::ScalarFunctionSet& set) {
  const auto times = [&](const LogicalType& type, Execute execute) {
    set.AddFunction(FormatFunction(type, LogicalType::VARCHAR, execute, BindFormat<TimePattern>));
  };
  times(LogicalType::TIMESTAMP, WriteTimestamps);
  times(LogicalType::TIMESTAMP_TZ, WriteTimestampsWithZone);
  times(LogicalType::DATE, WriteDates);
  times(LogicalType::TIME, WriteTimesOfDay);
  times(LogicalType::INTERVAL, WriteIntervals);
  const auto numbers = [&](const LogicalType& type, Execute execute) {
    set.AddFunction(FormatFunction(type, LogicalType::VARCHAR, execute, BindFormat<NumberPattern>));
  };
  numbers(LogicalType::BIGINT, WriteNumbers<std::int64_t, AppendWhole>);
  numbers(LogicalType::FLOAT, WriteNumbers<float, AppendFloat>);
  numbers(LogicalType::DOUBLE, WriteNumbers<double, AppendDouble>);
  for (const LogicalTypeId type :
       {LogicalTypeId::UBIGINT, LogicalTypeId::HUGEINT, LogicalTypeId::UHUGEINT, LogicalTypeId::DECIMAL}) {
    numbers(type, WriteDecimals);
  }
}

}  // namespace

void RegisterFormatFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  duckdb::ScalarFunctionSet to_char("to_char");
  AddToChar(to_char);
  loader.RegisterFunction(to_char);
  const auto add = [&](const char* name, const LogicalType& result, Execute execute,
                       duckdb::bind_scalar_function_t bind) {
    duckdb::ScalarFunctionSet set(name);
    set.AddFunction(FormatFunction(LogicalType::VARCHAR, result, execute, bind));
    loader.RegisterFunction(set);
  };
  add("to_date", LogicalType::DATE, ReadDates, BindFormat<TimePattern>);
  add("to_timestamp", LogicalType::TIMESTAMP_TZ, ReadTimestamps, BindFormat<TimePattern>);
  add("to_number", LogicalType::DOUBLE, ReadNumbers, BindToNumber);
}

}  // namespace smelt::engine::postgres
