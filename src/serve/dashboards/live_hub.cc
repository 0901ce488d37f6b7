#include "serve/dashboards/live_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/id.h"
#include "base/log.h"
#include "serve/dashboards/internal/live_tile.h"
#include "serve/http_message.h"

namespace smelt::serve {

using internal::LiveEvent;
using internal::LiveTile;
using internal::LiveTilePtr;

namespace {

bool IsRefusal(const Error& error) {
  return error.code() == ErrorCode::kAccessDenied || error.code() == ErrorCode::kAccessReadOnly ||
         error.code() == ErrorCode::kAccessUnknown || error.code() == ErrorCode::kServeBusy;
}

/// A tile whose question cannot be asked. It is looked at again when it is computed.
TileReading WithoutQuestion(const DashboardPtr& dashboard, const Tile& tile, const Selection& selection,
                            const Error& error) {
  // The message stands for the question: tiles that fail of the same are the same.
  Reading reading{.question = {.sql = error.ToString()}, .info = {}, .pins = {}, .key = {}};
  return {.dashboard = dashboard, .tile = &tile, .selection = selection, .reading = std::move(reading)};
}

}  // namespace

/// What streams and threads share. Streams may outlive the hub.
class LiveHub::Core {
 public:
  class Viewer;

  Core(DashboardService& dashboards, const LiveSettings& settings) : dashboards_(dashboards), settings_(settings) {}

  Status Start(engine::Engine& engine);
  void Stop();
  Result<std::shared_ptr<BodyStream>> Open(const std::shared_ptr<Core>& self, const Identity& identity,
                                           const DashboardPtr& dashboard, const std::vector<const Tile*>& tiles,
                                           const Selection& selection, const std::string& last_event_id);
  LiveCounts counts() const;

 private:
  /// Events of one dashboard that are not a tile's: that its file changed.
  struct Channel {
    DashboardPtr dashboard{};
    LiveEvent definition{};
    int viewers = 0;
  };

  void Work(const std::stop_token& stop);
  void Compute(LiveTile& tile, const std::stop_token& stop);
  /// From now on, commits to the tables that the tile reads now make it be computed: views may have changed.
  void Follow(LiveTile& tile, const TileReading& looked);
  void Publish(LiveTile& tile, LiveEvent& event, std::string_view name, std::string_view data);
  void Hear(const LakeChanges& changes);
  void HearFiles();
  void Enqueue(const LiveTilePtr& tile);
  LiveTilePtr Join(const Identity& identity, TileReading reading);
  void Leave(Viewer& viewer);
  void WatchTables();
  void WakeAll();
  std::uint64_t SequenceOf(const std::string& event_id) const;

  DashboardService& dashboards_;
  const LiveSettings settings_;
  const std::string instance_ = NewUuid().substr(0, 8);
  std::unique_ptr<CommitWatch> watch_;
  std::vector<std::jthread> threads_;

  mutable std::mutex mutex_;
  std::condition_variable_any queued_;
  std::deque<LiveTilePtr> queue_;
  std::map<std::string, LiveTilePtr> tiles_;
  std::map<std::string, std::shared_ptr<Channel>> channels_;  ///< by dashboard
  std::set<Viewer*> viewers_;
  std::uint64_t sequence_ = 0;
  LiveCounts counts_;
  bool stopped_ = false;
};

/// One open stream: the tiles that it shows, and how far its client has come.
class LiveHub::Core::Viewer : public BodyStream {
 public:
  Viewer(std::shared_ptr<Core> core, std::vector<LiveTilePtr> tiles, std::shared_ptr<Channel> channel,
         std::uint64_t sequence, std::uint64_t definition)
      : core_(std::move(core)),
        tiles_(std::move(tiles)),
        channel_(std::move(channel)),
        sequence_(sequence),
        definition_(definition) {}
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;
  ~Viewer() override { core_->Leave(*this); }

