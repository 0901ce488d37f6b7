#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::quality {

/// A rule on the quality of an object or property.
struct ContractRule {
  std::string name;  ///< or else its description, metric or type
  std::string type;  ///< "library", "sql", "text", "custom"
  std::string
      metric;  ///< of the library: "nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"
  Json arguments = Json::object();
  std::string query;       ///< of "sql"
  std::string comparison;  ///< "mustBe", "mustBeLessThan", "mustBeBetween", …; empty: none
  std::vector<double> bounds;
  bool percent = false;  ///< of the rows, instead of a number of rows
  std::string severity;  ///< as written: "error", "warning", …
  std::int64_t line = 0;
};

/// A foreign key: values of some columns that occur in those of another table.
struct ContractReference {
  std::vector<std::string> from, to;  ///< properties by name, as many here as there
  std::string object;                 ///< the other table, by its name in the contract
  bool elsewhere = false;             ///< it is another contract's
  std::int64_t line = 0;

  /// "receivers.id", "receivers (id, country)".
  std::string Text() const;
};

/// A column, or a field of one.
struct ContractProperty {
  std::string id, name;
  std::string physical_name;  ///< of the column; the name where none is given
  std::string
      logical_type;  ///< "string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"
  std::string physical_type;  ///< as the engine calls it; may be empty
  bool required = false, unique = false, primary_key = false;
  std::int64_t key_position = 0;
  Json options = Json::object();  ///< logicalTypeOptions
  std::vector<ContractRule> rules;
  std::vector<ContractProperty> properties;  ///< of an object; of an array's items
  Json description = nullptr;                ///< all that no program acts on: descriptions, tags, classification, …
  std::int64_t line = 0;
};

/// A table.
struct ContractObject {
  std::string id, name, physical_name;
  std::vector<ContractProperty> properties;
  std::vector<ContractRule> rules;
  std::vector<ContractReference> references;  ///< its own, and those of its properties
  Json description = nullptr;
  std::int64_t line = 0;
};

/// A promise of service: "latency" of at most 4 h.
struct ContractSla {
  std::string property;
  Json value = nullptr, value_extension = nullptr;
  std::string unit;     ///< "y", "d", "h", …
  std::string element;  ///< "orders.order_date"
  std::int64_t line = 0;
};

struct ContractServer {
  std::string name, type, schema;
  Json all = Json::object();  ///< every key
  std::int64_t line = 0;
};

/// A data contract by the Open Data Contract Standard, version 3.0 or 3.1. A value.
struct DataContract {
  std::string file;
  std::string api_version, id, name, version, status;
  std::vector<ContractObject> objects;
  std::vector<ContractSla> sla;
  std::vector<ContractServer> servers;
  Json team = nullptr, roles = nullptr, description = nullptr;
};

/// Reads a contract. Every key, its type and its words are checked.
/// Errors: kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, each with file and line, unknown
/// words with the nearest known one.
Result<DataContract> ParseContract(std::string_view text, const std::string& file);

/// Errors: as ParseContract, and kStoreNotFound, kStoreDenied, kStoreIo.
Result<DataContract> LoadContract(const std::string& path);

/// docs/schemas/contract.schema.json, written from the keys that ParseContract knows.
Json ContractSchema();

}  // namespace smelt::quality
