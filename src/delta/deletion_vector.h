#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "delta/actions.h"
#include "delta/row_set.h"
#include "storage/object_store.h"

/// "Deletion Vectors" of the protocol: which rows of a data file are gone.
namespace smelt::delta {

/// Parses the serialised form ("Deletion Vector Format": a magic number and a portable 64-bit Roaring bitmap). Rows at
/// or beyond `rows_max` are damage: they could not be in the file. Errors: kDeltaCorrupt.
Result<RowSet> ParseRowSet(std::string_view bytes, std::uint64_t rows_max);

/// The inverse; every container takes the smallest of its forms.
std::string SerializeRowSet(const RowSet& rows);

/// Reads the rows that a descriptor names: inline, from a file in the table's `folder` of the store, or from an
/// absolute place. Length, checksum and cardinality are verified. `rows_max` as above. Errors: kDeltaCorrupt,
/// kDeltaUnsupported (a storage type that smelt does not know), kStore….
Result<RowSet> ReadDeletionVector(storage::ObjectStore& store, const std::string& folder, const DeletionVector& vector,
                                  std::uint64_t rows_max);

/// The name of a new file of vectors, relative to the table's folder, and how descriptors (storage type "u") spell it.
struct VectorFileName {
  std::string name;
  std::string encoded;
};
VectorFileName NewVectorFileName();

/// The path of the file that holds a vector, as in Add (encoded; relative to the table, or absolute); nothing when the
/// vector stands in the log. Errors: kDeltaCorrupt.
Result<std::optional<std::string>> PathOfVector(const DeletionVector& vector);

/// Gathers the vectors of one commit: small ones stand in the log itself, the others share one file in the table's
/// folder. Confined to one thread.
class DeletionVectorFile {
 public:
  DeletionVectorFile();

  /// The descriptor of a set that is not empty.
  DeletionVector Add(const RowSet& rows);
  /// Whether there is a file to write: some vector does not stand in the log.
  bool needed() const { return bytes_.size() > 1; }
  /// The file's name, relative to the table's folder.
  const std::string& name() const { return file_.name; }
  const std::string& bytes() const { return bytes_; }

 private:
  VectorFileName file_;
  std::string bytes_;
};

/// Statistics that hold for a file some of whose rows are deleted: bounds may be wider than the rows.
std::string WithLooseBounds(std::string_view stats);

/// Z85 (ZeroMQ RFC 32): five characters for four bytes. Errors of decoding: kDeltaCorrupt.
std::string EncodeZ85(std::string_view bytes);
Result<std::string> DecodeZ85(std::string_view text);

}  // namespace smelt::delta
