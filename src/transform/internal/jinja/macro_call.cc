#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/config.h"
#include "transform/internal/jinja/circles.h"
#include "transform/internal/jinja/diagnostics.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/restore.h"

namespace smelt::transform::jinja {
namespace {

/// The part of a thread's stack (8 MiB by default) that templates may use.
constexpr std::ptrdiff_t kStackBytesMax = 4 << 20;

}  // namespace

Result<Value> Macro::Call(Interpreter& interpreter, Arguments arguments) {
  return interpreter.CallMacro(*this, std::move(arguments));
}

std::optional<Value> Macro::Attribute(std::string_view name) {
  if (name == "name") return Value(name_);
  if (name == "catch_varargs") return Value(signature_.uses_varargs);
  if (name == "catch_kwargs") return Value(signature_.uses_kwargs);
  if (name == "caller") return Value(signature_.uses_caller);
  if (name != "arguments") return std::nullopt;
  List names;
  for (const Parameter& parameter : signature_.parameters) names.emplace_back(parameter.name);
  return Value::MakeTuple(std::move(names));
}

Status Interpreter::CheckStack() const {
  if (std::abs(stack_base_ - StackHere()) < kStackBytesMax) return {};
  return Fail(ErrorCode::kJinjaLimit, "the template is nested too deeply, or a macro calls itself without end");
}

std::optional<Interpreter::PlaceInFile> Interpreter::CallPlace() const {
  if (template_ == nullptr) return std::nullopt;
  return PlaceInFile{template_->name, Locate(template_->source, call_offset_)};
}

std::string Interpreter::NearestName(const Error& error) const {
  constexpr std::string_view kStart = "'", kEnd = "' is undefined";
  std::string_view message = error.message();
  if (error.code() != ErrorCode::kJinjaUndefined || !message.starts_with(kStart) || !message.ends_with(kEnd)) return {};
  std::string_view name = message.substr(kStart.size(), message.size() - kStart.size() - kEnd.size());
  std::vector<std::string_view> known = globals_.Names();
  if (scope_ != nullptr) scope_->AddNames(known);
  std::string near = NearestWord(name, known);
  return near.empty() ? "" : fmt::format("did you mean '{}'?", near);
}

Error Interpreter::Explain(Error error, std::uint32_t offset) const {
  if (!error.file().empty() || template_ == nullptr) return error;
  const Template* shown = template_.get();
  for (std::size_t i = calls_.size(); i-- > 0 && shown->is_library;) {
    if (calls_[i].caller == nullptr || calls_[i].caller->is_library) continue;
    shown = calls_[i].caller.get();
    offset = calls_[i].offset;
  }
  Place place = Locate(shown->source, offset);
  std::string message = error.message() + CaretLines(shown->source, offset);
  constexpr std::size_t kFramesShown = 12;
  for (std::size_t i = calls_.size(); i-- > 0;) {
    if (calls_.size() - i > kFramesShown) {
      message += fmt::format("\n  … and {} more", i + 1);
      break;
    }
    const Frame& call = calls_[i];
    if (call.caller == nullptr) {
      message += fmt::format("\n  in macro {}", call.macro);
      continue;
    }
    Place from = Locate(call.caller->source, call.offset);
    message +=
        fmt::format("\n  in macro {}, called from {}:{}:{}", call.macro, call.caller->name, from.line, from.column);
  }
  std::string hint = error.hint().empty() ? NearestName(error) : error.hint();
  return Error(error.code(), std::move(message)).Hint(std::move(hint)).At(shown->name, place.line, place.column);
}

Result<Value> Interpreter::CallMacro(const Macro& macro, Arguments arguments) {
  if (static_cast<int>(calls_.size()) >= options_.macro_depth_max) {
    return Fail(ErrorCode::kJinjaLimit,
                fmt::format("macro '{}' is called more than {} levels deep", macro.name(), options_.macro_depth_max));
  }
  if (options_.stop.stop_requested()) return Fail(ErrorCode::kCancelled, "interrupted");
  // C++ code may call a macro while no template is being rendered.
  Restore restore_base(stack_base_, stack_base_ != nullptr ? stack_base_ : StackHere());
  auto bound = BindMacro(macro, std::move(arguments));
  if (!bound) return Fail(std::move(bound).error());
  return RunMacroBody(macro, *bound);
}

Result<ScopePointer> Interpreter::BindMacro(const Macro& macro, Arguments arguments) {
  ScopePointer enclosing = macro.enclosing();
  if (macro.encloses() && enclosing == nullptr) {
    return Fail(ErrorCode::kJinjaType, fmt::format("macro '{}' is used after the block that defines it", macro.name()));
  }
  for (const Value& argument : arguments.positional) SMELT_TRY(RefuseDepth(argument));
  for (const auto& [name, argument] : arguments.named) SMELT_TRY(RefuseDepth(argument));
  auto scope = std::make_shared<Scope>(std::move(enclosing));
  const auto& parameters = macro.signature().parameters;
  std::vector<const Parameter*> missing;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    auto named = arguments.TakeNamed(parameter.name);
    if (i < arguments.positional.size()) {
      if (named) {
        return Fail(ErrorCode::kJinjaType, fmt::format("macro '{}' got '{}' twice", macro.name(), parameter.name));
      }
      scope->Set(parameter.name, std::move(arguments.positional[i]));
    } else if (named) {
      scope->Set(parameter.name, *std::move(named));
    } else if (parameter.fallback == nullptr) {
      scope->Set(parameter.name, Value::Undefined(fmt::format("parameter '{}' was not provided", parameter.name)));
    } else {
      // Defaults may refer to the parameters before them.
      Restore restore_scope(scope_, scope);
      Restore restore_template(template_, macro.home());
      SMELT_ASSIGN(Value value, Evaluate(*parameter.fallback));
      scope->Set(parameter.name, std::move(value));
    }
  }
  std::size_t taken = std::min(parameters.size(), arguments.positional.size());
  arguments.positional.erase(arguments.positional.begin(),
                             arguments.positional.begin() + static_cast<std::ptrdiff_t>(taken));
  SMELT_TRY(BindRest(macro, *scope, arguments));
  return scope;
}

