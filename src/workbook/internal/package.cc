#include "workbook/internal/package.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/file.h"
#include "base/file_descriptor.h"

namespace smelt::workbook::internal {
namespace {

// The records of a ZIP file: their first bytes, their lengths without names, and where in them things stand.
constexpr std::uint32_t kEndMark = 0x06054b50, kEntryMark = 0x02014b50;
constexpr std::size_t kEndLength = 22, kEntryLength = 46, kLocalLength = 30;
constexpr std::uint16_t kStored = 0, kDeflated = 8;
constexpr std::size_t kPieceBytes = 1UL << 16U;
/// Enough of the end of a part to see that its root element is closed.
constexpr std::size_t kTailBytes = 32;

struct Part {
  std::string name;
  std::uint16_t method = kStored;
  std::uint32_t checksum = 0;
  std::uint64_t packed_bytes = 0, bytes = 0, at = 0;
};

using TakeBytes = std::function<void(std::string_view)>;

std::uint64_t NumberAt(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint64_t number = 0;
  for (std::size_t i = length; i-- > 0;) number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

Error Damaged(std::string_view what) {
  return {ErrorCode::kStoreIo, std::string(what)};
}

/// An open package.
class PackageFile {
 public:
  static Result<PackageFile> Open(const std::string& path) {
    FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return Fail(FileError(errno, "read", path));
    const off_t size = lseek(file.get(), 0, SEEK_END);
    if (size < 0) return Fail(FileError(errno, "read", path));
    return PackageFile(path, std::move(file), static_cast<std::uint64_t>(size));
  }

  std::uint64_t size() const { return size_; }

  Result<std::string> Read(std::uint64_t at, std::size_t length) const {
    if (at > size_ || length > size_ - at) return Fail(Damaged("it ends too early"));
    std::string bytes(length, '\0');
    for (std::size_t done = 0; done < length;) {
      const ssize_t count = pread(file_.get(), bytes.data() + done, length - done, static_cast<off_t>(at + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return Fail(FileError(count < 0 ? errno : EIO, "read", path_));
      done += static_cast<std::size_t>(count);
    }
    return bytes;
  }

 private:
  PackageFile(std::string path, FileDescriptor file, std::uint64_t size)
      : path_(std::move(path)), file_(std::move(file)), size_(size) {}

  std::string path_;
  FileDescriptor file_;
  std::uint64_t size_;
};

Result<std::vector<Part>> ListParts(const PackageFile& file) {
  if (file.size() < kEndLength) return Fail(Damaged("it has no directory"));
  SMELT_ASSIGN(const std::string end, file.Read(file.size() - kEndLength, kEndLength));
  if (NumberAt(end, 0, 4) != kEndMark) return Fail(Damaged("it has no directory"));
  SMELT_ASSIGN(const std::string directory, file.Read(NumberAt(end, 16, 4), NumberAt(end, 12, 4)));
  std::vector<Part> parts;
  for (std::size_t at = 0; at < directory.size();) {
    if (directory.size() - at < kEntryLength || NumberAt(directory, at, 4) != kEntryMark) {
      return Fail(Damaged("its directory is damaged"));
    }
    const std::size_t name_length = NumberAt(directory, at + 28, 2);
    parts.push_back({.name = directory.substr(at + kEntryLength, name_length),
                     .method = static_cast<std::uint16_t>(NumberAt(directory, at + 10, 2)),
                     .checksum = static_cast<std::uint32_t>(NumberAt(directory, at + 16, 4)),
                     .packed_bytes = NumberAt(directory, at + 20, 4),
                     .bytes = NumberAt(directory, at + 24, 4),
                     .at = NumberAt(directory, at + 42, 4)});
    at += kEntryLength + name_length + NumberAt(directory, at + 30, 2) + NumberAt(directory, at + 32, 2);
  }
  if (parts.size() != NumberAt(end, 10, 2)) return Fail(Damaged("its directory is damaged"));
  return parts;
}

/// Unpacks bytes that come in pieces.
class Unpacker {
 public:
  explicit Unpacker(const TakeBytes& take) : take_(take) { ready_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
  ~Unpacker() {
    if (ready_) inflateEnd(&stream_);
  }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  bool Feed(std::string& piece) {
    stream_.next_in = reinterpret_cast<Bytef*>(piece.data());
    stream_.avail_in = static_cast<uInt>(piece.size());
    while (ready_ && !ended_ && stream_.avail_in > 0) {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END) return false;
      ended_ = result == Z_STREAM_END;
      take_(std::string_view(out_.data(), out_.size() - stream_.avail_out));
    }
    return ready_;
  }
  bool ended() const { return ended_; }

 private:
  const TakeBytes& take_;
  z_stream stream_ = {};
  std::array<char, kPieceBytes> out_ = {};
  bool ready_ = false, ended_ = false;
};

/// Hands out the bytes of a part; they have its size and checksum when this succeeds.
Status Unpack(const PackageFile& file, const Part& part, const std::stop_token& stop, const TakeBytes& take) {
  SMELT_ASSIGN(const std::string local, file.Read(part.at, kLocalLength));
  std::uint64_t at = part.at + kLocalLength + NumberAt(local, 26, 2) + NumberAt(local, 28, 2);
  const std::uint64_t end = at + part.packed_bytes;
  std::uint64_t bytes = 0;
  uLong checksum = crc32(0, nullptr, 0);
  const TakeBytes count = [&](std::string_view piece) {
    bytes += piece.size();
    checksum = crc32(checksum, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    take(piece);
  };
  Unpacker unpacker(count);
  const bool packed = part.method == kDeflated;
  bool sound = packed || part.method == kStored;
  while (sound && at < end) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "interrupted");
    SMELT_ASSIGN(std::string piece, file.Read(at, std::min<std::uint64_t>(kPieceBytes, end - at)));
    at += piece.size();
    if (packed) {
      sound = unpacker.Feed(piece);
    } else {
      count(piece);
    }
  }
  sound = sound && unpacker.ended() == packed && bytes == part.bytes && checksum == part.checksum;
  return sound ? Status() : Fail(Damaged(fmt::format("{} is damaged", part.name)));
}

}  // namespace

Status CheckPackage(const std::string& path, const std::stop_token& stop) {
  SMELT_ASSIGN(const PackageFile file, PackageFile::Open(path));
  SMELT_ASSIGN(const std::vector<Part> parts, ListParts(file));
  for (const Part& part : parts) {
    std::string tail;
    SMELT_TRY(Unpack(file, part, stop, [&](std::string_view piece) {
      tail += piece.substr(piece.size() - std::min(piece.size(), kTailBytes));
      tail.erase(0, tail.size() - std::min(tail.size(), kTailBytes));
    }));
    tail.erase(tail.find_last_not_of("\r\n ") + 1);
    const std::string_view closing = part.name.starts_with("xl/worksheets/sheet") ? "</worksheet>" : ">";
    if (!tail.ends_with(closing)) return Fail(Damaged(fmt::format("{} has no end", part.name)));
  }
  return {};
}

Result<std::string> ReadPart(const std::string& path, std::string_view name) {
  SMELT_ASSIGN(const PackageFile file, PackageFile::Open(path));
  SMELT_ASSIGN(const std::vector<Part> parts, ListParts(file));
  const auto part = std::ranges::find(parts, name, &Part::name);
  if (part == parts.end()) return Fail(ErrorCode::kStoreNotFound, fmt::format("{} has no part {}", path, name));
  std::string text;
  SMELT_TRY(Unpack(file, *part, {}, [&](std::string_view piece) { text += piece; }));
  return text;
}

}  // namespace smelt::workbook::internal
