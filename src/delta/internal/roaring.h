#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "delta/row_set.h"

/// The portable serialisation of a 32-bit Roaring bitmap (RoaringFormatSpec).
namespace smelt::delta {

/// Reads one bitmap from the front of `bytes` and takes it off; its values, plus `base`, are added to `rows`.
/// Values at or beyond `rows_max` are damage. Errors: kDeltaCorrupt.
Status ReadRoaring(std::string_view& bytes, std::uint64_t base, std::uint64_t rows_max, RowSet& rows);

/// Appends the bitmap of the rows [base, base + 2^32) to `bytes`.
void WriteRoaring(const RowSet& rows, std::uint64_t base, std::string& bytes);

}  // namespace smelt::delta
