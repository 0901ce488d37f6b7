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

Status Run(duckdb::Connection& connection, const std::string& sql) {
  auto result = connection.Query(sql);
  if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
  return {};
}

}  // namespace

Status EnableRemoteFiles(duckdb::DatabaseInstance& db) {
  SMELT_ASSIGN(storage::S3Settings settings, storage::S3SettingsFromEnvironment());
  SMELT_ASSIGN(std::string extension, FindExtension());
  duckdb::Connection connection(db);
  SMELT_TRY(Run(connection, fmt::format("load {}", QuoteLiteral(extension))));
  std::string token = settings.session_token.empty()
                          ? ""
                          : fmt::format(", session_token {}", QuoteLiteral(settings.session_token.Reveal()));
  return Run(connection,
             fmt::format("create or replace secret smelt_s3 (type s3, key_id {}, secret {}, region {}, endpoint {}, "
                         "url_style 'path', use_ssl {}{})",
                         QuoteLiteral(settings.access_key), QuoteLiteral(settings.secret_key.Reveal()),
                         QuoteLiteral(settings.region), QuoteLiteral(settings.host()), settings.uses_tls(), token));
}

}  // namespace smelt::engine
