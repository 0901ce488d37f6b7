#include "engine/internal/postgres_functions/number_pattern.h"

#include <algorithm>

#include "engine/internal/duck.h"
#include "engine/internal/postgres_functions/time_pattern.h"

namespace smelt::engine::postgres {
namespace {

struct NumberFieldName {
  std::string_view name;  ///< in capitals
  NumberField field;
};

/// Of names that begin alike the longer stands first.
constexpr NumberFieldName kNumberFieldNames[] = {
    {",", NumberField::kComma},       {".", NumberField::kPoint},     {"0", NumberField::kZero},
    {"9", NumberField::kDigit},       {"B", NumberField::kSilent},    {"C", NumberField::kSilent},
    {"D", NumberField::kPoint},       {"EEEE", NumberField::kSilent}, {"FM", NumberField::kSilent},
    {"G", NumberField::kGroup},       {"L", NumberField::kCurrency},  {"MI", NumberField::kMinus},
    {"PL", NumberField::kPlus},       {"PR", NumberField::kSilent},   {"RN", NumberField::kRoman},
    {"SG", NumberField::kEitherSign}, {"SP", NumberField::kSilent},   {"S", NumberField::kSilent},
    {"TH", NumberField::kOrdinal},    {"V", NumberField::kSilent},
};

/// A name is in capitals or in small letters, not in both.
const NumberFieldName* FindNumberField(std::string_view text) {
  const auto* found = std::ranges::find_if(kNumberFieldNames, [&](const NumberFieldName& entry) {
    const std::string_view name = entry.name;
    if (text.starts_with(name)) return true;
    return text.size() >= name.size() && std::ranges::equal(name, text.substr(0, name.size()), {}, AsciiLower);
  });
  return found == std::end(kNumberFieldNames) ? nullptr : found;
}

/// Reads a format step by step and notes what each asks for.
class NumberPatternReader {
 public:
  explicit NumberPatternReader(std::string_view text) { pattern_.text = text; }

  NumberPattern Read() {
    std::string_view rest = pattern_.text;
    while (!rest.empty()) {
      if (const NumberFieldName* name = FindNumberField(rest)) {
        Note(name->name);
        pattern_.pieces.push_back({name->field, rest[0] == name->name[0], {}});
        rest.remove_prefix(name->name.size());
      } else if (rest[0] == '"') {
        rest.remove_prefix(1);
        AddQuoted(rest);
      } else {
        if (rest.starts_with("\\\"")) rest.remove_prefix(1);
        AddCharacter(rest);
      }
    }
    return std::move(pattern_);
  }

 private:
  [[noreturn]] void Refuse(const std::string& why) const {
    throw duckdb::InvalidInputException("the format '%s' of a number contradicts itself: %s",
                                        pattern_.text.substr(0, 200), why);
  }
  void Never(bool wrong, const char* why) const {
    if (wrong) Refuse(why);
  }

  void AddCharacter(std::string_view& rest) {
    const std::size_t bytes = CharacterBytes(rest);
    pattern_.pieces.push_back({NumberField::kText, true, std::string(rest.substr(0, bytes))});
    rest.remove_prefix(bytes);
  }

  void AddQuoted(std::string_view& rest) {
    while (!rest.empty()) {
      if (rest[0] == '"') return rest.remove_prefix(1);
      if (rest[0] == '\\' && rest.size() > 1) rest.remove_prefix(1);
      AddCharacter(rest);
    }
  }

  void Note(std::string_view name) {
    NumberPattern& p = pattern_;
    Never(p.scientific && name != "EEEE", "EEEE must be the last");
    if (name == "9" || name == "0") return NoteDigit(name == "0");
    if (name == "." || name == "D") {
      Never(p.has_point, "it has two points");
      Never(p.shifts, "V goes with no point");
      p.has_point = true;
    } else if (name == "B") {
      if (p.before == 0 && p.behind == 0 && !p.has_zero) p.blank = true;
    } else if (name == "FM") {
      p.fill = true;
    } else if (name == "V") {
      Never(p.has_point, "V goes with no point");
      p.shifts = true;
    } else if (name == "RN") {
      p.roman = true;
    } else if (name == "EEEE") {
      Never(p.scientific, "it has EEEE twice");
      Never(p.blank || p.fill || p.has_sign || p.brackets || p.minus || p.plus || p.roman || p.shifts,
            "EEEE goes with digits and a point only");
      p.scientific = true;
    } else {
      NoteSign(name);
    }
  }

  void NoteDigit(bool zero) {
    NumberPattern& p = pattern_;
    Never(p.brackets, "digits stand before PR");
    if (p.shifts && !zero) {
      ++p.shifted;
      return;
    }
    if (zero && !p.has_zero && !p.has_point) {
      p.has_zero = true;
      p.zero_begin = p.before;
    }
    ++(p.has_point ? p.behind : p.before);
    if (zero) p.zero_end = p.before + p.behind;
  }

  void NoteSign(std::string_view name) {
    NumberPattern& p = pattern_;
    if (name == "S") {
      Never(p.has_sign, "it has S twice");
      Never(p.plus || p.minus || p.brackets, "S goes with no other sign");
      if (!p.has_point) {
        p.sign = AnchoredSign::kBefore;
        p.digits_to_sign = p.before;
      } else {
        p.sign = AnchoredSign::kBehind;
      }
      p.has_sign = true;
    } else if (name == "PR") {
      Never(p.has_sign || p.plus || p.minus, "PR goes with no other sign");
      p.brackets = true;
    } else if (name == "MI" || name == "PL" || name == "SG") {
      Never(p.has_sign, "S goes with no other sign");
      p.minus = p.minus || name != "PL";
      p.plus = p.plus || name != "MI";
    }
  }

  NumberPattern pattern_;
};

}  // namespace

NumberPattern ReadNumberPattern(std::string_view text) {
  if (text.size() > kPatternBytesMax) {
    throw duckdb::InvalidInputException("a format of %llu bytes is longer than %llu", text.size(), kPatternBytesMax);
  }
  return NumberPatternReader(text).Read();
}

}  // namespace smelt::engine::postgres
