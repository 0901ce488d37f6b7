#include "ingest/internal/contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "ingest/internal/text_scan.h"

namespace smelt::ingest {
namespace {

constexpr std::int64_t kDayMicros = 86'400'000'000;

/// A permitted list, compared as text.
class SetCheck : public CompiledCheck {
 public:
  explicit SetCheck(const std::vector<std::string>& values) : values_(values) { std::ranges::sort(values_); }
  bool Passes(const FieldValue& value) const override { return std::ranges::binary_search(values_, value.text); }

 private:
  std::vector<std::string> values_;
};

/// A bound on a number or time.
class BoundCheck : public CompiledCheck {
 public:
  BoundCheck(const FieldValue& bound, bool is_real, bool is_lower)
      : bound_(bound), is_real_(is_real), is_lower_(is_lower) {}
  bool Passes(const FieldValue& value) const override {
    if (is_real_) return is_lower_ ? value.real >= bound_.real : value.real <= bound_.real;
    return is_lower_ ? value.integer >= bound_.integer : value.integer <= bound_.integer;
  }

 private:
  FieldValue bound_;
  bool is_real_, is_lower_;
};

class LengthCheck : public CompiledCheck {
 public:
  LengthCheck(std::int64_t min, std::int64_t max) : min_(min), max_(max) {}
  bool Passes(const FieldValue& value) const override {
    const std::int64_t length = CharacterCount(value.text);
    return length >= min_ && length <= max_;
  }

 private:
  std::int64_t min_, max_;
};

class PatternCheck : public CompiledCheck {
 public:
  explicit PatternCheck(std::unique_ptr<RE2> pattern) : pattern_(std::move(pattern)) {}
  bool Passes(const FieldValue& value) const override {
    return RE2::FullMatch(re2::StringPiece(value.text.data(), value.text.size()), *pattern_);
  }

 private:
  std::unique_ptr<RE2> pattern_;
};

/// A pattern of the common form `[0-9a-f]{32}`: one class of ASCII characters, repeated. Identifiers and codes are most
/// of what patterns check, and this is several times faster than the general matcher.
class CharacterRunCheck : public CompiledCheck {
 public:
  /// Nothing for patterns of any other form.
  static std::unique_ptr<CharacterRunCheck> Parse(std::string_view pattern) {
    const std::size_t close = pattern.find(']');
    if (!pattern.starts_with('[') || close == std::string_view::npos) return nullptr;
    auto check = std::make_unique<CharacterRunCheck>();
    const bool simple = check->AddMembers(pattern.substr(1, close - 1)) && check->SetLength(pattern.substr(close + 1));
    return simple ? std::move(check) : nullptr;
  }

  bool Passes(const FieldValue& value) const override {
    if (value.text.size() < length_min_ || value.text.size() > length_max_) return false;
    return std::ranges::all_of(value.text, [&](char c) { return members_[static_cast<unsigned char>(c)]; });
  }

 private:
  static bool IsPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ';
  }

  bool AddMembers(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool range = i + 2 < text.size() && text[i + 1] == '-';
      const char last = range ? text[i + 2] : text[i];
      if (!IsPlain(text[i]) || !IsPlain(last) || last < text[i]) return false;
      for (char c = text[i]; c <= last; ++c) members_[static_cast<unsigned char>(c)] = true;
      if (range) i += 2;
    }
    return !text.empty();
  }

  bool SetLength(std::string_view text) {
    if (text == "+" || text == "*") {
      length_min_ = text == "+" ? 1 : 0;
      length_max_ = SIZE_MAX;
      return true;
    }
    if (text.size() < 3 || !text.starts_with('{') || !text.ends_with('}')) return text.empty();
    const char* const end = text.data() + text.size() - 1;
    const auto low = std::from_chars(text.data() + 1, end, length_min_);
    length_max_ = length_min_;
    if (low.ec != std::errc() || low.ptr == end) return low.ec == std::errc();
    if (*low.ptr != ',') return false;
    const auto high = std::from_chars(low.ptr + 1, end, length_max_);
    return high.ec == std::errc() && high.ptr == end && length_max_ >= length_min_;
  }

  std::array<bool, 256> members_{};
  std::size_t length_min_ = 1, length_max_ = 1;
};

