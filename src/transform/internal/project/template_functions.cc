// What templates call to work with templates and files: render, try_or_compiler_error, validation, …

#include <fmt/format.h>

#include "transform/internal/jinja/template.h"
#include "transform/internal/project/context_functions.h"
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

/// `render(text)`: the text as a template of the same context.
Result<Value> RenderText(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("render", {"string"}, 1));
  const RenderContext& context = RenderContext::Of(interpreter);
  const std::string file = context.node() == nullptr ? std::string("render()") : context.node()->file;
  SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(bound[0].ToText(), file));
  SMELT_ASSIGN(std::string text, RenderIn(context, parsed, nullptr));
  return Value(std::move(text));
}

/// `try_or_compiler_error(message, function, …)`: what the function gives, or the message as an error.
Result<Value> TryOrCompilerError(Interpreter& interpreter, Arguments arguments) {
  std::optional<Value> message = arguments.TakeNamed("message_if_exception"), function = arguments.TakeNamed("func");
  for (auto* wanted : {&message, &function}) {
    if (wanted->has_value() || arguments.positional.empty()) continue;
    *wanted = arguments.positional.front();
    arguments.positional.erase(arguments.positional.begin());
  }
  if (!message || !function) {
    return Fail(ErrorCode::kJinjaType, "try_or_compiler_error() needs a message and a function");
  }
  auto value = interpreter.Call(*function, std::move(arguments));
  if (value) return value;
  return Fail(Error(ErrorCode::kJinjaRaised, message->ToText()).Hint(value.error().message()));
}

Result<Value> AdapterMacro(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("adapter_macro", {"name"}, 1));
  return Fail(Error(ErrorCode::kJinjaRaised,
                    fmt::format("adapter_macro('{}') is a function of dbt before 0.18", bound[0].ToText()))
                  .Hint("use adapter.dispatch(), and call what it gives"));
}

Result<Value> SubmitPythonJob(Interpreter&, Arguments) {
  return Fail(Error(ErrorCode::kDbtUnsupported, "models in Python are not supported").Hint("write the model in SQL"));
}

/// `validation.any[…]` and `validation.any(…)`: a check for `config.get`; what it is given must be among its arguments.
Result<Value> AnyOf(Interpreter&, Arguments arguments) {
  auto check = [allowed = arguments.positional](Interpreter&, Arguments given) -> Result<Value> {
    SMELT_ASSIGN(List bound, given.Bind("validation.any", {"value"}, 1));
    std::string names;
    for (const Value& one : allowed) {
      // A class of Python, such as `string`, is not a value of templates: it stands for any.
      if (one.is_absent() || one.Equals(bound[0])) return Value::None();
      names += (names.empty() ? "" : ", ") + one.ToText();
    }
    return Fail(ErrorCode::kDbtConfigInvalid, fmt::format("'{}' is none of {}", bound[0].ToText(), names));
  };
  return Function::Make("validate", std::move(check), arguments.positional);
}

}  // namespace

void AddTemplateFunctions(GlobalTable& table) {
  table.Set("render", Function::Make("render", RenderText));
  table.Set("try_or_compiler_error", Function::Make("try_or_compiler_error", TryOrCompilerError));
  table.Set("adapter_macro", Function::Make("adapter_macro", AdapterMacro));
  table.Set("submit_python_job", Function::Make("submit_python_job", SubmitPythonJob));
  auto validation = std::make_shared<Record>("validation");
  validation->Set("any", Function::Make("any", AnyOf));
  table.Set("validation", Value(std::move(validation)));
}

}  // namespace smelt::transform
