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
Result<Value> FoldCase(BuiltinCall& call) {
  return Value(ReplaceText(ToLower(Self(call)), "ß", "ss", -1));
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
      parts.emplace_back(text);
      break;
    }
    std::size_t end = 0;
    while (end < text.size() && !IsSpace(DecodeAt(text, end).value)) end += DecodeAt(text, end).length;
    parts.emplace_back(text.substr(0, end));
    text = StripLeft(text.substr(end));
  }
  return parts;
}

/// The last `splits_max` words, after what stands before them.
List SplitAtSpacesFromEnd(std::string_view text, std::int64_t splits_max) {
  List words = SplitAtSpaces(text, -1);
  if (static_cast<std::int64_t>(words.size()) <= splits_max) return words;
  text = StripRight(text);
  List parts;
  for (auto word = words.rbegin(); static_cast<std::int64_t>(parts.size()) < splits_max; ++word) {
    parts.push_back(*word);
    text = StripRight(text.substr(0, text.size() - word->text().size()));
  }
  parts.emplace_back(text);
  std::ranges::reverse(parts);
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
  if (call.Given(0) == nullptr) return Value::MakeList(SplitAtSpacesFromEnd(Self(call), splits_max));
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

Result<Value> LinesOf(BuiltinCall& call) {
  List lines;
  for (std::string_view line : SplitLines(Self(call), call.arguments[0].Truthy())) lines.emplace_back(line);
  return Value::MakeList(std::move(lines));
}

Result<Value> Replace(BuiltinCall& call) {
  SMELT_ASSIGN(std::string from, call.Text(0));
  SMELT_ASSIGN(std::string to, call.Text(1));
  SMELT_ASSIGN(std::int64_t count, call.Integer(2, -1));
  return Value(ReplaceText(Self(call), from, to, count));
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

/// The part of a text between two positions that are given as arguments; positions count characters.
struct Section {
  std::string_view text;
  std::int64_t begin = 0;  ///< in characters
  bool exists = true;      ///< false when it starts behind the text's end
};

Result<Section> SectionOf(const BuiltinCall& call) {
  Section section{Self(call)};
  if (call.Given(1) == nullptr && call.Given(2) == nullptr) return section;
  auto characters = Characters(section.text);
  auto size = static_cast<std::int64_t>(characters.size());
  SMELT_ASSIGN(std::int64_t begin, call.Integer(1, 0));
  SMELT_ASSIGN(std::int64_t end, call.Integer(2, size));
  if (begin < 0) begin = std::max<std::int64_t>(begin, -size) + size;
  if (end < 0) end = std::max<std::int64_t>(end, -size) + size;
  end = std::min(end, size);
  if (begin > size || begin > end) return Section{{}, begin, false};
  const char* first =
      begin == size ? section.text.data() + section.text.size() : characters[static_cast<std::size_t>(begin)].data();
  const char* last =
      end == size ? section.text.data() + section.text.size() : characters[static_cast<std::size_t>(end)].data();
  return Section{std::string_view(first, static_cast<std::size_t>(last - first)), begin, true};
}

Result<Value> FindIn(BuiltinCall& call, bool from_end) {
  SMELT_ASSIGN(std::string wanted, call.Text(0));
  SMELT_ASSIGN(Section section, SectionOf(call));
  std::size_t at = from_end ? section.text.rfind(wanted) : section.text.find(wanted);
  if (!section.exists || at == std::string_view::npos) return -1;
  return section.begin + static_cast<std::int64_t>(CharacterCount(section.text.substr(0, at)));
}
Result<Value> Find(BuiltinCall& call) {
  return FindIn(call, false);
}
Result<Value> FindFromEnd(BuiltinCall& call) {
  return FindIn(call, true);
}
Result<Value> RequireFound(Result<Value> position) {
  if (!position || position->integer() >= 0) return position;
  return Fail(ErrorCode::kJinjaType, "index(): the string does not contain it");
}
Result<Value> Index(BuiltinCall& call) {
  return RequireFound(FindIn(call, false));
}
Result<Value> IndexFromEnd(BuiltinCall& call) {
  return RequireFound(FindIn(call, true));
}

Result<Value> Count(BuiltinCall& call) {
  SMELT_ASSIGN(std::string wanted, call.Text(0));
  SMELT_ASSIGN(Section section, SectionOf(call));
  if (!section.exists) return 0;
  if (wanted.empty()) return CharacterCount(section.text) + 1;
  std::int64_t count = 0;
  for (std::size_t at = section.text.find(wanted); at != std::string_view::npos; ++count) {
    at = section.text.find(wanted, at + wanted.size());
  }
  return count;
}

/// startswith and endswith: one text or a tuple of them.
Result<Value> HasAtEdge(BuiltinCall& call, bool at_end) {
  SMELT_ASSIGN(Section section, SectionOf(call));
  List wanted{call.arguments[0]};
  if (call.arguments[0].is_tuple()) wanted = call.arguments[0].items();
  bool found = false;
  for (const Value& text : wanted) {
    if (text.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, text.undefined_hint());
    if (!text.is_text()) {
      return Fail(ErrorCode::kJinjaType,
                  fmt::format("{}() needs a string or a tuple of strings, not '{}'", call.name, text.type_name()));
    }
    found = found || (at_end ? section.text.ends_with(text.text()) : section.text.starts_with(text.text()));
  }
  return section.exists && found;
}
Result<Value> StartsWith(BuiltinCall& call) {
  return HasAtEdge(call, false);
}
Result<Value> EndsWith(BuiltinCall& call) {
  return HasAtEdge(call, true);
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
  if (CharacterCount(fill) != 1) {
    return Fail(ErrorCode::kJinjaType, fmt::format("{}() fills with one character", call.name));
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
  if (separator.empty()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs a separator that is not empty", call.name));
  }
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

Result<Value> IsDigitLike(BuiltinCall& call) {
  return AllCharacters(call, IsDigitCharacter);
}
Result<Value> IsNumeric(BuiltinCall& call) {
  return AllCharacters(call, IsNumericCharacter);
}
Result<Value> IsAscii(BuiltinCall& call) {
  return std::ranges::all_of(Self(call), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
Result<Value> IsPrintableText(BuiltinCall& call) {
  return Self(call).empty() || AllCharacters(call, IsPrintable).Truthy();
}

/// Whether every word starts with an upper-case letter and goes on with lower-case ones.
Result<Value> IsTitle(BuiltinCall& call) {
  bool found = false, in_word = false;
  for (std::string_view character : Characters(Self(call))) {
    char32_t value = DecodeAt(character, 0).value;
    bool upper = IsUpper(value), lower = IsLower(value);
    if ((upper && in_word) || (lower && !in_word)) return false;
    in_word = upper || lower;
    found = found || in_word;
  }
  return found;
}

Result<Value> ExpandTabs(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t size, call.Integer(0, 8));
  if (size > 1000) return Fail(ErrorCode::kJinjaLimit, "expandtabs() was given a huge size");
  std::string out;
  std::int64_t column = 0;
  for (std::string_view character : Characters(Self(call))) {
    if (character == "\t") {
      std::int64_t missing = size > 0 ? size - column % size : 0;
      out.append(static_cast<std::size_t>(missing), ' ');
      column += missing;
      continue;
    }
    out += character;
    column = character == "\n" || character == "\r" ? 0 : column + 1;
  }
  return Value(std::move(out));
}

/// translate(table): a dict from code points to texts, code points or none.
Result<Value> Translate(BuiltinCall& call) {
  if (!call.arguments[0].is_dict()) return Fail(ErrorCode::kJinjaType, "translate() needs a dict");
  std::string out;
  for (std::string_view character : Characters(Self(call))) {
    const Value* found = call.arguments[0].dict().Find(Value(static_cast<std::int64_t>(DecodeAt(character, 0).value)));
    if (found == nullptr) {
      out += character;
    } else if (found->is_text()) {
      out += found->text();
    } else if (found->is_integral() && found->integer() >= 0 && found->integer() <= 0x10FFFF) {
      AppendCodePoint(out, static_cast<char32_t>(found->integer()));
    } else if (!found->is_none()) {
      return Fail(ErrorCode::kJinjaType, "translate() needs texts, code points or none as values");
    }
  }
  return Value(std::move(out));
}

constexpr Builtin kMethods[] = {
    {"capitalize", CapitalizeText},
    {"casefold", FoldCase},
    {"center", Center, {"width", "fillchar"}, 1},
    {"count", Count, {"sub", "start", "end"}, 1},
    {"endswith", EndsWith, {"suffix", "start", "end"}, 1},
    {"expandtabs", ExpandTabs, {"tabsize"}},
    {"find", Find, {"sub", "start", "end"}, 1},
    {"format", Format, {}, 0, true},
    {"index", Index, {"sub", "start", "end"}, 1},
    {"isalnum", IsAlphanumeric},
    {"isalpha", IsLetters},
    {"isascii", IsAscii},
    {"isdecimal", IsDigits},
    {"isdigit", IsDigitLike},
    {"isidentifier", IsIdentifier},
    {"islower", IsLowerText},
    {"isnumeric", IsNumeric},
    {"isprintable", IsPrintableText},
    {"isspace", IsSpaces},
    {"istitle", IsTitle},
    {"isupper", IsUpperText},
    {"join", Join, {"iterable"}, 1},
    {"ljust", PadRight, {"width", "fillchar"}, 1},
    {"lower", Lower},
    {"lstrip", StripStart, {"chars"}},
    {"partition", Partition, {"sep"}, 1},
    {"removeprefix", RemovePrefix, {"prefix"}, 1},
    {"removesuffix", RemoveSuffix, {"suffix"}, 1},
    {"replace", Replace, {"old", "new", "count"}, 2},
    {"rfind", FindFromEnd, {"sub", "start", "end"}, 1},
    {"rindex", IndexFromEnd, {"sub", "start", "end"}, 1},
    {"rjust", PadLeft, {"width", "fillchar"}, 1},
    {"rpartition", PartitionFromEnd, {"sep"}, 1},
    {"rsplit", SplitFromEnd, {"sep", "maxsplit"}},
    {"rstrip", StripEnd, {"chars"}},
    {"split", Split, {"sep", "maxsplit"}},
    {"splitlines", LinesOf, {"keepends"}},
    {"startswith", StartsWith, {"prefix", "start", "end"}, 1},
    {"strip", Strip, {"chars"}},
    {"swapcase", SwapCase},
    {"title", Title},
    {"translate", Translate, {"table"}, 1},
    {"upper", Upper},
    {"zfill", ZeroFill, {"width"}, 1},
};
static_assert(SortedByName(kMethods));

}  // namespace

std::span<const Builtin> TextMethods() {
  return kMethods;
}

std::vector<std::string_view> SplitLines(std::string_view text, bool keep_ends) {
  auto ends_line = [](char32_t value) {
    return (value >= '\n' && value <= '\r') || (value >= 0x1C && value <= 0x1E) || value == 0x85 || value == 0x2028 ||
           value == 0x2029;
  };
  std::vector<std::string_view> lines;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size();) {
    CodePoint point = DecodeAt(text, i);
    std::size_t end = i;
    i += point.length;
    if (!ends_line(point.value)) continue;
    if (point.value == '\r' && i < text.size() && text[i] == '\n') ++i;
    lines.push_back(text.substr(start, (keep_ends ? i : end) - start));
    start = i;
  }
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
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
