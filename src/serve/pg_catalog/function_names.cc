#include "serve/pg_catalog/function_names.h"

#include <charconv>
#include <map>
#include <string_view>

#include "serve/pg_catalog/internal/static_rows.h"

namespace smelt::serve::pg_catalog {
namespace {

using NameMap = std::map<std::uint32_t, std::string_view>;

/// The rows of pg_proc begin with number and name: (31,'byteaout', …
NameMap ReadNames(std::string_view rows) {
  NameMap names;
  for (std::size_t at = rows.find('('); at != std::string_view::npos; at = rows.find('(', at + 1)) {
    std::uint32_t oid = 0;
    const auto number = std::from_chars(rows.data() + at + 1, rows.data() + rows.size(), oid);
    const std::string_view rest = rows.substr(static_cast<std::size_t>(number.ptr - rows.data()));
    constexpr std::string_view kBeforeName = ",'";
    if (number.ec != std::errc() || !rest.starts_with(kBeforeName)) continue;
    const std::string_view name = rest.substr(kBeforeName.size());
    names[oid] = name.substr(0, name.find('\''));
  }
  return names;
}

}  // namespace

std::string FunctionName(std::uint32_t oid) {
  static const NameMap kNames = ReadNames(FunctionRows());
  if (oid == 0) return "-";
  const auto found = kNames.find(oid);
  return found == kNames.end() ? std::to_string(oid) : std::string(found->second);
}

}  // namespace smelt::serve::pg_catalog
