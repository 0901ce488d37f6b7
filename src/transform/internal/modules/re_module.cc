// Python's re module as templates see it.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/iterables.h"
#include "transform/internal/jinja/unicode.h"
#include "transform/internal/modules/module_parts.h"
#include "transform/internal/modules/object_methods.h"
#include "transform/internal/modules/regular_expression.h"

namespace smelt::transform::jinja {
namespace {

using Expression = std::shared_ptr<const RegularExpression>;
using Anchor = RegularExpression::Anchor;

/// Python's match object.
class MatchObject final : public Object {
 public:
  MatchObject(Expression expression, std::shared_ptr<const std::string> text, RegularExpression::Found found)
      : expression_(std::move(expression)), text_(std::move(text)), found_(std::move(found)) {}

  std::string type_name() const override { return "re.Match"; }
  std::string ToText() const override {
    return fmt::format("<re.Match object; span=({}, {}), match={}>", Position(found_.groups[0]->begin),
                       Position(found_.groups[0]->end), Group(0, Value::None()).Repr());
  }
  std::optional<Value> Attribute(std::string_view name) override;
  std::optional<Value> Item(const Value& key) override {
    auto index = IndexOf(key);
    return index ? std::optional<Value>(Group(*index, Value::None())) : std::nullopt;
  }

  Value Group(std::size_t index, const Value& fallback) const {
    const auto& span = found_.groups[index];
    return span ? Value(text_->substr(span->begin, span->end - span->begin)) : fallback;
  }
  Result<std::size_t> IndexOf(const Value& group) const {
    if (group.is_integral() && group.integer() >= 0 &&
        group.integer() < static_cast<std::int64_t>(found_.groups.size())) {
      return static_cast<std::size_t>(group.integer());
    }
    if (group.is_text()) {
      auto named = expression_->named_groups().find(group.text());
      if (named != expression_->named_groups().end()) return static_cast<std::size_t>(named->second);
    }
    return Fail(ErrorCode::kJinjaType, fmt::format("re: there is no group {}", group.Repr()));
  }
  /// In characters; -1 for a group that took no part.
  Value Edge(std::size_t index, bool end) const {
    const auto& span = found_.groups[index];
    return span ? Value(Position(end ? span->end : span->begin)) : Value(-1);
  }
  const RegularExpression& expression() const { return *expression_; }
  std::size_t group_count() const { return found_.groups.size(); }

 private:
  std::int64_t Position(std::size_t byte) const {
    return static_cast<std::int64_t>(CharacterCount(std::string_view(*text_).substr(0, byte)));
  }

  Expression expression_;
  std::shared_ptr<const std::string> text_;
  RegularExpression::Found found_;
};

/// group(), group(1), group('name', 2).
Result<Value> GroupOf(MatchObject& self, Interpreter&, const Arguments& arguments) {
  List wanted = arguments.positional, groups;
  if (wanted.empty()) wanted.emplace_back(0);
  for (const Value& group : wanted) {
    SMELT_ASSIGN(std::size_t index, self.IndexOf(group));
    groups.push_back(self.Group(index, Value::None()));
  }
  return groups.size() == 1 ? groups[0] : Value::MakeTuple(std::move(groups));
}

Result<Value> GroupsOf(MatchObject& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("groups", {"default"}, 0));
  List groups;
  for (std::size_t i = 1; i < self.group_count(); ++i) {
    groups.push_back(self.Group(i, bound[0].is_undefined() ? Value::None() : bound[0]));
  }
  return Value::MakeTuple(std::move(groups));
}

/// The names of groups in the order in which they stand in the pattern.
std::vector<std::pair<int, std::string>> NamesOf(const RegularExpression& expression) {
  std::vector<std::pair<int, std::string>> names;
  for (const auto& [name, index] : expression.named_groups()) names.emplace_back(index, name);
  std::ranges::sort(names);
  return names;
}

Result<Value> GroupDictOf(MatchObject& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("groupdict", {"default"}, 0));
  Dict groups;
  for (const auto& [index, name] : NamesOf(self.expression())) {
    groups.Set(name, self.Group(static_cast<std::size_t>(index), bound[0].is_undefined() ? Value::None() : bound[0]));
  }
  return Value::MakeDict(std::move(groups));
}

Result<std::size_t> GroupArgument(const MatchObject& self, const char* function, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind(function, {"group"}, 0));
  return self.IndexOf(bound[0].is_undefined() ? Value(0) : bound[0]);
}
Result<Value> StartOf(MatchObject& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(std::size_t index, GroupArgument(self, "start", arguments));
  return self.Edge(index, false);
}
Result<Value> EndOf(MatchObject& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(std::size_t index, GroupArgument(self, "end", arguments));
  return self.Edge(index, true);
}
Result<Value> SpanOf(MatchObject& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(std::size_t index, GroupArgument(self, "span", arguments));
  return Value::MakeTuple({self.Edge(index, false), self.Edge(index, true)});
}

