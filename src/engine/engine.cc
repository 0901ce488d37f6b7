#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/config.h"
#include "delta/data_change.h"
#include "engine/internal/engine_impl.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/functions.h"
#include "engine/internal/lake_catalog.h"
#include "engine/internal/property_defaults.h"
#include "engine/internal/session_mark.h"
#include "engine/session.h"
#include "engine/table_pin.h"

namespace smelt::engine {
namespace {

bool IsMissing(const std::string& lake) {
  std::error_code ignored;
  return !IsRemote(lake) && !std::filesystem::is_directory(lake, ignored);
}

/// SQL quotes the addresses of files, and its text is UTF-8.
Status CheckAddress(const std::string& lake) {
  std::error_code ignored;
  const std::string address =
      IsRemote(lake) ? lake : std::filesystem::absolute(lake, ignored).lexically_normal().string();
  if (!FirstLineNotUtf8(address)) return {};
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("the path of the lake '{}' is not UTF-8", address))
                  .Hint("rename the folder, or name a link to it whose path is UTF-8"));
}

Status PrepareFolder(const LakeOptions& options) {
  if (!IsMissing(options.lake)) return {};
  std::error_code error;
  const auto status = std::filesystem::status(options.lake, error);
  if (std::filesystem::is_directory(status)) return {};  // another process has made it since
  if (std::filesystem::exists(status)) {
    return Fail(ErrorCode::kStoreIo, fmt::format("the lake '{}' is not a folder", options.lake));
  }
  if (options.missing == MissingLake::kRefuse) return Fail(NoLake(options.lake));
  if (options.missing == MissingLake::kAwaitWrite) return {};
  std::filesystem::create_directories(options.lake, error);
  if (error) {
    ErrorCode code = error == std::errc::permission_denied    ? ErrorCode::kStoreDenied
                     : error == std::errc::no_space_on_device ? ErrorCode::kStoreFull
                                                              : ErrorCode::kStoreIo;
    return Fail(code, fmt::format("cannot make the lake's folder '{}': {}", options.lake, error.message()));
  }
  return {};
}

void Configure(const LakeOptions& options, duckdb::DBConfig& config) {
  auto set = [&](const char* name, const duckdb::Value& value) { config.SetOptionByName(name, value); };
  set("autoinstall_known_extensions", duckdb::Value(false));
  set("autoload_known_extensions", duckdb::Value(false));
  if (options.threads > 0) set("threads", duckdb::Value(options.threads));
  if (!options.memory_limit.empty()) set("memory_limit", duckdb::Value(options.memory_limit));
  std::string temp = options.temp_directory;
  if (temp.empty()) temp = (std::filesystem::temp_directory_path() / fmt::format("smelt-spill-{}", getpid())).string();
  set("temp_directory", duckdb::Value(temp));
  // Delta's variants are structs without the mark that Parquet has for them since.
  config.options.variant_legacy_encoding = true;
  RegisterMarkSettings(config);
  RegisterPropertyDefaults(config);
}

void ThrowIfFailed(duckdb::QueryResult& result) {
  if (result.HasError()) result.GetErrorObject().Throw();
}

TableInfo InfoOf(const TableKey& key, const TableState& state) {
  TableInfo info;
  info.schema = key.schema;
  info.table = key.table;
  info.version = state.snapshot->version().value;
  info.rows = state.rows().value_or(-1);
  info.files = static_cast<std::int64_t>(state.files.size());
  info.bytes = state.bytes();
  info.timestamp_ms = state.snapshot->timestamp_ms();
  for (std::size_t i = 0; i < state.shape.names.size(); ++i) {
    info.columns.emplace_back(state.shape.names[i], state.shape.types[i].ToString());
  }
  info.partition_columns = state.metadata.partition_columns;
  for (const auto& [app_id, txn] : state.snapshot->txns()) info.txns[app_id] = txn.version;
  return info;
}

