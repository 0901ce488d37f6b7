#include "generate/report.h"

#include <numeric>

namespace smelt::generate {

std::int64_t GenerateReport::rows() const {
  return std::accumulate(files.begin(), files.end(), std::int64_t{0},
                         [](std::int64_t sum, const GeneratedFile& file) { return sum + file.rows; });
}

std::int64_t GenerateReport::bytes() const {
  return std::accumulate(files.begin(), files.end(), std::int64_t{0},
                         [](std::int64_t sum, const GeneratedFile& file) { return sum + file.bytes; });
}

}  // namespace smelt::generate
