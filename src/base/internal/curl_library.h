#pragma once

#include <curl/curl.h>

namespace smelt::internal {

/// The functions of libcurl that smelt calls. The library is loaded by the first request, not when the program starts:
/// with the thirty libraries that it needs itself it would take a third of that time, of every command.
struct CurlLibrary {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_reset) easy_reset;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
};

/// The loaded library, ready for use; null: this machine has none. Thread-safe.
const CurlLibrary* LoadCurl();

}  // namespace smelt::internal
