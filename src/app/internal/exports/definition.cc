#include "app/internal/exports/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/config.h"
#include "engine/session.h"
#include "serve/dashboards/column_formats.h"
#include "serve/dashboards/definition.h"
#include "workbook/sheet_name.h"

namespace smelt::app {
namespace {

/// "gold.dim_products" as its parts.
std::vector<std::string> PartsOfTable(const std::string& table) {
  std::vector<std::string> parts = {""};
  for (const char c : table) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

Result<std::string> ReadQuery(const ConfigNode& node, const std::string& sheet) {
  const auto sql = node.Find("sql"), table = node.Find("table");
  if (sql.has_value() == table.has_value()) {
    const ErrorCode code = sql ? ErrorCode::kConfigValueInvalid : ErrorCode::kConfigKeyMissing;
    return Fail(
        node.ErrorHere(code, fmt::format("sheet '{}' has {} of 'sql' and 'table'", sheet, sql ? "both" : "none"))
            .Hint("give it one of them"));
  }
  if (sql) return sql->AsString();
  SMELT_ASSIGN(const std::string name, table->AsString());
  auto query = QueryOfTable(name);
  if (query) return query;
  return Fail(table->ErrorHere(ErrorCode::kConfigValueInvalid, query.error().message()).Hint(query.error().hint()));
}

Result<SheetOrder> ReadSheet(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"name", "sql", "table", "columns"}));
  SMELT_ASSIGN(const ConfigNode name, node.Require("name"));
  SheetOrder sheet{.name = {}, .sql = {}, .file = node.file(), .line = node.line()};
  SMELT_ASSIGN(sheet.name, name.AsString());
  if (const std::string fault = workbook::SheetNameFault(sheet.name); !fault.empty()) {
    return Fail(
        name.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the name of sheet '{}' {}", sheet.name, fault)));
  }
  SMELT_ASSIGN(sheet.sql, ReadQuery(node, sheet.name));
  if (const auto columns = node.Find("columns")) {
    SMELT_ASSIGN(sheet.formats, serve::ReadColumnFormats(*columns));
  }
  return sheet;
}

Status ReadSheets(const ConfigNode& node, ExportDefinition& definition) {
  SMELT_ASSIGN(const ConfigNode sheets, node.Require("sheets"));
  if (!sheets.is_list() || sheets.items().empty()) {
    return Fail(sheets.ErrorHere(ErrorCode::kConfigValueInvalid, "'sheets' is no list of sheets")
                    .Hint("write - {name: Products, table: gold.dim_products}"));
  }
  std::set<std::string> names;
  for (const ConfigNode& item : sheets.items()) {
    SMELT_ASSIGN(SheetOrder sheet, ReadSheet(item));
    if (!names.insert(workbook::FoldSheetName(sheet.name)).second) {
      return Fail(
          item.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("there is a sheet '{}' already", sheet.name))
              .Hint("Excel makes no difference between capital and small letters"));
    }
    definition.sheets.push_back(std::move(sheet));
  }
  return {};
}

}  // namespace

Result<ExportDefinition> ReadExport(const std::string& path) {
  SMELT_ASSIGN(const ConfigNode node, ConfigNode::ReadFile(path));
  if (!node.is_map()) return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "expected an export: title, sheets"));
  SMELT_TRY(node.AllowKeys({"name", "title", "description", "owner", "sheets"}));
  ExportDefinition definition{.name = {}, .file = path};
  SMELT_ASSIGN(definition.name, node.StringOr("name", std::filesystem::path(path).stem().string()));
  if (!serve::IsDashboardName(definition.name)) {
    return Fail(node.Find("name")
                    .value_or(node)
                    .ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no name", definition.name))
                    .Hint("use lower-case letters, digits, '_' and '-'"));
  }
  SMELT_ASSIGN(definition.title, node.StringOr("title", definition.name));
  SMELT_ASSIGN(definition.description, node.StringOr("description", ""));
  SMELT_ASSIGN(definition.owner, node.StringOr("owner", ""));
  SMELT_TRY(ReadSheets(node, definition));
  return definition;
}

ExportGallery ReadExports(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const auto extension = entry.path().extension();
    if (extension == ".yml" || extension == ".yaml") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  ExportGallery gallery;
  for (const std::string& file : files) {
    auto definition = ReadExport(file);
    if (!definition) {
      gallery.faults.emplace(file, std::move(definition.error()));
    } else if (const auto other = gallery.exports.find(definition->name); other != gallery.exports.end()) {
      const std::string message =
          fmt::format("there is an export '{}' already, in {}", definition->name, other->second.file);
      gallery.faults.emplace(file, Error(ErrorCode::kConfigValueInvalid, message).At(file, 1));
    } else {
      gallery.exports.emplace(definition->name, std::move(*definition));
    }
  }
  return gallery;
}

Result<ExportDefinition> FindExport(const ExportGallery& gallery, const std::string& name) {
  const auto found = gallery.exports.find(name);
  if (found != gallery.exports.end()) return found->second;
  // The one that is meant may be in a file with a mistake.
  if (!gallery.faults.empty()) return Fail(gallery.faults.begin()->second);
  std::vector<std::string_view> known;
  for (const auto& [other, definition] : gallery.exports) known.push_back(other);
  const std::string nearest = NearestWord(name, known);
  return Fail(Error(ErrorCode::kUsage, fmt::format("the project has no export '{}'", name))
                  .Hint(nearest.empty() ? std::string("`smelt export list` shows the exports")
                                        : fmt::format("did you mean '{}'?", nearest)));
}

Result<std::string> QueryOfTable(const std::string& table) {
  const std::vector<std::string> parts = PartsOfTable(table);
  constexpr std::size_t kPartsMax = 2;
  if (parts.size() > kPartsMax || std::ranges::any_of(parts, &std::string::empty)) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("'{}' is no name of a table", table)).Hint("write gold.dim_products"));
  }
  std::string quoted;
  for (const std::string& part : parts) quoted += (quoted.empty() ? "" : ".") + engine::QuoteIdentifier(part);
  return "select * from " + quoted;
}

}  // namespace smelt::app
