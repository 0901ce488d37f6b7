#include "engine/internal/value_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "base/base64.h"

namespace smelt::engine {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerMinute = 60;
constexpr std::int64_t kMonthsPerYear = 12;

/// The number in a JSON text, or a text of what JSON has no number for.
template <typename T>
void AppendFloat(std::string& out, T value, bool quoted) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
    return;
  }
  const std::string_view word = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  if (quoted) out += '"';
  out += word;
  if (quoted) out += '"';
}

/// ISO 8601's duration. Signs stand before each part: months and days have no common measure.
void AppendInterval(std::string& out, const duckdb::interval_t& interval) {
  const std::size_t begin = out.size();
  out += 'P';
  const auto part = [&](std::int64_t count, char unit) {
    if (count != 0) fmt::format_to(std::back_inserter(out), "{}{}", count, unit);
  };
  part(interval.months / kMonthsPerYear, 'Y');
  part(interval.months % kMonthsPerYear, 'M');
  part(interval.days, 'D');
  if (interval.micros != 0) {
    out += 'T';
    const std::int64_t seconds = interval.micros / kMicrosPerSecond;
    part(seconds / (kSecondsPerMinute * kSecondsPerMinute), 'H');
    part(seconds / kSecondsPerMinute % kSecondsPerMinute, 'M');
    const std::int64_t rest = interval.micros % (kSecondsPerMinute * kMicrosPerSecond);
    const std::int64_t fraction = std::abs(rest % kMicrosPerSecond);
    if (rest != 0) {
      fmt::format_to(std::back_inserter(out), "{}{}", rest < 0 ? "-" : "", std::abs(rest / kMicrosPerSecond));
      if (fraction != 0) {
        std::string digits = fmt::format("{:06}", fraction);
        digits.erase(digits.find_last_not_of('0') + 1);
        fmt::format_to(std::back_inserter(out), ".{}", digits);
      }
      out += 'S';
    }
  }
  if (out.size() == begin + 1) out += "T0S";
}

/// SQL's words for an instant in those of ISO 8601.
void AppendInstant(std::string& out, std::string_view text, bool is_utc) {
  const std::size_t space = text.find(' ');
  const bool is_plain = space != std::string_view::npos && text.find('(') == std::string_view::npos;
  if (!is_plain) {  // "infinity", or before Christ
    out += text;
    return;
  }
  out += text.substr(0, space);
  out += 'T';
  out += text.substr(space + 1);
  if (is_utc) out += 'Z';
}

template <typename T>
const T& At(const duckdb::UnifiedVectorFormat& format, duckdb::idx_t row) {
  return duckdb::UnifiedVectorFormat::GetData<T>(format)[format.sel->get_index(row)];
}

std::string_view TextAt(const duckdb::UnifiedVectorFormat& format, duckdb::idx_t row) {
  const duckdb::string_t& text = At<duckdb::string_t>(format, row);
  return {text.GetData(), text.GetSize()};
}

}  // namespace

void AppendCsvText(std::string& out, std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\n\r") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char byte : text) {
    if (byte == '"') out += '"';
    out += byte;
  }
  out += '"';
}

void AppendJsonText(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  const auto escape = [&](std::size_t at, std::string_view with) {
    out += text.substr(plain, at - plain);
    out += with;
    plain = at + 1;
  };
  constexpr unsigned char kFirstPlain = 0x20;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '"') {
      escape(at, "\\\"");
    } else if (byte == '\\') {
      escape(at, "\\\\");
    } else if (byte == '\n') {
      escape(at, "\\n");
    } else if (byte < kFirstPlain) {
      escape(at, fmt::format("\\u{:04x}", byte));
    }
  }
  out += text.substr(plain);
  out += '"';
}

