#pragma once

#include <span>
#include <string_view>

namespace smelt::generate {

struct BuiltInText {
  std::string_view name;  ///< e.g. "physical.yml"
  std::string_view text;
};

/// The descriptions under data_sets/ and the lists of texts that all may use (texts.yml).
std::span<const BuiltInText> BuiltInTexts();

}  // namespace smelt::generate
