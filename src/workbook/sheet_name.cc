#include "workbook/sheet_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "workbook/internal/cell_text.h"

namespace smelt::workbook {
namespace {

constexpr std::string_view kForbiddenInNames = "[]:*?/\\";
/// Excel keeps it for its own list of changes.
constexpr std::string_view kReservedName = "history";

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// The small letter of a capital one in Latin, Greek and Cyrillic.
char32_t SmallLetter(char32_t c) {
  const auto within = [c](char32_t from, char32_t to) { return c >= from && c <= to; };
  if (within('A', 'Z') || (within(0xC0, 0xDE) && c != 0xD7) || within(0x391, 0x3A9) || within(0x410, 0x42F)) {
    return c + 0x20;
  }
  if (within(0x400, 0x40F)) return c + 0x50;
  if (c == 0x178) return 0xFF;
  // Capital and small letter side by side.
  if ((within(0x139, 0x148) || within(0x179, 0x17E)) && c % 2 == 1) return c + 1;
  if ((within(0x100, 0x137) || within(0x14A, 0x177)) && c % 2 == 0) return c + 1;
  return c;
}

/// As much of a text as `units` characters have room for.
std::string Begin(std::string_view text, std::size_t units) {
  std::string begin;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    used += internal::ReadCharacter(text, at) > 0xFFFF ? 2 : 1;
    if (used > units) break;
    begin += text.substr(from, at - from);
  }
  return begin;
}

}  // namespace

std::string SheetNameFault(std::string_view name) {
  if (name.empty()) return "is empty";
  if (internal::Utf16Length(name) > kSheetNameMax) {
    return fmt::format("is longer than the {} characters that Excel has room for", kSheetNameMax);
  }
  const std::size_t forbidden = name.find_first_of(kForbiddenInNames);
  if (forbidden != std::string_view::npos) {
    return fmt::format("has a '{}', and Excel takes none of {}", name[forbidden], kForbiddenInNames);
  }
  if (std::ranges::any_of(name, IsControl)) return "has a line end or another control character";
  if (name.front() == '\'' || name.back() == '\'')
    return "begins or ends with an apostrophe, which Excel does not take";
  if (FoldSheetName(name) == kReservedName) return "is one that Excel keeps for itself";
  return "";
}

std::string FoldSheetName(std::string_view name) {
  std::string folded;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t from = at;
    const char32_t c = internal::ReadCharacter(name, at);
    const char32_t small = SmallLetter(c);
    if (small == c) {
      folded += name.substr(from, at - from);
    } else {
      internal::AppendCharacter(small, folded);
    }
  }
  return folded;
}

std::string FitSheetName(std::string_view wanted, const std::set<std::string>& taken) {
  std::string name(wanted);
  std::ranges::replace_if(
      name, [](char c) { return IsControl(c) || kForbiddenInNames.find(c) != std::string_view::npos; }, '_');
  if (name.empty() || FoldSheetName(name) == kReservedName) name += '_';
  name = Begin(name, kSheetNameMax);
  for (char* end : {&name.front(), &name.back()}) {
    if (*end == '\'') *end = '_';
  }
  std::string fit = name;
  for (int number = 2; taken.contains(FoldSheetName(fit)); ++number) {
    const std::string suffix = fmt::format("~{}", number);
    fit = Begin(name, kSheetNameMax - suffix.size()) + suffix;
  }
  return fit;
}

}  // namespace smelt::workbook
