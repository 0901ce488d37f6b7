#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace smelt::workbook {

/// The characters that the name of a sheet has at most.
inline constexpr std::size_t kSheetNameMax = 31;

/// Why Excel would not take a name for a sheet, as the end of a sentence: "is longer than 31 characters"; empty when it
/// takes it. Whether another sheet has the name is not looked at.
std::string SheetNameFault(std::string_view name);

/// The name as Excel compares it: without regard to case, in the alphabets of Europe.
std::string FoldSheetName(std::string_view name);

/// A name that Excel takes, as near to `wanted` as can be: what it does not take becomes '_', too long a name loses its
/// end, and where `taken` (of folded names) has it already it ends with ~2, ~3 …; the same wishes, the same names.
std::string FitSheetName(std::string_view wanted, const std::set<std::string>& taken);

}  // namespace smelt::workbook
