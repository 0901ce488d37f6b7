#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "delta/snapshot.h"
#include "storage/object_store.h"

/// Where the files are that a log names, and which files lie in a table's folder.
namespace smelt::delta {

/// Whether a decoded path of the log stands for itself, not for a place within the table's folder.
bool IsAbsolutePath(std::string_view path);

/// The store key of a file that the log names by `path` (as in Add: encoded, relative to the table or absolute);
/// nothing when it lies outside of the store. Errors: kDeltaCorrupt.
Result<std::optional<std::string>> KeyOfFile(const Log& log, std::string_view path);

/// `path` as the log of any other table can name the same file: absolute, as a URI. Errors: kDeltaCorrupt.
Result<std::string> AbsolutePath(const Log& log, std::string_view path);

/// The objects in the table's folder that may be its data, ascending by key. Left out is what Delta calls hidden: what
/// lies below, or is, a name that begins with '_' or '.' (the log among it), but for change data, index folders and the
/// folders of partitions. Errors: kStoreDenied, kStoreIo.
Result<std::vector<storage::ObjectInfo>> ListDataFiles(const Log& log, const Metadata& metadata);

/// Those of `files` that the store does not hold, in their order. Files outside of the store count as there.
/// Errors: kDeltaCorrupt, kStoreDenied, kStoreIo.
Result<std::vector<std::shared_ptr<const Add>>> FindMissingFiles(const Log& log,
                                                                 const std::vector<std::shared_ptr<const Add>>& files);

}  // namespace smelt::delta
