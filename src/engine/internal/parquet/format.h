#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Names that reading and writing Parquet share; the numbers are the format's (parquet.thrift).
namespace smelt::engine::parquet {

/// What a file begins and ends with.
inline constexpr std::string_view kMagic = "PAR1";

/// PageType.
enum class PageKind : std::uint8_t { kData = 0, kDictionary = 2, kData2 = 3 };

/// Encoding, of the values or levels of a page. Others than this writer call kDictionary kOldDictionary, too.
enum class PageEncoding : std::uint8_t { kPlain = 0, kOldDictionary = 2, kRle = 3, kDictionary = 8 };

/// FieldRepetitionType.
enum class Repetition : std::uint8_t { kRequired = 0, kOptional = 1, kRepeated = 2 };

/// Type, of a column's values.
enum class Physical : std::uint8_t {
  kBoolean = 0,
  kInt32 = 1,
  kInt64 = 2,
  kFloat = 4,
  kDouble = 5,
  kBytes = 6,
  kFixed = 7
};

/// What types were said to mean at first (ConvertedType).
enum class Converted : std::uint8_t {
  kUtf8 = 0,
  kMap = 1,
  kDecimal = 5,
  kDate = 6,
  kTimestampMicros = 10,
  kInt8 = 15,
  kInt16 = 16,
  kInt32 = 17,
  kInt64 = 18
};

/// The largest width of a number among runs, in bits.
inline constexpr unsigned kRunWidthMax = 32;
/// Bit-packed numbers come by as many.
inline constexpr std::size_t kPackedGroup = 8;

}  // namespace smelt::engine::parquet