ColumnText::Leaf ColumnText::LeafOf(const duckdb::LogicalType& type) {
  if (type.IsJSONType()) return Leaf::kJson;
  switch (type.id()) {
    case duckdb::LogicalTypeId::BOOLEAN: return Leaf::kBoolean;
    case duckdb::LogicalTypeId::TINYINT:
    case duckdb::LogicalTypeId::SMALLINT:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::UTINYINT:
    case duckdb::LogicalTypeId::USMALLINT:
    case duckdb::LogicalTypeId::UINTEGER: return Leaf::kNumber;
    case duckdb::LogicalTypeId::BIGINT:
    case duckdb::LogicalTypeId::UBIGINT:
    case duckdb::LogicalTypeId::HUGEINT:
    case duckdb::LogicalTypeId::UHUGEINT:
    case duckdb::LogicalTypeId::DECIMAL: return Leaf::kBigNumber;
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE: return Leaf::kFloat;
    case duckdb::LogicalTypeId::TIMESTAMP:
    case duckdb::LogicalTypeId::TIMESTAMP_SEC:
    case duckdb::LogicalTypeId::TIMESTAMP_MS:
    case duckdb::LogicalTypeId::TIMESTAMP_NS: return Leaf::kInstant;
    case duckdb::LogicalTypeId::TIMESTAMP_TZ: return Leaf::kUtc;
    case duckdb::LogicalTypeId::INTERVAL: return Leaf::kInterval;
    case duckdb::LogicalTypeId::BLOB: return Leaf::kBytes;
    case duckdb::LogicalTypeId::VARIANT: return Leaf::kJson;
    case duckdb::LogicalTypeId::LIST:
    case duckdb::LogicalTypeId::ARRAY:
    case duckdb::LogicalTypeId::STRUCT:
    case duckdb::LogicalTypeId::MAP: return Leaf::kNested;
    default: return Leaf::kText;
  }
}

ColumnText::ColumnText(duckdb::ClientContext& context, duckdb::Vector& vector, duckdb::idx_t count, bool exact)
    : type_(vector.GetType()), leaf_(LeafOf(type_)), exact_(exact) {
  vector.Flatten(count);
  vector.ToUnifiedFormat(count, format_);
  if (leaf_ == Leaf::kNested) {
    PrepareNested(context, vector, count, exact);
  } else {
    PrepareText(context, vector, count);
  }
}

/// Leaves that this file does not write itself are written by DuckDB.
void ColumnText::PrepareText(duckdb::ClientContext& context, duckdb::Vector& vector, duckdb::idx_t count) {
  switch (type_.id()) {
    case duckdb::LogicalTypeId::BOOLEAN:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::BIGINT:
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE:
    case duckdb::LogicalTypeId::INTERVAL:
    case duckdb::LogicalTypeId::BLOB:
    case duckdb::LogicalTypeId::VARCHAR: return;
    default: break;
  }
  const bool is_variant = type_.id() == duckdb::LogicalTypeId::VARIANT;
  texts_ =
      std::make_unique<duckdb::Vector>(is_variant ? duckdb::LogicalType::JSON() : duckdb::LogicalType::VARCHAR, count);
  if (leaf_ == Leaf::kUtc) {
    // As an instant without zone: whatever zone the session has, it is written in UTC.
    duckdb::Vector utc(duckdb::LogicalType::TIMESTAMP);
    utc.Reinterpret(vector);
    duckdb::VectorOperations::Cast(context, utc, *texts_, count);
  } else {
    duckdb::VectorOperations::Cast(context, vector, *texts_, count);
  }
  texts_->ToUnifiedFormat(count, text_format_);
}

void ColumnText::PrepareNested(duckdb::ClientContext& context, duckdb::Vector& vector, duckdb::idx_t count,
                               bool exact) {
  const auto add = [&](duckdb::Vector& child, duckdb::idx_t rows) {
    children_.push_back(std::make_unique<ColumnText>(context, child, rows, exact));
  };
  switch (type_.id()) {
    case duckdb::LogicalTypeId::STRUCT:
      for (const auto& [name, type] : duckdb::StructType::GetChildTypes(type_)) names_.push_back(name);
      for (auto& member : duckdb::StructVector::GetEntries(vector)) add(*member, count);
      break;
    case duckdb::LogicalTypeId::ARRAY:
      add(duckdb::ArrayVector::GetEntry(vector), count * duckdb::ArrayType::GetSize(type_));
      break;
    case duckdb::LogicalTypeId::MAP:
      add(duckdb::MapVector::GetKeys(vector), duckdb::ListVector::GetListSize(vector));
      add(duckdb::MapVector::GetValues(vector), duckdb::ListVector::GetListSize(vector));
      break;
    default: add(duckdb::ListVector::GetEntry(vector), duckdb::ListVector::GetListSize(vector));
  }
}

