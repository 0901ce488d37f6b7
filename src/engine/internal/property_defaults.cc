#include "engine/internal/property_defaults.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;

constexpr const char* kSetting = "smelt_table_properties";

}  // namespace

void RegisterPropertyDefaults(duckdb::DBConfig& config) {
  config.AddExtensionOption(kSetting, "Properties of new tables whose definition does not name them",
                            LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR),
                            duckdb::Value::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR, {}, {}));
}

PropertyMap WithDefaults(duckdb::ClientContext& context, const std::string& schema, const PropertyMap& named) {
  PropertyMap properties;
  for (const auto& [name, value] : named) properties[name] = value->Copy();
  duckdb::Value defaults;
  if (!context.TryGetCurrentSetting(kSetting, defaults) || defaults.IsNull()) return properties;
  for (const bool of_schema : {true, false}) {
    for (const duckdb::Value& entry : duckdb::MapValue::GetChildren(defaults)) {
      const auto& pair = duckdb::StructValue::GetChildren(entry);
      const std::string key = pair[0].ToString();
      const std::size_t slash = key.find('/');
      if (of_schema != (slash != std::string::npos)) continue;
      if (of_schema && !duckdb::StringUtil::CIEquals(key.substr(0, slash), schema)) continue;
      const std::string name = of_schema ? key.substr(slash + 1) : key;
      if (properties.contains(name)) continue;
      properties[name] = duckdb::make_uniq<duckdb::ConstantExpression>(pair[1]);
    }
  }
  return properties;
}

}  // namespace smelt::engine
