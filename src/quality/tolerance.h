#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::quality {

/// How far two numbers may lie apart and still count as the same: by an amount, or by a share of the greater one.
struct Tolerance {
  double amount = 0;
  double share = 0;  ///< 0.001 is a thousandth

  bool is_zero() const { return amount == 0 && share == 0; }
  bool Covers(double a, double b) const;
};

/// Reads "0.01" or "0.5%". Errors: kUsage.
Result<Tolerance> ParseTolerance(std::string_view text);

}  // namespace smelt::quality
