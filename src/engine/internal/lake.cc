#include "engine/internal/lake.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/internal/checkpoint_parquet.h"
#include "engine/internal/lookup/kept_files.h"

namespace smelt::engine {
namespace {

constexpr std::string_view kViewFolder = "_smelt/views";
/// Stores have no empty folders: a schema without tables is an empty object here.
constexpr std::string_view kSchemaFolder = "_smelt/schemas";
constexpr std::array<std::string_view, 5> kLayers = {"main", "bronze", "silver", "gold", "quarantine"};
constexpr std::array<std::string_view, 3> kZones = {"landing", "archive", "rejected"};
/// How many states of releases are kept of a table: transactions that began before the last swap still read theirs.
constexpr std::size_t kReleasedKept = 3;

}  // namespace

Lake::Lake(std::unique_ptr<storage::ObjectStore> store, duckdb::DatabaseInstance& db)
    : store_(std::move(store)),
      folded_names_(*store_),
      releases_(*store_),
      db_(db),
      remote_files_(db),
      checkpoints_(MakeParquetCheckpoints(db)),
      kept_files_(std::make_unique<KeptFiles>()) {}

Lake::~Lake() = default;

std::shared_ptr<Lake::Known> Lake::KnownOf(const TableKey& key) {
  std::lock_guard guard(lock_);
  auto& slot = known_[key];
  if (!slot) slot = std::make_shared<Known>();
  return slot;
}

Result<TableStatePtr> Lake::Latest(const TableKey& key) {
  auto known = KnownOf(key);
  std::lock_guard guard(known->lock);
  delta::Log log = LogOf(key.Folder());
  auto snapshot = log.Latest(known->state ? known->state->snapshot : nullptr);
  if (!snapshot) {
    if (snapshot.error().code() != ErrorCode::kDeltaNotATable) {
      return Fail(std::move(snapshot.error()).Context(key.Text()));
    }
    known->state = nullptr;
    return TableStatePtr();
  }
  if (known->state && known->state->snapshot == *snapshot) return known->state;
  SMELT_ASSIGN(known->state, BuildState(log, *snapshot, known->state));
  return known->state;
}

Result<TableStatePtr> Lake::Seen(const TableKey& key, const Release& release) {
  const RelationName name = key.Name();
  const auto found = release.tables.find(name);
  if (found == release.tables.end()) {
    if (release.Owns(name)) return TableStatePtr();
    return Latest(key);
  }
  const ReleasedTable& table = found->second;
  auto known = KnownOf(key);
  {
    const std::lock_guard guard(known->lock);
    for (const TableStatePtr& state : known->released) {
      // A version never changes: nobody has to look whether there is something new.
      if (state->snapshot->version().value == table.version && state->metadata.id == table.table_id) return state;
    }
  }
  SMELT_ASSIGN(TableStatePtr state, At(key, {table.version}));
  if (!state || state->metadata.id != table.table_id) {
    return Fail(Error(ErrorCode::kDeltaCorrupt,
                      fmt::format("{} is not the table of release {} any more: it was dropped or replaced", key.Text(),
                                  release.number))
                    .Hint("promote again, or end the releases of the lake with `smelt release off`"));
  }
  const std::lock_guard guard(known->lock);
  known->released.push_back(state);
  if (known->released.size() > kReleasedKept) known->released.erase(known->released.begin());
  return state;
}

Result<TableStatePtr> Lake::Seen(const TableKey& key) {
  SMELT_ASSIGN(const ReleasePtr release, releases_.Current());
  return Seen(key, *release);
}

Error Lake::RefusedByRelease(const TableKey& key, const Release& release) {
  const std::string source = release.source.empty() ? "the lake that is promoted" : release.source;
  return Error(ErrorCode::kSqlUnsupported,
               fmt::format("{} belongs to release {} of the lake, which only releases change", key.Text(),
                           release.number))
      .Hint(fmt::format("change it in {} and run `smelt release promote`; `smelt release off` ends releases", source));
}

Status Lake::CheckNotReleased(const TableKey& key) {
  SMELT_ASSIGN(const ReleasePtr release, releases_.Newest());
  if (!release->Owns(key.Name())) return {};
  return Fail(RefusedByRelease(key, *release));
}

Result<TableStatePtr> Lake::At(const TableKey& key, delta::Version version) {
  SMELT_ASSIGN(TableStatePtr latest, Latest(key));
  if (!latest) return TableStatePtr();
  if (latest->snapshot->version() == version) return latest;
  delta::Log log = LogOf(key.Folder());
  auto snapshot = log.At(version);
  if (!snapshot) return Fail(std::move(snapshot.error()).Context(key.Text()));
  return BuildState(log, *snapshot, latest);
}

Result<TableStatePtr> Lake::AtTime(const TableKey& key, std::int64_t timestamp_ms) {
  auto version = LogOf(key.Folder()).VersionAt(timestamp_ms);
  if (!version) return Fail(std::move(version.error()).Context(key.Text()));
  return At(key, *version);
}

Status Lake::Remember(const TableKey& key, delta::SnapshotPtr snapshot) {
  folded_names_.Add(key.schema, key.table);
  auto known = KnownOf(key);
  std::lock_guard guard(known->lock);
  if (known->state && known->state->snapshot->version() >= snapshot->version() &&
      known->state->metadata.id == snapshot->metadata().id) {
    return {};
  }
  SMELT_ASSIGN(known->state, BuildState(LogOf(key.Folder()), std::move(snapshot), known->state));
  return {};
}

void Lake::Forget(const TableKey& key) {
  auto known = KnownOf(key);
  std::lock_guard guard(known->lock);
  known->state = nullptr;
  known->released.clear();
}

bool Lake::IsReservedFolder(std::string_view name) {
  return name.empty() || name.starts_with('_') || name.starts_with('.') ||
         std::find(kZones.begin(), kZones.end(), name) != kZones.end();
}

Result<std::vector<std::string>> Lake::Schemas() {
  SMELT_ASSIGN(auto folders, store_->ListFolders(""));
  SMELT_ASSIGN(auto viewed, store_->ListFolders(kViewFolder));
  SMELT_ASSIGN(auto made, store_->List(kSchemaFolder));
  std::set<std::string> names(kLayers.begin(), kLayers.end());
  for (auto& name : folders) {
    if (!IsReservedFolder(name)) names.insert(name);
  }
  names.insert(viewed.begin(), viewed.end());
  for (const auto& object : made) names.insert(object.key.substr(kSchemaFolder.size() + 1));
  return std::vector<std::string>(names.begin(), names.end());
}

Result<bool> Lake::HasSchema(const std::string& schema) {
  if (std::find(kLayers.begin(), kLayers.end(), schema) != kLayers.end()) return true;
  if (IsReservedFolder(schema)) return false;
  SMELT_ASSIGN(auto schemas, Schemas());
  return std::find(schemas.begin(), schemas.end(), schema) != schemas.end();
}

Status Lake::MakeSchema(const std::string& schema) {
  return store_->Put(fmt::format("{}/{}", kSchemaFolder, schema), "");
}

Status Lake::RemoveSchema(const std::string& schema) {
  return store_->Delete(fmt::format("{}/{}", kSchemaFolder, schema));
}

Result<std::vector<std::string>> Lake::TableNames(const std::string& schema) {
  SMELT_ASSIGN(auto folders, store_->ListFolders(schema));
  std::vector<std::string> tables;
  for (auto& name : folders) {
    SMELT_ASSIGN(auto inner, store_->ListFolders(schema + "/" + name));
    if (std::find(inner.begin(), inner.end(), "_delta_log") != inner.end()) tables.push_back(std::move(name));
  }
  return tables;
}

Status Lake::RemoveTable(const TableKey& key) {
  Forget(key);
  SMELT_ASSIGN(auto objects, store_->List(key.Folder(), {}, true));
  std::string log_folder = key.Folder() + "/_delta_log/";
  std::stable_partition(objects.begin(), objects.end(),
                        [&](const storage::ObjectInfo& object) { return object.key.starts_with(log_folder); });
  for (const auto& object : objects) SMELT_TRY(store_->Delete(object.key));
  return store_->DeleteFolder(key.schema);
}

std::string Lake::ViewKey(const TableKey& key) {
  return fmt::format("{}/{}/{}.sql", kViewFolder, key.schema, key.table);
}

Result<std::optional<std::string>> Lake::ReadView(const TableKey& key) {
  auto text = store_->Read(ViewKey(key));
  if (text) return std::optional(std::move(*text));
  if (text.error().code() == ErrorCode::kStoreNotFound) return std::optional<std::string>();
  return Fail(std::move(text.error()));
}

Result<std::optional<std::string>> Lake::SeenView(const TableKey& key, const Release& release) {
  const auto found = release.views.find(key.Name());
  if (found != release.views.end()) return std::optional(found->second);
  if (release.Owns(key.Name())) return std::optional<std::string>();
  return ReadView(key);
}

Result<std::vector<std::string>> Lake::SeenViewNames(const std::string& schema, const Release& release) {
  SMELT_ASSIGN(const std::vector<std::string> present, ViewNames(schema));
  std::set<std::string> names;
  for (const std::string& view : present) {
    if (!release.Owns({.schema = schema, .name = view})) names.insert(view);
  }
  for (const auto& [name, text] : release.views) {
    if (name.schema == schema) names.insert(name.name);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Status Lake::WriteView(const TableKey& key, const std::string& sql) {
  return store_->Put(ViewKey(key), sql);
}

Status Lake::RemoveView(const TableKey& key) {
  return store_->Delete(ViewKey(key));
}

Result<std::vector<std::string>> Lake::ViewNames(const std::string& schema) {
  std::string folder = fmt::format("{}/{}", kViewFolder, schema);
  SMELT_ASSIGN(auto objects, store_->List(folder));
  std::vector<std::string> names;
  for (const auto& object : objects) {
    if (!object.key.ends_with(".sql")) continue;
    std::string name = object.key.substr(folder.size() + 1);
    names.push_back(name.substr(0, name.size() - 4));
  }
  return names;
}

std::string Lake::Lend(TableStatePtr state) {
  std::lock_guard guard(lock_);
  std::string handle = std::to_string(next_handle_++);
  lent_.emplace(handle, std::move(state));
  return handle;
}

TableStatePtr Lake::Borrow(const std::string& handle) {
  std::lock_guard guard(lock_);
  auto found = lent_.find(handle);
  return found == lent_.end() ? nullptr : found->second;
}

void Lake::TakeBack(const std::string& handle) {
  std::lock_guard guard(lock_);
  lent_.erase(handle);
}

ConnectionState& ConnectionState::Of(duckdb::ClientContext& context) {
  return *context.registered_state->GetOrCreate<ConnectionState>(kName);
}

void ConnectionState::CountCpu(duckdb::ClientContext& context) {
  duckdb::ClientConfig& config = duckdb::ClientConfig::GetConfig(context);
  config.enable_profiler = true;
  config.emit_profiler_output = false;
  config.profiler_settings = {duckdb::MetricType::CPU_TIME, duckdb::MetricType::OPERATOR_TIMING};
}

void ConnectionState::CountRead(std::int64_t bytes) {
  std::lock_guard guard(lock);
  usage.bytes_read += bytes;
}

void ConnectionState::QueryEnd(duckdb::ClientContext& context, duckdb::optional_ptr<duckdb::ErrorData>) {
  duckdb::QueryProfiler& profiler = duckdb::QueryProfiler::Get(context);
  double seconds = 0;
  profiler.GetRootUnderLock([&seconds](duckdb::optional_ptr<duckdb::ProfilingNode> root) {
    if (root) seconds = root->GetProfilingInfo().GetMetricValue<double>(duckdb::MetricType::CPU_TIME);
  });
  std::lock_guard guard(lock);
  usage.cpu_seconds += seconds;
}

}  // namespace smelt::engine
