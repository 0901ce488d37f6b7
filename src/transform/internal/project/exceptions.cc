// `exceptions`: how templates fail and warn.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "base/log.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/warnings.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::GetAttribute;
using jinja::GetItem;
using jinja::Interpreter;
using jinja::List;
using jinja::Record;
using jinja::Value;

/// The unique id of the node that a template is rendered for; empty when there is none.
std::string_view NodeId(const Interpreter& interpreter) {
  const Node* node = RenderContext::Of(interpreter).node();
  return node == nullptr ? std::string_view() : std::string_view(node->unique_id);
}

/// While a project is loaded, templates are rendered several times: a warning is one of one of them.
Status TellWarning(const Interpreter& interpreter, const std::string& text) {
  const RenderContext& context = RenderContext::Of(interpreter);
  const InvokeOptions& options = context.project().options;
  if (context.phase() == RenderPhase::kConfig) return {};
  const WarningFate fate = FateOf(options, "JinjaLogWarning");
  if (fate == WarningFate::kSilence) return {};
  if (fate == WarningFate::kFail) {
    return Fail(Error(ErrorCode::kJinjaRaised, text).Hint("a warning fails because of --warn-error"));
  }
  Log(LogLevel::kWarn, "transform.template.warning", {{"node", NodeId(interpreter)}, {"message", text}});
  const Node* node = context.node();
  const Error warning = Error(ErrorCode::kJinjaRaised, text)
                            .At(node == nullptr ? std::string() : node->file, node == nullptr ? 0 : node->line);
  if (options.warn) options.warn(warning);
  return {};
}

Result<Value> Warn(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("warn", {"msg", "node"}, 1));
  SMELT_TRY(TellWarning(interpreter, bound[0].ToText()));
  return Value("");
}

Result<Value> WarnOfTimestampTypes(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("warn_snapshot_timestamp_data_types",
                                          {"snapshot_time_data_type", "updated_at_data_type"}, 2));
  SMELT_TRY(TellWarning(interpreter, fmt::format("the snapshot's own times have the type {}, its updated_at has {}: "
                                                 "cast updated_at to the first, so that both can be compared",
                                                 bound[0].ToText(), bound[1].ToText())));
  return Value::None();
}

/// What a call's arguments are made into.
using Message = std::function<std::string(const List&)>;

/// A function that fails with a message over its arguments.
void AddRaiser(Record& exceptions, const std::string& name, std::vector<std::string_view> parameters,
               std::size_t required, ErrorCode code, Message message) {
  auto body = [name, parameters = std::move(parameters), required, code, message = std::move(message)](
                  Interpreter&, Arguments arguments) -> Result<Value> {
    SMELT_ASSIGN(List bound, arguments.Bind(name, parameters, required));
    return Fail(code, message(bound));
  };
  exceptions.Set(name, Function::Make(name, std::move(body)));
}

std::string FirstText(const List& arguments) {
  return arguments[0].ToText();
}

/// The unique id of a node that a template passes, or what it prints when it has none.
std::string IdOf(const Value& node) {
  const Value id = GetAttribute(node, "unique_id");
  return id.is_text() ? id.text() : node.is_absent() ? "?" : node.ToText();
}

std::string ForModel(const Value& model) {
  return model.is_absent() ? "" : fmt::format(" ({})", IdOf(model));
}

/// Columns by name, as macros describe them: {'name': …, 'data_type': …}.
std::map<std::string, std::string> TypesByName(const Value& columns) {
  std::map<std::string, std::string> types;
  for (const Value& column : jinja::Iterate(columns).value_or(List())) {
    types[GetItem(column, Value("name")).ToText()] = GetItem(column, Value("data_type")).ToText();
  }
  return types;
}

/// What breaks a contract, one line a column.
std::string ContractMessage(const List& arguments) {
  const auto wanted = TypesByName(arguments[0]), has = TypesByName(arguments[1]);
  if (wanted.empty() && has.empty()) {
    return "the model enforces a contract, but no properties file describes its columns with name and data_type";
  }
  std::string text = "the query does not keep the model's contract:";
  for (const auto& [name, type] : wanted) {
    auto found = has.find(name);
    if (found == has.end()) text += fmt::format("\n  {}: is described as {} and missing in the query", name, type);
    if (found != has.end() && found->second != type) {
      text += fmt::format("\n  {}: is described as {} and has the type {} in the query", name, type, found->second);
    }
  }
  for (const auto& [name, type] : has) {
    if (!wanted.contains(name)) text += fmt::format("\n  {}: is in the query ({}) and not described", name, type);
  }
  return text;
}

std::string UntypedMessage(const List& arguments) {
  std::vector<std::string> names;
  for (const Value& name : jinja::Iterate(arguments[0]).value_or(List())) names.push_back(name.ToText());
  return fmt::format("the model enforces a contract, but these columns have no data_type: {}", fmt::join(names, ", "));
}

