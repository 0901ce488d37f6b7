#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

const std::string& Self(const BuiltinCall& call) {
  return call.input.text();
}

Result<std::string> CharactersArgument(const BuiltinCall& call) {
  if (call.Given(0) == nullptr) return std::string();
  return call.Text(0);
}

Result<Value> Upper(BuiltinCall& call) {
  return Value(ToUpper(Self(call)));
}
Result<Value> Lower(BuiltinCall& call) {
  return Value(ToLower(Self(call)));
}
Result<Value> CapitalizeText(BuiltinCall& call) {
  return Value(Capitalize(Self(call)));
}

Result<Value> SwapCase(BuiltinCall& call) {
  std::string out;
  for (std::string_view character : Characters(Self(call))) {
    out += IsUpper(DecodeAt(character, 0).value) ? ToLower(character) : ToUpper(character);
  }
  return Value(std::move(out));
}

Result<Value> Title(BuiltinCall& call) {
  std::string out;
  bool in_word = false;
  for (std::string_view character : Characters(Self(call))) {
    bool letter = IsLetter(DecodeAt(character, 0).value);
    out += !letter ? std::string(character) : in_word ? ToLower(character) : ToUpper(character);
    in_word = letter;
  }
  return Value(std::move(out));
}

Result<Value> Strip(BuiltinCall& call) {
  SMELT_ASSIGN(std::string characters, CharactersArgument(call));
  return Value(StripRight(StripLeft(Self(call), characters), characters));
}
Result<Value> StripStart(BuiltinCall& call) {
  SMELT_ASSIGN(std::string characters, CharactersArgument(call));
  return Value(StripLeft(Self(call), characters));
}
Result<Value> StripEnd(BuiltinCall& call) {
  SMELT_ASSIGN(std::string characters, CharactersArgument(call));
  return Value(StripRight(Self(call), characters));
}

List SplitAtSpaces(std::string_view text, std::int64_t splits_max) {
  List parts;
  text = StripLeft(text);
  while (!text.empty()) {
    if (splits_max >= 0 && static_cast<std::int64_t>(parts.size()) == splits_max) {
      parts.emplace_back(StripRight(text));
      break;
    }
    std::size_t end = 0;
    while (end < text.size() && !IsSpace(DecodeAt(text, end).value)) end += DecodeAt(text, end).length;
    parts.emplace_back(text.substr(0, end));
    text = StripLeft(text.substr(end));
  }
  return parts;
}

Result<Value> Split(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t splits_max, call.Integer(1, -1));
  if (call.Given(0) == nullptr) return Value::MakeList(SplitAtSpaces(Self(call), splits_max));
  SMELT_ASSIGN(std::string separator, call.Text(0));
  if (separator.empty()) return Fail(ErrorCode::kJinjaType, "split() needs a separator that is not empty");
  List parts;
  std::string_view rest = Self(call);
  while (splits_max < 0 || static_cast<std::int64_t>(parts.size()) < splits_max) {
    std::size_t at = rest.find(separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(rest.substr(0, at));
    rest.remove_prefix(at + separator.size());
  }
  parts.emplace_back(rest);
  return Value::MakeList(std::move(parts));
}

Result<Value> SplitFromEnd(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t splits_max, call.Integer(1, -1));
  if (call.Given(0) == nullptr && splits_max < 0) return Value::MakeList(SplitAtSpaces(Self(call), -1));
  if (call.Given(0) == nullptr) return Fail(ErrorCode::kJinjaType, "rsplit() with a limit needs a separator");
  SMELT_ASSIGN(std::string separator, call.Text(0));
  if (separator.empty()) return Fail(ErrorCode::kJinjaType, "rsplit() needs a separator that is not empty");
  List parts;
  std::string_view rest = Self(call);
  while (splits_max < 0 || static_cast<std::int64_t>(parts.size()) < splits_max) {
    std::size_t at = rest.rfind(separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(rest.substr(at + separator.size()));
    rest = rest.substr(0, at);
  }
  parts.emplace_back(rest);
  std::ranges::reverse(parts);
  return Value::MakeList(std::move(parts));
}

Result<Value> SplitLines(BuiltinCall& call) {
  List lines;
  std::string_view rest = Self(call);
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    lines.emplace_back(rest.substr(0, end));
    std::size_t skip = rest.substr(end).starts_with("\r\n") ? 2 : end < rest.size() ? 1 : 0;
    rest.remove_prefix(end + skip);
  }
  return Value::MakeList(std::move(lines));
}

Result<Value> Replace(BuiltinCall& call) {
  SMELT_ASSIGN(std::string from, call.Text(0));
  SMELT_ASSIGN(std::string to, call.Text(1));
  SMELT_ASSIGN(std::int64_t count, call.Integer(2, -1));
  return Value(ReplaceText(Self(call), from, to, count));
}

