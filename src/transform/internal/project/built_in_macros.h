#pragma once

#include <span>
#include <string_view>

namespace smelt::transform {

/// A file of src/transform/macros.
struct BuiltInFile {
  std::string_view name;  ///< "macros/names.sql"
  std::string_view text;
};

/// The files of the macros that every project has, by name. Projects and packages replace single ones by defining
/// macros of the same name.
std::span<const BuiltInFile> BuiltInMacros();

}  // namespace smelt::transform
