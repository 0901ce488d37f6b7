#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/internal/duck.h"
#include "engine/internal/parquet/byte_buffer.h"
#include "engine/internal/parquet/page_codec.h"

namespace smelt::engine::parquet {

/// The least and the greatest value of a column, NULL and NaN left out.
struct Bounds {
  duckdb::Value min;
  duckdb::Value max;
};

/// The same as a footer has it.
struct PlainBounds {
  std::string min;
  std::string max;
};

/// What is known of the values of a column, in a row group or in a file.
struct ColumnFacts {
  std::int64_t nulls = 0;
  bool has_nan = false;
  std::optional<Bounds> bounds;  ///< none without values

  void Add(const ColumnFacts& others);
};

/// A column of a row group, ready to be written.
struct EncodedColumn {
  ByteBuffer bytes;                  ///< its pages, with their headers
  std::int64_t dictionary_size = 0;  ///< of the page before the data pages; 0 without one
  std::int64_t uncompressed_size = 0;
  PageCodec codec = PageCodec::kUncompressed;
  std::string bloom_filter;              ///< with its header; empty without one
  std::optional<std::int64_t> distinct;  ///< of the values, where a dictionary tells
  ColumnFacts facts;
  std::optional<PlainBounds> plain_bounds;  ///< none where they would not be true, or are too long to be of use
};

}  // namespace smelt::engine::parquet
