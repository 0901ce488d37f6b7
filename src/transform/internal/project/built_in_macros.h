#pragma once

#include <string_view>

namespace smelt::transform {

/// The macros that every project has, as a template.
std::string_view BuiltInMacros();

}  // namespace smelt::transform
