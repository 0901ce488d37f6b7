#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine::parquet {

/// A split-block Bloom filter of a column chunk's values (the Parquet format's BloomFilter.md): a reader that looks for
/// one value skips the row groups that cannot have it. One value in a hundred seems to be there and is not.
class BloomFilter {
 public:
  explicit BloomFilter(std::size_t values);

  /// A value in its plain encoding; of texts, without the length.
  void Add(std::string_view value);
  /// The filter with its header, as it stands in a file.
  std::string Bytes() const;

 private:
  std::vector<std::uint32_t> words_;
};

}  // namespace smelt::engine::parquet
