#include "base/internal/curl_library.h"

#include <optional>

#include "base/shared_library.h"

namespace smelt::internal {
namespace {

std::optional<CurlLibrary> Load() {
  CurlLibrary curl{};
  SharedLibrary library("libcurl.so.4");
  library.Find("curl_global_init", curl.global_init)
      .Find("curl_easy_init", curl.easy_init)
      .Find("curl_easy_cleanup", curl.easy_cleanup)
      .Find("curl_easy_reset", curl.easy_reset)
      .Find("curl_easy_setopt", curl.easy_setopt)
      .Find("curl_easy_perform", curl.easy_perform)
      .Find("curl_easy_getinfo", curl.easy_getinfo)
      .Find("curl_easy_strerror", curl.easy_strerror)
      .Find("curl_slist_append", curl.slist_append)
      .Find("curl_slist_free_all", curl.slist_free_all);
  if (!library.is_whole() || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return curl;
}

}  // namespace

const CurlLibrary* LoadCurl() {
  static const std::optional<CurlLibrary> kLibrary = Load();
  return kLibrary ? &*kLibrary : nullptr;
}

}  // namespace smelt::internal
