#include <fmt/format.h>

#include "base/clock.h"
#include "delta/actions.h"

namespace smelt::delta {
namespace {

/// The characters that stand for themselves in a path of a URI (RFC 2396, "pchar" and '/'), but for ':': a first part
/// such as "a:b" would read as a scheme.
bool IsPlain(char c) {
  constexpr std::string_view kMarks = "-_.!~*'()/=@&+$,;";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

/// The value of a hexadecimal digit, -1 for any other character.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string EncodePath(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(path.size());
  for (const char c : path) {
    if (IsPlain(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return encoded;
}

Result<std::string> DecodePath(std::string_view encoded) {
  std::string path;
  path.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      path += encoded[i];
      continue;
    }
    const int high = i + 2 < encoded.size() ? HexValue(encoded[i + 1]) : -1;
    const int low = i + 2 < encoded.size() ? HexValue(encoded[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the file path '{}' has a '%' that escapes nothing", encoded));
    }
    path += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return path;
}

Remove RemovalOf(const Add& add) {
  Remove remove;
  remove.path = add.path;
  remove.deletion_timestamp_ms = NowMillis();
  remove.partition_values = add.partition_values;
  remove.size_bytes = add.size_bytes;
  remove.tags = add.tags;
  remove.deletion_vector = add.deletion_vector;
  remove.base_row_id = add.base_row_id;
  remove.default_row_commit_version = add.default_row_commit_version;
  return remove;
}

std::string DeletionVector::UniqueId() const {
  return offset ? fmt::format("{}{}@{}", storage_type, path_or_inline, *offset) : storage_type + path_or_inline;
}

}  // namespace smelt::delta
