// What materializations ask of the adapter beside what is in the database.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/ascii.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/project/adapter.h"
#include "transform/internal/project/database_access.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::List;
using jinja::Record;
using jinja::Value;

/// The names of strategies that there are macros for, as the setting has them.
std::vector<std::string> KnownStrategies(const MacroSet& macros) {
  std::vector<std::string> names;
  for (std::string name : macros.NamesBehind("get_incremental_")) {
    if (!name.ends_with("_sql")) continue;
    name.resize(name.size() - 4);
    if (name == "delete_insert") name = "delete+insert";
    names.push_back(std::move(name));
  }
  return names;
}

/// The macro get_incremental_<strategy>_sql that the node means.
Result<Value> StrategyMacro(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get_incremental_strategy_macro", {"model_context", "strategy"}, 1));
  const std::string strategy = bound[1].is_absent() ? "default" : bound[1].ToText();
  std::string name = "get_incremental_" + strategy + "_sql";
  std::ranges::replace(name, '+', '_');
  const RenderContext& context = RenderContext::Of(interpreter);
  const MacroSet& macros = context.project().macros;
  if (const MacroEntry* found = macros.Find(name, context.package())) return found->value;
  return Fail(Error(ErrorCode::kDbtConfigInvalid,
                    fmt::format("there is no incremental strategy '{}': no macro {}", strategy, name))
                  .Hint(fmt::format("known are {}", fmt::join(KnownStrategies(macros), ", "))));
}

/// What becomes of a snapshot's rows that are gone: "ignore", "invalidate" or "new_record".
Result<Value> HardDeletes(Interpreter& interpreter, Arguments arguments) {
  SMELT_TRY(arguments.Bind("get_hard_deletes_behavior", {"config"}, 1));
  const Json& config = RenderContext::Of(interpreter).config();
  auto known = [&config](std::string_view key) {
    auto found = config.find(key);
    return found == config.end() ? Json() : *found;
  };
  const Json invalidates = known("invalidate_hard_deletes"), behavior = known("hard_deletes");
  if (!invalidates.is_null() && !behavior.is_null()) {
    return Fail(Error(ErrorCode::kDbtConfigInvalid, "both hard_deletes and invalidate_hard_deletes are set")
                    .Hint("keep hard_deletes"));
  }
  if (invalidates == true) return Value("invalidate");
  if (behavior.is_null()) return Value("ignore");
  for (const char* choice : {"ignore", "invalidate", "new_record"}) {
    if (behavior == choice) return Value(choice);
  }
  return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("hard_deletes is {}", JsonText(behavior)))
                  .Hint("it takes ignore, invalidate or new_record"));
}

/// The columns that a snapshot of this kind needs in its table.
std::vector<std::string> SnapshotColumns(const Value& names, bool needs_is_deleted) {
  std::vector<std::string> columns = {"dbt_scd_id", "dbt_valid_from", "dbt_valid_to"};
  if (needs_is_deleted) columns.emplace_back("dbt_is_deleted");
  if (!names.is_dict()) return columns;
  for (std::string& column : columns) {
    if (const Value* name = names.dict().Find(std::string_view(column))) column = name->ToText();
  }
  return columns;
}

Status CheckSnapshotTable(Interpreter& interpreter, const Value& relation, const Value& names, bool needs_is_deleted) {
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return {};
  SMELT_ASSIGN(auto present, ColumnsOf(*access, relation.ToText()));
  std::vector<std::string> missing = SnapshotColumns(names, needs_is_deleted);
  std::erase_if(missing, [&present](const std::string& name) {
    return std::ranges::any_of(present, [&name](const auto& column) { return EqualsIgnoringCase(column.name, name); });
  });
  if (missing.empty()) return {};
  return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("{} is no table of this snapshot: it has no column {}",
                                                              relation.ToText(), fmt::join(missing, ", ")))
                  .Hint("give the snapshot another alias, or add the columns to the table"));
}

Result<Value> CheckTarget(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("valid_snapshot_target", {"relation", "column_names"}, 1));
  SMELT_TRY(CheckSnapshotTable(interpreter, bound[0], bound[1], false));
  return Value("");
}

Result<Value> CheckTargetOfStrategy(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("assert_valid_snapshot_target_given_strategy",
                                          {"relation", "column_names", "strategy"}, 3));
  const Value* deletes = bound[2].is_dict() ? bound[2].dict().Find(std::string_view("hard_deletes")) : nullptr;
  const bool needs_is_deleted = deletes != nullptr && deletes->ToText() == "new_record";
  SMELT_TRY(CheckSnapshotTable(interpreter, bound[0], bound[1], needs_is_deleted));
  return Value("");
}

/// What projects ask to find out where they run.
Value Answer(const char* name, Value answer) {
  return Function::Make(name, [answer = std::move(answer)](Interpreter&, Arguments) { return Result<Value>(answer); });
}

}  // namespace

void AddMaterializationHelp(Record& adapter) {
  AddFunctions(adapter, {{"get_incremental_strategy_macro", StrategyMacro},
                         {"get_hard_deletes_behavior", HardDeletes},
                         {"valid_snapshot_target", CheckTarget},
                         {"assert_valid_snapshot_target_given_strategy", CheckTargetOfStrategy}});
  for (const char* name : {"is_motherduck", "is_ducklake", "disable_transactions"}) {
    adapter.Set(name, Answer(name, Value(false)));
  }
  adapter.Set("valid_incremental_strategies",
              Answer("valid_incremental_strategies",
                     Value::MakeList({"append", "delete+insert", "merge", "insert_overwrite", "microbatch"})));
}

}  // namespace smelt::transform
