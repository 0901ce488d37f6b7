#pragma once

#include <array>
#include <string_view>

namespace smelt::serve::internal {

/// The keys of a dashboard file; docs/schemas/dashboard.schema.json lists the same.
inline constexpr std::array<std::string_view, 9> kDashboardKeys = {
    "name", "title", "description", "owner", "tags", "fresh_for", "grains", "filters", "pages"};
inline constexpr std::array<std::string_view, 7> kTemplateUseKeys = {"template",    "with",  "name", "title",
                                                                     "description", "owner", "tags"};
inline constexpr std::array<std::string_view, 2> kTemplatedFileKeys = {"template", "dashboards"};
inline constexpr std::array<std::string_view, 2> kTemplateKeys = {"parameters", "dashboard"};
inline constexpr std::array<std::string_view, 2> kTemplateParameterKeys = {"description", "default"};
inline constexpr std::array<std::string_view, 2> kIncludeKeys = {"include", "with"};
inline constexpr std::array<std::string_view, 9> kFilterKeys = {"name",    "url",   "type",    "label",    "multiple",
                                                                "default", "until", "options", "dimension"};
inline constexpr std::array<std::string_view, 4> kPageKeys = {"name", "title", "description", "tiles"};
/// Of tiles of any type.
inline constexpr std::array<std::string_view, 6> kTileKeys = {"name",        "type",  "title",
                                                              "description", "width", "height"};
/// Of tiles that show data.
inline constexpr std::array<std::string_view, 11> kDataTileKeys = {"sql",          "metric",  "dimensions",  "grain",
                                                                   "filters",      "where",   "order",       "limit",
                                                                   "compare_with", "columns", "cross_filter"};
inline constexpr std::array<std::string_view, 9> kColumnKeys = {
    "label", "description", "format", "decimals", "currency", "unit", "good", "hidden", "bar"};
inline constexpr std::array<std::string_view, 3> kDrillKeys = {"dashboard", "page", "filters"};
inline constexpr std::array<std::string_view, 11> kFormats = {
    "number", "integer", "percent", "currency", "duration_days", "bytes", "date", "week", "month", "datetime", "text"};
inline constexpr std::array<std::string_view, 5> kGrains = {"day", "week", "month", "quarter", "year"};
/// Parameters of addresses that no filter can have.
inline constexpr std::array<std::string_view, 5> kReservedParameters = {"grain", "as_of", "page", "format", "tiles"};

}  // namespace smelt::serve::internal