/// startswith and endswith take one text or a tuple of them.
Result<Value> MatchesAny(BuiltinCall& call, bool (*matches)(std::string_view, std::string_view)) {
  const Value& wanted = call.arguments[0];
  if (wanted.is_text()) return Value(matches(Self(call), wanted.text()));
  if (!wanted.is_tuple()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs a string or a tuple of strings", call.name));
  }
  return Value(std::ranges::any_of(
      wanted.items(), [&](const Value& item) { return item.is_text() && matches(Self(call), item.text()); }));
}

Result<Value> StartsWith(BuiltinCall& call) {
  return MatchesAny(call, [](std::string_view text, std::string_view prefix) { return text.starts_with(prefix); });
}
Result<Value> EndsWith(BuiltinCall& call) {
  return MatchesAny(call, [](std::string_view text, std::string_view suffix) { return text.ends_with(suffix); });
}

Result<Value> RemovePrefix(BuiltinCall& call) {
  SMELT_ASSIGN(std::string prefix, call.Text(0));
  std::string_view text = Self(call);
  return Value(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
}
Result<Value> RemoveSuffix(BuiltinCall& call) {
  SMELT_ASSIGN(std::string suffix, call.Text(0));
  std::string_view text = Self(call);
  return Value(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
}

Result<Value> Join(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.arguments[0]));
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_text()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("join() needs strings, item {} is '{}'", i, items[i].type_name()));
    }
    if (i > 0) out += Self(call);
    out += items[i].text();
  }
  return Value(std::move(out));
}

/// The character position of byte `at`, or -1.
std::int64_t CharacterPosition(std::string_view text, std::size_t at) {
  return at == std::string_view::npos ? -1 : static_cast<std::int64_t>(CharacterCount(text.substr(0, at)));
}

Result<Value> Find(BuiltinCall& call) {
  SMELT_ASSIGN(std::string wanted, call.Text(0));
  return CharacterPosition(Self(call), Self(call).find(wanted));
}
Result<Value> FindFromEnd(BuiltinCall& call) {
  SMELT_ASSIGN(std::string wanted, call.Text(0));
  return CharacterPosition(Self(call), Self(call).rfind(wanted));
}
Result<Value> Index(BuiltinCall& call) {
  SMELT_ASSIGN(Value position, Find(call));
  if (position.integer() < 0) return Fail(ErrorCode::kJinjaType, "index(): the string does not contain it");
  return position;
}

Result<Value> Count(BuiltinCall& call) {
  SMELT_ASSIGN(std::string wanted, call.Text(0));
  if (wanted.empty()) return CharacterCount(Self(call)) + 1;
  std::int64_t count = 0;
  for (std::size_t at = Self(call).find(wanted); at != std::string::npos; ++count) {
    at = Self(call).find(wanted, at + wanted.size());
  }
  return count;
}

Result<Value> Format(BuiltinCall& call) {
  SMELT_ASSIGN(std::string text, BraceFormat(Self(call), call.raw));
  return Value(std::move(text));
}

Result<Value> PadTo(BuiltinCall& call, char align) {
  SMELT_ASSIGN(std::int64_t width, call.Integer(0, 0));
  if (width > kElementsMax) return Fail(ErrorCode::kJinjaLimit, fmt::format("{}() was given a huge width", call.name));
  std::string fill = " ";
  if (call.Given(1) != nullptr) {
    SMELT_ASSIGN(fill, call.Text(1));
  }
  std::string out = Self(call);
  auto missing = width - static_cast<std::int64_t>(CharacterCount(out));
  std::string left, right;
  // Python puts the odd one of a centred text to the left when the width is odd.
  std::int64_t on_left = align == '<' ? 0 : align == '>' ? missing : missing / 2 + (missing & width & 1);
  for (std::int64_t i = 0; i < missing; ++i) (i < on_left ? left : right) += fill;
  return Value(left + out + right);
}
Result<Value> PadRight(BuiltinCall& call) {
  return PadTo(call, '<');
}
Result<Value> PadLeft(BuiltinCall& call) {
  return PadTo(call, '>');
}
Result<Value> Center(BuiltinCall& call) {
  return PadTo(call, '^');
}

Result<Value> ZeroFill(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t width, call.Integer(0, 0));
  const std::string& text = Self(call);
  auto missing = std::clamp<std::int64_t>(width - static_cast<std::int64_t>(CharacterCount(text)), 0, kElementsMax);
  std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  return Value(text.substr(0, sign) + std::string(static_cast<std::size_t>(missing), '0') + text.substr(sign));
}

Result<Value> PartitionAt(BuiltinCall& call, bool from_end) {
  SMELT_ASSIGN(std::string separator, call.Text(0));
  const std::string& text = Self(call);
  std::size_t at = from_end ? text.rfind(separator) : text.find(separator);
  if (at != std::string::npos) {
    return Value::MakeTuple({text.substr(0, at), separator, text.substr(at + separator.size())});
  }
  return from_end ? Value::MakeTuple({"", "", text}) : Value::MakeTuple({text, "", ""});
}
Result<Value> Partition(BuiltinCall& call) {
  return PartitionAt(call, false);
}
Result<Value> PartitionFromEnd(BuiltinCall& call) {
  return PartitionAt(call, true);
}

