#include "ingest/internal/drop_folder.h"

#include <filesystem>

#include "base/clock.h"
#include "base/json.h"
#include "ingest/internal/bucket_folder.h"
#include "ingest/internal/local_folder.h"

namespace smelt::ingest {

bool IsBucketAddress(std::string_view location) {
  return location.starts_with("s3://");
}

Result<std::unique_ptr<DropFolder>> OpenDropFolder(const std::string& location) {
  if (IsBucketAddress(location)) return OpenBucketFolder(location);
  return OpenLocalFolder(location);
}

std::string ReasonText(const Error& error, std::string_view run_id) {
  const Json reason = {{"code", CodeText(error.code())},
                       {"message", error.message()},
                       {"line", error.line()},
                       {"hint", error.hint()},
                       {"run", run_id},
                       {"at", FormatUtcMicros(NowMicros())}};
  return JsonText(reason, 2) + "\n";
}

std::string WithHash(const std::string& name, const std::string& hash) {
  constexpr std::size_t kHashCharacters = 12;
  std::filesystem::path path(name);
  const std::string extension = path.extension().string();
  return path.replace_extension("." + hash.substr(0, kHashCharacters) + extension).string();
}

}  // namespace smelt::ingest
