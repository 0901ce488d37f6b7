#include "delta/statistics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "delta/internal/fast_json.h"

namespace smelt::delta {
namespace {

namespace ondemand = simdjson::ondemand;

/// Separates the parts of a nested column's path.
/// Text bounds are cut to this many characters.
constexpr std::size_t kBoundCharacters = 32;
/// Columns nested deeper than this go without statistics.
constexpr int kStatisticsDepthMax = 64;
/// Every decimal number of so many digits survives the way into a double and back.
constexpr int kDoubleDigits = 15;

using LeafVisitor = bool (*)(ColumnBounds& bounds, ondemand::value value);

/// Calls `visit` for every leaf under `object`; the columns are found or made by their path. Returns whether the text
/// was sound.
bool VisitLeaves(ondemand::object object, const std::string& path, int depth, LeafVisitor visit,
                 std::map<std::string, ColumnBounds>& columns) {
  if (depth > kStatisticsDepthMax) return false;
  for (auto entry : object) {
    std::string_view name;
    ondemand::value value;
    ondemand::json_type type;
    if (entry.unescaped_key().get(name) || entry.value().get(value) || value.type().get(type)) return false;
    const std::string leaf = path.empty() ? std::string(name) : path + kPathSeparator + std::string(name);
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      if (value.get_object().get(inner) || !VisitLeaves(inner, leaf, depth + 1, visit, columns)) return false;
    } else if (type != ondemand::json_type::null && type != ondemand::json_type::array) {
      if (!visit(columns[leaf], value)) return false;
    }
  }
  return true;
}

/// Reads a bound into a JSON scalar.
bool ReadScalar(ondemand::value value, Json& scalar) {
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (value.get_string().get(text)) return false;
    scalar = std::string(text);
  } else if (type == ondemand::json_type::boolean) {
    bool flag = false;
    if (value.get_bool().get(flag)) return false;
    scalar = flag;
  } else {
    std::string_view token = value.raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    scalar = NumberFromText(token);
    return !scalar.is_null();
  }
  return true;
}

// Of values that are there twice, the first counts.
bool ReadMin(ColumnBounds& bounds, ondemand::value value) {
  return !bounds.min.is_null() || ReadScalar(value, bounds.min);
}
bool ReadMax(ColumnBounds& bounds, ondemand::value value) {
  return !bounds.max.is_null() || ReadScalar(value, bounds.max);
}
bool ReadNullCount(ColumnBounds& bounds, ondemand::value value) {
  if (bounds.null_count) return true;
  std::int64_t count = 0;
  if (value.get_int64().get(count)) return false;
  bounds.null_count = count;
  return true;
}

/// Reads the members of the statistics; false when they are damaged.
bool ReadStatistics(ondemand::object object, FileStatistics& statistics) {
  for (auto entry : object) {
    std::string_view key;
    ondemand::value value;
    if (entry.unescaped_key().get(key) || entry.value().get(value)) return false;
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == ondemand::json_type::null) continue;
    if (key == "numRecords") {
      std::int64_t rows = 0;
      if (value.get_int64().get(rows)) return false;
      statistics.rows = rows;
    } else if (key == "tightBounds") {
      if (value.get_bool().get(statistics.tight_bounds)) return false;
    } else if (key == "minValues" || key == "maxValues" || key == "nullCount") {
      const LeafVisitor visit = key == "minValues" ? ReadMin : key == "maxValues" ? ReadMax : ReadNullCount;
      ondemand::object columns;
      if (value.get_object().get(columns) || !VisitLeaves(columns, "", 0, visit, statistics.columns)) return false;
    }
  }
  return true;
}

/// Finds the members of objects within a text that have one name.
class NameFinder {
 public:
  NameFinder(std::string_view name, std::string_view text)
      : name_(name),
        is_plain_(
            std::ranges::all_of(name, [](unsigned char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; }) &&
            !text.contains('\\')) {}

  /// Whether the member has the name; nothing when the text is damaged. Plain names are compared as they stand where
  /// nothing is escaped.
  std::optional<bool> Matches(simdjson::simdjson_result<ondemand::field>& member) const {
    if (is_plain_) {
      ondemand::raw_json_string raw;
      if (member.key().get(raw)) return std::nullopt;
      return raw == name_;
    }
    std::string_view key;
    if (member.unescaped_key().get(key)) return std::nullopt;
    return key == name_;
  }

 private:
  std::string_view name_;
  bool is_plain_;
};

/// Calls `visit` for the leaf of that name directly under `object`, and looks no further. Returns whether the text was
/// sound until there.
bool VisitLeaf(ondemand::object object, const NameFinder& name, LeafVisitor visit, ColumnBounds& bounds) {
  for (auto member : object) {
    const std::optional<bool> matches = name.Matches(member);
    if (!matches) return false;
    if (!*matches) continue;
    ondemand::value value;
    ondemand::json_type type;
    if (member.value().get(value) || value.type().get(type)) return false;
    const bool is_leaf =
        type != ondemand::json_type::object && type != ondemand::json_type::array && type != ondemand::json_type::null;
    return !is_leaf || visit(bounds, value);
  }
  return true;
}

