#include "serve/commit_watch.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "engine/table_pin.h"
#include "pipeline/watcher.h"

namespace smelt::serve {
namespace {

/// Which state a table is in, and in which release of the lake: a release may change the views through which a table is
/// read. Nothing while there is none.
using TableStamp = std::optional<std::tuple<std::string, std::int64_t, std::int64_t>>;

struct Wanted {
  std::set<std::string> tables;
  std::set<std::string> paths;
};

}  // namespace

struct CommitWatch::Impl {
  Impl(engine::Engine& engine_p, const CommitWatchSettings& settings_p, Listener listener_p,
       pipeline::Watcher watcher_p)
      : engine(engine_p),
        settings(settings_p),
        listener(std::move(listener_p)),
        watcher(std::move(watcher_p)),
        is_local(engine.options().lake.find("://") == std::string::npos) {}

  engine::Engine& engine;
  CommitWatchSettings settings;
  Listener listener;
  pipeline::Watcher watcher;
  bool is_local;
  std::mutex mutex;
  std::optional<Wanted> next;  ///< under the mutex: what Watch asked for and the thread has not taken over
  std::set<std::string> tables;
  std::set<std::string> paths;
  std::map<std::string, TableStamp> stamps;
  std::jthread thread;

  void Run(const std::stop_token& stop);
  std::string LogFolder(const std::string& table) const;
  std::string ReleaseFolder() const;
  /// The present state; the one that is known when it cannot be read now.
  TableStamp StampOf(const std::string& table) const;
  /// Watches what was asked for; answers with what is new among it, and with what may have changed meanwhile.
  LakeChanges TakeOver();
  void WatchFiles();
  /// Which of `tables` have another state than is known.
  std::set<std::string> Changed(const std::set<std::string>& candidates);
  LakeChanges ChangesOf(const pipeline::Wakeup& wakeup);
};

std::string CommitWatch::Impl::LogFolder(const std::string& table) const {
  const std::size_t dot = table.find('.');
  const std::filesystem::path lake(engine.options().lake);
  return (lake / table.substr(0, dot) / table.substr(dot + 1) / "_delta_log").string();
}

std::string CommitWatch::Impl::ReleaseFolder() const {
  return (std::filesystem::path(engine.options().lake) / "_smelt" / "releases").string();
}

TableStamp CommitWatch::Impl::StampOf(const std::string& table) const {
  const std::size_t dot = table.find('.');
  const auto pin = engine.Pin(table.substr(0, dot), table.substr(dot + 1), {});
  if (!pin) {
    const auto known = stamps.find(table);
    return known == stamps.end() ? TableStamp() : known->second;
  }
  return *pin ? TableStamp(std::tuple((*pin)->table_id, (*pin)->version, (*pin)->release_number)) : TableStamp();
}

void CommitWatch::Impl::WatchFiles() {
  const auto watch = [this](const std::string& path) {
    if (auto watched = watcher.Watch(path); !watched) {
      Log(LogLevel::kWarn, "commit_watch.failed", {{"path", path}, {"error", watched.error().ToString()}});
    }
  };
  for (const std::string& path : paths) watch(path);
  if (!is_local) return;
  for (const std::string& table : tables) watch(LogFolder(table));
  if (!tables.empty()) watch(ReleaseFolder());
}

LakeChanges CommitWatch::Impl::TakeOver() {
  std::optional<Wanted> wanted;
  {
    const std::lock_guard guard(mutex);
    wanted = std::exchange(next, std::nullopt);
  }
  if (!wanted) return {};
  const bool is_smaller =
      !std::ranges::includes(wanted->tables, tables) || !std::ranges::includes(wanted->paths, paths);
  if (is_smaller) {
    if (auto cleared = watcher.Clear(); !cleared) {
      Log(LogLevel::kWarn, "commit_watch.failed", {{"error", cleared.error().ToString()}});
    }
  }
  LakeChanges changes;
  // New ones may have changed since they were asked for.
  std::ranges::set_difference(wanted->paths, paths, std::inserter(changes.paths, changes.paths.end()));
  tables = std::move(wanted->tables);
  paths = std::move(wanted->paths);
  WatchFiles();
  // After the watches are set: what is committed from here on makes an event.
  std::set<std::string> kept;
  for (const std::string& table : tables) {
    if (stamps.contains(table)) {
      kept.insert(table);
      continue;
    }
    stamps[table] = StampOf(table);
    changes.tables.insert(table);
  }
  std::erase_if(stamps, [this](const auto& one) { return !tables.contains(one.first); });
  if (is_smaller) {  // events that nobody had read went with the watches
    changes.tables.merge(Changed(kept));
    changes.paths = paths;
  }
  return changes;
}

std::set<std::string> CommitWatch::Impl::Changed(const std::set<std::string>& candidates) {
  std::set<std::string> changed;
  for (const std::string& table : candidates) {
    TableStamp now = StampOf(table);
    TableStamp& known = stamps[table];
    if (now == known) continue;
    known = std::move(now);
    changed.insert(table);
  }
  return changed;
}

LakeChanges CommitWatch::Impl::ChangesOf(const pipeline::Wakeup& wakeup) {
  LakeChanges changes;
  for (const std::string& path : paths) {
    if (wakeup.changed.contains(path)) changes.paths.insert(path);
  }
  std::set<std::string> candidates;
  const bool is_released = is_local && wakeup.changed.contains(ReleaseFolder());
  for (const std::string& table : tables) {
    if (!is_local || is_released || wakeup.changed.contains(LogFolder(table))) candidates.insert(table);
  }
  changes.tables = Changed(candidates);
  return changes;
}

void CommitWatch::Impl::Run(const std::stop_token& stop) {
  constexpr std::int64_t kMicros = 1'000;
  constexpr std::int64_t kNever = 9'000'000'000'000'000;
  while (!stop.stop_requested()) {
    if (const LakeChanges taken = TakeOver(); !taken.tables.empty() || !taken.paths.empty()) listener(taken);
    const bool looks = !is_local && !tables.empty();
    const auto wakeup = watcher.Wait(looks ? NowMicros() + settings.look_ms * kMicros : kNever);
    if (!wakeup) {
      Log(LogLevel::kError, "commit_watch.ended", {{"error", wakeup.error().ToString()}});
      return;
    }
    if (stop.stop_requested()) return;
    // A folder that was not there may be now: the watch moves closer.
    if (!wakeup->changed.empty()) WatchFiles();
    const LakeChanges changes = ChangesOf(*wakeup);
    if (!changes.tables.empty() || !changes.paths.empty()) listener(changes);
  }
}

CommitWatch::CommitWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CommitWatch::~CommitWatch() {
  impl_->thread.request_stop();
  impl_->watcher.Poke();
}

Result<std::unique_ptr<CommitWatch>> CommitWatch::Start(engine::Engine& engine, const CommitWatchSettings& settings,
                                                        Listener listener) {
  SMELT_ASSIGN(pipeline::Watcher watcher, pipeline::Watcher::Make());
  auto impl = std::make_unique<Impl>(engine, settings, std::move(listener), std::move(watcher));
  impl->thread = std::jthread([impl = impl.get()](const std::stop_token& stop) { impl->Run(stop); });
  return std::unique_ptr<CommitWatch>(new CommitWatch(std::move(impl)));
}

void CommitWatch::Watch(std::set<std::string> tables, std::set<std::string> paths) {
  {
    const std::lock_guard guard(impl_->mutex);
    impl_->next = Wanted{std::move(tables), std::move(paths)};
  }
  impl_->watcher.Poke();
}

}  // namespace smelt::serve
