#include "serve/data/row_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace smelt::serve {
namespace {

struct FormatName {
  DataFormat format;
  std::string_view name;
  std::string_view media_type;
};

constexpr std::array kFormats = {
    FormatName{DataFormat::kJson, "json", "application/json"},
    FormatName{DataFormat::kNdjson, "ndjson", "application/x-ndjson"},
    FormatName{DataFormat::kCsv, "csv", "text/csv; charset=utf-8"},
    FormatName{DataFormat::kArrow, "arrow", "application/vnd.apache.arrow.stream"},
    FormatName{DataFormat::kParquet, "parquet", "application/vnd.apache.parquet"},
};

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// How much a range of Accept wants what it names (RFC 9110), in thousandths.
int QualityOf(std::string_view parameters) {
  constexpr int kWhole = 1'000;
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return kWhole;
  const std::string_view number = parameters.substr(at + 2);
  double value = 1;
  std::from_chars(number.data(), number.data() + number.size(), value);
  return static_cast<int>(std::clamp(value, 0.0, 1.0) * kWhole);
}

std::string_view Essence(std::string_view media_type) {
  return Trim(media_type.substr(0, media_type.find(';')));
}

bool Fits(std::string_view range, std::string_view media_type) {
  if (range == "*/*" || range == media_type) return true;
  return range.ends_with("/*") && media_type.starts_with(range.substr(0, range.size() - 1));
}

}  // namespace

std::string_view DataFormatText(DataFormat format) {
  return std::ranges::find(kFormats, format, &FormatName::format)->name;
}

std::optional<DataFormat> DataFormatOf(std::string_view text) {
  const auto* const found = std::ranges::find(kFormats, text, &FormatName::name);
  if (found == kFormats.end()) return std::nullopt;
  return found->format;
}

std::string_view MediaTypeOf(DataFormat format) {
  return std::ranges::find(kFormats, format, &FormatName::format)->media_type;
}

engine::RowFormatOptions RowShape::Options() const {
  using engine::RowFormat;
  RowFormat rows = objects ? RowFormat::kJsonObjects : RowFormat::kJsonArrays;
  if (format == DataFormat::kNdjson) rows = RowFormat::kNdjson;
  if (format == DataFormat::kCsv) rows = RowFormat::kCsv;
  if (format == DataFormat::kArrow) rows = RowFormat::kArrow;
  return {.format = rows, .exact_numbers_as_text = numbers_as_text};
}

std::expected<DataFormat, HttpResponse> AcceptedFormat(const HttpRequest& request, DataFormat fallback) {
  std::string_view rest = request.Header("accept").value_or("*/*");
  std::optional<DataFormat> best;
  int best_quality = 0;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::string_view range = Essence(item);
    const int quality = QualityOf(item.substr(std::min(item.find(';'), item.size())));
    if (quality <= best_quality) continue;
    if (Fits(range, Essence(MediaTypeOf(fallback)))) {
      best = fallback;
      best_quality = quality;
      continue;
    }
    for (const FormatName& known : kFormats) {
      if (!Fits(range, Essence(known.media_type))) continue;
      best = known.format;
      best_quality = quality;
      break;
    }
  }
  if (best) return *best;
  std::vector<std::string_view> media_types;
  for (const FormatName& known : kFormats) media_types.push_back(Essence(known.media_type));
  return std::unexpected(Problem(406, fmt::format("rows come as {}", fmt::join(media_types, ", "))));
}

std::string_view TypeKindText(engine::TypeKind kind) {
  switch (kind) {
    case engine::TypeKind::kBoolean: return "boolean";
    case engine::TypeKind::kInteger: return "integer";
    case engine::TypeKind::kDecimal: return "decimal";
    case engine::TypeKind::kFloat: return "float";
    case engine::TypeKind::kText: return "text";
    case engine::TypeKind::kBinary: return "binary";
    case engine::TypeKind::kDate: return "date";
    case engine::TypeKind::kTime: return "time";
    case engine::TypeKind::kTimestamp: return "timestamp";
    case engine::TypeKind::kInterval: return "interval";
    case engine::TypeKind::kNested: return "nested";
    case engine::TypeKind::kOther: break;
  }
  return "other";
}

Json ColumnsJson(const std::vector<engine::ResultColumn>& columns) {
  Json list = Json::array();
  for (const engine::ResultColumn& column : columns) {
    list.push_back({{"name", column.name}, {"type", column.type}, {"kind", TypeKindText(column.kind)}});
  }
  return list;
}

}  // namespace smelt::serve
