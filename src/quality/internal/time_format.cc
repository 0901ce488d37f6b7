#include "quality/internal/time_format.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <chrono>
#include <optional>
#include <vector>

namespace smelt::quality {
namespace {

/// A code and the texts that it stands for, those that are tried first before the others; \d is any digit of Unicode.
struct Code {
  char letter;
  std::string_view pattern;
};
constexpr Code kCodes[] = {
    {'a', "mon|tue|wed|thu|fri|sat|sun"},
    {'A', "monday|tuesday|wednesday|thursday|friday|saturday|sunday"},
    {'b', "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"},
    {'B', "january|february|march|april|may|june|july|august|september|october|november|december"},
    {'d', R"(3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9])"},
    {'f', "[0-9]{1,6}"},
    {'G', R"(\d\d\d\d)"},
    {'H', R"(2[0-3]|[0-1]\d|\d)"},
    {'I', "1[0-2]|0[1-9]|[1-9]"},
    {'j', R"(36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9])"},
    {'m', "1[0-2]|0[1-9]|[1-9]"},
    {'M', R"([0-5]\d|\d)"},
    {'p', "am|pm"},
    {'S', R"(6[0-1]|[0-5]\d|\d)"},
    {'u', "[1-7]"},
    {'U', R"(5[0-3]|[0-4]\d|\d)"},
    {'V', R"(5[0-3]|0[1-9]|[1-4]\d|\d)"},
    {'w', "[0-6]"},
    {'W', R"(5[0-3]|[0-4]\d|\d)"},
    {'y', R"(\d\d)"},
    {'Y', R"(\d\d\d\d)"},
    {'z', R"([+-]\d\d:?[0-5]\d(?::?[0-5]\d(?:\.\d{1,6})?)?|(?-i:Z))"},
    {'Z', "utc|gmt"},
};
/// Codes that stand for several.
struct Whole {
  char letter;
  std::string_view format;
};
constexpr Whole kWholes[] = {{'c', "%a %b %d %H:%M:%S %Y"}, {'x', "%m/%d/%y"}, {'X', "%H:%M:%S"}};

std::string WithoutWholes(std::string_view format) {
  std::string all;
  for (std::size_t at = 0; at < format.size(); ++at) {
    const Whole* found = nullptr;
    if (format[at] == '%' && at + 1 < format.size()) {
      for (const Whole& whole : kWholes) found = whole.letter == format[at + 1] ? &whole : found;
      if (found == nullptr) all += format[at++];
    }
    if (found != nullptr) {
      all += found->format;
      ++at;
    } else {
      all += format[at];
    }
  }
  return all;
}

Error Unusable(std::string_view format, std::string why) {
  return Error(ErrorCode::kQualityNotApplicable,
               fmt::format("the strftime_format `{}` cannot be used: {}", format, std::move(why)));
}

class PythonTimeFormat final : public TimeFormat {
 public:
  PythonTimeFormat(const std::string& pattern, std::string letters)
      : pattern_(pattern, Options()), letters_(std::move(letters)) {}

  bool ok() const { return pattern_.ok(); }

  bool Reads(std::string_view text) const override {
    std::vector<re2::StringPiece> parts(letters_.size() + 1);
    const re2::StringPiece whole(text.data(), text.size());
    if (!pattern_.Match(whole, 0, text.size(), RE2::ANCHOR_START, parts.data(), static_cast<int>(parts.size()))) {
      return false;
    }
    return parts[0].size() == text.size() && IsTime(parts);
  }

 private:
  static RE2::Options Options() {
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    return options;
  }

  /// The number of a code; `other` where the format does not have it or it is written in other digits than ASCII's.
  int Number(const std::vector<re2::StringPiece>& parts, char letter, int other) const {
    const std::size_t place = letters_.find(letter);
    if (place == std::string::npos) return other;
    int number = 0;
    for (const char c : std::string_view(parts[place + 1].data(), parts[place + 1].size())) {
      if (c == ' ') continue;
      if (c < '0' || c > '9') return other;
      number = number * 10 + (c - '0');
    }
    return number;
  }

  int Month(const std::vector<re2::StringPiece>& parts) const {
    constexpr std::string_view kNames = "janfebmaraprmayjunjulaugsepoctnovdec";
    const std::size_t place = letters_.find_first_of("bB");
    if (place == std::string::npos) return Number(parts, 'm', 1);
    std::string name(parts[place + 1].data(), 3);
    for (char& c : name) c = static_cast<char>(c | 0x20);
    return static_cast<int>(kNames.find(name) / 3) + 1;
  }

  /// Years of two digits are those from 1969 to 2068, those of none are 1900.
  int Year(const std::vector<re2::StringPiece>& parts) const {
    if (letters_.contains('Y')) return Number(parts, 'Y', 1900);
    const int year = Number(parts, 'y', -1);
    return year < 0 ? 1900 : year + (year <= 68 ? 2000 : 1900);
  }

  bool IsTime(const std::vector<re2::StringPiece>& parts) const {
    if (Number(parts, 'S', 0) > 59) return false;
    const int year = Year(parts);
    if (year < 1) return false;
    const std::chrono::year_month_day day{std::chrono::year(year),
                                          std::chrono::month(static_cast<unsigned>(Month(parts))),
                                          std::chrono::day(static_cast<unsigned>(Number(parts, 'd', 1)))};
    return day.ok();
  }

  RE2 pattern_;
  std::string letters_;  ///< of the codes, in their order
};

}  // namespace

Result<std::shared_ptr<const TimeFormat>> TimeFormat::Compile(std::string_view format) {
  const std::string plain = WithoutWholes(format);
  std::string pattern, letters;
  for (std::size_t at = 0; at < plain.size(); ++at) {
    const char c = plain[at];
    if (std::string_view(" \t\r\n\f\v").contains(c)) {
      if (!pattern.ends_with("\\s+")) pattern += "\\s+";
      continue;
    }
    if (c != '%') {
      pattern += RE2::QuoteMeta(re2::StringPiece(&c, 1));
      continue;
    }
    if (++at == plain.size()) return Fail(Unusable(format, "it ends with %"));
    const char letter = plain[at];
    if (letter == '%') {
      pattern += '%';
      continue;
    }
    const Code* code = nullptr;
    for (const Code& known : kCodes) code = known.letter == letter ? &known : code;
    if (code == nullptr) return Fail(Unusable(format, fmt::format("%{} is no code of it", letter)));
    if (letters.contains(letter)) return Fail(Unusable(format, fmt::format("%{} is there twice", letter)));
    letters += letter;
    std::string digits(code->pattern);
    for (std::size_t digit = digits.find("\\d"); digit != std::string::npos; digit = digits.find("\\d", digit + 6)) {
      digits.replace(digit, 2, "\\p{Nd}");
    }
    pattern += "(" + digits + ")";
  }
  auto compiled = std::make_shared<const PythonTimeFormat>(pattern, std::move(letters));
  if (!compiled->ok()) return Fail(Unusable(format, "it is not valid UTF-8"));
  return std::shared_ptr<const TimeFormat>(std::move(compiled));
}

}  // namespace smelt::quality
