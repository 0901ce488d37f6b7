#include "transform/internal/project/context_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/config.h"
#include "base/log.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/modules/modules.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::GlobalTable;
using jinja::Interpreter;
using jinja::List;
using jinja::Record;
using jinja::Value;

/// What var() answers in the templates that `interpreter` runs.
const Json& VarsOf(const Interpreter& interpreter) {
  const RenderContext& context = RenderContext::Of(interpreter);
  return context.project().PackageOf(context.package()).vars;
}

/// The value that a unit test gives a variable, or null.
const Json* FindSubstitute(const Interpreter& interpreter, Json Substitutes::*values, const std::string& name) {
  const Substitutes* substitutes = RenderContext::Of(interpreter).substitutes();
  if (substitutes == nullptr) return nullptr;
  const auto found = (substitutes->*values).find(name);
  return found == (substitutes->*values).end() ? nullptr : &*found;
}

/// `var(name, default)`, with has_var.
class VarObject final : public jinja::Object {
 public:
  std::string type_name() const override { return "function var"; }
  bool callable() const override { return true; }

  Result<Value> Call(Interpreter& interpreter, Arguments arguments) override {
    SMELT_ASSIGN(List bound, arguments.Bind("var", {"name", "default"}, 1));
    const Json& vars = VarsOf(interpreter);
    std::string name = bound[0].ToText();
    if (const Json* given = FindSubstitute(interpreter, &Substitutes::vars, name)) return Value::FromJson(*given);
    if (auto found = vars.find(name); found != vars.end()) return Value::FromJson(*found);
    if (!bound[1].is_undefined()) return bound[1];
    std::vector<std::string_view> known;
    for (const auto& [key, value] : vars.items()) known.push_back(key);
    std::string near = NearestWord(name, known);
    return Fail(Error(ErrorCode::kDbtVarMissing, fmt::format("the variable '{}' has no value", name))
                    .Hint(near.empty() ? "set it under vars in dbt_project.yml, or give var() a default"
                                       : fmt::format("did you mean '{}'?", near)));
  }

  std::optional<Value> Attribute(std::string_view name) override {
    if (name != "has_var") return std::nullopt;
    return Function::Make("has_var", [](Interpreter& interpreter, Arguments arguments) -> Result<Value> {
      SMELT_ASSIGN(List bound, arguments.Bind("has_var", {"name"}, 1));
      const std::string name = bound[0].ToText();
      const bool is_given = FindSubstitute(interpreter, &Substitutes::vars, name) != nullptr;
      return Value(is_given || VarsOf(interpreter).contains(name));
    });
  }
};

Result<Value> EnvVar(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("env_var", {"name", "default"}, 1));
  std::string name = bound[0].ToText();
  if (const Json* given = FindSubstitute(interpreter, &Substitutes::environment, name)) return Value::FromJson(*given);
  RenderFindings& findings = RenderContext::Of(interpreter).findings();
  if (const char* text = std::getenv(name.c_str())) {
    findings.environment[name] = text;
    return Value(text);
  }
  if (bound[1].is_undefined()) {
    return Fail(Error(ErrorCode::kDbtVarMissing, fmt::format("the environment variable '{}' is not set", name))
                    .Hint("set it, or give env_var() a default"));
  }
  findings.environment[name] = "";
  return Value(bound[1].ToText());
}

Result<Value> Return(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("return", {"data"}, 0));
  interpreter.Return(bound[0].is_undefined() ? Value::None() : bound[0]);
  return Value("");
}

std::string_view PlaceText(const Interpreter& interpreter) {
  const Node* node = RenderContext::Of(interpreter).node();
  return node == nullptr ? std::string_view() : std::string_view(node->unique_id);
}

/// Shows a message to the user. While a project is loaded, templates are rendered several times: shown is one of them.
void Show(Interpreter& interpreter, const std::string& text) {
  const RenderContext& context = RenderContext::Of(interpreter);
  const auto& print = context.project().options.print;
  if (print && context.phase() != RenderPhase::kConfig) print(text);
}

Result<Value> Print(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("print", {"msg"}, 1));
  Show(interpreter, bound[0].ToText());
  return Value("");
}

Result<Value> LogMessage(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("log", {"msg", "info"}, 1));
  if (bound[1].Truthy()) Show(interpreter, bound[0].ToText());
  Log(bound[1].Truthy() ? LogLevel::kInfo : LogLevel::kDebug, "transform.template.log",
      {{"node", PlaceText(interpreter)}, {"message", bound[0].ToText()}});
  return Value("");
}

