#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/jinja/text_wrap.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

std::string Input(const BuiltinCall& call) {
  return call.input.ToText();
}

Result<Value> Upper(BuiltinCall& call) {
  return Value(ToUpper(Input(call)));
}
Result<Value> Lower(BuiltinCall& call) {
  return Value(ToLower(Input(call)));
}
Result<Value> CapitalizeText(BuiltinCall& call) {
  return Value(Capitalize(Input(call)));
}
Result<Value> Text(BuiltinCall& call) {
  return Value(Input(call));
}

Result<Value> Trim(BuiltinCall& call) {
  std::string characters;
  if (call.Given(0) != nullptr) {
    SMELT_ASSIGN(characters, call.Text(0));
  }
  std::string text = Input(call);
  return Value(StripRight(StripLeft(text, characters), characters));
}

Result<Value> Replace(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t count, call.Integer(2, -1));
  return Value(ReplaceText(Input(call), call.arguments[0].ToText(), call.arguments[1].ToText(), count));
}

/// Every word starts with an upper-case letter; words end at white space, hyphens and opening brackets.
Result<Value> Title(BuiltinCall& call) {
  std::string text = Input(call), out;
  bool at_start = true;
  for (std::string_view character : Characters(text)) {
    bool separator = IsSpace(DecodeAt(character, 0).value) || std::string_view("-({[<").contains(character);
    out += at_start && !separator ? ToUpper(character) : ToLower(character);
    at_start = separator;
  }
  return Value(std::move(out));
}

Result<Value> Center(BuiltinCall& call) {
  Arguments arguments;
  SMELT_ASSIGN(std::int64_t width, call.Integer(0, 80));
  arguments.positional.emplace_back(width);
  return RunBuiltin(*FindBuiltin(TextMethods(), "center"), call.interpreter, Value(Input(call)), std::move(arguments));
}

Result<Value> Format(BuiltinCall& call) {
  if (!call.raw.named.empty() && !call.raw.positional.empty()) {
    return Fail(ErrorCode::kJinjaType, "format takes positional or named arguments, not both");
  }
  Value values = Value::MakeTuple(call.raw.positional);
  if (!call.raw.named.empty()) {
    values = Value::MakeDict();
    for (const auto& [name, value] : call.raw.named) values.dict().Set(name, value);
  }
  SMELT_ASSIGN(std::string text, PercentFormat(Input(call), values));
  return Value(std::move(text));
}

Result<Value> Indent(BuiltinCall& call) {
  std::string indention(4, ' ');
  if (const Value* width = call.Given(0)) {
    if (width->is_text()) {
      indention = width->text();
    } else {
      SMELT_ASSIGN(std::int64_t count, call.Integer(0, 4));
      indention.assign(static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, kElementsMax)), ' ');
    }
  }
  bool first = call.arguments[1].Truthy(), blank = call.arguments[2].Truthy();
  if (call.input.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, call.input.undefined_hint());
  if (!call.input.is_text()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("indent needs a text, not '{}'", call.input.type_name()));
  }
  std::string text = Input(call) + "\n", out;
  std::vector<std::string_view> lines = SplitLines(text, false);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += '\n';
    if (i == 0 ? first : blank || !lines[i].empty()) out += indention;
    out += lines[i];
  }
  return Value(std::move(out));
}

std::string Prefix(const std::vector<std::string_view>& characters, std::int64_t count) {
  std::string out;
  for (std::int64_t i = 0; i < count && i < static_cast<std::int64_t>(characters.size()); ++i) {
    out += characters[static_cast<std::size_t>(i)];
  }
  return out;
}

Result<Value> Truncate(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t length, call.Integer(0, 255));
  SMELT_ASSIGN(std::int64_t leeway, call.Integer(3, 5));
  std::string end = call.Given(2) == nullptr ? "..." : call.arguments[2].ToText();
  auto end_length = static_cast<std::int64_t>(CharacterCount(end));
  if (length < end_length || leeway < 0) {
    return Fail(ErrorCode::kJinjaType, "truncate() needs a length of at least that of its ending");
  }
  if (!call.input.is_text()) {
    SMELT_ASSIGN(std::int64_t size, jinja::Length(call.input));
    if (size <= length + leeway) return call.input;
    return Fail(ErrorCode::kJinjaType, fmt::format("truncate needs a text, not '{}'", call.input.type_name()));
  }
  std::string text = Input(call);
  auto characters = Characters(text);
  if (static_cast<std::int64_t>(characters.size()) <= length + leeway) return Value(text);
  std::string kept = Prefix(characters, length - end_length);
  bool kill_words = call.arguments[1].Truthy();
  if (!kill_words) kept = kept.substr(0, kept.rfind(' '));
  return Value(kept + end);
}

Result<Value> WordCount(BuiltinCall& call) {
  std::int64_t count = 0;
  bool in_word = false;
  for (std::string text = Input(call); std::string_view character : Characters(text)) {
    char32_t value = DecodeAt(character, 0).value;
    bool word = IsLetter(value) || IsDigit(value) || value == '_';
    if (word && !in_word) ++count;
    in_word = word;
  }
  return count;
}