constexpr ObjectMethod<MatchObject> kMatchMethods[] = {
    {"end", EndOf},       {"group", GroupOf}, {"groupdict", GroupDictOf},
    {"groups", GroupsOf}, {"span", SpanOf},   {"start", StartOf},
};

std::optional<Value> MatchObject::Attribute(std::string_view name) {
  if (name == "string") return Value(*text_);
  return BoundObjectMethod(*this, kMatchMethods, name);
}

Result<std::string> TextOf(const char* function, const Value& value) {
  if (value.is_text()) return value.text();
  return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs a string, not '{}'", function, value.type_name()));
}

Value MatchOrNone(const Expression& expression, const std::string& text, Anchor anchor) {
  auto found = expression->Match(text, 0, anchor);
  if (!found) return Value::None();
  return Value(std::make_shared<MatchObject>(expression, std::make_shared<const std::string>(text), *std::move(found)));
}

/// What findall gives for one match: the whole, the only group, or a tuple of the groups.
Value Taken(const std::string& text, const RegularExpression::Found& found) {
  auto part = [&](std::size_t index) {
    const auto& span = found.groups[index];
    return span ? Value(text.substr(span->begin, span->end - span->begin)) : Value("");
  };
  if (found.groups.size() <= 2) return part(found.groups.size() - 1);
  List groups;
  for (std::size_t i = 1; i < found.groups.size(); ++i) groups.push_back(part(i));
  return Value::MakeTuple(std::move(groups));
}

/// A replacement text with "\1", "\g<name>" and escapes replaced.
Result<std::string> Expand(const MatchObject& match, std::string_view form) {
  std::string out;
  auto add = [&](const Value& group) -> Status {
    SMELT_ASSIGN(std::size_t index, match.IndexOf(group));
    out += match.Group(index, Value("")).text();
    return {};
  };
  auto is_digit = [&form](std::size_t at) { return at < form.size() && form[at] >= '0' && form[at] <= '9'; };
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '\\' || i + 1 == form.size()) {
      out += form[i];
      continue;
    }
    char c = form[++i];
    constexpr std::string_view kFrom = "abfnrtv\\", kTo = "\a\b\f\n\r\t\v\\";
    if (std::size_t at = kFrom.find(c); at != std::string_view::npos) {
      out += kTo[at];
    } else if (c == 'g' && i + 1 < form.size() && form[i + 1] == '<') {
      std::size_t close = std::min(form.find('>', i), form.size());
      std::string name(form.substr(i + 2, close - i - 2));
      bool number =
          !name.empty() && name.size() < 4 && std::ranges::all_of(name, [](char d) { return d >= '0' && d <= '9'; });
      std::int64_t index = 0;
      for (char d : name) index = number ? index * 10 + (d - '0') : 0;
      SMELT_TRY(add(number ? Value(index) : Value(name)));
      i = close;
    } else if (c >= '1' && c <= '9') {
      std::int64_t index = c - '0';
      if (is_digit(i + 1)) index = index * 10 + (form[++i] - '0');
      SMELT_TRY(add(Value(index)));
    } else if (c == '0') {
      out += '\0';
    } else if (std::isalpha(static_cast<unsigned char>(c))) {
      return Fail(ErrorCode::kJinjaType, fmt::format("re: bad escape '\\{}' in a replacement", c));
    } else {
      out += '\\';
      out += c;
    }
  }
  return out;
}

struct Replaced {
  std::string text;
  std::int64_t count = 0;
};

/// sub: every match, or the first `count` ones, replaced by a text or what a callable makes of it.
Result<Replaced> Substitute(Interpreter& interpreter, const Expression& expression, const Value& by,
                            const std::string& text, std::int64_t count) {
  Replaced result;
  auto held = std::make_shared<const std::string>(text);
  std::size_t position = 0;
  for (auto& found : expression->MatchAll(text)) {
    if (count > 0 && result.count == count) break;
    RegularExpression::Found::Span span = *found.groups[0];
    auto match = std::make_shared<MatchObject>(expression, held, std::move(found));
    result.text += text.substr(position, span.begin - position);
    if (by.is_text()) {
      SMELT_ASSIGN(std::string replacement, Expand(*match, by.text()));
      result.text += replacement;
    } else {
      Arguments arguments;
      arguments.positional.emplace_back(match);
      SMELT_ASSIGN(Value replacement, interpreter.Call(by, std::move(arguments)));
      result.text += replacement.ToText();
    }
    if (result.text.size() > (64U << 20))
      return Fail(ErrorCode::kJinjaLimit, "re.sub() makes more than 64 MiB of text");
    position = span.end;
    ++result.count;
  }
  result.text += text.substr(position);
  return result;
}

