#include "delta/deletion_vector.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <filesystem>

#include "base/id.h"
#include "delta/internal/little_endian.h"
#include "delta/internal/roaring.h"

namespace smelt::delta {
namespace {

constexpr std::uint32_t kMagic = 1681511377;
constexpr char kFileFormat = 1;
constexpr std::size_t kEncodedUuidLength = 20;
/// Vectors up to this size stand in the log: reading them costs nothing more.
constexpr std::size_t kInlineBytesMax = 192;
constexpr std::string_view kZ85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

Error Damaged(const std::string& what) {
  return Error(ErrorCode::kDeltaCorrupt, "a deletion vector is damaged: " + what);
}

std::uint32_t LoadBig(std::string_view bytes) {
  return std::byteswap(LoadLittle<std::uint32_t>(bytes));
}

/// CRC-32 as in zlib.
std::uint32_t Crc32(std::string_view bytes) {
  static const auto kTable = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xedb88320U ^ value >> 1 : value >> 1;
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t crc = 0xffffffffU;
  for (char c : bytes) crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ crc >> 8;
  return ~crc;
}

/// "0195c8d2-…" from sixteen bytes.
std::string UuidText(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return text;
}

std::string UuidBytes(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '-');
  std::string bytes;
  for (std::size_t i = 0; i + 2 <= digits.size(); i += 2) {
    unsigned int byte = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

/// "<prefix>/deletion_vector_<uuid>.bin" of a descriptor with storage type "u".
Result<std::string> RelativePath(std::string_view encoded) {
  if (encoded.size() < kEncodedUuidLength) return Fail(Damaged("its descriptor names no file"));
  const std::string_view prefix = encoded.substr(0, encoded.size() - kEncodedUuidLength);
  if (prefix.contains("..") || prefix.starts_with('/')) {
    return Fail(Damaged("its descriptor names a file outside the table"));
  }
  SMELT_ASSIGN(const std::string uuid, DecodeZ85(encoded.substr(prefix.size())));
  return fmt::format("{}{}deletion_vector_{}.bin", prefix, prefix.empty() ? "" : "/", UuidText(uuid));
}

/// The whole file of a descriptor that names one.
Result<std::string> ReadVectorFile(storage::ObjectStore& store, const std::string& folder,
                                   const DeletionVector& vector) {
  if (vector.storage_type == "u") {
    SMELT_ASSIGN(const std::string path, RelativePath(vector.path_or_inline));
    return store.Read(folder.empty() ? path : folder + "/" + path);
  }
  SMELT_ASSIGN(const std::string path, DecodePath(vector.path_or_inline));
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return Fail(Damaged("its descriptor has no absolute path"));
  SMELT_ASSIGN(auto elsewhere, storage::OpenStore(path.substr(0, slash)));
  return elsewhere->Read(path.substr(slash + 1));
}

/// One vector's bytes out of a file: size, bytes and checksum stand at its offset.
Result<std::string_view> VectorIn(std::string_view file, const DeletionVector& vector) {
  if (file.empty() || file[0] != kFileFormat) return Fail(Damaged("its file has an unknown format"));
  const auto offset = static_cast<std::size_t>(vector.offset.value_or(1));
  const auto size = static_cast<std::size_t>(vector.size_bytes);
  const bool fits = vector.offset.value_or(1) >= 0 && vector.size_bytes >= 0 && offset <= file.size() &&
                    file.size() - offset >= 8 && file.size() - offset - 8 >= size;
  if (!fits) return Fail(Damaged("it reaches beyond the end of its file"));
  if (LoadBig(file.substr(offset)) != size) return Fail(Damaged("its length differs from that in the log"));
  const std::string_view bytes = file.substr(offset + 4, size);
  if (LoadBig(file.substr(offset + 4 + size)) != Crc32(bytes)) return Fail(Damaged("its checksum is wrong"));
  return bytes;
}

}  // namespace

Result<RowSet> ParseRowSet(std::string_view bytes, std::uint64_t rows_max) {
  if (bytes.size() < 12) return Fail(Damaged("it is too short"));
  if (LoadLittle<std::uint32_t>(bytes) != kMagic) return Fail(Damaged("it does not begin with the magic number"));
  const auto bitmaps = LoadLittle<std::uint64_t>(bytes.substr(4));
  bytes.remove_prefix(12);
  RowSet rows;
  for (std::uint64_t i = 0; i < bitmaps; ++i) {
    if (bytes.size() < 4) return Fail(Damaged("it ends too early"));
    const std::uint64_t base = std::uint64_t{LoadLittle<std::uint32_t>(bytes)} << 32;
    bytes.remove_prefix(4);
    SMELT_TRY(ReadRoaring(bytes, base, rows_max, rows));
  }
  return rows;
}

std::string SerializeRowSet(const RowSet& rows) {
  std::string bytes;
  AppendLittle(bytes, kMagic);
  const std::uint64_t bitmaps = (rows.words().size() * 64 + (std::uint64_t{1} << 32) - 1) >> 32;
  AppendLittle(bytes, bitmaps);
  for (std::uint64_t i = 0; i < bitmaps; ++i) {
    AppendLittle(bytes, static_cast<std::uint32_t>(i));
    WriteRoaring(rows, i << 32, bytes);
  }
  return bytes;
}

Result<RowSet> ReadDeletionVector(storage::ObjectStore& store, const std::string& folder, const DeletionVector& vector,
                                  std::uint64_t rows_max) {
  std::string owner;
  std::string_view bytes;
  if (vector.storage_type == "i") {
    SMELT_ASSIGN(owner, DecodeZ85(vector.path_or_inline));
    // Z85 pads to four bytes; the log says how many count.
    if (vector.size_bytes < 0 || owner.size() < static_cast<std::size_t>(vector.size_bytes)) {
      return Fail(Damaged("its length differs from that in the log"));
    }
    bytes = std::string_view(owner).substr(0, static_cast<std::size_t>(vector.size_bytes));
  } else if (vector.storage_type == "u" || vector.storage_type == "p") {
    SMELT_ASSIGN(owner, ReadVectorFile(store, folder, vector));
    SMELT_ASSIGN(bytes, VectorIn(owner, vector));
  } else {
    return Fail(ErrorCode::kDeltaUnsupported,
                fmt::format("a deletion vector has the unknown storage type '{}'", vector.storage_type));
  }
  SMELT_ASSIGN(RowSet rows, ParseRowSet(bytes, rows_max));
  if (static_cast<std::int64_t>(rows.count()) == vector.cardinality) return rows;
  return Fail(Damaged(fmt::format("it deletes {} rows, the log says {}", rows.count(), vector.cardinality)));
}

VectorFileName NewVectorFileName() {
  const std::string uuid = NewUuid();
  return {fmt::format("deletion_vector_{}.bin", uuid), EncodeZ85(UuidBytes(uuid))};
}

Result<std::optional<std::string>> PathOfVector(const DeletionVector& vector) {
  if (vector.storage_type == "p") return vector.path_or_inline;
  if (vector.storage_type != "u") return std::nullopt;
  SMELT_ASSIGN(const std::string path, RelativePath(vector.path_or_inline));
  return EncodePath(path);
}

DeletionVectorFile::DeletionVectorFile() : file_(NewVectorFileName()), bytes_(1, kFileFormat) {}

DeletionVector DeletionVectorFile::Add(const RowSet& rows) {
  std::string serialized = SerializeRowSet(rows);
  DeletionVector vector;
  vector.size_bytes = static_cast<std::int32_t>(serialized.size());
  vector.cardinality = static_cast<std::int64_t>(rows.count());
  if (serialized.size() <= kInlineBytesMax) {
    serialized.resize((serialized.size() + 3) / 4 * 4);
    vector.storage_type = "i";
    vector.path_or_inline = EncodeZ85(serialized);
    return vector;
  }
  vector.storage_type = "u";
  vector.path_or_inline = file_.encoded;
  vector.offset = static_cast<std::int32_t>(bytes_.size());
  AppendLittle(bytes_, std::byteswap(static_cast<std::uint32_t>(serialized.size())));
  bytes_ += serialized;
  AppendLittle(bytes_, std::byteswap(Crc32(serialized)));
  return vector;
}

std::string WithLooseBounds(std::string_view stats) {
  constexpr std::string_view kTight = "\"tightBounds\":true";
  std::string loose(stats);
  if (stats.contains("\"tightBounds\":false")) return loose;
  if (const std::size_t tight = loose.find(kTight); tight != std::string::npos) {
    return loose.replace(tight, kTight.size(), "\"tightBounds\":false");
  }
  const std::size_t brace = loose.find('{');
  if (brace == std::string::npos) return loose;
  const bool empty = loose.find_first_not_of(" \n\t", brace + 1) == loose.find('}', brace);
  return loose.insert(brace + 1, empty ? "\"tightBounds\":false" : "\"tightBounds\":false,");
}

std::string EncodeZ85(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t number = LoadBig(bytes.substr(at));
    std::array<char, 5> digits{};
    for (std::size_t i = digits.size(); i-- > 0; number /= 85) digits[i] = kZ85[number % 85];
    text.append(digits.data(), digits.size());
  }
  return text;
}

Result<std::string> DecodeZ85(std::string_view text) {
  if (text.size() % 5 != 0) return Fail(Damaged("a text in it is no Z85"));
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 5) {
    std::uint64_t number = 0;
    for (char c : text.substr(at, 5)) {
      const std::size_t digit = kZ85.find(c);
      if (digit == std::string_view::npos) return Fail(Damaged("a text in it is no Z85"));
      number = number * 85 + digit;
    }
    // Five characters can say more than four bytes hold; the reference implementation drops what is too much.
    AppendLittle(bytes, std::byteswap(static_cast<std::uint32_t>(number)));
  }
  return bytes;
}

}  // namespace smelt::delta
