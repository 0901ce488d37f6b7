#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_writer.h"

namespace smelt::transform {

/// A part of a file, in bytes.
struct TextSpan {
  std::int64_t begin = 0, size = 0;
  std::int64_t end() const { return begin + size; }
};

/// A manifest written from an earlier one. All that stays can be copied while what changes is still being parsed: the
/// places of that are left open, with some room beside what stood there, and filled afterwards; blanks mean nothing
/// there.
class ManifestCopy {
 public:
  /// Begins the file `path` as a copy of `from`, of `size` bytes, but for the parts at `spans`, which are in order.
  /// Errors: kStore….
  static Result<ManifestCopy> Make(const std::string& path, const std::string& from, std::int64_t size,
                                   std::vector<TextSpan> spans);

  /// Puts texts into the places of the spans, one for each, and the file into its own. Errors: kStore….
  Status Finish(const std::vector<std::string>& texts) &&;

 private:
  ManifestCopy(std::string path, std::string from, std::int64_t size, FileWriter file);
  /// Copies with as much space for each span.
  Status Copy(const std::vector<TextSpan>& spans, const std::vector<std::int64_t>& sizes);

  std::string path_, from_;
  std::int64_t size_;
  std::vector<TextSpan> spans_;   ///< in the earlier file
  std::vector<TextSpan> places_;  ///< in the new one
  FileWriter file_;
};

}  // namespace smelt::transform