Result<Value> Doc(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("doc", {"package_or_name", "name"}, 1));
  const std::string name = (bound[1].is_undefined() ? bound[0] : bound[1]).ToText();
  const RenderContext& context = RenderContext::Of(interpreter);
  const auto& docs = context.project().manifest.docs;
  std::vector<std::string> packages = {std::string(context.package()), context.project().file().name};
  if (!bound[1].is_undefined()) packages = {bound[0].ToText()};
  for (const std::string& package : packages) {
    if (auto found = docs.find({package, name}); found != docs.end()) return Value(found->second.text);
  }
  std::vector<std::string_view> known;
  for (const auto& [key, block] : docs) {
    if (key.second == name && bound[1].is_undefined()) return Value(block.text);
    known.push_back(key.second);
  }
  std::string near = NearestWord(name, known);
  return Fail(Error(ErrorCode::kDbtRefMissing, fmt::format("there is no docs block '{}'", name))
                  .Hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near)));
}

Value MakeTarget(const ProjectState& project) {
  const Target& chosen = project.options.target;
  auto target = std::make_shared<Record>("target");
  for (const auto& [name, value] : chosen.fields.items()) target->Set(name, Value::FromJson(value));
  target->Set("name", chosen.name);
  target->Set("target_name", chosen.name);
  target->Set("schema", chosen.schema);
  target->Set("type", "duckdb");
  target->Set("database", kDatabase);
  target->Set("dbname", kDatabase);
  if (!chosen.fields.contains("threads")) target->Set("threads", project.options.threads);
  target->Set("profile_name", chosen.profile.empty() ? project.file().profile : chosen.profile);
  return Value(std::move(target));
}

Value MakeFlags(const ProjectState& project) {
  auto flags = std::make_shared<Record>("flags");
  for (const auto& [name, value] : project.options.flags.items()) {
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    flags->Set(std::move(upper), Value::FromJson(value));
  }
  flags->Set("FULL_REFRESH", project.options.full_refresh);
  flags->Set("WHICH", CommandText(project.options.command));
  flags->Set("STORE_FAILURES", project.options.store_failures);
  const Command command = project.options.command;
  const bool may_be_empty = command == Command::kBuild || command == Command::kRun || command == Command::kCompile ||
                            command == Command::kSnapshot;
  flags->Set("EMPTY", may_be_empty ? Value(project.options.empty) : Value::None());
  return Value(std::move(flags));
}

Value MakeApi() {
  auto api = std::make_shared<Record>("api");
  api->Set("Relation", MakeRelationClass());
  api->Set("Column", MakeColumnClass());
  return Value(std::move(api));
}

/// Functions that are macros in dbt: `dbt.run_query` and the like reach them too.
constexpr std::string_view kFunctionsOfDbt[] = {"statement", "run_query", "is_incremental"};

Value MakeNamespace(const std::string& package, const MacroSet::Table& macros, const GlobalTable& functions) {
  auto members = std::make_shared<Record>(package);
  if (package == kBuiltInPackage) {
    for (std::string_view name : kFunctionsOfDbt) {
      if (const Value* function = functions.Find(name)) members->Set(std::string(name), *function);
    }
  }
  for (const auto& [name, macro] : macros) members->Set(name, macro->value);
  return Value(std::move(members));
}

}  // namespace

void AddContextFunctions(ProjectState& project) {
  GlobalTable& table = project.functions;
  jinja::AddStandardGlobals(table);
  AddGraphFunctions(table);
  AddDatabaseFunctions(table);
  AddTemplateFunctions(table);
  table.Set("var", Value(std::make_shared<VarObject>()));
  table.Set("env_var", Function::Make("env_var", EnvVar));
  table.Set("return", Function::Make("return", Return));
  table.Set("log", Function::Make("log", LogMessage));
  table.Set("print", Function::Make("print", Print));
  table.Set("doc", Function::Make("doc", Doc));
  table.Set("exceptions", MakeExceptions());
  table.Set("api", MakeApi());
  table.Set("column", MakeColumnClass());
  table.Set("target", MakeTarget(project));
  table.Set("env", MakeTarget(project));
  table.Set("flags", MakeFlags(project));
  table.Set("project_name", project.file().name);
  table.Set("dbt_version", kDbtVersion);
  table.Set("sql_now", "now()");
  table.Set("modules", jinja::MakeModules());
  table.Set("run_started_at", jinja::DateTime::InUtc(project.started_micros));
  for (const auto& [package, macros] : project.macros.packages()) {
    if (!macros.empty()) table.Set(package, MakeNamespace(package, macros, table));
  }
}

}  // namespace smelt::transform