/// Whether there are characters and all of them satisfy `predicate`.
Value AllCharacters(const BuiltinCall& call, bool (*predicate)(char32_t)) {
  const std::string& text = Self(call);
  return !text.empty() && std::ranges::all_of(Characters(text), [predicate](std::string_view character) {
    return predicate(DecodeAt(character, 0).value);
  });
}

Result<Value> IsDigits(BuiltinCall& call) {
  return AllCharacters(call, IsDigit);
}
Result<Value> IsLetters(BuiltinCall& call) {
  return AllCharacters(call, IsLetter);
}
Result<Value> IsSpaces(BuiltinCall& call) {
  return AllCharacters(call, IsSpace);
}
Result<Value> IsAlphanumeric(BuiltinCall& call) {
  return AllCharacters(call, [](char32_t value) { return IsDigit(value) || IsLetter(value); });
}
Result<Value> IsIdentifier(BuiltinCall& call) {
  bool starts_with_digit = !Self(call).empty() && IsDigit(static_cast<unsigned char>(Self(call)[0]));
  return !starts_with_digit &&
         AllCharacters(call, [](char32_t value) { return IsDigit(value) || IsLetter(value) || value == '_'; }).Truthy();
}

/// Whether there are letters with case and none of them has the other one.
Value HasOnlyCase(const BuiltinCall& call, bool (*wanted)(char32_t), bool (*other)(char32_t)) {
  bool found = false;
  for (std::string_view character : Characters(Self(call))) {
    char32_t value = DecodeAt(character, 0).value;
    if (other(value)) return false;
    found = found || wanted(value);
  }
  return found;
}
Result<Value> IsUpperText(BuiltinCall& call) {
  return HasOnlyCase(call, IsUpper, IsLower);
}
Result<Value> IsLowerText(BuiltinCall& call) {
  return HasOnlyCase(call, IsLower, IsUpper);
}

constexpr Builtin kMethods[] = {
    {"capitalize", CapitalizeText},
    {"casefold", Lower},
    {"center", Center, {"width", "fillchar"}, 1},
    {"count", Count, {"sub"}, 1},
    {"endswith", EndsWith, {"suffix"}, 1},
    {"find", Find, {"sub"}, 1},
    {"format", Format, {}, 0, true},
    {"index", Index, {"sub"}, 1},
    {"isalnum", IsAlphanumeric},
    {"isalpha", IsLetters},
    {"isdecimal", IsDigits},
    {"isdigit", IsDigits},
    {"isidentifier", IsIdentifier},
    {"islower", IsLowerText},
    {"isnumeric", IsDigits},
    {"isspace", IsSpaces},
    {"isupper", IsUpperText},
    {"join", Join, {"iterable"}, 1},
    {"ljust", PadRight, {"width", "fillchar"}, 1},
    {"lower", Lower},
    {"lstrip", StripStart, {"chars"}},
    {"partition", Partition, {"sep"}, 1},
    {"removeprefix", RemovePrefix, {"prefix"}, 1},
    {"removesuffix", RemoveSuffix, {"suffix"}, 1},
    {"replace", Replace, {"old", "new", "count"}, 2},
    {"rfind", FindFromEnd, {"sub"}, 1},
    {"rjust", PadLeft, {"width", "fillchar"}, 1},
    {"rpartition", PartitionFromEnd, {"sep"}, 1},
    {"rsplit", SplitFromEnd, {"sep", "maxsplit"}},
    {"rstrip", StripEnd, {"chars"}},
    {"split", Split, {"sep", "maxsplit"}},
    {"splitlines", SplitLines},
    {"startswith", StartsWith, {"prefix"}, 1},
    {"strip", Strip, {"chars"}},
    {"swapcase", SwapCase},
    {"title", Title},
    {"upper", Upper},
    {"zfill", ZeroFill, {"width"}, 1},
};
static_assert(SortedByName(kMethods));

}  // namespace

std::span<const Builtin> TextMethods() {
  return kMethods;
}

std::string ReplaceText(std::string_view text, std::string_view from, std::string_view to, std::int64_t count) {
  std::string out;
  std::size_t position = 0;
  for (std::int64_t done = 0; count < 0 || done < count; ++done) {
    std::size_t at = text.find(from, position);
    if (at == std::string_view::npos) break;
    out += text.substr(position, at - position);
    out += to;
    position = at + from.size();
    if (!from.empty()) continue;
    // An empty text is found before every character and at the end.
    if (at == text.size()) return out;
    position = at + DecodeAt(text, at).length;
    out += text.substr(at, position - at);
  }
  return out.append(text.substr(position));
}

}  // namespace smelt::transform::jinja
