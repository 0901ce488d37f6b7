#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/internal/parquet/encoded_column.h"

namespace smelt::engine::parquet {

/// How the values of a data page are encoded, by Parquet's numbers (Encoding).
enum class PageEncoding : std::uint8_t { kPlain = 0, kRle = 3, kDictionary = 8 };

/// Gathers the pages of one column chunk, and compresses them where that is worth a reader's time.
class PageWriter {
 public:
  explicit PageWriter(PageCodec codec) : codec_(codec) {}

  /// Before all data pages.
  void AddDictionary(std::string_view page, std::size_t values);
  void AddData(std::string_view page, std::size_t rows, PageEncoding encoding);
  /// Moves the pages into the column; the writer is as new.
  void Finish(EncodedColumn& column);

 private:
  struct Page {
    std::size_t size = 0;  ///< uncompressed
    std::size_t compressed_size = 0;
    std::size_t values = 0;
    bool is_dictionary = false;
    PageEncoding encoding = PageEncoding::kPlain;
  };
  void Add(std::string_view bytes, Page page);

  PageCodec codec_;
  std::vector<Page> pages_;
  ByteBuffer raw_;
  ByteBuffer compressed_;
};

}  // namespace smelt::engine::parquet
