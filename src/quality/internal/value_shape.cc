#include "quality/internal/value_shape.h"

#include <algorithm>
#include <array>
#include <optional>

#include <re2/re2.h>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

constexpr std::string_view kCut = "…";

/// A class of characters, or the character itself. Bytes beyond ASCII are letters: every byte of such a letter but its
/// first is passed over.
char ClassOf(unsigned char byte) {
  if (byte >= 'A' && byte <= 'Z') return 'A';
  if ((byte >= 'a' && byte <= 'z') || byte >= 0x80) return 'a';
  if (byte >= '0' && byte <= '9') return '9';
  return static_cast<char>(byte);
}

bool IsContinuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

std::string MakeShape(std::string_view text, bool loose) {
  std::string shape;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (shape.size() > kShapeBytesMax) return shape + std::string(kCut);
    const char kind = ClassOf(static_cast<unsigned char>(rest.front()));
    std::size_t length = 0;
    while (!rest.empty() && ClassOf(static_cast<unsigned char>(rest.front())) == kind) {
      if (!IsContinuation(static_cast<unsigned char>(rest.front()))) ++length;
      rest.remove_prefix(1);
    }
    shape += kind;
    const bool is_class = kind == 'A' || kind == 'a' || kind == '9';
    if (loose && is_class) {
      shape += '+';
    } else if (length > 1) {
      shape += fmt::format("{{{}}}", length);
    }
  }
  return shape;
}

struct Format {
  std::string_view name;
  std::string_view pattern;
};
// The first that fits names the text.
constexpr auto kFormats = std::to_array<Format>({
    {"uuid", "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"},
    {"e-mail", R"([A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+)"},
    {"url", R"((https?|ftp|s3)://\S+)"},
    {"IPv4 address", R"((\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}))"},
    {"date", R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))"},
    {"timestamp",
     R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+\-]\d{2}:?\d{2})?)"},
    {"hex", "([0-9a-f]{16,}|[0-9A-F]{16,})"},
    {"integer", R"([+\-]?(0|[1-9]\d*))"},
    {"decimal", R"([+\-]?\d+[.,]\d+)"},
});

class FormatMatcher {
 public:
  FormatMatcher() {
    for (std::size_t i = 0; i < kFormats.size(); ++i) patterns_[i].emplace(kFormats[i].pattern);
  }
  std::string_view Match(std::string_view text) const {
    for (std::size_t i = 0; i < kFormats.size(); ++i) {
      if (RE2::FullMatch(text, *patterns_[i])) return kFormats[i].name;
    }
    return {};
  }

 private:
  std::array<std::optional<RE2>, kFormats.size()> patterns_;
};

/// A character of a regular expression that stands for itself.
std::string Literal(char c) {
  constexpr std::string_view kSpecial = R"(\^$.|?*+()[]{}/)";
  return kSpecial.find(c) == std::string_view::npos ? std::string(1, c) : std::string("\\") + c;
}

}  // namespace

std::string ShapeOf(std::string_view text) {
  return MakeShape(text, false);
}

std::string LooseShapeOf(std::string_view text) {
  return MakeShape(text, true);
}

std::string_view NamedFormat(std::string_view text) {
  static const FormatMatcher kMatcher;
  return kMatcher.Match(text);
}

std::string RegexOfFormat(std::string_view name) {
  const auto* const format = std::ranges::find(kFormats, name, &Format::name);
  return format == kFormats.end() ? std::string() : fmt::format("^({})$", format->pattern);
}

std::string RegexOfShape(std::string_view shape) {
  std::string regex = "^";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = shape[i];
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\n') return {};
    if (c == '{' && i > 0) {  // the length of the run before
      const std::size_t end = shape.find('}', i);
      if (end == std::string_view::npos) return {};
      regex += shape.substr(i, end - i + 1);
      i = end;
      continue;
    }
    regex += c == 'A' ? "[A-Z]" : c == 'a' ? "[a-z]" : c == '9' ? "[0-9]" : Literal(c);
  }
  return regex + "$";
}

}  // namespace smelt::quality
