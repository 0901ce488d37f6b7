#include "quality/internal/python_json.h"

#include <string>

#include "base/json.h"

namespace smelt::quality {
namespace {

/// What Python knows beside JSON, and JSON in its place.
struct Word {
  std::string_view python;
  std::string_view json;
};
constexpr Word kWords[] = {{"NaN", "null"}, {"Infinity", "null"}, {"-Infinity", "null"}};

bool IsSurrogateEscape(std::string_view rest) {
  return rest.size() >= 4 && (rest[2] == 'd' || rest[2] == 'D') && std::string_view("89abcdefABCDEF").contains(rest[3]);
}

bool IsJsonDigit(char c) {
  return c >= '0' && c <= '9';
}

/// The length of an exponent at `at`, which may make a number larger than a double can be; 0 where there is none.
std::size_t ExponentAt(std::string_view text, std::size_t at) {
  if ((text[at] != 'e' && text[at] != 'E') || at == 0 || !IsJsonDigit(text[at - 1])) return 0;
  std::size_t end = at + 1;
  if (end < text.size() && (text[end] == '+' || text[end] == '-')) ++end;
  const std::size_t digits = end;
  while (end < text.size() && IsJsonDigit(text[end])) ++end;
  return end > digits ? end - at : 0;
}

/// The text in JSON, as far as the words and escapes of Python alone go; their meaning is lost.
std::string InJson(std::string_view text) {
  std::string json;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (in_string && rest.starts_with("\\u") && IsSurrogateEscape(rest)) {
      json += "\\u00";  // the two digits behind it stay, and have to be some
      at += 4;
      continue;
    }
    if (in_string && rest.starts_with('\\') && rest.size() > 1) {
      json += rest.substr(0, 2);
      at += 2;
      continue;
    }
    if (const std::size_t size = in_string ? 0 : ExponentAt(text, at); size > 0) {
      json += "e0";
      at += size;
      continue;
    }
    if (rest.starts_with('"')) in_string = !in_string;
    const Word* found = nullptr;
    for (const Word& word : kWords) {
      if (!in_string && rest.starts_with(word.python)) found = &word;
    }
    json += found != nullptr ? found->json : rest.substr(0, 1);
    at += found != nullptr ? found->python.size() : 1;
  }
  return json;
}

}  // namespace

bool IsPythonJson(std::string_view text) {
  if (!JsonOrDiscarded(text).is_discarded()) return true;
  return !JsonOrDiscarded(InJson(text)).is_discarded();
}

}  // namespace smelt::quality