/// Reads one column's part of the statistics; false when they are damaged.
bool ReadColumn(ondemand::object object, const NameFinder& column, ColumnPart part, ColumnStatistics& statistics) {
  for (auto entry : object) {
    std::string_view key;
    ondemand::value value;
    ondemand::json_type type;
    if (entry.unescaped_key().get(key) || entry.value().get(value) || value.type().get(type)) return false;
    if (type == ondemand::json_type::null) continue;
    if (key == "tightBounds") {
      if (value.get_bool().get(statistics.tight_bounds)) return false;
      continue;
    }
    const LeafVisitor visit = key == "minValues"   ? ReadMin
                              : key == "maxValues" ? ReadMax
                              : key == "nullCount" ? ReadNullCount
                                                   : nullptr;
    if (visit == nullptr) continue;
    ondemand::object columns;
    if (value.get_object().get(columns) || !VisitLeaf(columns, column, visit, statistics.bounds)) return false;
    const bool has_both = !statistics.bounds.min.is_null() && !statistics.bounds.max.is_null();
    if (part == ColumnPart::kBounds && has_both) return true;
  }
  return true;
}

/// The number of rows where it stands at the beginning, as most writers put it.
std::optional<std::int64_t> LeadingRowCount(std::string_view stats) {
  constexpr std::string_view kKey = "\"numRecords\"";
  constexpr std::string_view kSpace = " \t\r\n";
  const auto skip_space = [&] { stats.remove_prefix(std::min(stats.find_first_not_of(kSpace), stats.size())); };
  const auto take = [&](std::string_view expected) {
    skip_space();
    if (!stats.starts_with(expected)) return false;
    stats.remove_prefix(expected.size());
    return true;
  };
  if (!take("{") || !take(kKey) || !take(":")) return std::nullopt;
  skip_space();
  std::int64_t rows = 0;
  const auto parsed = std::from_chars(stats.data(), stats.data() + stats.size(), rows);
  if (parsed.ec != std::errc()) return std::nullopt;
  stats.remove_prefix(static_cast<std::size_t>(parsed.ptr - stats.data()));
  return take(",") || take("}") ? std::optional(rows) : std::nullopt;
}

/// Puts `value` into `tree` under the nested names of `path`; not at all when a scalar is in the way.
void PutLeaf(Json& tree, std::string_view path, Json value) {
  Json* place = &tree;
  for (std::size_t end = path.find(kPathSeparator); end != std::string_view::npos; end = path.find(kPathSeparator)) {
    place = &(*place)[std::string(path.substr(0, end))];
    if (place->is_null()) *place = Json::object();
    if (!place->is_object()) return;
    path.remove_prefix(end + 1);
  }
  (*place)[std::string(path)] = std::move(value);
}

/// Whether a bound can be written: JSON has no infinities.
bool IsWritable(const Json& bound) {
  return !bound.is_null() && (!bound.is_number_float() || std::isfinite(bound.get<double>()));
}

/// Whether `real`, which was read from `number`, still tells every digit of it.
bool IsExact(std::string_view number, double real) {
  const auto digits = std::ranges::count_if(number, [](char c) { return c >= '0' && c <= '9'; });
  // Only binary floating-point numbers are printed with an exponent, and those come back as they were.
  if (digits <= kDoubleDigits || number.find_first_of("eE") != std::string_view::npos) return true;
  std::array<char, 512> shortest;
  const auto printed = std::to_chars(shortest.begin(), shortest.end(), real, std::chars_format::fixed);
  return printed.ec == std::errc() && std::string_view(shortest.data(), printed.ptr) == number;
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The number of bytes of the first `count` characters.
std::size_t PrefixBytes(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!IsContinuation(text[at]) && count-- == 0) break;
  }
  return at;
}

char32_t DecodeLast(std::string_view text, std::size_t start) {
  const auto lead = static_cast<unsigned char>(text[start]);
  char32_t code = lead < 0x80 ? lead : lead < 0xE0 ? lead & 0x1F : lead < 0xF0 ? lead & 0x0F : lead & 0x07;
  for (std::size_t i = start + 1; i < text.size(); ++i)
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  return code;
}

void AppendUtf8(char32_t code, std::string& out) {
  const auto tail = [code](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xC0 | (code >> 6)), tail(0)};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xE0 | (code >> 12)), tail(6), tail(0)};
  } else {
    out += {static_cast<char>(0xF0 | (code >> 18)), tail(12), tail(6), tail(0)};
  }
}

