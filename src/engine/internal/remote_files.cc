#include "engine/internal/remote_files.h"

#include <dlfcn.h>
#include <duckdb.h>
#include <fmt/format.h>

#include <filesystem>

#include "engine/internal/error_bridge.h"
#include "engine/session.h"
#include "storage/s3_settings.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = "httpfs.duckdb_extension";

/// The folder of the DuckDB library that this process has loaded.
fs::path LibraryFolder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&duckdb_library_version), &info) == 0 || info.dli_fname == nullptr)
    return {};
  return fs::path(info.dli_fname).parent_path();
}

Result<std::string> FindExtension() {
  fs::path library = LibraryFolder();
  // As installed, and as `make setup` lays it out.
  for (const fs::path& folder : {library / "smelt" / "extensions", library.parent_path() / "extensions"}) {
    std::error_code ignored;
    if (fs::exists(folder / kExtension, ignored)) return (folder / kExtension).string();
  }
  return std::unexpected(Error(ErrorCode::kStoreNotFound, fmt::format("{} is not installed", kExtension))
                             .Hint("run `make setup`, or install smelt anew"));
}

}  // namespace

Status RemoteFiles::Enable() {
  const std::lock_guard guard(lock_);
  if (keys_) return HandOverKeys();
  SMELT_ASSIGN(storage::S3Settings settings, storage::S3SettingsFromEnvironment());
  SMELT_ASSIGN(std::string extension, FindExtension());
  duckdb::Connection connection(db_);
  SMELT_TRY(RunSql(connection, fmt::format("load {}", QuoteLiteral(extension))));
  options_ = fmt::format("region {}, endpoint {}, url_style 'path', use_ssl {}", QuoteLiteral(settings.region),
                         QuoteLiteral(settings.host()), settings.uses_tls());
  keys_ = std::move(settings.keys);
  return HandOverKeys();
}

Status RemoteFiles::ReadyFor(std::string_view sql) {
  {
    const std::lock_guard guard(lock_);
    if (keys_) return HandOverKeys();
  }
  if (sql.contains("s3://")) (void)Enable();
  return {};
}

Status RemoteFiles::HandOverKeys() {
  SMELT_ASSIGN(const storage::S3Keys keys, keys_->Get());
  if (keys.access_key == handed_over_) return {};
  const std::string token =
      keys.session_token.empty() ? "" : fmt::format(", session_token {}", QuoteLiteral(keys.session_token.Reveal()));
  duckdb::Connection connection(db_);
  SMELT_TRY(RunSql(
      connection, fmt::format("create or replace secret smelt_s3 (type s3, key_id {}, secret {}, {}{})",
                              QuoteLiteral(keys.access_key), QuoteLiteral(keys.secret_key.Reveal()), options_, token)));
  handed_over_ = keys.access_key;
  return {};
}

}  // namespace smelt::engine
