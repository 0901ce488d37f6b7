#include "transform/internal/modules/modules.h"

#include "transform/internal/modules/module_parts.h"

namespace smelt::transform::jinja {

Value MakeModules() {
  auto modules = std::make_shared<Record>("modules");
  modules->Set("datetime", MakeDatetimeModule());
  modules->Set("itertools", MakeItertoolsModule());
  modules->Set("pytz", MakePytzModule());
  modules->Set("re", MakeReModule());
  return Value(std::move(modules));
}

}  // namespace smelt::transform::jinja
