#pragma once

#include <string>

#include "generate/internal/random.h"

namespace smelt::generate {

/// What a customer writes about an order, in Portuguese; with the commas, quotes and line breaks of real comments.
struct ReviewText {
  std::string title, message;  ///< either may be empty

  /// `score` is 1 to 5.
  static ReviewText Draw(int score, Random& random);
};

}  // namespace smelt::generate
