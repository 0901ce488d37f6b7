#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/internal/parquet/encoded_column.h"
#include "engine/internal/parquet/format.h"

namespace smelt::engine::parquet {

/// Gathers the pages of column chunks, one chunk after the other, and compresses them where that is worth a reader's
/// time.
class PageWriter {
 public:
  explicit PageWriter(PageCodec codec) : codec_(codec) {}

  /// Where the next page is to be appended, in its uncompressed form, before one of the following ends it.
  ByteBuffer& page() { return raw_; }
  /// Before all data pages.
  void EndDictionary(std::size_t values) { EndPage({.values = values, .is_dictionary = true}); }
  void EndData(std::size_t rows, PageEncoding encoding) { EndPage({.values = rows, .encoding = encoding}); }
  /// Copies the pages into the column; the writer is as new.
  void Finish(EncodedColumn& column);

 private:
  struct Page {
    std::size_t size = 0;  ///< uncompressed
    std::size_t compressed_size = 0;
    std::size_t values = 0;
    bool is_dictionary = false;
    PageEncoding encoding = PageEncoding::kPlain;
  };
  void EndPage(Page page);

  PageCodec codec_;
  std::vector<Page> pages_;
  ByteBuffer raw_;
  std::size_t raw_ended_ = 0;
  ByteBuffer compressed_;
};

}  // namespace smelt::engine::parquet
