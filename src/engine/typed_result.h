#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::engine {

/// The types that values have when they leave the engine; each names the C++ type of its cells.
enum class ValueKind : std::uint8_t {
  kUnknown,      ///< of a parameter of which nothing says its type; of the column `null`: no cell has a value
  kBoolean,      ///< std::uint8_t, 0 or 1
  kInt8,         ///< std::int8_t, and so on
  kInt16,        //
  kInt32,        //
  kInt64,        //
  kInt128,       ///< Int128
  kUInt8,        //
  kUInt16,       //
  kUInt32,       //
  kUInt64,       //
  kUInt128,      ///< Int128, whose `upper` is to be read as unsigned
  kFloat,        ///< float
  kDouble,       ///< double
  kDecimal,      ///< an integer of `precision`: ≤ 4 int16, ≤ 9 int32, ≤ 18 int64, else Int128
  kText,         ///< TextSlot, UTF-8
  kJson,         ///< TextSlot, a JSON text
  kEnum,         ///< index into `enum_values`: up to 256 of them uint8, up to 65,536 uint16, else uint32
  kBlob,         ///< TextSlot, bytes
  kBit,          ///< TextSlot of digits 0 and 1
  kUuid,         ///< Int128 whose highest bit is flipped, so that its order is that of the texts
  kDate,         ///< int32, days since 1970; kDateInfinity and its negative
  kTime,         ///< int64, microseconds since midnight
  kTimeTz,       ///< uint64: microseconds << 24 | 57,599 - offset in seconds east of UTC
  kTimestampS,   ///< int64 seconds since 1970
  kTimestampMs,  ///< int64 milliseconds
  kTimestamp,    ///< int64 microseconds; kTimestampInfinity and its negative
  kTimestampNs,  ///< int64 nanoseconds
  kTimestampTz,  ///< int64 microseconds since 1970 in UTC
  kInterval,     ///< IntervalValue
  kList,         ///< ListSlot into children[0]
  kStruct,       ///< no cells of its own: children
  kMap,          ///< ListSlot into children[0], a struct of key and value
};

inline constexpr std::int32_t kDateInfinity = 2'147'483'647;
inline constexpr std::int64_t kTimestampInfinity = 9'223'372'036'854'775'807;

/// Something of a type that has a name.
template <typename Type>
struct Named {
  std::string name;
  Type type;
};

/// A type, as a tree. A value type.
struct ValueType {
  ValueKind kind = ValueKind::kUnknown;
  std::string sql_name{};                    ///< "DECIMAL(10,2)"
  int precision = 0;                         ///< of decimals, in digits
  int scale = 0;                             ///< of decimals, digits behind the point
  std::vector<Named<ValueType>> children{};  ///< of lists and maps one, of structs their fields
  std::vector<std::string> enum_values{};    //
};

using ValueField = Named<ValueType>;

struct Int128 {
  std::uint64_t lower = 0;
  std::int64_t upper = 0;
};

struct IntervalValue {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t micros = 0;
};

struct ListSlot {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// A text where the engine keeps it: short ones within, long ones by address.
class TextSlot {
 public:
  std::string_view View() const {
    constexpr std::uint32_t kWithinMax = 12;
    return {length_ <= kWithinMax ? reinterpret_cast<const char*>(this) + sizeof(length_) : pointer_, length_};
  }

 private:
  std::uint32_t length_;
  char prefix_[4];
  const char* pointer_;
};

/// One column of a batch: row by row, without holes. Valid as long as its batch.
class TypedColumn {
 public:
  TypedColumn(const void* values, const std::uint64_t* validity, std::size_t size, std::vector<TypedColumn> children)
      : values_(values), validity_(validity), size_(size), children_(std::move(children)) {}

  std::size_t size() const { return size_; }
  /// A bit per row, the lowest first, that is set where there is a value; nullptr when all have one.
  const std::uint64_t* validity() const { return validity_; }
  bool IsNull(std::size_t row) const {
    constexpr std::size_t kBits = 64;
    return validity_ != nullptr && (validity_[row / kBits] >> (row % kBits) & 1) == 0;
  }
  /// The cells; `T` is what ValueKind says of the column's type. Those of NULLs are arbitrary.
  template <typename T>
  std::span<const T> Values() const {
    return {static_cast<const T*>(values_), size_};
  }
  /// Of lists and maps one, as long as all lists together; of structs the fields, as long as the column.
  const std::vector<TypedColumn>& children() const { return children_; }

 private:
  const void* values_;
  const std::uint64_t* validity_;
  std::size_t size_;
  std::vector<TypedColumn> children_;
};

/// Some rows of a result.
struct TypedBatch {
  std::size_t rows = 0;
  std::vector<TypedColumn> columns{};
};

struct TypedColumnInfo {
  std::string name;
  ValueType type;
};

/// How a result is handed out.
struct TypedOptions {
  /// Structs, maps, unions, variants and lists of lists arrive as kJson; lists of structs as lists of kJson. Without it
  /// unions and variants arrive as text, the others as they are.
  bool nested_as_json = false;
};

/// A result while it is made: batches of at most 2,048 rows, in order. Memory stays bounded, whatever the size of the
/// result. Confined to the thread of its session, and must not outlive it.
class TypedRows {
 public:
  ~TypedRows();

  const std::vector<TypedColumnInfo>& columns() const;
  /// The next rows, valid until the next call; nullptr behind the last. Errors: as those of the statement.
  Result<const TypedBatch*> Next();
  /// How many rows a change (INSERT, UPDATE, DELETE, MERGE, CREATE TABLE AS) changed; nothing for other statements and
  /// those with RETURNING, which have rows.
  std::optional<std::int64_t> changed_rows() const;
  /// Takes what is left out of the statement, into memory that spills to disk: its session is free for others. Sessions
  /// do it themselves when another statement is prepared or run. Errors: as Next.
  Status Detach();

  struct Impl;

 private:
  friend class Statement;
  explicit TypedRows(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::engine
