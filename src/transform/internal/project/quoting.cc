#include "transform/internal/project/quoting.h"

namespace smelt::transform {

NameParts ReadQuoting(const Json& quoting, NameParts base) {
  if (!quoting.is_object()) return base;
  auto read = [&quoting](const char* key, bool& part) {
    if (auto found = quoting.find(key); found != quoting.end() && found->is_boolean()) part = found->get<bool>();
  };
  read("database", base.database);
  read("schema", base.schema);
  read("identifier", base.identifier);
  return base;
}

std::string QuotedName(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace smelt::transform
