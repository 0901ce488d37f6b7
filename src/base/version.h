#pragma once

#include <string_view>

namespace smelt {

/// The release of this build, e.g. "0.1.0"; written into commitInfo as engineInfo.
inline constexpr std::string_view kSmeltVersion = "0.1.0";

}  // namespace smelt
