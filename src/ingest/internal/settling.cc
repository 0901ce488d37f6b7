#include "ingest/internal/settling.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/retry.h"

namespace smelt::ingest {
namespace {

/// How much longer than the settling time files are waited for.
constexpr std::int64_t kPatience = 10;

/// When a file was changed last, and its size.
using Change = std::pair<std::int64_t, std::int64_t>;
/// A state of a file, and since when it is known to have it.
struct Seen {
  Change change;
  std::int64_t since = 0;
};

/// Nothing when it is gone.
std::optional<Change> ChangeOf(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return Change{ModifiedMicros(info), static_cast<std::int64_t>(info.st_size)};
}

}  // namespace

Result<std::vector<std::string>> AwaitSettled(std::vector<FoundFile>& files, std::int64_t settle_ms,
                                              const std::stop_token& stop) {
  constexpr std::int64_t kMicrosPerMilli = 1'000;
  const std::int64_t until = NowMicros() + kPatience * settle_ms * kMicrosPerMilli;
  std::map<std::string, Seen> seen;
  while (true) {
    const std::int64_t now = NowMicros();
    std::int64_t wait_ms = 0;
    std::set<std::string> moving;
    for (FoundFile& file : files) {
      const auto change = ChangeOf(file.path);
      if (!change) continue;  // reading it will say so
      file.modified_us = change->first;
      file.bytes = change->second;
      const auto [at, added] = seen.try_emplace(file.path, Seen{*change, now});
      if (at->second.change != *change) at->second = {*change, now};
      // A time in the future is that of another clock, and says nothing of now.
      const std::int64_t since = change->first <= now ? change->first : at->second.since;
      const std::int64_t rest_ms = settle_ms - (now - since) / kMicrosPerMilli;
      if (rest_ms > 0) moving.insert(file.name);
      wait_ms = std::max(wait_ms, rest_ms);
    }
    if (moving.empty()) return std::vector<std::string>();
    if (now >= until) {
      std::erase_if(files, [&](const FoundFile& file) { return moving.contains(file.name); });
      return std::vector<std::string>(moving.begin(), moving.end());
    }
    if (!SleepFor(wait_ms, stop)) return Fail(ErrorCode::kCancelled, "waiting for files was stopped");
  }
}

}  // namespace smelt::ingest