void ColumnText::Append(std::string& out, duckdb::idx_t row, TextForm form) const {
  if (form == TextForm::kJson) {
    AppendJson(out, row);
    return;
  }
  if (!format_.validity.RowIsValid(format_.sel->get_index(row))) return;
  std::string text;
  if (leaf_ == Leaf::kNested) {
    AppendJson(text, row);
  } else {
    AppendLeaf(text, row, false);
  }
  AppendCsvText(out, text);
}

void ColumnText::AppendJson(std::string& out, duckdb::idx_t row) const {
  if (!format_.validity.RowIsValid(format_.sel->get_index(row))) {
    out += "null";
    return;
  }
  if (leaf_ != Leaf::kNested) {
    AppendLeaf(out, row, true);
    return;
  }
  switch (type_.id()) {
    case duckdb::LogicalTypeId::STRUCT: AppendMembers(out, row); break;
    case duckdb::LogicalTypeId::MAP: AppendEntries(out, row); break;
    default: AppendElements(out, row);
  }
}

void ColumnText::AppendLeaf(std::string& out, duckdb::idx_t row, bool quoted) const {
  const auto quote = [&](auto&& write) {
    if (quoted) out += '"';
    write();
    if (quoted) out += '"';
  };
  switch (leaf_) {
    case Leaf::kBoolean: out += At<bool>(format_, row) ? "true" : "false"; return;
    case Leaf::kFloat:
      if (type_.id() == duckdb::LogicalTypeId::FLOAT) {
        AppendFloat(out, At<float>(format_, row), quoted);
      } else {
        AppendFloat(out, At<double>(format_, row), quoted);
      }
      return;
    case Leaf::kInterval: quote([&] { AppendInterval(out, At<duckdb::interval_t>(format_, row)); }); return;
    case Leaf::kBytes: quote([&] { out += Base64Encode(TextAt(format_, row)); }); return;
    case Leaf::kInstant:
    case Leaf::kUtc: quote([&] { AppendInstant(out, TextAt(text_format_, row), leaf_ == Leaf::kUtc); }); return;
    case Leaf::kNumber:
    case Leaf::kBigNumber: {
      const bool as_text = quoted && exact_ && leaf_ == Leaf::kBigNumber;
      if (as_text) out += '"';
      if (type_.id() == duckdb::LogicalTypeId::INTEGER) {
        fmt::format_to(std::back_inserter(out), "{}", At<std::int32_t>(format_, row));
      } else if (type_.id() == duckdb::LogicalTypeId::BIGINT) {
        fmt::format_to(std::back_inserter(out), "{}", At<std::int64_t>(format_, row));
      } else {
        out += TextAt(text_format_, row);
      }
      if (as_text) out += '"';
      return;
    }
    default: break;
  }
  const std::string_view text = TextAt(texts_ ? text_format_ : format_, row);
  if (quoted && leaf_ != Leaf::kJson) {
    AppendJsonText(out, text);
  } else {
    out += text;
  }
}

void ColumnText::AppendElements(std::string& out, duckdb::idx_t row) const {
  duckdb::idx_t first = 0;
  duckdb::idx_t count = 0;
  if (type_.id() == duckdb::LogicalTypeId::ARRAY) {
    count = duckdb::ArrayType::GetSize(type_);
    first = format_.sel->get_index(row) * count;
  } else {
    const auto& list = At<duckdb::list_entry_t>(format_, row);
    first = list.offset;
    count = list.length;
  }
  out += '[';
  for (duckdb::idx_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    children_[0]->AppendJson(out, first + i);
  }
  out += ']';
}

void ColumnText::AppendMembers(std::string& out, duckdb::idx_t row) const {
  out += '{';
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonText(out, names_[i]);
    out += ':';
    children_[i]->AppendJson(out, row);
  }
  out += '}';
}

/// An object whose names are the keys in words.
void ColumnText::AppendEntries(std::string& out, duckdb::idx_t row) const {
  const auto& list = At<duckdb::list_entry_t>(format_, row);
  out += '{';
  for (duckdb::idx_t i = 0; i < list.length; ++i) {
    if (i > 0) out += ',';
    std::string key;
    const ColumnText& keys = *children_[0];
    if (keys.leaf_ == Leaf::kNested) {
      keys.AppendJson(key, list.offset + i);
    } else {
      keys.AppendLeaf(key, list.offset + i, false);
    }
    AppendJsonText(out, key);
    out += ':';
    children_[1]->AppendJson(out, list.offset + i);
  }
  out += '}';
}

}  // namespace smelt::engine