Value SplitBy(const Expression& expression, const std::string& text, std::int64_t splits_max) {
  List parts;
  std::size_t position = 0;
  std::int64_t splits = 0;
  for (const auto& found : expression->MatchAll(text)) {
    if (splits_max > 0 && splits == splits_max) break;
    RegularExpression::Found::Span span = *found.groups[0];
    parts.emplace_back(text.substr(position, span.begin - position));
    for (std::size_t i = 1; i < found.groups.size(); ++i) {
      const auto& group = found.groups[i];
      parts.push_back(group ? Value(text.substr(group->begin, group->end - group->begin)) : Value::None());
    }
    position = span.end;
    ++splits;
  }
  parts.emplace_back(text.substr(position));
  return Value::MakeList(std::move(parts));
}

/// Python's compiled pattern.
class PatternObject final : public Object {
 public:
  explicit PatternObject(Expression expression) : expression_(std::move(expression)) {}

  const Expression& expression() const { return expression_; }
  std::string type_name() const override { return "re.Pattern"; }
  std::string ToText() const override { return "re.compile(" + Value(expression_->pattern()).Repr() + ")"; }
  std::optional<Value> Attribute(std::string_view name) override;

 private:
  Expression expression_;
};

/// A function of the module, called with a pattern, and the method of a compiled pattern in one: `names` are the
/// parameters behind the pattern.
struct Operation {
  std::string_view name;
  std::vector<std::string_view> names;
  std::size_t required;
  Result<Value> (*run)(Interpreter& interpreter, const Expression& expression, const List& bound);
};

Result<std::int64_t> CountOf(const Value& value) {
  if (value.is_undefined()) return 0;
  if (value.is_integral()) return value.integer();
  return Fail(ErrorCode::kJinjaType, "re: a number of replacements or splits is an integer");
}

template <Anchor kAnchor>
Result<Value> MatchWith(Interpreter&, const Expression& expression, const List& bound) {
  SMELT_ASSIGN(std::string text, TextOf("match", bound[0]));
  return MatchOrNone(expression, text, kAnchor);
}
Result<Value> FindAll(Interpreter&, const Expression& expression, const List& bound) {
  SMELT_ASSIGN(std::string text, TextOf("findall", bound[0]));
  List all;
  for (const auto& found : expression->MatchAll(text)) all.push_back(Taken(text, found));
  return Value::MakeList(std::move(all));
}
Result<Value> FindOneByOne(Interpreter&, const Expression& expression, const List& bound) {
  SMELT_ASSIGN(std::string text, TextOf("finditer", bound[0]));
  auto held = std::make_shared<const std::string>(text);
  List all;
  for (auto& found : expression->MatchAll(text)) {
    all.emplace_back(std::make_shared<MatchObject>(expression, held, std::move(found)));
  }
  return Iterator::Make("callable_iterator object", std::move(all));
}
Result<Replaced> SubstituteBound(Interpreter& interpreter, const Expression& expression, const List& bound) {
  SMELT_ASSIGN(std::string text, TextOf("sub", bound[1]));
  SMELT_ASSIGN(std::int64_t count, CountOf(bound[2]));
  return Substitute(interpreter, expression, bound[0], text, count);
}
Result<Value> Sub(Interpreter& interpreter, const Expression& expression, const List& bound) {
  SMELT_ASSIGN(Replaced replaced, SubstituteBound(interpreter, expression, bound));
  return Value(std::move(replaced.text));
}
Result<Value> SubWithCount(Interpreter& interpreter, const Expression& expression, const List& bound) {
  SMELT_ASSIGN(Replaced replaced, SubstituteBound(interpreter, expression, bound));
  return Value::MakeTuple({replaced.text, replaced.count});
}
Result<Value> Split(Interpreter&, const Expression& expression, const List& bound) {
  SMELT_ASSIGN(std::string text, TextOf("split", bound[0]));
  SMELT_ASSIGN(std::int64_t splits, CountOf(bound[1]));
  return SplitBy(expression, text, splits);
}

