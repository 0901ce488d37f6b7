#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::storage::internal {

/// Refuses keys that name no object inside the store: empty ones, and those with an empty, "." or ".." part.
/// Errors: kStoreDenied.
Status CheckKey(std::string_view key);

/// The start that all keys in a folder share: "" for the root, else the folder with one '/' behind it.
/// Errors: kStoreDenied, as CheckKey.
Result<std::string> FolderStart(std::string_view folder);

/// Whether no key with this start can sort after `start_after`.
bool AllBefore(std::string_view key_start, std::string_view start_after);

}  // namespace smelt::storage::internal
