#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::ingest {

enum class ValueType { kText, kInteger, kDecimal, kReal, kBoolean, kDate, kTimestamp, kTimestampTz };

/// What happens to a row that breaks a check.
enum class Severity {
  kReject,  ///< it goes to quarantine
  kWarn,    ///< it is loaded, and data_quality_flag names the check
};

/// One condition on the values of a column; null values always pass.
struct Check {
  enum class Kind { kSet, kMin, kMax, kPattern, kLength };
  Kind kind = Kind::kSet;
  Severity severity = Severity::kReject;
  std::vector<std::string> set;  ///< kSet: the permitted values as text
  std::string bound;             ///< kMin, kMax: a value of the column's type, as text; inclusive
  std::string pattern;           ///< kPattern: RE2, must match the whole value
  std::int64_t length_min = 0;   ///< kLength: in characters
  std::int64_t length_max = INT64_MAX;

  /// "set", "min", "max", "pattern", "length": how quarantine and flags name the check.
  std::string_view name() const;
};

/// A column of the contract.
struct Column {
  std::string name;    ///< in the table
  std::string header;  ///< in the file; usually the same
  std::string description;
  ValueType type = ValueType::kText;
  int precision = 0, scale = 0;  ///< of kDecimal; precision at most 18
  /// Of dates and times: strptime-like layouts, "iso" (8601), "epoch", "epoch_ms", tried in this order; empty: ISO
  /// 8601.
  std::vector<std::string> formats;
  std::string zone;       ///< of kTimestampTz: whose clocks texts without a zone tell; empty: UTC
  bool required = false;  ///< an empty value sends the row to quarantine
  std::vector<Check> checks;

  /// The column's SQL type, e.g. "DECIMAL(10,2)".
  std::string SqlType() const;
};

/// How a file's columns may differ from the contract. Order never matters when there is a header.
enum class ContractMode {
  kStrict,  ///< an unknown column is an error
  kOpen,    ///< unknown columns are left out
};

/// How the bytes of a file are to be read.
struct CsvFormat {
  enum class Encoding { kUtf8, kLatin1 };
  Encoding encoding = Encoding::kUtf8;
  char delimiter = ',';
  char quote = '"';                             ///< 0: no quoting
  bool header = true;                           ///< false: the columns stand in the order of the contract
  std::vector<std::string> null_values = {""};  ///< texts that mean "no value"
  std::int64_t field_bytes_max = 1 << 20;       ///< a longer field sends its row to quarantine
  std::int64_t row_bytes_max = 16 << 20;        ///< likewise a longer row; bounds memory
};

/// What a load does with rows whose key is in the table already.
enum class LoadMode {
  kAppend,  ///< they are added, and flagged where the file repeats a key
  kMerge,   ///< of each key the newest row is kept
};

/// Rows of a table that is merged belong to rows of another table.
struct Reference {
  std::vector<std::string> columns;  ///< of this table; a row with a missing value among them refers to nothing
  std::string table;                 ///< "schema.table"
  std::vector<std::string> key;      ///< of that table
};

/// One stream of files into one table.
struct SourceTable {
  std::string schema = "bronze", name;
  std::string description;
  std::vector<std::string> files;  ///< globs; without '/' they match names in any folder
  bool required = true;            ///< without a file and without a table in the lake the run fails
  std::vector<std::string> key;    ///< rows with a key seen before in the file are flagged "duplicate_key"
  ContractMode contract = ContractMode::kStrict;
  CsvFormat format;
  std::vector<Column> columns;
  LoadMode load = LoadMode::kAppend;
  std::string newest_by;  ///< kMerge: the column that tells which of two rows is the newer; empty: the one read later
  std::vector<std::string> partition_by;  ///< kMerge: columns; of kAppend it is the day of the load
  std::vector<Reference> references;      ///< kMerge: what must be there first; until then rows are held
  std::int64_t held_ms_max = 0;           ///< for so long; then they go to quarantine; 0: for ever
  std::string file;                       ///< where it is defined, for messages
  std::int64_t line = 0;

  std::string QualifiedName() const { return schema + "." + name; }
  const Column* Find(std::string_view column) const;
};

/// Where the files of a source go once they are dealt with: absolute paths of folders, empty for none.
struct Zones {
  std::string archive;             ///< of files whose rows are in the lake
  std::string rejected;            ///< of files that are refused as a whole, which then stop nobody
  std::int64_t settle_ms = 2'000;  ///< a file that changed less than that ago is still being written
  bool in_batches = false;         ///< merged tables may be committed file by file: a refused one stops nobody
  bool any() const { return !archive.empty() || !rejected.empty(); }
};

/// What sources/<name>.yml defines. Immutable once loaded.
struct Source {
  std::string name, description;
  std::string location;  ///< absolute path of the folder with the files
  Zones zones = {};
  std::vector<SourceTable> tables;
  std::string file;  ///< the definition's path
};

/// Makes the contract at the door stricter than the sources have it: more columns required, more checks. Called with
/// all sources of a project before any is used; may be empty. An error ends the run before anything is loaded.
using SharpenSources = std::function<Status(std::vector<Source>&)>;

/// Reads one definition. A relative location counts from `project_dir`.
/// Errors: kStoreNotFound, kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, each with file
/// and line.
Result<Source> ReadSource(const std::string& path, const std::string& project_dir);

/// Reads all of <project_dir>/<folder>/*.yml and *.yaml, ordered by name. Names of sources are unique, and no two
/// write the same table.
/// Errors: like ReadSource; kStoreNotFound when the folder is missing.
Result<std::vector<Source>> LoadSources(const std::string& project_dir, const std::string& folder = "sources");

}  // namespace smelt::ingest