std::unique_ptr<CompiledCheck> MakeLengthCheck(const Check& check) {
  auto compiled = std::make_unique<LengthCheck>(check.length_min, check.length_max);
  if (check.length_max == INT64_MAX) {
    compiled->complaint = fmt::format("is shorter than {} characters", check.length_min);
  } else if (check.length_min == check.length_max) {
    compiled->complaint = fmt::format("is not {} characters long", check.length_min);
  } else {
    compiled->complaint = fmt::format("is not {} to {} characters long", check.length_min, check.length_max);
  }
  return compiled;
}

Result<std::unique_ptr<CompiledCheck>> MakePatternCheck(const Check& check) {
  RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<RE2>(check.pattern, options);
  if (!pattern->ok()) {
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the pattern '{}' is not valid: {}", check.pattern, pattern->error()));
  }
  std::unique_ptr<CompiledCheck> compiled = CharacterRunCheck::Parse(check.pattern);
  if (!compiled) compiled = std::make_unique<PatternCheck>(std::move(pattern));
  compiled->complaint = fmt::format("does not match {}", check.pattern);
  return compiled;
}

std::unique_ptr<CompiledCheck> MakeSetCheck(const Check& check) {
  constexpr std::size_t kShown = 10;
  auto compiled = std::make_unique<SetCheck>(check.set);
  const auto shown = std::vector<std::string>(
      check.set.begin(), check.set.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, check.set.size())));
  compiled->complaint =
      fmt::format("is not one of {}{}", fmt::join(shown, ", "), check.set.size() > kShown ? ", …" : "");
  return compiled;
}

constexpr std::string_view kIsoFormat = "iso";

}  // namespace

Result<TimeLayout> TimeLayout::Compile(const Column& column, const std::string& format) {
  TimeLayout layout(Kind::kPattern, column.type);
  if (!column.zone.empty()) {
    SMELT_ASSIGN(layout.zone_, TimeZone::Find(column.zone));
  }
  if (format == kIsoFormat) {
    layout.kind_ = Kind::kIso;
    return layout;
  }
  if (format == "epoch" || format == "epoch_ms") {
    layout.kind_ = format == "epoch" ? Kind::kEpochSeconds : Kind::kEpochMillis;
    if (column.type != ValueType::kDate) return layout;
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the format '{}' has a time of day, which the type date does not keep", format));
  }
  SMELT_ASSIGN(layout.pattern_, TimeFormat::Compile(format));
  if (layout.pattern_->has_zone() && column.type != ValueType::kTimestampTz) {
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the format '{}' has a time zone, which only the type timestamptz keeps", format));
  }
  if (layout.pattern_->has_time() && column.type == ValueType::kDate) {
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the format '{}' has a time of day, which the type date does not keep", format));
  }
  return layout;
}

/// The instant at which the clocks of the zone show a time.
std::int64_t TimeLayout::FromLocal(std::int64_t micros) const {
  if (!zone_) return micros;
  const auto local = std::chrono::local_time<std::chrono::microseconds>(std::chrono::microseconds(micros));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(local);
  const auto instant = zone_->ToInstant(seconds) + (local - seconds);
  return std::chrono::duration_cast<std::chrono::microseconds>(instant.time_since_epoch()).count();
}

Problem TimeLayout::Parse(std::string_view text, std::int64_t& value) const {
  constexpr std::int64_t kMicrosPerSecond = 1'000'000, kMicrosPerMilli = 1'000;
  if (kind_ == Kind::kEpochSeconds || kind_ == Kind::kEpochMillis) {
    const Problem problem = ParseInteger(text, value);
    const std::int64_t unit = kind_ == Kind::kEpochSeconds ? kMicrosPerSecond : kMicrosPerMilli;
    if (problem != nullptr) return problem;
    return __builtin_mul_overflow(value, unit, &value) ? "is out of the range of times" : nullptr;
  }
  if (kind_ == Kind::kPattern) {
    const Problem problem = pattern_->Parse(text, value);
    if (problem != nullptr) return problem;
    if (type_ == ValueType::kDate) value /= kDayMicros;  // the format has no time of day
    if (!pattern_->has_zone()) value = FromLocal(value);
    return nullptr;
  }
  if (type_ == ValueType::kDate) return ParseDate(text, value);
  if (ParseTimestamp(text, value) == nullptr) {  // which refuses zones
    value = FromLocal(value);
    return nullptr;
  }
  return type_ == ValueType::kTimestamp ? ParseTimestamp(text, value) : ParseTimestampTz(text, value);
}

