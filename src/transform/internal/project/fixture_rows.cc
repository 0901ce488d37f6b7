#include "transform/internal/project/fixture_rows.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace smelt::transform {
namespace {

/// Takes records from a CSV text, one after another: quotes as in RFC 4180, any line end.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  /// The fields of the next record that is not a blank line; nothing at the end.
  std::optional<std::vector<std::string>> Next() {
    while (at_ < text_.size()) {
      std::vector<std::string> fields = Record();
      if (fields.size() > 1 || !fields.front().empty()) return fields;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::string> Record() {
    std::vector<std::string> fields(1);
    bool is_quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' && is_quoted && text_.substr(at_ + 1).starts_with('"')) {
        fields.back() += text_[++at_];
      } else if (c == '"' && (is_quoted || fields.back().empty())) {
        is_quoted = !is_quoted;
      } else if (is_quoted || (c != ',' && c != '\n' && c != '\r')) {
        fields.back() += c;
      } else if (c == ',') {
        fields.emplace_back();
      } else {
        at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
        break;
      }
    }
    return fields;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Json CsvRows(std::string_view text) {
  Json rows = Json::array();
  CsvReader reader(text);
  const auto header = reader.Next();
  while (auto fields = header ? reader.Next() : std::nullopt) {
    Json row = Json::object();
    for (std::size_t i = 0; i < header->size(); ++i) {
      const bool is_empty = i >= fields->size() || (*fields)[i].empty();
      row[(*header)[i]] = is_empty ? Json() : Json(std::move((*fields)[i]));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void PutWholeRowFirst(Json& rows) {
  const auto is_whole = [](const Json& row) {
    return row.is_object() && std::ranges::none_of(row, [](const Json& value) { return value.is_null(); });
  };
  const auto whole = std::ranges::find_if(rows, is_whole);
  if (whole != rows.end()) std::swap(*rows.begin(), *whole);
}

}  // namespace smelt::transform
