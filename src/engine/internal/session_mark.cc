#include "engine/internal/session_mark.h"

namespace smelt::engine {
namespace {

constexpr const char* kApp = "smelt_txn_app";
constexpr const char* kMarkVersion = "smelt_txn_version";

duckdb::Value Setting(duckdb::ClientContext& context, const char* name) {
  duckdb::Value value;
  return context.TryGetCurrentSetting(name, value) ? value : duckdb::Value();
}

}  // namespace

void RegisterMarkSettings(duckdb::DBConfig& config) {
  config.AddExtensionOption(kApp, "Who writes: with smelt_txn_version, a write that was done before is not done again",
                            duckdb::LogicalType::VARCHAR, duckdb::Value(duckdb::LogicalType::VARCHAR));
  config.AddExtensionOption(kMarkVersion, "Which write it is: greater than that of the application's last one",
                            duckdb::LogicalType::BIGINT, duckdb::Value(duckdb::LogicalType::BIGINT));
}

Result<std::optional<TxnMark>> MarkOfSession(duckdb::ClientContext& context) {
  const duckdb::Value app = Setting(context, kApp);
  const duckdb::Value version = Setting(context, kMarkVersion);
  const bool has_app = !app.IsNull() && !app.ToString().empty();
  if (!has_app && version.IsNull()) return std::nullopt;
  if (!has_app || version.IsNull() || version.GetValue<std::int64_t>() < 0) {
    return Fail(Error(ErrorCode::kSqlBinding, "a write that can be repeated has an application and a version from 0 on")
                    .Hint("set smelt_txn_app = 'loader'; set smelt_txn_version = 7; or reset both"));
  }
  return TxnMark{.app_id = app.ToString(), .version = version.GetValue<std::int64_t>()};
}

bool HasMark(const delta::Snapshot& snapshot, const TxnMark& mark) {
  const auto known = snapshot.txns().find(mark.app_id);
  return known != snapshot.txns().end() && known->second.version >= mark.version;
}

}  // namespace smelt::engine