Result<TableInfo> ViewInfo(Engine::Impl& impl, const TableKey& key) {
  TableInfo info;
  info.schema = key.schema;
  info.table = key.table;
  info.is_view = true;
  duckdb::Connection connection(*impl.database);
  auto result =
      connection.Query(fmt::format("describe lake.{}.{}", QuoteIdentifier(key.schema), QuoteIdentifier(key.table)));
  if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
  for (duckdb::idx_t row = 0; row < result->RowCount(); ++row) {
    info.columns.emplace_back(result->GetValue(0, row).ToString(), result->GetValue(1, row).ToString());
  }
  return info;
}

}  // namespace

Error NoLake(const std::string& folder) {
  return Error(ErrorCode::kStoreNotFound, fmt::format("there is no lake at '{}'", folder))
      .Hint("name another with --lake, or make one: `smelt demo`, `smelt pipeline run` and `create table` do");
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::Open(const LakeOptions& options) {
  SMELT_TRY(CheckAddress(options.lake));
  SMELT_TRY(PrepareFolder(options));
  SMELT_ASSIGN(auto store, storage::OpenStore(options.lake));
  return Start(options, std::move(store));
}

Result<std::unique_ptr<Engine>> Engine::OpenOn(const LakeOptions& options,
                                               std::unique_ptr<storage::ObjectStore> store) {
  SMELT_TRY(CheckAddress(options.lake));
  SMELT_TRY(PrepareFolder(options));
  return Start(options, std::move(store));
}

Result<std::unique_ptr<Engine>> Engine::OpenWithoutLake(int threads, const std::string& memory_limit) {
  LakeOptions options;
  options.threads = threads;
  options.memory_limit = memory_limit;
  options.read_only = true;
  return Start(options, storage::OpenMemoryStore());
}

Result<std::unique_ptr<Engine>> Engine::Start(const LakeOptions& options, std::unique_ptr<storage::ObjectStore> store) {
  try {
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    duckdb::DBConfig config;
    Configure(options, config);
    impl->database = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    auto& instance = *impl->database->instance;
    impl->lake = std::make_shared<Lake>(std::move(store), instance);
    RegisterLakeStorage(instance, impl->lake);
    RegisterFunctions(instance, impl->lake);
    // Before the lake is attached: DuckDB asks for the file system of the address it is given.
    if (IsRemote(options.lake)) SMELT_TRY(impl->lake->remote_files().Enable());
    duckdb::Connection connection(*impl->database);
    ThrowIfFailed(*connection.Query("set global TimeZone = 'UTC'"));
    ThrowIfFailed(*connection.Query(fmt::format("attach {} as lake (type smelt{})", QuoteLiteral(options.lake),
                                                options.read_only ? ", read_only" : ", read_write")));
    return std::unique_ptr<Engine>(new Engine(std::move(impl)));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

Result<std::unique_ptr<Session>> Engine::Connect() {
  try {
    auto connection = std::make_unique<duckdb::Connection>(*impl_->database);
    ThrowIfFailed(*connection->Query("use lake"));
    auto impl = std::make_unique<Session::Impl>(impl_->lake, std::move(connection));
    const LakeOptions& lake = impl_->options;
    impl->without_lake = lake.lake.empty();
    if (lake.missing == MissingLake::kAwaitWrite && IsMissing(lake.lake)) impl->awaited_lake = lake.lake;
    return std::unique_ptr<Session>(new Session(std::move(impl)));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

Result<std::vector<TableInfo>> Engine::Tables(std::string_view schema) {
  std::vector<std::string> schemas = {std::string(schema)};
  if (schema.empty()) {
    SMELT_ASSIGN(schemas, impl_->lake->Schemas());
  }
  std::vector<TableInfo> infos;
  for (const std::string& name : schemas) {
    SMELT_ASSIGN(const ReleasePtr release, impl_->lake->releases().Current());
    SMELT_ASSIGN(auto tables, impl_->lake->TableNames(name));
    SMELT_ASSIGN(auto views, impl_->lake->SeenViewNames(name, *release));
    tables.insert(tables.end(), views.begin(), views.end());
    std::sort(tables.begin(), tables.end());
    tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
    for (const std::string& table : tables) {
      SMELT_ASSIGN(auto info, FindTable(name, table));
      if (info) infos.push_back(std::move(*info));
    }
  }
  return infos;
}

Result<std::optional<TableInfo>> Engine::FindTable(std::string_view schema, std::string_view table) {
  TableKey key{std::string(schema), std::string(table)};
  SMELT_ASSIGN(const ReleasePtr release, impl_->lake->releases().Current());
  SMELT_ASSIGN(TableStatePtr state, impl_->lake->Seen(key, *release));
  if (!state) {
    SMELT_ASSIGN(auto view, impl_->lake->SeenView(key, *release));
    if (!view) return std::optional<TableInfo>();
    SMELT_ASSIGN(TableInfo info, ViewInfo(*impl_, key));
    return std::optional(std::move(info));
  }
  TableInfo info = InfoOf(key, *state);
  delta::Log log = impl_->lake->LogOf(key.Folder());
  SMELT_ASSIGN(auto newest, log.History(1));
  if (!newest.empty() && newest[0].commit_info.is_object() && newest[0].commit_info.contains("smelt")) {
    info.last_info = newest[0].commit_info["smelt"];
  }
  return std::optional(std::move(info));
}

Result<std::optional<std::int64_t>> Engine::TableVersion(std::string_view schema, std::string_view table) {
  SMELT_ASSIGN(TableStatePtr state, impl_->lake->Seen({std::string(schema), std::string(table)}));
  if (!state) return std::optional<std::int64_t>();
  return std::optional(state->snapshot->version().value);
}

Result<std::optional<TablePin>> Engine::Pin(std::string_view schema, std::string_view table, const TablePoint& at,
                                            ReleasePtr release) {
  const TableKey key{std::string(schema), std::string(table)};
  if (!release) {
    SMELT_ASSIGN(release, impl_->lake->releases().Current());
  }
  SMELT_ASSIGN(TableStatePtr state, impl_->lake->Seen(key, *release));
  if (!state) return std::optional<TablePin>();
  if (at.version) {
    SMELT_ASSIGN(state, impl_->lake->At(key, {*at.version}));
  } else if (at.timestamp_ms && *at.timestamp_ms < state->snapshot->timestamp_ms()) {
    SMELT_ASSIGN(state, impl_->lake->AtTime(key, *at.timestamp_ms));
  }
  return TablePin{.schema = key.schema,
                  .table = key.table,
                  .table_id = state->metadata.id,
                  .version = state->snapshot->version().value,
                  .committed_at_ms = state->snapshot->timestamp_ms(),
                  .state = std::move(state),
                  .release = release,
                  .release_number = release->number};
}

Result<std::optional<std::int64_t>> Engine::DataVersion(std::string_view schema, std::string_view table) {
  const TableKey key{std::string(schema), std::string(table)};
  SMELT_ASSIGN(TableStatePtr state, impl_->lake->Seen(key));
  if (!state) return std::optional<std::int64_t>();
  SMELT_ASSIGN(const delta::Version version, delta::LastDataChange(impl_->lake->LogOf(key.Folder()), *state->snapshot));
  return std::optional(version.value);
}

Result<std::optional<std::int64_t>> Engine::TableRows(std::string_view schema, std::string_view table) {
  SMELT_ASSIGN(TableStatePtr state, impl_->lake->Seen({std::string(schema), std::string(table)}));
  return state ? state->rows() : std::optional<std::int64_t>();
}

Result<std::optional<std::int64_t>> Engine::NullCount(std::string_view schema, std::string_view table,
                                                      std::string_view column) {
  SMELT_ASSIGN(TableStatePtr state, impl_->lake->Seen({std::string(schema), std::string(table)}));
  if (!state) return std::optional<std::int64_t>();
  auto position = state->shape.Find(column);
  return position ? state->NullCount(*position) : std::optional<std::int64_t>();
}

Result<std::optional<std::int64_t>> Engine::TxnVersion(std::string_view schema, std::string_view table,
                                                       std::string_view app_id) {
  SMELT_ASSIGN(TableStatePtr state, impl_->lake->Seen({std::string(schema), std::string(table)}));
  if (!state) return std::optional<std::int64_t>();
  auto found = state->snapshot->txns().find(std::string(app_id));
  if (found == state->snapshot->txns().end()) return std::optional<std::int64_t>();
  return std::optional(found->second.version);
}

const LakeOptions& Engine::options() const {
  return impl_->options;
}

}  // namespace smelt::engine
