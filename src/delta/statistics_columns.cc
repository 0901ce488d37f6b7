#include "delta/statistics_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "delta/internal/table_properties.h"
#include "delta/statistics.h"

namespace smelt::delta {
namespace {

/// No number of columns that a table has.
constexpr std::int64_t kNoCount = -2;

/// Reads a list from left to right.
class ColumnListReader {
 public:
  explicit ColumnListReader(std::string_view text) : text_(text) {}

  std::vector<NamePath> Read() && {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '`') {
        i = ReadQuoted(i + 1);
      } else if (c == '.') {
        EndPart();
      } else if (c == ',') {
        EndColumn();
      } else {
        part_ += c;
      }
    }
    EndColumn();
    return std::move(columns_);
  }

 private:
  /// Takes what stands between backticks from `i` on, a doubled one for itself, and answers where the last is.
  std::size_t ReadQuoted(std::size_t i) {
    part_.clear();
    was_quoted_ = true;
    for (; i < text_.size(); ++i) {
      const bool is_doubled = text_[i] == '`' && i + 1 < text_.size() && text_[i + 1] == '`';
      if (text_[i] == '`' && !is_doubled) break;
      if (is_doubled) ++i;
      quoted_ += text_[i];
    }
    return i;
  }

  void EndPart() {
    if (was_quoted_) {
      path_.push_back(std::exchange(quoted_, {}));
    } else {
      const std::size_t begin = part_.find_first_not_of(" \t");
      const std::size_t end = part_.find_last_not_of(" \t");
      if (begin != std::string::npos) path_.push_back(part_.substr(begin, end - begin + 1));
    }
    part_.clear();
    was_quoted_ = false;
  }

  void EndColumn() {
    EndPart();
    if (!path_.empty()) columns_.push_back(std::exchange(path_, {}));
  }

  std::string_view text_;
  std::vector<NamePath> columns_;
  NamePath path_;
  std::string part_, quoted_;
  bool was_quoted_ = false;
};

std::string QuotedPart(const std::string& part) {
  const bool is_plain = !part.empty() && std::ranges::all_of(part, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (is_plain) return part;
  std::string quoted = "`";
  for (const char c : part) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

/// Calls `take` with the key of every leaf of a field, in order.
template <typename Take>
void VisitLeaves(const Field& field, const std::string& prefix, bool is_mapped, const Take& take) {
  const std::string key = prefix + field.physical_name(is_mapped);
  if (field.type.kind != DataType::Kind::kStruct) return take(key);
  for (const Field& child : field.type.fields) VisitLeaves(child, key + kPathSeparator, is_mapped, take);
}

bool StartsWith(const NamePath& column, const NamePath& path) {
  return column.size() >= path.size() && std::equal(path.begin(), path.end(), column.begin(), EqualsIgnoringCase);
}

}  // namespace

std::vector<NamePath> ParseColumnList(std::string_view text) {
  return ColumnListReader(text).Read();
}

std::string ColumnListText(const std::vector<NamePath>& columns) {
  std::string text;
  for (const NamePath& column : columns) {
    if (!text.empty()) text += ',';
    for (std::size_t i = 0; i < column.size(); ++i) text += (i > 0 ? "." : "") + QuotedPart(column[i]);
  }
  return text;
}

std::optional<std::set<std::string>> DescribedColumns(const Protocol& protocol, const Metadata& metadata,
                                                      const Schema& schema) {
  const bool is_mapped = ColumnMappingOf(protocol, metadata) != ColumnMapping::kNone;
  std::set<std::string> keys;
  const auto listed = metadata.configuration.find(kStatisticsColumnsProperty);
  if (listed != metadata.configuration.end()) {
    for (const NamePath& path : ParseColumnList(listed->second)) {
      const std::vector<const Field*> fields = schema.Path(path);
      if (fields.empty()) continue;
      std::string prefix;
      for (std::size_t i = 0; i + 1 < fields.size(); ++i)
        prefix += fields[i]->physical_name(is_mapped) + kPathSeparator;
      VisitLeaves(*fields.back(), prefix, is_mapped, [&](const std::string& key) { keys.insert(key); });
    }
    return keys;
  }
  const std::int64_t count = PropertyInt(metadata, kStatisticsCountProperty, kNoCount);
  if (count < 0) return std::nullopt;
  std::int64_t seen = 0;
  for (const Field* field : schema.Columns()) {
    if (std::ranges::find(metadata.partition_columns, field->name) != metadata.partition_columns.end()) continue;
    VisitLeaves(*field, "", is_mapped, [&](const std::string& key) {
      if (seen++ < count) keys.insert(key);
    });
  }
  return keys;
}

Status CheckStatisticsProperty(const std::string& name, const std::string& value, const Schema& schema) {
  if (name == kStatisticsCountProperty) {
    Metadata metadata;
    metadata.configuration[name] = value;
    if (PropertyInt(metadata, name, kNoCount) >= -1) return {};
    return Fail(Error(ErrorCode::kDeltaInvalidTable, fmt::format("'{}' is no value of {}", value, name))
                    .Hint("it is a number of columns, or -1 for all"));
  }
  if (name != kStatisticsColumnsProperty) return {};
  for (const NamePath& path : ParseColumnList(value)) {
    if (!schema.Path(path).empty()) continue;
    return Fail(ErrorCode::kDeltaInvalidTable,
                fmt::format("{} names '{}', which the table does not have", name, fmt::join(path, ".")));
  }
  return {};
}

void RenameStatisticsColumn(Metadata& metadata, const NamePath& path, const std::string& name) {
  const auto found = metadata.configuration.find(kStatisticsColumnsProperty);
  if (found == metadata.configuration.end() || path.empty()) return;
  std::vector<NamePath> columns = ParseColumnList(found->second);
  bool is_named = false;
  for (NamePath& column : columns) {
    if (!StartsWith(column, path)) continue;
    column[path.size() - 1] = name;
    is_named = true;
  }
  if (is_named) found->second = ColumnListText(columns);
}

void DropStatisticsColumn(Metadata& metadata, const NamePath& path) {
  const auto found = metadata.configuration.find(kStatisticsColumnsProperty);
  if (found == metadata.configuration.end() || path.empty()) return;
  std::vector<NamePath> columns = ParseColumnList(found->second);
  const auto dropped = std::erase_if(columns, [&](const NamePath& column) { return StartsWith(column, path); });
  if (dropped > 0) found->second = ColumnListText(columns);
}

}  // namespace smelt::delta
