#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::transform::jinja {

struct WrapOptions {
  std::size_t width = 79;  ///< characters
  bool break_long = true;  ///< whether words longer than a line are broken
  bool at_hyphens = true;  ///< whether words may be broken behind hyphens
};

/// Breaks a line into shorter ones as Python's textwrap does: at spaces and hyphens, spaces at the breaks left out.
std::vector<std::string> WrapLine(std::string_view line, const WrapOptions& options);

}  // namespace smelt::transform::jinja
