#include "engine/internal/arrow_ipc/ipc_batch.h"

#include <charconv>
#include <cstring>
#include <duckdb/common/arrow/arrow.hpp>
#include <string_view>
#include <vector>

#include "engine/internal/arrow_ipc/flat_builder.h"
#include "engine/internal/arrow_ipc/ipc_schema.h"

namespace smelt::engine {
namespace {

std::size_t BytesOfBits(std::size_t bits) {
  return (bits + 7) / 8;
}

/// What the buffers of an array hold, by Arrow's format of its type.
enum class Layout : std::uint8_t { kNone, kBits, kFixed, kTexts32, kTexts64, kList32, kList64, kChildren, kUnion };

struct Shape {
  Layout layout = Layout::kFixed;
  std::size_t width = 0;  ///< bytes of a value
};

std::size_t NumberAfter(std::string_view format, std::size_t at) {
  std::size_t number = 0;
  std::from_chars(format.data() + at, format.data() + format.size(), number);
  return number;
}

Shape ShapeOf(std::string_view format) {
  switch (format[0]) {
    case 'n': return {Layout::kNone, 0};
    case 'b': return {Layout::kBits, 0};
    case 'c':
    case 'C': return {Layout::kFixed, 1};
    case 's':
    case 'S': return {Layout::kFixed, 2};
    case 'i':
    case 'I':
    case 'f': return {Layout::kFixed, 4};
    case 'l':
    case 'L':
    case 'g': return {Layout::kFixed, 8};
    case 'u':
    case 'z': return {Layout::kTexts32, 0};
    case 'U':
    case 'Z': return {Layout::kTexts64, 0};
    case 'w': return {Layout::kFixed, NumberAfter(format, 2)};
    case 'd': {
      const std::size_t comma = format.rfind(',');
      const bool has_bits = format.find(',') != comma;
      return {Layout::kFixed, has_bits ? NumberAfter(format, comma + 1) / 8 : 16};
    }
    default: break;
  }
  if (format == "tdD" || format == "tts" || format == "ttm") return {Layout::kFixed, 4};
  if (format == "tin") return {Layout::kFixed, 16};
  if (format[0] == 't') return {Layout::kFixed, 8};
  if (format == "+l" || format == "+m") return {Layout::kList32, 0};
  if (format == "+L") return {Layout::kList64, 0};
  if (format.starts_with("+us")) return {Layout::kUnion, 0};
  return {Layout::kChildren, 0};
}

/// Gathers nodes, buffers and the body of a batch, in the order of the schema, depth first.
class BatchWriter {
 public:
  void Append(const ArrowSchema& schema, const ArrowArray& array) {
    if (schema.dictionary != nullptr || array.offset != 0) {
      throw duckdb::NotImplementedException("arrays with a dictionary or an offset cannot be sent as an Arrow stream");
    }
    const Shape shape = ShapeOf(schema.format);
    const auto length = static_cast<std::size_t>(array.length);
    const bool has_validity = shape.layout != Layout::kNone && shape.layout != Layout::kUnion;
    const std::int64_t nulls = shape.layout == Layout::kNone ? array.length : has_validity ? NullsOf(array) : 0;
    nodes_.push_back(array.length);
    nodes_.push_back(nulls);
    if (has_validity) Buffer(array.buffers[0], nulls == 0 ? 0 : BytesOfBits(length));
    switch (shape.layout) {
      case Layout::kBits: Buffer(array.buffers[1], BytesOfBits(length)); break;
      case Layout::kFixed: Buffer(array.buffers[1], shape.width * length); break;
      case Layout::kTexts32: Buffer(array.buffers[2], Ends<std::int32_t>(array)); break;
      case Layout::kTexts64: Buffer(array.buffers[2], Ends<std::int64_t>(array)); break;
      case Layout::kList32: Ends<std::int32_t>(array); break;
      case Layout::kList64: Ends<std::int64_t>(array); break;
      case Layout::kUnion: Buffer(array.buffers[0], length); break;
      case Layout::kNone:
      case Layout::kChildren: break;
    }
    for (std::int64_t i = 0; i < array.n_children; ++i) Append(*schema.children[i], *array.children[i]);
  }

  std::string Message(std::int64_t rows) {
    FlatBuilder builder;
    const FlatBuilder::Offset nodes = builder.Int64s(nodes_, 2);
    const FlatBuilder::Offset buffers = builder.Int64s(buffers_, 2);
    builder.StartTable(3);
    builder.Field(0, rows);
    builder.Field(1, nodes);
    builder.Field(2, buffers);
    const FlatBuilder::Offset header = builder.EndTable();
    builder.StartTable(4);
    builder.Field(3, static_cast<std::int64_t>(body_.size()));
    builder.Field(2, header);
    builder.Field(0, kIpcVersion5);
    builder.Field(1, static_cast<std::uint8_t>(IpcHeader::kRecordBatch));
    return IpcMessage(builder.Finish(builder.EndTable()), body_);
  }

 private:
  /// A count that the array leaves open, -1, is counted.
  static std::int64_t NullsOf(const ArrowArray& array) {
    if (array.null_count >= 0 || array.buffers[0] == nullptr) return std::max<std::int64_t>(array.null_count, 0);
    const auto* const bits = static_cast<const std::uint8_t*>(array.buffers[0]);
    std::int64_t nulls = 0;
    for (std::int64_t i = 0; i < array.length; ++i) nulls += ((bits[i / 8] >> (i % 8)) & 1U) == 0 ? 1 : 0;
    return nulls;
  }

  void Buffer(const void* bytes, std::size_t size) {
    if (bytes == nullptr) size = 0;
    buffers_.push_back(static_cast<std::int64_t>(body_.size()));
    buffers_.push_back(static_cast<std::int64_t>(size));
    if (size > 0) body_.append(static_cast<const char*>(bytes), size);
    body_.append((kIpcBoundary - size % kIpcBoundary) % kIpcBoundary, '\0');
  }

  /// Writes the ends of texts or lists; returns the last.
  template <typename T>
  std::size_t Ends(const ArrowArray& array) {
    const auto length = static_cast<std::size_t>(array.length);
    if (length == 0 || array.buffers[1] == nullptr) {
      const T zero = 0;
      Buffer(&zero, sizeof zero);
      return 0;
    }
    Buffer(array.buffers[1], (length + 1) * sizeof(T));
    return static_cast<std::size_t>(static_cast<const T*>(array.buffers[1])[length]);
  }

  std::vector<std::int64_t> nodes_;
  std::vector<std::int64_t> buffers_;
  std::string body_;
};

}  // namespace

std::string IpcBatch(const ArrowSchema& schema, const ArrowArray& rows) {
  BatchWriter writer;
  for (std::int64_t i = 0; i < rows.n_children; ++i) writer.Append(*schema.children[i], *rows.children[i]);
  return writer.Message(rows.length);
}

}  // namespace smelt::engine
