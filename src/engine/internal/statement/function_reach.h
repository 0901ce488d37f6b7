#pragma once

#include <string>
#include <string_view>

namespace smelt::engine {

/// How far a table function reaches.
enum class FunctionReach {
  kArguments,        ///< its arguments only
  kEngine,           ///< what the engine tells of itself and of the catalogue
  kReadsTable,       ///< the lake table that its first argument names
  kChangesTable,     ///< changes that table; its further arguments may be conditions in SQL
  kReplacesRows,     ///< the same, with a query as its second argument
  kClonesTable,      ///< reads the table of its first argument and makes that of its second
  kChangesAndReads,  ///< changes the table of its first argument with what lies outside of the lake
  kOutside,  ///< files, addresses, memory, settings of the process, text that is run as SQL; and whatever is not known
};

/// Of a table function by its name in lower case. What is not listed is kOutside: a new function of the engine reaches
/// too far until somebody has looked.
FunctionReach ReachOf(std::string_view table_function);

/// Whether a scalar function does more than compute: it runs or binds text as SQL, or writes the engine's log.
bool IsScalarOutside(std::string_view function);

/// Whether anybody may know what `current_setting(name)` gives. Others hold paths, proxies or secrets.
bool IsHarmlessSetting(std::string_view name);

/// Whether a pragma only tells, as SHOW does.
bool IsTellingPragma(std::string_view name);

}  // namespace smelt::engine
