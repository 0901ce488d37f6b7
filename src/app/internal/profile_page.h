#pragma once

#include <string>

#include "quality/profile.h"

namespace smelt::app {

/// A profile as one HTML page that needs nothing else: no scripts, fonts or pictures from elsewhere, light and dark.
std::string ProfilePage(const quality::TableProfile& profile);

}  // namespace smelt::app
