#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine::parquet {

/// Writes structures in Thrift's compact protocol, which Parquet's headers and footers are in
/// (thrift/doc/specs/thrift-compact-protocol.md). Fields are written in the order of their ids.
class ThriftWriter {
 public:
  enum class Type : std::uint8_t { kI32 = 5, kBinary = 8, kStruct = 12 };

  explicit ThriftWriter(std::string& out) : out_(out) {}

  /// The whole, or an element of a list.
  void BeginStruct() { last_ids_.push_back(0); }
  void EndStruct();

  void Bool(int id, bool value);
  void Byte(int id, std::int8_t value);
  void I32(int id, std::int32_t value);
  void I64(int id, std::int64_t value);
  void Binary(int id, std::string_view value);
  void BeginStruct(int id);
  /// A structure without fields, as the cases of unions are.
  void EmptyStruct(int id);
  /// A union whose case has no fields.
  void Case(int id, int case_id);
  /// The elements follow: structures, or what Element writes.
  void BeginList(int id, Type type, std::size_t size);
  void Element(std::int32_t value);
  void Element(std::string_view value);

 private:
  void BeginField(int id, std::uint8_t type);
  void Varint(std::uint64_t value);
  void ZigZag(std::int64_t value);

  std::string& out_;
  std::vector<int> last_ids_;
};

}  // namespace smelt::engine::parquet
