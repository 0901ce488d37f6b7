#pragma once

#include <span>
#include <string_view>

namespace smelt::serve {

/// One file of the pages, as it was when the program was built: see cmake/WebAssets.cmake.
struct WebAsset {
  std::string_view path;          ///< below the folder of the build: "index.html", "assets/main-5YH2KQ.js"
  std::string_view content_type;  ///< with its charset
  std::string_view etag;          ///< of its bytes, quoted as the header has it
  std::string_view bytes;         ///< as they are
  std::string_view gzip;          ///< the same, compressed
};

/// All files, sorted by path. They live as long as the program.
std::span<const WebAsset> WebAssets();

}  // namespace smelt::serve
