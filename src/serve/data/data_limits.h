#pragma once

#include <cstddef>
#include <cstdint>

namespace smelt::serve {

/// What the data API bears. What is asked for beyond it is refused with the limit's name and size.
struct DataLimits {
  std::size_t statements_max = 16;            ///< at work at a time, of all callers
  std::size_t statements_of_one_max = 8;      ///< and of one
  std::int64_t rows_max = 10'000'000;         ///< of an answer
  std::size_t bytes_max = 4UL << 30U;         ///< of an answer
  std::int64_t ms_default = 60'000;           ///< for a statement that says nothing
  std::int64_t ms_max = 600'000;              ///< for one that does
  std::size_t results_max = 64;               ///< kept for paging, of all callers
  std::size_t results_of_one_max = 16;        ///< and of one
  std::int64_t result_idle_ms_max = 600'000;  ///< after its last use
  std::size_t page_rows_max = 100'000;
  std::size_t keys_max = 10'000;  ///< Idempotency-Keys that are remembered
};

}  // namespace smelt::serve
