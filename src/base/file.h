#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt {

/// Reads a whole local file. Errors: kStoreNotFound, kStoreDenied, kStoreIo (a folder, a device error).
Result<std::string> ReadWholeFile(const std::string& path);

/// What a power cut may take of a file that was written.
enum class Durability {
  kLazy,     ///< all of it, until the system has written it back
  kDurable,  ///< nothing: its bytes are on the device when the call returns
};

/// Writes a local file through a temporary name and a rename, so that readers see the old or the new content, never
/// a part. Creates the folder. Durable are the bytes and the name, not the names of folders that had to be made.
/// Errors: kStoreDenied, kStoreFull, kStoreIo.
Status WriteWholeFile(const std::string& path, std::string_view bytes, Durability durability = Durability::kLazy);

/// The start of the names under which files are written before they get their own. Listings leave such names out.
inline constexpr std::string_view kTemporaryPrefix = ".tmp-";

/// Writes bytes under a new temporary name in `folder` (created if need be) and returns the path, for the caller to
/// rename or link. Nothing is left behind on failure. Errors: kStoreDenied, kStoreFull, kStoreIo.
Result<std::string> WriteTemporaryFile(const std::string& folder, std::string_view bytes,
                                       Durability durability = Durability::kLazy);

/// Waits until a file's bytes, or the names in a folder, are on the device. File systems that cannot sync folders are
/// taken to need none. Errors: kStoreNotFound, kStoreDenied, kStoreFull, kStoreIo.
Status SyncPath(const std::string& path);

/// Creates a folder and those above it; an existing one is fine.
/// Errors: kStoreDenied, kStoreFull, kStoreIo (a file is in the way, a device error).
Status CreateFolders(const std::string& path);

/// The Error that fits an errno value of a file operation on `path`.
Error FileError(int errno_value, std::string_view action, std::string_view path);

}  // namespace smelt