std::vector<Operation> Operations() {
  return {
      {"findall", {"string"}, 1, FindAll},
      {"finditer", {"string"}, 1, FindOneByOne},
      {"fullmatch", {"string"}, 1, MatchWith<Anchor::kBoth>},
      {"match", {"string"}, 1, MatchWith<Anchor::kStart>},
      {"search", {"string"}, 1, MatchWith<Anchor::kNone>},
      {"split", {"string", "maxsplit"}, 1, Split},
      {"sub", {"repl", "string", "count"}, 2, Sub},
      {"subn", {"repl", "string", "count"}, 2, SubWithCount},
  };
}

std::optional<Value> PatternObject::Attribute(std::string_view name) {
  if (name == "pattern") return Value(expression_->pattern());
  if (name == "flags")
    return Value(expression_->flags() | ((expression_->flags() & RegularExpression::kAscii) != 0 ? 0 : 32));
  if (name == "groups") return Value(expression_->group_count());
  if (name == "groupindex") {
    Dict names;
    for (const auto& [index, group] : NamesOf(*expression_)) names.Set(group, Value(index));
    return Value::MakeDict(std::move(names));
  }
  for (Operation& operation : Operations()) {
    if (operation.name != name) continue;
    auto body = [operation, expression = expression_](Interpreter& interpreter, Arguments arguments) -> Result<Value> {
      SMELT_ASSIGN(List bound, arguments.Bind(operation.name, operation.names, operation.required));
      return operation.run(interpreter, expression, bound);
    };
    return Function::Make(std::string(name), std::move(body));
  }
  return std::nullopt;
}

/// A pattern as a text with flags, or compiled.
Result<Expression> ExpressionOf(const Value& pattern, const Value& flags) {
  if (auto compiled = pattern.As<PatternObject>()) return compiled->expression();
  SMELT_ASSIGN(std::string text, TextOf("re", pattern));
  if (!flags.is_undefined() && !flags.is_integral()) return Fail(ErrorCode::kJinjaType, "re: flags are integers");
  return RegularExpression::Compile(text, flags.is_undefined() ? 0 : flags.integer());
}

Value AsFunction(Operation operation) {
  std::string name(operation.name);
  std::vector<std::string_view> names{"pattern"};
  names.insert(names.end(), operation.names.begin(), operation.names.end());
  names.emplace_back("flags");
  auto body = [operation = std::move(operation), names](Interpreter& interpreter,
                                                        Arguments arguments) -> Result<Value> {
    SMELT_ASSIGN(List bound, arguments.Bind(operation.name, names, operation.required + 1));
    SMELT_ASSIGN(Expression expression, ExpressionOf(bound.front(), bound.back()));
    return operation.run(interpreter, expression, List(bound.begin() + 1, bound.end() - 1));
  };
  return Function::Make(std::move(name), std::move(body));
}

Result<Value> CompilePattern(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("compile", {"pattern", "flags"}, 1));
  SMELT_ASSIGN(Expression expression, ExpressionOf(bound[0], bound[1]));
  return Value(std::make_shared<PatternObject>(std::move(expression)));
}

Result<Value> Escape(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("escape", {"pattern"}, 1));
  SMELT_ASSIGN(std::string text, TextOf("escape", bound[0]));
  std::string out;
  for (char c : text) {
    if (std::string_view("()[]{}?*+-|^$\\.&~# \t\n\r\v\f").contains(c)) out += '\\';
    out += c;
  }
  return Value(std::move(out));
}

Result<Value> Purge(Interpreter&, Arguments) {
  return Value::None();
}

}  // namespace

Value MakeReModule() {
  auto module = std::make_shared<Record>("re");
  for (Operation& operation : Operations()) {
    std::string name(operation.name);
    module->Set(std::move(name), AsFunction(std::move(operation)));
  }
  module->Set("compile", Function::Make("compile", CompilePattern));
  module->Set("escape", Function::Make("escape", Escape));
  module->Set("purge", Function::Make("purge", Purge));
  constexpr std::pair<const char*, std::int64_t> kFlags[] = {{"A", RegularExpression::kAscii},
                                                             {"ASCII", RegularExpression::kAscii},
                                                             {"I", RegularExpression::kIgnoreCase},
                                                             {"IGNORECASE", RegularExpression::kIgnoreCase},
                                                             {"M", RegularExpression::kMultiline},
                                                             {"MULTILINE", RegularExpression::kMultiline},
                                                             {"S", RegularExpression::kDotAll},
                                                             {"DOTALL", RegularExpression::kDotAll},
                                                             {"U", 32},
                                                             {"UNICODE", 32},
                                                             {"X", RegularExpression::kVerbose},
                                                             {"VERBOSE", RegularExpression::kVerbose},
                                                             {"NOFLAG", 0}};
  for (const auto& [name, value] : kFlags) module->Set(name, Value(value));
  return Value(std::move(module));
}

}  // namespace smelt::transform::jinja
