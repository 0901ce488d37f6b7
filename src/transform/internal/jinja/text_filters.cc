#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/python_text.h"
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
Result<Value> Unchanged(BuiltinCall& call) {
  return call.input;
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

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}
Result<Value> Escape(BuiltinCall& call) {
  return Value(EscapeHtml(Input(call)));
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (;;) {
    std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
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
  std::string text = Input(call), out;
  std::vector<std::string_view> lines = Lines(text);
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

/// Breaks one line into pieces of at most `width` characters, at spaces where it can.
void WrapLine(std::string_view line, std::size_t width, bool break_long, std::vector<std::string>& out) {
  std::string current;
  std::size_t length = 0;
  auto flush = [&] {
    if (!current.empty()) out.push_back(std::move(current));
    current.clear();
    length = 0;
  };
  for (std::string_view rest = line; !(rest = StripLeft(rest)).empty();) {
    std::size_t end = 0;
    while (end < rest.size() && !IsSpace(DecodeAt(rest, end).value)) end += DecodeAt(rest, end).length;
    std::vector<std::string_view> word = Characters(rest.substr(0, end));
    rest.remove_prefix(end);
    if (length > 0 && length + 1 + word.size() > width) flush();
    if (length > 0) current += ' ', ++length;
    for (std::string_view character : word) {
      if (break_long && length == width) flush();
      current += character;
      ++length;
    }
  }
  flush();
}

Result<Value> WordWrap(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t width, call.Integer(0, 79));
  if (width < 1) return Fail(ErrorCode::kJinjaType, "wordwrap() needs a width of at least 1");
  bool break_long = call.arguments[1].is_undefined() || call.arguments[1].Truthy();
  std::string separator = call.Given(2) == nullptr ? "\n" : call.arguments[2].ToText();
  std::string text = Input(call);
  std::vector<std::string> pieces;
  for (std::string_view line : Lines(text)) {
    std::size_t before = pieces.size();
    WrapLine(line, static_cast<std::size_t>(width), break_long, pieces);
    if (pieces.size() == before) pieces.emplace_back();
  }
  return Value(fmt::format("{}", fmt::join(pieces, separator)));
}

Result<Value> UrlEncode(BuiltinCall& call) {
  constexpr std::string_view kSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~/";
  std::string out;
  for (char c : Input(call)) {
    if (kSafe.contains(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return Value(std::move(out));
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

Result<Value> Represent(BuiltinCall& call) {
  return Value(call.input.Repr());
}

constexpr Builtin kFilters[] = {
    {"as_bool", AsBool},
    {"as_native", AsNative},
    {"as_number", AsNumber},
    {"as_text", AsText},
    {"capitalize", CapitalizeText},
    {"center", Center, {"width"}},
    {"e", Escape},
    {"escape", Escape},
    {"forceescape", Escape},
    {"format", Format, {}, 0, true},
    {"indent", Indent, {"width", "first", "blank"}},
    {"lower", Lower},
    {"pprint", Represent},
    {"replace", Replace, {"old", "new", "count"}, 2},
    {"safe", Unchanged},
    {"string", Text},
    {"title", Title},
    {"tojson", ToJsonText, {"indent"}},
    {"trim", Trim, {"chars"}},
    {"truncate", Truncate, {"length", "killwords", "end", "leeway"}},
    {"upper", Upper},
    {"urlencode", UrlEncode},
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