/// A parser and the text that it reads, with room behind it as simdjson wants.
class Parser {
 public:
  simdjson::simdjson_result<ondemand::document> Read(std::string_view text) {
    bytes_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    std::memcpy(bytes_.data(), text.data(), text.size());
    // simdjson counts all brackets of a text that a closing one seems to follow, which an earlier text may have left.
    bytes_[text.size()] = '\0';
    return parser_.iterate(bytes_.data(), text.size(), bytes_.size());
  }

 private:
  ondemand::parser parser_;
  std::vector<char> bytes_;
};

/// Calls `use` with a parser: for common texts the one that this thread keeps, since to make one takes as long as to
/// read a file's statistics.
template <typename Use>
auto WithParser(std::string_view text, Use use) {
  constexpr std::size_t kKeptBytesMax = 64 << 10;
  if (text.size() > kKeptBytesMax) {
    Parser parser;
    return use(parser);
  }
  thread_local Parser kept;
  return use(kept);
}

enum class Ending {
  kWhole,     ///< nothing may stand behind the object
  kAnywhere,  ///< `read` may leave the object before its end
};

/// What `read` makes of the one JSON object in a text; nothing of it when the text is anything else.
template <typename T, typename Read>
T ParseObject(std::string_view text, Read read, Ending ending = Ending::kWhole) {
  if (text.empty()) return {};
  return WithParser(text, [&](Parser& parser) -> T {
    T value;
    ondemand::document document;
    ondemand::object object;
    if (parser.Read(text).get(document) || document.get_object().get(object) || !read(object, value)) return {};
    const bool is_sound = ending == Ending::kAnywhere || document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return is_sound ? value : T();
  });
}

}  // namespace

Json NumberFromText(std::string_view number) {
  const char* const end = number.data() + number.size();
  std::int64_t whole = 0;
  if (const auto parsed = std::from_chars(number.data(), end, whole); parsed.ec == std::errc() && parsed.ptr == end) {
    return whole;
  }
  double real = 0;
  const auto parsed = std::from_chars(number.data(), end, real);
  if (parsed.ec == std::errc::invalid_argument || parsed.ptr != end) return nullptr;
  if (parsed.ec == std::errc() && IsExact(number, real)) return real;
  return std::string(number);
}

FileStatistics ParseStatistics(std::string_view stats) {
  return ParseObject<FileStatistics>(
      stats, [](ondemand::object& object, FileStatistics& statistics) { return ReadStatistics(object, statistics); });
}

ColumnStatistics ParseColumnStatistics(std::string_view stats, std::string_view column, ColumnPart part) {
  const auto read = [&](ondemand::object& object, ColumnStatistics& statistics) {
    return ReadColumn(object, NameFinder(column, stats), part, statistics);
  };
  return ParseObject<ColumnStatistics>(stats, read, part == ColumnPart::kAll ? Ending::kWhole : Ending::kAnywhere);
}

std::optional<std::int64_t> RowCount(std::string_view stats) {
  if (stats.empty()) return std::nullopt;
  if (const auto rows = LeadingRowCount(stats)) return rows;
  return WithParser(stats, [&](Parser& parser) -> std::optional<std::int64_t> {
    ondemand::document document;
    std::int64_t rows = 0;
    if (parser.Read(stats).get(document) || document["numRecords"].get_int64().get(rows)) return std::nullopt;
    return rows;
  });
}

std::string StatisticsToString(const FileStatistics& statistics) {
  Json json = Json::object();
  if (statistics.rows) json["numRecords"] = *statistics.rows;
  if (!statistics.tight_bounds) json["tightBounds"] = false;
  for (const char* key : {"minValues", "maxValues", "nullCount"}) json[key] = Json::object();
  for (const auto& [path, bounds] : statistics.columns) {
    if (IsWritable(bounds.min)) PutLeaf(json["minValues"], path, bounds.min);
    if (IsWritable(bounds.max)) PutLeaf(json["maxValues"], path, bounds.max);
    if (bounds.null_count) PutLeaf(json["nullCount"], path, *bounds.null_count);
  }
  return JsonText(json);
}

std::string TruncateMin(std::string_view text) {
  return std::string(text.substr(0, PrefixBytes(text, kBoundCharacters)));
}

std::optional<std::string> TruncateMax(std::string_view text) {
  constexpr char32_t kLastCode = 0x10FFFF;
  constexpr char32_t kSurrogates = 0xD800;
  constexpr char32_t kAfterSurrogates = 0xE000;
  std::string bound(text.substr(0, PrefixBytes(text, kBoundCharacters)));
  if (bound.size() == text.size()) return bound;
  // The shortest greater text: the last character that has a successor becomes it, what follows is dropped.
  while (!bound.empty()) {
    std::size_t start = bound.size() - 1;
    while (start > 0 && IsContinuation(bound[start])) --start;
    const char32_t code = DecodeLast(bound, start);
    bound.resize(start);
    if (code < kLastCode) {
      AppendUtf8(code + 1 == kSurrogates ? kAfterSurrogates : code + 1, bound);
      return bound;
    }
  }
  return std::nullopt;
}

}  // namespace smelt::delta
