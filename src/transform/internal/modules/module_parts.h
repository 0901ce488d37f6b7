#pragma once

#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

// The modules one by one.
Value MakeDatetimeModule();
Value MakeItertoolsModule();
Value MakePytzModule();
Value MakeReModule();

}  // namespace smelt::transform::jinja
