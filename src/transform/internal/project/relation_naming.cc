#include "transform/internal/project/relation_naming.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kAliasMacro = "generate_alias_name";
constexpr std::string_view kSchemaMacro = "generate_schema_name";

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// Whether the project or a package of it has a macro that takes the built-in one's place.
bool IsOverridden(const MacroSet& macros, std::string_view macro) {
  const std::string adapter = fmt::format("duckdb__{}", macro), general = fmt::format("default__{}", macro);
  return std::ranges::any_of(macros.packages(), [&](const auto& package) {
    const auto& [name, table] = package;
    return name != kBuiltInPackage && (table.contains(macro) || table.contains(adapter) || table.contains(general));
  });
}

/// A name out of the node's configuration; null where it says none.
const Json& Configured(const Node& node, std::string_view setting) {
  static const Json kNone;
  const auto found = node.config.all.find(setting);
  return found == node.config.all.end() ? kNone : *found;
}

/// What the built-in macros answer, without running them: they are asked of every node, and a project has thousands.
/// Empty: this setting is for the macro to judge.
std::string PlainAlias(const Node& node) {
  const Json& custom = Configured(node, "alias");
  if (custom.is_string()) return std::string(Trimmed(custom.get_ref<const std::string&>()));
  if (!custom.is_null() || !node.version.empty()) return {};
  return std::string(Trimmed(node.name));
}

std::string PlainSchema(const ProjectState& project, const Node& node) {
  const std::string& target = project.options.target.schema;
  const Json& custom = Configured(node, "schema");
  if (custom.is_null()) return target;
  if (!custom.is_string()) return {};
  return fmt::format("{}_{}", target, Trimmed(custom.get_ref<const std::string&>()));
}

Result<std::string> CallNaming(const RenderContext& context, std::string_view macro, std::string_view setting) {
  const Node& node = *context.node();
  const MacroSet& macros = context.project().macros;
  const MacroEntry* entry = macros.Find(macro, macros.root());
  if (entry == nullptr) return Fail(ErrorCode::kInternal, fmt::format("there is no macro {}", macro));
  const Json& custom = Configured(node, setting);
  jinja::Arguments arguments;
  arguments.positional = {jinja::Value::FromJson(custom), jinja::Value::FromJson(DescribeNode(node, node.config.all))};
  SMELT_ASSIGN(jinja::Value value, jinja::Interpreter(context).Call(entry->value, std::move(arguments)));
  const std::string text = value.ToText();
  const std::string_view name = Trimmed(text);
  if (!name.empty()) return std::string(name);
  return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("{}() gives no name for {}", macro, node.unique_id))
                  .At(node.file, node.line));
}

/// The name that the macro gives, which is what `plain` answers where the built-in macro is the one that counts.
template <typename Plain>
Result<std::string> NameBy(const ProjectState& project, const Node& node, std::string_view macro,
                           std::string_view setting, const Plain& plain) {
  std::string name = IsOverridden(project.macros, macro) ? std::string() : plain();
  if (!name.empty()) return name;
  RenderFindings findings;
  findings.config = node.config.all;
  const RenderContext context(project, &node, RenderPhase::kConfig, findings);
  return CallNaming(context, macro, setting);
}

}  // namespace

Status NameRelation(const ProjectState& project, Node& node) {
  SMELT_ASSIGN(node.relation.identifier,
               NameBy(project, node, kAliasMacro, "alias", [&node] { return PlainAlias(node); }));
  // An older snapshot says itself where it goes.
  if (const Json& schema = Configured(node, "target_schema"); schema.is_string()) {
    node.relation.schema = schema.get<std::string>();
    return {};
  }
  SMELT_ASSIGN(node.relation.schema,
               NameBy(project, node, kSchemaMacro, "schema", [&] { return PlainSchema(project, node); }));
  return {};
}

}  // namespace smelt::transform
