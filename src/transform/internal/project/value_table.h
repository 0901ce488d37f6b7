#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/project/named_sequence.h"

namespace smelt::transform {

/// A table of values as templates know it from agate: what `run_query` gives. Immutable.
class ValueTable final : public jinja::Object {
 public:
  struct Column {
    std::string name;
    std::string type;  ///< agate's: "Integer", "Number", "Text", "Date", "DateTime", "Boolean"
  };

  ValueTable(std::vector<Column> columns, std::vector<jinja::List> rows);

  std::string type_name() const override { return "agate.Table"; }
  /// Its columns with their types.
  std::string ToText() const override;
  std::string Repr() const override { return "<agate.table.Table object>"; }
  bool Truthy() const override { return !rows_.empty(); }
  std::optional<jinja::List> Members() const override;
  std::optional<std::int64_t> Length() const override { return static_cast<std::int64_t>(rows_.size()); }
  std::optional<jinja::Value> Item(const jinja::Value& key) override;
  std::optional<jinja::Value> Attribute(std::string_view name) override;
  jinja::List Held() const override;

  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<jinja::List>& rows() const { return rows_; }
  /// The position of a column. Errors: kJinjaUndefined, with the columns there are.
  Result<std::size_t> Find(std::string_view column) const;

 private:
  const NamedSequence& Rows() const;
  jinja::Value Columns() const;

  std::vector<Column> columns_;
  std::vector<jinja::List> rows_;
  NamedSequence::Names names_;
  mutable std::shared_ptr<NamedSequence> row_values_;  ///< made when first asked for
  mutable std::optional<jinja::Value> column_values_;
};

/// The method of that name, or nothing: select, rename, order_by, …
std::optional<jinja::Value> TableMethod(ValueTable& table, std::string_view name);

/// The method of that name that writes the table: print_csv, print_json, to_csv, to_json; or nothing. Files are written
/// below the project's folder.
std::optional<jinja::Value> TableOutputMethod(ValueTable& table, std::string_view name);

/// Lines of cells between bars, under a header: as agate prints tables. Cells of columns that are `to_right` stand at
/// their right end.
std::string TableText(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                      const std::vector<bool>& to_right);

}  // namespace smelt::transform
