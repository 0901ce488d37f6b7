#include "delta/statistics_columns.h"

#include <algorithm>
#include <utility>

#include "delta/internal/ascii.h"

namespace smelt::delta {
namespace {

constexpr const char* kProperty = "delta.dataSkippingStatsColumns";

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

void RenameStatisticsColumn(Metadata& metadata, const NamePath& path, const std::string& name) {
  const auto found = metadata.configuration.find(kProperty);
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
  const auto found = metadata.configuration.find(kProperty);
  if (found == metadata.configuration.end() || path.empty()) return;
  std::vector<NamePath> columns = ParseColumnList(found->second);
  const auto dropped = std::erase_if(columns, [&](const NamePath& column) { return StartsWith(column, path); });
  if (dropped > 0) found->second = ColumnListText(columns);
}

}  // namespace smelt::delta
