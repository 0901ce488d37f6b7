#include "base/internal/curl_library.h"

#include <dlfcn.h>

#include <optional>

namespace smelt::internal {
namespace {

template <typename F>
bool Find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

std::optional<CurlLibrary> Load() {
  // It stays loaded to the end: threads may be within a request until then.
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  CurlLibrary curl;
  const bool is_whole =
      Find(library, "curl_global_init", curl.global_init) && Find(library, "curl_easy_init", curl.easy_init) &&
      Find(library, "curl_easy_cleanup", curl.easy_cleanup) && Find(library, "curl_easy_reset", curl.easy_reset) &&
      Find(library, "curl_easy_setopt", curl.easy_setopt) && Find(library, "curl_easy_perform", curl.easy_perform) &&
      Find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
      Find(library, "curl_easy_strerror", curl.easy_strerror) &&
      Find(library, "curl_slist_append", curl.slist_append) &&
      Find(library, "curl_slist_free_all", curl.slist_free_all);
  if (!is_whole || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return curl;
}

}  // namespace

const CurlLibrary* LoadCurl() {
  static const std::optional<CurlLibrary> kLibrary = Load();
  return kLibrary ? &*kLibrary : nullptr;
}

}  // namespace smelt::internal