void AddPlainRaisers(Record& exceptions) {
  AddRaiser(exceptions, "raise_compiler_error", {"msg", "node"}, 1, ErrorCode::kJinjaRaised, FirstText);
  AddRaiser(exceptions, "raise_not_implemented", {"msg"}, 1, ErrorCode::kJinjaRaised, FirstText);
  AddRaiser(exceptions, "raise_database_error", {"msg", "node"}, 1, ErrorCode::kSqlRuntime, FirstText);
  AddRaiser(exceptions, "raise_dependency_error", {"msg"}, 1, ErrorCode::kJinjaRaised, FirstText);
  AddRaiser(exceptions, "raise_fail_fast_error", {"msg", "node"}, 1, ErrorCode::kJinjaRaised, FirstText);
  AddRaiser(exceptions, "raise_cache_inconsistent", {"message"}, 1, ErrorCode::kJinjaRaised, FirstText);
  AddRaiser(exceptions, "raise_contract_error", {"yaml_columns", "sql_columns"}, 2, ErrorCode::kDbtConfigInvalid,
            ContractMessage);
  AddRaiser(exceptions, "column_type_missing", {"column_names"}, 1, ErrorCode::kDbtConfigInvalid, UntypedMessage);
  AddRaiser(exceptions, "raise_invalid_property_yml_version", {"path", "issue"}, 2, ErrorCode::kDbtConfigInvalid,
            [](const List& a) { return fmt::format("the properties file {} {}", a[0].ToText(), a[1].ToText()); });
}

void AddNodeRaisers(Record& exceptions) {
  AddRaiser(exceptions, "missing_config", {"model", "name"}, 2, ErrorCode::kDbtConfigInvalid,
            [](const List& a) { return fmt::format("{}: the setting '{}' is required", IdOf(a[0]), a[1].ToText()); });
  AddRaiser(exceptions, "missing_materialization", {"model", "adapter_type"}, 2, ErrorCode::kDbtUnsupported,
            [](const List& a) {
              const Value name = GetAttribute(GetAttribute(a[0], "config"), "materialized");
              return fmt::format("{}: there is no materialisation '{}'", IdOf(a[0]), name.ToText());
            });
  AddRaiser(exceptions, "missing_relation", {"relation", "model"}, 1, ErrorCode::kSqlCatalog,
            [](const List& a) { return fmt::format("there is no relation {}{}", a[0].ToText(), ForModel(a[1])); });
  AddRaiser(exceptions, "relation_wrong_type", {"relation", "expected_type", "model"}, 2, ErrorCode::kSqlCatalog,
            [](const List& a) {
              return fmt::format("{} exists as a {} where a {} is expected{}; drop it first", a[0].ToText(),
                                 GetAttribute(a[0], "type").ToText(), a[1].ToText(), ForModel(a[2]));
            });
  AddRaiser(exceptions, "raise_ambiguous_alias", {"node_1", "node_2", "duped_name"}, 2, ErrorCode::kDbtDuplicate,
            [](const List& a) {
              const std::string name = a[2].is_absent() ? "the same table" : "'" + a[2].ToText() + "'";
              return fmt::format("{} and {} both write {}", IdOf(a[0]), IdOf(a[1]), name);
            });
  AddRaiser(exceptions, "raise_ambiguous_catalog_match", {"unique_id", "match_1", "match_2"}, 3,
            ErrorCode::kDbtDuplicate, [](const List& a) {
              return fmt::format("{}: the catalogue has two relations for it: {} and {}", a[0].ToText(), a[1].ToText(),
                                 a[2].ToText());
            });
  AddRaiser(exceptions, "raise_duplicate_patch_name", {"patch_1", "existing_patch_path"}, 2, ErrorCode::kDbtDuplicate,
            [](const List& a) {
              return fmt::format("'{}' is described twice, also in {}", GetAttribute(a[0], "name").ToText(),
                                 a[1].ToText());
            });
  AddRaiser(exceptions, "raise_duplicate_resource_name", {"node_1", "node_2"}, 2, ErrorCode::kDbtDuplicate,
            [](const List& a) { return fmt::format("{} and {} have the same name", IdOf(a[0]), IdOf(a[1])); });
  AddRaiser(exceptions, "raise_dep_not_found", {"node", "node_description", "required_pkg"}, 3,
            ErrorCode::kDbtRefMissing,
            [](const List& a) { return fmt::format("{}: there is no package '{}'", IdOf(a[0]), a[2].ToText()); });
  AddRaiser(exceptions, "raise_dataclass_not_dict", {"obj"}, 1, ErrorCode::kJinjaType,
            [](const List& a) { return fmt::format("'{}' cannot be taken apart like a dict", a[0].type_name()); });
}

}  // namespace

Value MakeExceptions() {
  auto exceptions = std::make_shared<Record>("exceptions");
  exceptions->Set("warn", Function::Make("warn", Warn));
  exceptions->Set("warn_snapshot_timestamp_data_types",
                  Function::Make("warn_snapshot_timestamp_data_types", WarnOfTimestampTypes));
  AddPlainRaisers(*exceptions);
  AddNodeRaisers(*exceptions);
  return Value(std::move(exceptions));
}

}  // namespace smelt::transform