Result<Value> WordWrap(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t width, call.Integer(0, 79));
  if (width < 1) return Fail(ErrorCode::kJinjaType, "wordwrap() needs a width of at least 1");
  if (!call.input.is_text()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("wordwrap needs a text, not '{}'", call.input.type_name()));
  }
  auto option = [&call](std::size_t index) {
    return call.arguments[index].is_undefined() || call.arguments[index].Truthy();
  };
  WrapOptions options{static_cast<std::size_t>(width), option(1), option(3)};
  std::string separator = call.Given(2) == nullptr ? "\n" : call.arguments[2].ToText(), text = Input(call);
  std::vector<std::string> pieces;
  for (std::string_view line : SplitLines(text, false))
    pieces.push_back(fmt::format("{}", fmt::join(WrapLine(line, options), separator)));
  return Value(fmt::format("{}", fmt::join(pieces, separator)));
}

/// JSON that is safe within HTML, keys sorted, as Jinja's filter writes it.
Result<Value> ToJsonText(BuiltinCall& call) {
  SMELT_ASSIGN(Json json, ToJson(call.input));
  SMELT_ASSIGN(std::int64_t indent, call.Integer(0, -1));
  std::string out;
  for (char c : PythonJson(json, true, static_cast<int>(std::clamp<std::int64_t>(indent, -1, 100)))) {
    switch (c) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      case '\'': out += "\\u0027"; break;
      default: out += c;
    }
  }
  return Value(std::move(out));
}

Result<Value> AsNative(BuiltinCall& call) {
  if (!call.interpreter.native()) return call.input;
  std::string text = Input(call);
  return ParseLiteral(text).value_or(Value(text));
}

Result<Value> AsBool(BuiltinCall& call) {
  SMELT_ASSIGN(Value value, AsNative(call));
  if (!call.interpreter.native() || value.is_boolean()) return value;
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' is not a boolean", Input(call)));
}

Result<Value> AsNumber(BuiltinCall& call) {
  SMELT_ASSIGN(Value value, AsNative(call));
  if (!call.interpreter.native() || (value.is_number() && !value.is_boolean())) return value;
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' is not a number", Input(call)));
}

Result<Value> AsText(BuiltinCall& call) {
  return call.interpreter.native() ? Value(Input(call)) : call.input;
}

Result<Value> Pretty(BuiltinCall& call) {
  return Value(PrettyText(call.input));
}

constexpr Builtin kFilters[] = {
    {"as_bool", AsBool},
    {"as_native", AsNative},
    {"as_number", AsNumber},
    {"as_text", AsText},
    {"capitalize", CapitalizeText},
    {"center", Center, {"width"}},
    {"format", Format, {}, 0, true},
    {"indent", Indent, {"width", "first", "blank"}},
    {"lower", Lower},
    {"pprint", Pretty},
    {"replace", Replace, {"old", "new", "count"}, 2},
    {"string", Text},
    {"title", Title},
    {"tojson", ToJsonText, {"indent"}},
    {"trim", Trim, {"chars"}},
    {"truncate", Truncate, {"length", "killwords", "end", "leeway"}},
    {"upper", Upper},
    {"wordcount", WordCount},
    {"wordwrap", WordWrap, {"width", "break_long_words", "wrapstring", "break_on_hyphens"}},
};
static_assert(SortedByName(kFilters));

void AppendJson(std::string& out, const Json& json, bool sort_keys, int indent, int depth) {
  auto separate = [&](bool first, int level) {
    if (!first) out += indent < 0 ? ", " : ",";
    if (indent >= 0)
      out.append(1, '\n').append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(level), ' ');
  };
  if (json.is_array() && !json.empty()) {
    out += '[';
    for (std::size_t i = 0; i < json.size(); ++i) {
      separate(i == 0, depth + 1);
      AppendJson(out, json[i], sort_keys, indent, depth + 1);
    }
    if (indent >= 0) separate(true, depth);
    out += ']';
  } else if (json.is_object() && !json.empty()) {
    std::vector<std::pair<std::string_view, const Json*>> members;
    for (const auto& [key, member] : json.items()) members.emplace_back(key, &member);
    if (sort_keys) std::ranges::sort(members, {}, &std::pair<std::string_view, const Json*>::first);
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      separate(i == 0, depth + 1);
      out += Json(members[i].first).dump(-1, ' ', true, Json::error_handler_t::replace) + ": ";
      AppendJson(out, *members[i].second, sort_keys, indent, depth + 1);
    }
    if (indent >= 0) separate(true, depth);
    out += '}';
  } else if (json.is_number_float()) {
    out += PythonReal(json.get<double>());
  } else {
    out += json.dump(-1, ' ', true, Json::error_handler_t::replace);
  }
}

}  // namespace

std::span<const Builtin> TextFilters() {
  return kFilters;
}

std::string PythonJson(const Json& json, bool sort_keys, int indent) {
  std::string out;
  AppendJson(out, json, sort_keys, indent, 0);
  return out;
}

}  // namespace smelt::transform::jinja
