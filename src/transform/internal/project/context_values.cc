#include "transform/internal/project/context_values.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

/// All names of a context as one value: `context['ref']`; without its macros: `builtins.ref`.
class NamesObject final : public jinja::Object {
 public:
  NamesObject(const RenderContext& context, bool with_macros) : context_(context), with_macros_(with_macros) {}

  std::string type_name() const override { return with_macros_ ? "context" : "builtins"; }
  bool is_mapping() const override { return true; }
  Result<std::optional<bool>> Contains(const Value& item) const override {
    return std::optional(Find(item.ToText()).has_value());
  }
  std::optional<Value> Item(const Value& key) override { return Find(key.ToText()); }
  std::optional<Value> Attribute(std::string_view name) override {
    if (name != "get") return Find(name);
    return Function::Make("get", [this](Interpreter&, Arguments arguments) -> Result<Value> {
      SMELT_ASSIGN(List bound, arguments.Bind("get", {"key", "default"}, 1));
      if (auto found = Find(bound[0].ToText())) return *std::move(found);
      return bound[1].is_undefined() ? Value::None() : bound[1];
    });
  }

 private:
  std::optional<Value> Find(std::string_view name) const {
    const Value* found = with_macros_ ? context_.Find(name) : context_.FindBuiltin(name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  const RenderContext& context_;
  bool with_macros_;
};

Value TextList(const std::vector<std::string>& texts) {
  return Value::MakeList(List(texts.begin(), texts.end()));
}

/// Hooks as `run_hooks` takes them.
Value Hooks(const std::vector<Hook>& hooks) {
  List list;
  for (const Hook& hook : hooks) {
    list.push_back(Value::FromJson({{"sql", hook.sql}, {"transaction", hook.transaction}, {"index", list.size()}}));
  }
  return Value::MakeList(std::move(list));
}

/// What the environment has behind DBT_ENV_CUSTOM_ENV_.
Value MetadataEnvironment() {
  constexpr std::string_view kPrefix = "DBT_ENV_CUSTOM_ENV_";
  jinja::Dict found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    found.Set(Value(text.substr(kPrefix.size(), equals - kPrefix.size())), Value(text.substr(equals + 1)));
  }
  return Value::MakeDict(std::move(found));
}

Value InvocationArguments(const InvokeOptions& options) {
  Json arguments = options.flags;
  arguments["which"] = CommandText(options.command);
  arguments["vars"] = options.vars;
  arguments["select"] = options.select;
  arguments["exclude"] = options.exclude;
  arguments["full_refresh"] = options.full_refresh;
  arguments["project_dir"] = options.project_dir;
  arguments["target"] = options.target.name;
  return Value::FromJson(arguments);
}

Value ThreadId(const RenderContext& context) {
  if (!context.executes()) return Value("MainThread");
  return Value("Thread-" + std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()) % 100'000));
}

using Maker = Value (*)(const RenderContext&);

struct NamedMaker {
  std::string_view name;
  Maker make;
};

constexpr NamedMaker kOfAll[] = {
    {"builtins", [](const RenderContext& c) { return Value(std::make_shared<NamesObject>(c, false)); }},
    {"context", [](const RenderContext& c) { return Value(std::make_shared<NamesObject>(c, true)); }},
    {"dbt_metadata_envs", [](const RenderContext&) { return MetadataEnvironment(); }},
    {"execute", [](const RenderContext& c) { return Value(c.executes()); }},
    {"graph", MakeGraph},
    {"invocation_args_dict", [](const RenderContext& c) { return InvocationArguments(c.project().options); }},
    {"invocation_id",
     [](const RenderContext& c) {
       const std::string& id = c.project().options.invocation_id;
       return Value(id.empty() ? c.run_id() : id);
     }},
    {"selected_resources", [](const RenderContext& c) { return TextList(c.project().selected); }},
    {"thread_id", ThreadId},
};

constexpr NamedMaker kOfNodes[] = {
    {"compiled_code", [](const RenderContext&) { return Value::None(); }},
    {"config", MakeConfigObject},
    {"connection_name", [](const RenderContext& c) { return Value(c.node()->unique_id); }},
    {"database", [](const RenderContext&) { return Value(kDatabase); }},
    {"model", [](const RenderContext& c) { return Value::FromJson(DescribeNode(*c.node(), c.config())); }},
    {"post_hooks", [](const RenderContext& c) { return Hooks(c.node()->config.post_hook); }},
    {"pre_hooks", [](const RenderContext& c) { return Hooks(c.node()->config.pre_hook); }},
    {"schema", [](const RenderContext& c) { return Value(c.node()->relation.schema); }},
    {"sql", [](const RenderContext&) { return Value::None(); }},
    {"this", MakeThis},
};

const NamedMaker* FindMaker(std::span<const NamedMaker> makers, std::string_view name) {
  auto found = std::ranges::find(makers, name, &NamedMaker::name);
  return found == makers.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Value> MakeContextValue(const RenderContext& context, std::string_view name) {
  if (const NamedMaker* maker = FindMaker(kOfAll, name)) return maker->make(context);
  if (context.node() == nullptr) return std::nullopt;
  const NamedMaker* maker = FindMaker(kOfNodes, name);
  return maker == nullptr ? std::nullopt : std::optional(maker->make(context));
}

std::vector<std::string_view> ContextValueNames() {
  std::vector<std::string_view> names;
  for (const NamedMaker& maker : kOfAll) names.push_back(maker.name);
  for (const NamedMaker& maker : kOfNodes) names.push_back(maker.name);
  return names;
}

}  // namespace smelt::transform