Result<ColumnContract> ColumnContract::Compile(const Column& column) {
  ColumnContract contract(column);
  if (!column.zone.empty() && column.type != ValueType::kTimestampTz) {
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the column '{}' has a time zone, which only the type timestamptz keeps", column.name));
  }
  for (const std::string& format : column.formats) {
    SMELT_ASSIGN(TimeLayout layout, TimeLayout::Compile(column, format));
    contract.layouts_.push_back(std::move(layout));
  }
  if (!column.zone.empty() && column.formats.empty()) {
    SMELT_ASSIGN(TimeLayout layout, TimeLayout::Compile(column, std::string(kIsoFormat)));
    contract.layouts_.push_back(std::move(layout));
  }
  for (const Check& check : column.checks) SMELT_TRY(contract.AddCheck(check));
  return contract;
}

Status ColumnContract::AddCheck(const Check& check) {
  const bool is_text = column_->type == ValueType::kText;
  std::unique_ptr<CompiledCheck> compiled;
  if (check.kind == Check::Kind::kMin || check.kind == Check::Kind::kMax) {
    FieldValue bound{.text = check.bound};
    const Problem problem = is_text ? "needs a column of numbers or times" : Parse(bound);
    if (problem != nullptr) {
      return Fail(ErrorCode::kConfigValueInvalid, fmt::format("the bound '{}' {}", check.bound, problem));
    }
    const bool is_lower = check.kind == Check::Kind::kMin;
    compiled = std::make_unique<BoundCheck>(bound, column_->type == ValueType::kReal, is_lower);
    compiled->complaint = fmt::format("is {} {}", is_lower ? "below" : "above", check.bound);
  } else if (check.kind == Check::Kind::kSet) {
    compiled = MakeSetCheck(check);
  } else if (!is_text) {
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the check '{}' needs a column of type text", check.name()));
  } else if (check.kind == Check::Kind::kLength) {
    compiled = MakeLengthCheck(check);
  } else {
    SMELT_ASSIGN(compiled, MakePatternCheck(check));
  }
  compiled->name = check.name();
  compiled->severity = check.severity;
  checks_.push_back(std::move(compiled));
  return {};
}

/// By the first layout that fits.
Problem ColumnContract::ParseTime(FieldValue& value) const {
  Problem first = nullptr;
  for (const TimeLayout& layout : layouts_) {
    const Problem problem = layout.Parse(value.text, value.integer);
    if (problem == nullptr) return nullptr;
    if (first == nullptr) first = problem;
  }
  return layouts_.size() == 1 ? first : "has none of the formats of the column";
}

Problem ColumnContract::Parse(FieldValue& value) const {
  if (!layouts_.empty()) return ParseTime(value);
  switch (column_->type) {
    case ValueType::kText: return nullptr;
    case ValueType::kInteger: return ParseInteger(value.text, value.integer);
    case ValueType::kDecimal: return ParseDecimal(value.text, column_->precision, column_->scale, value.integer);
    case ValueType::kReal: return ParseReal(value.text, value.real);
    case ValueType::kBoolean: return ParseBoolean(value.text, value.integer);
    case ValueType::kDate: return ParseDate(value.text, value.integer);
    case ValueType::kTimestamp: return ParseTimestamp(value.text, value.integer);
    case ValueType::kTimestampTz: return ParseTimestampTz(value.text, value.integer);
  }
  return nullptr;
}

Result<std::vector<ColumnContract>> CompileContract(const SourceTable& table) {
  std::vector<ColumnContract> contracts;
  for (const Column& column : table.columns) {
    SMELT_ASSIGN(ColumnContract contract, ColumnContract::Compile(column));
    contracts.push_back(std::move(contract));
  }
  return contracts;
}

engine::SourceColumn EngineColumn(const Column& column) {
  constexpr std::array kTypes = {engine::ColumnType::kText,      engine::ColumnType::kInteger,
                                 engine::ColumnType::kDecimal,   engine::ColumnType::kReal,
                                 engine::ColumnType::kBoolean,   engine::ColumnType::kDate,
                                 engine::ColumnType::kTimestamp, engine::ColumnType::kTimestampTz};
  return {column.name, kTypes[static_cast<std::size_t>(column.type)], column.precision, column.scale};
}

}  // namespace smelt::ingest
