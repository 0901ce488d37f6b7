#pragma once

#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// dbt's `modules`: what templates can use of Python's datetime, pytz, re and itertools.
Value MakeModules();

}  // namespace smelt::transform::jinja
