#include "serve/pg_catalog/internal/cast_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/session.h"

namespace smelt::serve::pg_catalog {

std::string EngineType(std::string_view lower) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kTypes = {{
      {"oid", "pg_oid"},
      {"char", "pg_char"},
      {"oidvector", "oidvector_item[]"},
      {"int2vector", "int2vector_item[]"},
      {"cstring", "VARCHAR"},
      {"anyarray", "VARCHAR"},
      {"varchar", "pg_varchar"},
      {"unknown", "VARCHAR"},
      {"jsonb", "JSON"},
      {"sql_identifier", "VARCHAR"},
      {"character_data", "VARCHAR"},
      {"yes_or_no", "VARCHAR"},
      {"cardinal_number", "INTEGER"},
      {"time_stamp", "TIMESTAMPTZ"},
      {"regconfig", "VARCHAR"},
      {"cid", "UINTEGER"},
  }};
  for (const auto& [name, engine] : kTypes) {
    if (name == lower) return std::string(engine);
  }
  return std::string(lower);
}

std::string NotFound(std::string_view type, std::string_view name) {
  if (name.empty() || name.find_first_not_of("0123456789-") == std::string_view::npos) return {};
  const std::string_view what = type == "regtype"        ? "type"
                                : type == "regrole"      ? "role"
                                : type == "regnamespace" ? "schema"
                                                         : "function";
  return fmt::format("{} \"{}\" does not exist", what, name);
}

std::string ListOf(std::string_view braces) {
  std::string list = "[";
  std::string element;
  bool quoted = false;
  bool any = false;
  const auto add = [&] {
    if (any || !element.empty()) list += (list.size() > 1 ? ", " : "") + engine::QuoteLiteral(element);
    element.clear();
    any = false;
  };
  for (std::size_t i = 1; i + 1 < braces.size(); ++i) {
    const char c = braces[i];
    if (c == '\\' && i + 2 < braces.size()) {
      element += braces[++i];
    } else if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (c == ',' && !quoted) {
      add();
    } else {
      element += c;
    }
  }
  add();
  return list + "]";
}

bool IsBraces(std::string_view text) {
  return text.size() >= 2 && text.front() == '{' && text.back() == '}';
}

}  // namespace smelt::serve::pg_catalog
