#pragma once

#include <string>
#include <string_view>

namespace smelt::observe {

/// The version-5 UUID of a name (RFC 9562, section 5.5) within a namespace of smelt's own: the same for the same name,
/// everywhere and for ever.
std::string StableUuid(std::string_view name);

}  // namespace smelt::observe
