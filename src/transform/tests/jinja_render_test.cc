// Renders templates for tests/interop/jinja_test.py, which compares the results with those of Jinja2.

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/json.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/standard_globals.h"
#include "transform/internal/modules/modules.h"

namespace smelt::transform::jinja {
namespace {

/// The templates that others can include or import: a dict of texts.
class NamedTemplates final : public TemplateSource {
 public:
  explicit NamedTemplates(const Json& texts) : texts_(texts) {}

  Result<TemplatePointer> Find(std::string_view name) const override {
    auto found = texts_.find(name);
    if (found == texts_.end()) return TemplatePointer();
    return ParseTemplate(found->get<std::string>(), std::string(name));
  }

 private:
  const Json& texts_;
};

Result<std::string> Render(const Globals& globals, const TemplateSource& others, const Json& entry) {
  SMELT_ASSIGN(TemplatePointer parsed, ParseTemplate(entry["template"].get<std::string>(), "case.sql"));
  Interpreter interpreter(globals);
  interpreter.set_templates(&others);
  return interpreter.Render(parsed);
}

TEST(ForeignTemplates, RendersTheCasesOfAFile) {
  const char* cases_path = std::getenv("SMELT_JINJA_CASES");
  const char* results_path = std::getenv("SMELT_JINJA_RESULTS");
  ASSERT_TRUE(cases_path != nullptr && results_path != nullptr) << "run tests/interop/jinja_test.py";
  auto text = ReadWholeFile(cases_path);
  ASSERT_TRUE(text) << text.error().ToString();
  auto file = ParseJson(*text, cases_path);
  ASSERT_TRUE(file) << file.error().ToString();
  NamedTemplates others((*file)["templates"]);
  Json results = Json::array();
  for (const Json& entry : (*file)["cases"]) {
    GlobalTable globals;
    AddStandardGlobals(globals);
    globals.Set("modules", MakeModules());
    for (const auto& [name, value] : (*file)["variables"].items()) globals.Set(name, Value::FromJson(value));
    auto rendered = Render(globals, others, entry);
    Json result = Json::object();
    if (rendered) {
      result["text"] = *rendered;
    } else {
      result["error"] = rendered.error().ToString();
      result["placed"] = rendered.error().line() > 0;
    }
    results.push_back(std::move(result));
  }
  auto written = WriteWholeFile(results_path, results.dump(-1, ' ', true, Json::error_handler_t::replace));
  ASSERT_TRUE(written) << written.error().ToString();
}

}  // namespace
}  // namespace smelt::transform::jinja
