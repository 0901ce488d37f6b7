#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::app {

/// A sheet that is wanted: a query, and how its columns are shown.
struct SheetOrder {
  std::string name;
  std::string sql;
  Json formats = Json::object();  ///< by column, as serve::ReadColumnFormats has them
  std::string file = {};          ///< where it is written down; empty: on the command line
  std::int64_t line = 0;
};

/// A workbook as a file of a project's folder `exports` describes it. A value type.
struct ExportDefinition {
  std::string name;
  std::string title = {};
  std::string description = {};
  std::string owner = {};
  std::vector<SheetOrder> sheets = {};
  std::string file = {};
};

/// The exports of a project.
struct ExportGallery {
  std::map<std::string, ExportDefinition> exports = {};
  std::map<std::string, Error> faults = {};  ///< by file: those that cannot be used
};

/// Reads one file. Errors: kStoreNotFound, kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid
/// (also for names that Excel does not take), each with file and line.
Result<ExportDefinition> ReadExport(const std::string& path);

/// Reads all `*.yml` of a folder; one that is not there has none. A name that comes twice is a fault of the second
/// file.
ExportGallery ReadExports(const std::string& folder);

/// The export of a name. Errors: kUsage where there is none, with the nearest; where files cannot be used, of which one
/// may be it, the mistake in the first.
Result<ExportDefinition> FindExport(const ExportGallery& gallery, const std::string& name);

/// The query for all rows of a table or view, "gold.dim_products". Errors: kUsage for what is no name.
Result<std::string> QueryOfTable(const std::string& table);

}  // namespace smelt::app
