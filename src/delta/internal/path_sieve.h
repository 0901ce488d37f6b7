#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace smelt::delta {

/// Tells of most paths that they are not in a set, by a few of their bytes: a table has many files, of which a commit
/// names few. Confined to one thread.
class PathSieve {
 public:
  void Insert(std::string_view path) { marks_.set(PlaceOf(path)); }
  /// False when the path was not inserted; true when it was, or seems to have been.
  bool MayHold(std::string_view path) const { return marks_.test(PlaceOf(path)); }

 private:
  static constexpr std::size_t kPlaces = 4096;

  /// Names begin and end alike (`part-00000-…`, `….parquet`) and have a random number in between.
  static std::size_t PlaceOf(std::string_view path) {
    std::uint64_t mixed = path.size();
    for (const std::size_t at : {path.size() / 4, path.size() / 2, path.size() - path.size() / 4}) {
      mixed = (mixed ^ WordAt(path, at)) * 0x9e3779b97f4a7c15;
      mixed ^= mixed >> 32U;
    }
    return mixed % kPlaces;
  }

  static std::uint64_t WordAt(std::string_view path, std::size_t at) {
    std::uint64_t word = 0;
    if (path.size() >= sizeof word)
      std::memcpy(&word, path.data() + std::min(at, path.size() - sizeof word), sizeof word);
    return word;
  }

  std::bitset<kPlaces> marks_;
};

}  // namespace smelt::delta