  Result<Piece> Next() override;
  bool immediate() const override { return true; }
  void OnWake(const std::function<void()>& wake) override {
    const std::lock_guard guard(core_->mutex_);
    wake_ = wake;
  }
  std::string Heartbeat() const override { return ":\n\n"; }

 private:
  friend Core;
  /// Under the mutex of the core.
  void Wake() const {
    if (wake_) wake_();
  }

  std::shared_ptr<Core> core_;
  const std::vector<LiveTilePtr> tiles_;
  const std::shared_ptr<Channel> channel_;
  std::uint64_t sequence_;    ///< all events up to this one were sent, or have been replaced by later ones
  std::uint64_t definition_;  ///< the same of the dashboard's
  std::function<void()> wake_;
};

Result<BodyStream::Piece> LiveHub::Core::Viewer::Next() {
  constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;
  const std::lock_guard guard(core_->mutex_);
  std::vector<const LiveEvent*> events;
  for (const LiveTilePtr& tile : tiles_) {
    for (const LiveEvent* event : {&tile->rows, &tile->quality}) {
      if (event->sequence > sequence_) events.push_back(event);
    }
  }
  if (channel_->definition.sequence > definition_) events.push_back(&channel_->definition);
  std::ranges::sort(events, {}, &LiveEvent::sequence);
  Piece piece;
  for (const LiveEvent* event : events) {
    if (piece.bytes.size() >= kPieceBytes) return piece;
    piece.bytes += *event->text;
    sequence_ = std::max(sequence_, event->sequence);
    if (event == &channel_->definition) definition_ = event->sequence;
    ++core_->counts_.delivered;
  }
  piece.then = core_->stopped_ ? Then::kEnd : Then::kWait;
  return piece;
}

Status LiveHub::Core::Start(engine::Engine& engine) {
  SMELT_ASSIGN(watch_,
               CommitWatch::Start(engine, settings_.watch, [this](const LakeChanges& changes) { Hear(changes); }));
  for (std::size_t i = 0; i < settings_.threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
  }
  return {};
}

void LiveHub::Core::Stop() {
  {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
    WakeAll();
  }
  watch_.reset();
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void LiveHub::Core::WakeAll() {
  for (const Viewer* viewer : viewers_) viewer->Wake();
}

std::uint64_t LiveHub::Core::SequenceOf(const std::string& event_id) const {
  std::uint64_t sequence = 0;
  if (!event_id.starts_with(instance_ + "-")) return 0;
  const char* begin = event_id.data() + instance_.size() + 1;
  std::from_chars(begin, event_id.data() + event_id.size(), sequence);
  return sequence <= sequence_ ? sequence : 0;
}

LiveTilePtr LiveHub::Core::Join(const Identity& identity, TileReading reading) {
  std::string key = internal::LiveKey(reading);
  LiveTilePtr& tile = tiles_[key];
  // The file may have changed since: pages that are opened from here on see the new tile.
  if (!tile) {
    tile = std::make_shared<LiveTile>(std::move(key), identity, std::move(reading));
    Enqueue(tile);
  }
  ++tile->viewers;
  return tile;
}

Result<std::shared_ptr<BodyStream>> LiveHub::Core::Open(const std::shared_ptr<Core>& self, const Identity& identity,
                                                        const DashboardPtr& dashboard,
                                                        const std::vector<const Tile*>& tiles,
                                                        const Selection& selection, const std::string& last_event_id) {
  std::vector<TileReading> readings;
  for (const Tile* tile : tiles) {
    if (tile->type == TileType::kText) continue;
    auto reading = dashboards_.Look(identity, dashboard, *tile, selection);
    if (reading) {
      readings.push_back(std::move(*reading));
    } else if (IsRefusal(reading.error())) {
      return Fail(std::move(reading.error()));
    } else {  // it says so in its place; the others are shown
      readings.push_back(WithoutQuestion(dashboard, *tile, selection, reading.error()));
    }
  }
  std::shared_ptr<Viewer> viewer;
  {
    const std::lock_guard guard(mutex_);
    if (stopped_ || viewers_.size() >= settings_.viewers_max) {
      return Fail(Error(ErrorCode::kServeBusy, fmt::format("{} pages are open already", viewers_.size()))
                      .Hint("close some, or open it again later"));
    }
    std::vector<LiveTilePtr> joined;
    for (TileReading& reading : readings) joined.push_back(Join(identity, std::move(reading)));
    std::shared_ptr<Channel>& channel = channels_[dashboard->name];
    if (!channel) channel = std::make_shared<Channel>(Channel{.dashboard = dashboard});
    ++channel->viewers;
    const std::uint64_t received = SequenceOf(last_event_id);
    viewer = std::make_shared<Viewer>(self, std::move(joined), channel, received,
                                      received > 0 ? received : channel->definition.sequence);
    viewers_.insert(viewer.get());
  }
  WatchTables();
  return viewer;
}

void LiveHub::Core::Leave(Viewer& viewer) {
  bool fewer = false;
  {
    const std::lock_guard guard(mutex_);
    viewers_.erase(&viewer);
    for (const LiveTilePtr& tile : viewer.tiles_) {
      if (--tile->viewers > 0) continue;
      tiles_.erase(tile->key);
      fewer = true;
    }
    if (--viewer.channel_->viewers == 0) channels_.erase(viewer.channel_->dashboard->name);
    if (stopped_) return;
  }
  if (fewer) WatchTables();
}

void LiveHub::Core::WatchTables() {
  const std::lock_guard guard(mutex_);
  if (stopped_ || !watch_) return;
  std::set<std::string> tables;
  for (const auto& [key, tile] : tiles_) tables.insert(tile->tables.begin(), tile->tables.end());
  std::set<std::string> paths;
  if (!viewers_.empty()) paths = dashboards_.Folders();
  if (!tables.empty()) tables.insert(internal::kQualityTable);
  watch_->Watch(std::move(tables), std::move(paths));
}

void LiveHub::Core::Enqueue(const LiveTilePtr& tile) {
  if (tile->queued) return;
  tile->queued = true;
  queue_.push_back(tile);
  queued_.notify_one();
}

void LiveHub::Core::Hear(const LakeChanges& changes) {
  if (!changes.paths.empty()) HearFiles();
  if (changes.tables.empty()) return;
  const std::lock_guard guard(mutex_);
  const bool all = changes.tables.contains(internal::kQualityTable);
  for (const auto& [key, tile] : tiles_) {
    const bool reads =
        std::ranges::any_of(tile->tables, [&](const auto& table) { return changes.tables.contains(table); });
    if (reads || all) Enqueue(tile);
  }
}

void LiveHub::Core::HearFiles() {
  const auto gallery = dashboards_.ReadAgain();
  const std::lock_guard guard(mutex_);
  for (const auto& [name, channel] : channels_) {
    DashboardPtr now = gallery->Find(name);
    if (now == channel->dashboard) continue;
    channel->dashboard = now ? std::move(now) : channel->dashboard;
    channel->definition.sequence = ++sequence_;
    channel->definition.text = std::make_shared<const std::string>(fmt::format(
        "id: {}-{}\nevent: definition\ndata: {}\n\n", instance_, sequence_, JsonText(Json{{"dashboard", name}})));
    ++counts_.published;
  }
  WakeAll();
}

void LiveHub::Core::Work(const std::stop_token& stop) {
  while (true) {
    LiveTilePtr tile;
    {
      std::unique_lock lock(mutex_);
      if (!queued_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      if (stop.stop_requested()) return;
      tile = std::move(queue_.front());
      queue_.pop_front();
      tile->queued = false;
      if (tile->viewers == 0) continue;
      if (tile->at_work) {  // by the other thread, which began before the change: again when that is done
        tile->again = true;
        continue;
      }
      tile->at_work = true;
    }
    Compute(*tile, stop);
    const std::lock_guard guard(mutex_);
    tile->at_work = false;
    if (std::exchange(tile->again, false)) Enqueue(tile);
  }
}

void LiveHub::Core::Publish(LiveTile& tile, LiveEvent& event, std::string_view name, std::string_view data) {
  const std::lock_guard guard(mutex_);
  event.sequence = ++sequence_;
  event.text = std::make_shared<const std::string>(
      fmt::format("id: {}-{}\nevent: {}\ndata: {}\n\n", instance_, sequence_, name, data));
  ++counts_.published;
  for (const Viewer* viewer : viewers_) {
    const bool shows = std::ranges::any_of(viewer->tiles_, [&tile](const auto& one) { return one.get() == &tile; });
    if (shows) viewer->Wake();
  }
}

void LiveHub::Core::Follow(LiveTile& tile, const TileReading& looked) {
  std::set<std::string> tables = internal::TablesOf(looked);
  {
    const std::lock_guard guard(mutex_);
    if (tables == tile.tables) return;
    tile.tables = std::move(tables);
  }
  WatchTables();
}

void LiveHub::Core::Compute(LiveTile& tile, const std::stop_token& stop) {
  const auto failed = [&](const Error& error) {
    if (stop.stop_requested()) return;
    tile.shown = {};  // what comes next is new, whatever it is
    const Json problem = JsonOrDiscarded(ProblemOf(error).body);
    Publish(tile, tile.rows, "failed", JsonText(Json{{"tile", tile.tile().name}, {"problem", problem}}));
  };
  auto looked = dashboards_.Look(tile.identity, tile.reading.dashboard, tile.tile(), tile.reading.selection);
  if (!looked) return failed(looked.error());
  Follow(tile, *looked);
  auto quality = dashboards_.QualityOf(looked->reading, stop);
  if (!quality) return failed(quality.error());
  const std::string quality_text = JsonText(*quality);
  const bool same_rows = !looked->reading.key.empty() && looked->reading.key == tile.shown;
  if (same_rows) {
    if (quality_text != tile.shown_quality) {
      tile.shown_quality = quality_text;
      Publish(tile, tile.quality, "quality", JsonText(Json{{"tile", tile.tile().name}, {"quality", *quality}}));
    }
    return;
  }
  {
    const std::lock_guard guard(mutex_);
    ++counts_.computed;
  }
  auto text = dashboards_.Show(*looked, *quality, stop);
  if (stop.stop_requested()) return;
  if (!text) return failed(text.error());
  tile.shown = looked->reading.key;
  tile.shown_quality = quality_text;
  Publish(tile, tile.rows, "tile", *text);
}

LiveCounts LiveHub::Core::counts() const {
  const std::lock_guard guard(mutex_);
  LiveCounts counts = counts_;
  counts.viewers = viewers_.size();
  counts.tiles = tiles_.size();
  return counts;
}

LiveHub::LiveHub(std::shared_ptr<Core> core) : core_(std::move(core)) {}

LiveHub::~LiveHub() {
  core_->Stop();
}

Result<std::unique_ptr<LiveHub>> LiveHub::Start(engine::Engine& engine, DashboardService& dashboards,
                                                const LiveSettings& settings) {
  auto core = std::make_shared<Core>(dashboards, settings);
  SMELT_TRY(core->Start(engine));
  return std::unique_ptr<LiveHub>(new LiveHub(std::move(core)));
}

Result<std::shared_ptr<BodyStream>> LiveHub::Open(const Identity& identity, const DashboardPtr& dashboard,
                                                  const std::vector<const Tile*>& tiles, const Selection& selection,
                                                  const std::string& last_event_id) {
  return core_->Open(core_, identity, dashboard, tiles, selection, last_event_id);
}

LiveCounts LiveHub::counts() const {
  return core_->counts();
}

}  // namespace smelt::serve
