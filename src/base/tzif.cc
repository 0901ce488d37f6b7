#include "base/tzif.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/file.h"

namespace smelt {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

Error UnknownZone(std::string_view name) {
  return Error(ErrorCode::kConfigValueInvalid, fmt::format("this system knows no time zone '{}'", name))
      .Hint("use UTC or a name such as America/Sao_Paulo; the names come with the package tzdata");
}

/// The sizes in the header of a block of a TZif file.
struct BlockSizes {
  std::size_t utc_flags = 0, standard_flags = 0, leaps = 0, times = 0, types = 0, characters = 0;
};

/// Reads big-endian numbers from bytes; past their end it reads zeros and says so.
class TzifReader {
 public:
  explicit TzifReader(std::string_view bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::string_view rest() const { return bytes_.substr(position_); }

  std::int64_t Number(std::size_t size) {
    const std::string_view part = Bytes(size);
    std::uint64_t number = 0;
    for (const char c : part) number = number << 8U | static_cast<unsigned char>(c);
    if (size == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
    return static_cast<std::int64_t>(number);
  }

  std::string_view Bytes(std::size_t size) {
    if (size > bytes_.size() - position_) {
      failed_ = true;
      position_ = bytes_.size();
      return {};
    }
    position_ += size;
    return bytes_.substr(position_ - size, size);
  }

  /// The header of a block; returns its version, or nothing when there is none.
  std::optional<char> Header(BlockSizes& sizes) {
    if (Bytes(4) != "TZif") return std::nullopt;
    const std::string_view version = Bytes(1);
    Bytes(15);
    for (std::size_t* size :
         {&sizes.utc_flags, &sizes.standard_flags, &sizes.leaps, &sizes.times, &sizes.types, &sizes.characters}) {
      *size = static_cast<std::uint32_t>(Number(4));
    }
    if (failed_) return std::nullopt;
    return version.front();
  }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

std::size_t BlockBytes(const BlockSizes& sizes, std::size_t time_bytes) {
  constexpr std::size_t kTypeBytes = 6;
  return sizes.times * (time_bytes + 1) + sizes.types * kTypeBytes + sizes.characters + sizes.leaps * (time_bytes + 4) +
         sizes.standard_flags + sizes.utc_flags;
}

/// The types of a block, whose abbreviations stand behind them in one text.
std::vector<TzifFile::Type> ReadTypes(TzifReader& reader, const BlockSizes& sizes) {
  std::vector<TzifFile::Type> types(sizes.types);
  std::vector<std::size_t> names;
  for (TzifFile::Type& type : types) {
    type.offset = seconds(reader.Number(4));
    type.daylight = reader.Number(1) != 0;
    names.push_back(static_cast<std::size_t>(reader.Number(1)));
  }
  const std::string_view characters = reader.Bytes(sizes.characters);
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string_view name = characters.substr(std::min(names[i], characters.size()));
    types[i].abbreviation = name.substr(0, name.find('\0'));
  }
  return types;
}

}  // namespace

Result<TzifFile> ParseTzif(std::string_view bytes, std::string_view name) {
  const auto damaged = [&name] {
    return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("the file of the time zone '{}' is damaged", name))
                    .Hint("install the package tzdata again"));
  };
  TzifReader reader(bytes);
  BlockSizes sizes;
  const std::optional<char> version = reader.Header(sizes);
  if (!version) return damaged();
  std::size_t time_bytes = 4;
  if (*version >= '2') {  // the same again with longer numbers, and a rule for the years after
    reader.Bytes(BlockBytes(sizes, time_bytes));
    time_bytes = 8;
    if (!reader.Header(sizes)) return damaged();
  }
  if (reader.rest().size() < BlockBytes(sizes, time_bytes) || sizes.types == 0) return damaged();
  TzifFile file;
  file.changes.resize(sizes.times);
  for (TzifFile::Change& change : file.changes) change.at = sys_seconds(seconds(reader.Number(time_bytes)));
  for (TzifFile::Change& change : file.changes) change.type = static_cast<std::size_t>(reader.Number(1));
  file.types = ReadTypes(reader, sizes);
  reader.Bytes(sizes.leaps * (time_bytes + 4) + sizes.standard_flags + sizes.utc_flags);
  const bool sound = std::ranges::all_of(file.changes, [&](const auto& change) { return change.type < sizes.types; }) &&
                     std::ranges::is_sorted(file.changes, {}, &TzifFile::Change::at);
  if (reader.failed() || !sound) return damaged();
  const std::string_view footer = time_bytes == 8 ? reader.rest() : std::string_view();
  if (footer.size() > 2 && footer.front() == '\n' && footer.back() == '\n') {
    file.rule = ZoneRule::Parse(footer.substr(1, footer.size() - 2));
    if (!file.rule) return damaged();
  }
  return file;
}

Result<TzifFile> FindTzif(std::string_view name) {
  const bool well_formed = !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos;
  if (!well_formed) return Fail(UnknownZone(name));
  const char* folder = std::getenv("TZDIR");
  const auto bytes = ReadWholeFile(fmt::format("{}/{}", folder == nullptr ? "/usr/share/zoneinfo" : folder, name));
  if (!bytes || !bytes->starts_with("TZif")) return Fail(UnknownZone(name));
  return ParseTzif(*bytes, name);
}

}  // namespace smelt
