#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Names in a table, with a fallback behind it. Immutable while interpreters use it.
class GlobalTable final : public Globals {
 public:
  explicit GlobalTable(const Globals* fallback = nullptr) : fallback_(fallback) {}

  void Set(std::string name, Value value) { values_.insert_or_assign(std::move(name), std::move(value)); }
  const Value* Find(std::string_view name) const override;
  std::vector<std::string_view> Names() const override;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, Value, Hash, std::equal_to<>> values_;
  const Globals* fallback_;
};

/// Puts dbt's functions of plain values into `table`: set, set_strict, zip, zip_strict, fromjson, tojson, fromyaml,
/// toyaml, local_md5, diff_of_two_dicts.
void AddPureFunctions(GlobalTable& table);

/// Puts what every template can use into `table`: range, dict, namespace, cycler, joiner, lipsum and the pure
/// functions.
void AddStandardGlobals(GlobalTable& table);

}  // namespace smelt::transform::jinja