Status Interpreter::BindRest(const Macro& macro, Scope& scope, Arguments& arguments) {
  const Signature& signature = macro.signature();
  auto is_caller = [](const Parameter& parameter) { return parameter.name == "caller"; };
  if (signature.uses_caller && std::ranges::none_of(signature.parameters, is_caller)) {
    auto caller = arguments.TakeNamed("caller");
    scope.Set("caller", caller ? *std::move(caller) : Value::Undefined("no caller defined"));
  }
  if (signature.uses_varargs) {
    scope.Set("varargs", Value::MakeTuple(std::move(arguments.positional)));
  } else if (!arguments.positional.empty()) {
    return Fail(ErrorCode::kJinjaType,
                fmt::format("macro '{}' takes not more than {} argument{}", macro.name(), signature.parameters.size(),
                            signature.parameters.size() == 1 ? "" : "s"));
  }
  if (signature.uses_kwargs) {
    Dict rest;
    for (auto& [name, value] : arguments.named) rest.Set(name, std::move(value));
    scope.Set("kwargs", Value::MakeDict(std::move(rest)));
  } else if (!arguments.named.empty()) {
    return Fail(ErrorCode::kJinjaType,
                fmt::format("macro '{}' takes no argument '{}'", macro.name(), arguments.named[0].first));
  }
  return {};
}

Result<Value> Interpreter::RunMacroBody(const Macro& macro, const ScopePointer& scope) {
  calls_.push_back({macro.name(), template_, call_offset_});
  Restore restore_template(template_, macro.home());
  Restore restore_scope(scope_, scope);
  Restore restore_returned(returned_, std::optional<Value>());
  Restore restore_site(
      site_,
      site_ == nullptr ? nullptr : std::make_shared<const Site>(Site{macro.home(), macro.name(), site_, call_offset_}));
  Output output;
  Restore restore_out(out_, &output);
  auto flow = RunBody(macro.body());
  calls_.pop_back();
  if (!flow) return Fail(std::move(flow).error());
  if (returned_) return *std::move(returned_);
  return Keep(std::move(output));
}

}  // namespace smelt::transform::jinja
