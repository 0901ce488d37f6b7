#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace smelt::storage {

/// What a listing says of one object.
struct ObjectInfo {
  std::string key;  ///< relative to the store's root, '/' between parts, no leading '/'
  std::int64_t bytes = 0;
  std::int64_t modified_ms = 0;  ///< since the epoch
  std::string tag = {};          ///< of a bucket: another one for other bytes (ETag); else empty
};

/// A flat name space of immutable-by-convention objects: a local folder, a bucket prefix, or memory. Keys are
/// relative, with '/' between parts. Implementations are thread-safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// The address that DuckDB's Parquet reader understands for a key: an absolute path or "s3://bucket/…".
  virtual std::string Address(std::string_view key) const = 0;

  /// Reads a whole object. Errors: kStoreNotFound, kStoreDenied, kStoreIo.
  virtual Result<std::string> Read(std::string_view key) = 0;

  /// Reads `bytes` from `offset`, all within the object. Errors: kStoreNotFound, kStoreDenied, kStoreIo (also when the
  /// object ends before).
  virtual Result<std::string> ReadRange(std::string_view key, std::int64_t offset, std::int64_t bytes) = 0;

  /// Whether the object exists. Errors: kStoreDenied, kStoreIo.
  virtual Result<bool> Exists(std::string_view key) = 0;

  /// What a listing would say of one object; nothing when it does not exist. Errors: kStoreDenied, kStoreIo.
  virtual Result<std::optional<ObjectInfo>> Head(std::string_view key) = 0;

  /// A text by which an object that was read before is known to be still the same: asked for before reading, it is
  /// another one as soon as the bytes may be others. Empty where that is not certain, or where asking costs as much as
  /// reading; the object is to be read then.
  virtual std::string Stamp(std::string_view key) = 0;

  /// Lists objects directly or indirectly under `prefix` (a folder, or empty for all) whose key sorts after
  /// `start_after` (empty for all), in ascending key order. With `recursive` false, only direct children that are
  /// objects. A missing folder lists as empty. Errors: kStoreDenied, kStoreIo.
  virtual Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view start_after = {},
                                               bool recursive = false) = 0;

  /// The names of the folders directly under `prefix`, ascending. Errors: kStoreDenied, kStoreIo.
  virtual Result<std::vector<std::string>> ListFolders(std::string_view prefix) = 0;

  /// Writes an object, replacing an existing one; readers see the old or the new bytes, never a part. What is lost by
  /// a power cut is only for hints, which are as good missing.
  /// Errors: kStoreDenied, kStoreFull, kStoreIo.
  virtual Status Put(std::string_view key, std::string_view bytes, Durability durability = Durability::kDurable) = 0;

  /// Waits until objects that others wrote at their Address, by a path of the file system, outlive a power cut. Where
  /// every finished write does, there is nothing to wait for. Errors: kStoreNotFound, kStoreDenied, kStoreFull,
  /// kStoreIo.
  virtual Status Sync(const std::vector<std::string>& keys) = 0;

  /// Writes an object only if none exists: the linearisation point of every commit. Returns false when it exists. An
  /// object that was acknowledged outlives a power cut. `needed` are objects that others wrote, as in Sync, which
  /// nobody may see this one without: they outlive a power cut before it appears.
  /// Errors: kStoreDenied, kStoreFull, kStoreIo (nothing was written), kStoreUnknown (the acknowledgement was lost),
  /// kStoreNotFound (of what is needed).
  virtual Result<bool> PutIfAbsent(std::string_view key, std::string_view bytes,
                                   const std::vector<std::string>& needed = {}) = 0;

  /// Deletes an object; deleting a missing one succeeds. Errors: kStoreDenied, kStoreIo.
  virtual Status Delete(std::string_view key) = 0;

  /// Removes the empty folders that deleted objects leave behind under `prefix`, and `prefix` itself when empty; does
  /// nothing in stores without folders. Errors: kStoreDenied, kStoreIo.
  virtual Status DeleteFolder(std::string_view prefix) = 0;
};

/// A store on a local folder, created on the first write. Writes go through a temporary file (".tmp-<uuid>") and
/// rename or link, files and folders synced; listings leave such files out. When the folder is removed or replaced
/// after it was seen, whatever is not found there, and every write, is kStoreRemoved: nothing begins anew in another
/// folder of the same name.
std::unique_ptr<ObjectStore> OpenLocalStore(std::string root);

/// Opens the store that `address` names: "s3://bucket/prefix", "file:///path" or a local path.
/// Errors: kConfigValueInvalid (a scheme that is not supported, no place in a bucket), kConfigKeyMissing (no keys for
/// S3 in the environment, see s3_settings.h).
Result<std::unique_ptr<ObjectStore>> OpenStore(const std::string& address);

/// A call that a test wants to interfere with.
struct FaultPoint {
  std::string_view
      operation;  ///< "read", "put", "put_if_absent", "sync", "list", "delete", "delete_folder", "exists", "head"
  std::string_view key;
};
/// Decides the fate of one call: nothing = go ahead; an Error before the effect; or, with `after_effect`, an Error
/// although the effect took place (a lost acknowledgement).
struct Fault {
  Error error;
  bool after_effect = false;
};
using FaultScript = std::function<std::optional<Fault>(const FaultPoint&)>;

/// A store before which a script stands, for tests.
std::unique_ptr<ObjectStore> OpenFaultyStore(std::unique_ptr<ObjectStore> inner, FaultScript script);

/// A store in memory for tests, with scripted failures. Addresses are "memory:///<key>".
std::unique_ptr<ObjectStore> OpenMemoryStore(FaultScript script = {});

}  // namespace smelt::storage
