#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transform/internal/jinja/object.h"

namespace smelt::transform {

/// Values in order that may have names, as agate's MappedSequence: a row, the values of a column, the rows of a table,
/// its columns. Immutable.
class NamedSequence final : public jinja::Object {
 public:
  using Names = std::shared_ptr<const std::vector<std::string>>;

  /// `shown`: what it prints as: "agate.Row". `names`: null when the values have none.
  NamedSequence(std::string shown, jinja::List values, Names names)
      : shown_(std::move(shown)), values_(std::move(values)), names_(std::move(names)) {}
  /// The values of a column.
  static jinja::Value Column(std::string name, std::size_t index, jinja::Value type, jinja::List values, Names rows);

  std::string type_name() const override { return shown_; }
  std::string ToText() const override;
  bool Truthy() const override { return !values_.empty(); }
  bool Equals(const jinja::Object& other) const override;
  bool hashable() const override { return false; }
  bool is_sequence() const override { return true; }
  std::optional<jinja::List> Members() const override { return values_; }
  jinja::List Held() const override { return values_; }
  std::optional<jinja::Value> Item(const jinja::Value& key) override;
  std::optional<jinja::Value> Attribute(std::string_view name) override;

  const jinja::List& values() const { return values_; }
  const Names& names() const { return names_; }
  /// The value of that name, or nothing. Names differ by case.
  std::optional<jinja::Value> ByName(std::string_view name) const;

 private:
  struct ColumnParts {
    std::string name;
    std::size_t index = 0;
    jinja::Value type;
  };

  std::optional<jinja::Value> ColumnAttribute(std::string_view name) const;

  std::string shown_;
  jinja::List values_;
  Names names_;
  std::optional<ColumnParts> column_;
};

/// Puts values into order as agate does: none comes last. Errors: kJinjaType when they have no order.
Status SortNoneLast(std::vector<std::size_t>& positions, const std::function<jinja::Value(std::size_t)>& key,
                    bool reverse);

}  // namespace smelt::transform
