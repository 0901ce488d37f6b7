#pragma once

#include <cstdint>

#include "generate/internal/csv_file.h"
#include "generate/internal/places.h"

namespace smelt::generate {

/// Writes the geolocation file: points around the towns, ordered by postal code prefix, about a quarter of them exact
/// duplicates of another row.
Result<GeneratedFile> WriteGeolocation(const Places& places, std::uint64_t seed, double scale, CsvFile& file);

}  // namespace smelt::generate
