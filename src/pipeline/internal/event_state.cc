#include "pipeline/internal/event_state.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/json.h"

namespace smelt::pipeline::internal {
namespace {

namespace fs = std::filesystem;

fs::path PathOf(const Event& event, const EventPlaces& places) {
  return (fs::path(places.project_dir) / event.target).lexically_normal();
}

/// The names in a folder; none when there is no folder.
Result<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  const bool missing = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  if (error && !missing) return Fail(FileError(error.value(), "list", folder));
  std::ranges::sort(names);
  return names;
}

/// Every file that fits, with what changes when it lands again.
Result<std::string> LookAtFiles(const fs::path& pattern) {
  SMELT_ASSIGN(const std::vector<std::string> names, NamesIn(pattern.parent_path().string()));
  Json files = Json::array();
  for (const std::string& name : names) {
    const bool fits = fnmatch(pattern.filename().c_str(), name.c_str(), FNM_PERIOD) == 0;
    struct stat found = {};
    if (!fits || stat((pattern.parent_path() / name).c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    files.push_back(fmt::format("{}|{}|{}.{:09}", name, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec));
  }
  return JsonText(files);
}

/// The newest version of the log, as the name of its commit; empty when there is none.
Result<std::string> LookAtTable(const std::string& log) {
  SMELT_ASSIGN(const std::vector<std::string> names, NamesIn(log));
  constexpr std::size_t kDigits = 20;
  std::string newest;
  for (const std::string& name : names) {
    const bool commit =
        name.size() == kDigits + 5 && name.ends_with(".json") && name.find_first_not_of("0123456789") == kDigits;
    if (commit) newest = std::max(newest, name.substr(0, kDigits));
  }
  return newest;
}

std::set<std::string> FilesIn(const std::string& text) {
  const Json list = JsonOrDiscarded(text);
  std::set<std::string> files;
  if (!list.is_array()) return files;
  for (const Json& file : list) {
    if (file.is_string()) files.insert(file.get<std::string>());
  }
  return files;
}

}  // namespace

Result<std::string> LookAt(const Event& event, const EventPlaces& places, state::ScheduleStore& store) {
  switch (event.kind) {
    case Event::Kind::kFile: return LookAtFiles(PathOf(event, places));
    case Event::Kind::kTable: {
      const auto log = places.log_of ? places.log_of(event.target) : std::nullopt;
      return log ? LookAtTable(*log) : std::string();
    }
    case Event::Kind::kPipeline: {
      SMELT_ASSIGN(const auto run, store.LastEnded(event.target, event.after_success, event.after_failure));
      return run ? run->id : std::string();
    }
  }
  return std::string();
}

bool Happened(const Event& event, const std::string& before, const std::string& after) {
  if (event.kind == Event::Kind::kTable) return after > before;
  if (event.kind == Event::Kind::kPipeline) return !after.empty() && after != before;
  const std::set<std::string> known = FilesIn(before);
  return std::ranges::any_of(FilesIn(after), [&](const std::string& file) { return !known.contains(file); });
}

std::optional<std::string> FolderOf(const Event& event, const EventPlaces& places) {
  switch (event.kind) {
    case Event::Kind::kFile: return PathOf(event, places).parent_path().string();
    case Event::Kind::kTable: return places.log_of ? places.log_of(event.target) : std::nullopt;
    case Event::Kind::kPipeline: break;
  }
  return std::nullopt;
}

}  // namespace smelt::pipeline::internal
