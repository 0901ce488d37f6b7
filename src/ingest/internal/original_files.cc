#include "ingest/internal/original_files.h"

#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ingest/internal/file_source.h"

namespace smelt::ingest {
namespace {

std::string LastPart(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

/// So is an archive that nothing has gone to yet.
bool IsMissingFolder(const std::string& address) {
  std::error_code ignored;
  return !IsBucketAddress(address) &&
         std::filesystem::status(address, ignored).type() == std::filesystem::file_type::not_found;
}

}  // namespace

OriginalFiles::OriginalFiles(std::string location, std::string archive, std::stop_token stop)
    : location_{.address = std::move(location)},
      archive_{.address = std::move(archive), .is_archive = true},
      stop_(std::move(stop)) {}

Result<std::optional<std::string>> OriginalFiles::FirstLine(const std::string& name, const std::string& hash) {
  SMELT_ASSIGN(const Content* found, Find(location_, name, hash));
  // Another file of the name may have been in the archive before: then the hash was put into the name.
  for (const std::string& archived : {WithHash(LastPart(name), hash), LastPart(name)}) {
    if (found != nullptr) break;
    SMELT_ASSIGN(found, Find(archive_, archived, hash));
  }
  if (found == nullptr) return std::optional<std::string>();
  return found->first_line;
}

Result<const OriginalFiles::Content*> OriginalFiles::Find(Place& place, const std::string& name,
                                                          const std::string& hash) const {
  SMELT_TRY(List(place));
  const auto [begin, end] = place.by_name.equal_range(name);
  for (auto it = begin; it != end; ++it) {
    const Status read = Read(place, it->second);
    if (!read && read.error().code() == ErrorCode::kStoreNotFound) continue;  // gone since it was listed
    SMELT_TRY(read);
    // Another file may have taken the name since, or had it on another day.
    if (it->second.content->hash == hash) return &*it->second.content;
  }
  return nullptr;
}

Status OriginalFiles::List(Place& place) const {
  if (place.folder || place.address.empty() || IsMissingFolder(place.address)) return {};
  SMELT_ASSIGN(auto folder, OpenDropFolder(place.address));
  SMELT_ASSIGN(std::vector<FoundFile> files, folder->Find(stop_));
  for (FoundFile& file : files) {
    std::string name = place.is_archive ? LastPart(file.name) : file.name;
    place.by_name.emplace(std::move(name), Original{std::move(file)});
  }
  place.folder = std::move(folder);
  return {};
}

Result<OriginalFiles::Content> OriginalFiles::ReadContent(const std::string& path, const std::stop_token& stop) {
  SMELT_ASSIGN(FileSource source, FileSource::Open(path));
  std::vector<char> buffer(std::size_t{1} << 18);
  std::string first_line;
  bool in_first_line = true;
  while (true) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, fmt::format("reading {} was stopped", path));
    SMELT_ASSIGN(const std::size_t count, source.Read(buffer.data(), buffer.size()));
    if (count == 0) return Content{source.Stamp().hash, std::move(first_line)};
    if (!in_first_line) continue;
    const std::string_view piece(buffer.data(), count);
    const std::size_t end = piece.find_first_of("\r\n");
    first_line += piece.substr(0, end);
    in_first_line = end == std::string_view::npos;
  }
}

Status OriginalFiles::Read(const Place& place, Original& original) const {
  if (original.content) return {};
  SMELT_TRY(place.folder->Fetch(original.file, stop_));
  SMELT_ASSIGN(original.content, ReadContent(original.file.path, stop_));
  place.folder->PutAway(original.file);
  return {};
}

}  // namespace smelt::ingest
