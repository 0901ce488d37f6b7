#include "pipeline/pools.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"

namespace smelt::pipeline {

namespace {

/// Other processes are told, and the dead looked for, not more often than this.
constexpr double kTellPauseS = 0.1;
constexpr double kLookPauseS = 1.0;

Status CheckAgainst(const Pipeline& pipeline, const std::map<std::string, int>& slots) {
  for (const TaskDefinition& task : pipeline.tasks) {
    if (task.pool.empty()) continue;
    const auto pool = slots.find(task.pool);
    if (pool == slots.end()) {
      std::vector<std::string_view> names;
      for (const auto& [name, count] : slots) names.push_back(name);
      const std::string near = NearestWord(task.pool, names);
      const ConfigNode place = task.place.Find("pool").value_or(task.place);
      return Fail(
          place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the project has no pool '{}'", task.pool))
              .Hint(near.empty() ? fmt::format("add it to smelt.yml: pools: {{{}: 4}}", task.pool)
                                 : fmt::format("did you mean '{}'?", near)));
    }
    if (task.pool_slots > pool->second) {
      const ConfigNode place = task.place.Find("pool_slots").value_or(task.place);
      return Fail(place
                      .ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("the task '{}' takes {} slots of the pool '{}', which has {}", task.name,
                                             task.pool_slots, task.pool, pool->second))
                      .Hint("lower 'pool_slots', or enlarge the pool in smelt.yml"));
    }
  }
  return {};
}

}  // namespace

Pools::Pools(std::map<std::string, int> slots, state::RunStore& store) : slots_(std::move(slots)), store_(store) {}

Status Pools::Check(const Pipeline& pipeline) const {
  return CheckAgainst(pipeline, slots_);
}

Status CheckPools(const Pipeline& pipeline, const Pools* pools) {
  return pools == nullptr ? CheckAgainst(pipeline, {}) : pools->Check(pipeline);
}

void Pools::Hear() {
  const std::lock_guard guard(mutex_);
  for (Line* line : lines_) {
    if (line->waits_for_others()) line->wake_();
  }
}

void Pools::WakeAll(const Line* but) {
  for (Line* line : lines_) {
    if (line != but) line->wake_();
  }
}

/// What cannot be given back now ends with the run.
void Pools::Release(const state::PoolClaim& claim) {
  const Status given = store_.GiveSlots(claim);
  if (!given) Log(LogLevel::kWarn, "pool.slots.kept", {{"pool", claim.pool}, {"error", given.error().ToString()}});
  const std::lock_guard guard(mutex_);
  held_[claim.pool] -= static_cast<std::size_t>(claim.slots);
  released_ = true;
  WakeAll(nullptr);
}

Pools::Grant::Grant(Grant&& other) noexcept
    : pools_(std::exchange(other.pools_, nullptr)), claim_(std::move(other.claim_)) {}

Pools::Grant::~Grant() {
  if (pools_ != nullptr) pools_->Release(claim_);
}

Pools::Line::Line(Pools& pools, std::string run_id, std::function<void()> wake)
    : pools_(pools), run_id_(std::move(run_id)), wake_(std::move(wake)) {
  const std::lock_guard guard(pools_.mutex_);
  pools_.lines_.push_back(this);
}

Pools::Line::~Line() {
  const std::lock_guard guard(pools_.mutex_);
  std::erase(pools_.lines_, this);
  for (auto& [pool, places] : pools_.waiting_) places.erase(this);
  pools_.WakeAll(this);
}

Result<std::optional<Pools::Grant>> Pools::Line::Take(const std::string& task, const std::string& pool, int slots,
                                                      int priority) {
  {
    const std::lock_guard guard(pools_.mutex_);
    auto& places = pools_.waiting_[pool];
    auto own = places.find(this);
    if (own == places.end()) own = places.emplace(this, Place{priority, ++pools_.last_number_}).first;
    own->second.priority = priority;
    const bool is_first = std::ranges::all_of(places, [&](const auto& other) {
      if (other.first == this) return true;
      const Place& place = other.second;
      return place.priority < priority || (place.priority == priority && place.number > own->second.number);
    });
    const auto wanted = static_cast<std::size_t>(slots);
    const bool fits = pools_.held_[pool] + wanted <= static_cast<std::size_t>(pools_.slots_.at(pool));
    if (!is_first || !fits) return std::nullopt;
    pools_.held_[pool] += wanted;  // before the store is asked: nobody else of this process takes them meanwhile
  }
  state::PoolClaim claim{.pool = pool, .run_id = run_id_, .task = task, .slots = slots};
  // Not under the mutex: whoever is in a transaction of the store may want that.
  const auto taken = pools_.store_.TakeSlots(claim, pools_.slots_.at(pool));
  const std::lock_guard guard(pools_.mutex_);
  if (!taken || !*taken) {
    pools_.held_[pool] -= static_cast<std::size_t>(slots);
    if (!taken) return Fail(taken.error());
    foreign_.insert(pool);
    return std::nullopt;
  }
  foreign_.erase(pool);
  auto& places = pools_.waiting_[pool];
  places.erase(this);
  if (!places.empty()) pools_.WakeAll(this);  // there may be slots left for the next in line
  return Grant(pools_, std::move(claim));
}

void Pools::Line::KeepOnly(const std::vector<std::string>& pools) {
  const std::lock_guard guard(pools_.mutex_);
  bool left = false;
  const auto is_kept = [&](const std::string& pool) { return std::ranges::find(pools, pool) != pools.end(); };
  for (auto& [pool, places] : pools_.waiting_) {
    if (!is_kept(pool)) left = places.erase(this) > 0 || left;
  }
  std::erase_if(foreign_, [&](const std::string& pool) { return !is_kept(pool); });
  if (left) pools_.WakeAll(this);
}

bool Pools::Line::Settle() {
  const double now = MonotonicSeconds();
  bool tells = false;
  std::set<std::string> pools;
  {
    const std::lock_guard guard(pools_.mutex_);
    tells = pools_.released_ && now - pools_.told_at_ >= kTellPauseS;
    if (tells) {
      pools_.released_ = false;
      pools_.told_at_ = now;
    }
    if (now - looked_at_ >= kLookPauseS) pools = foreign_;
  }
  if (tells) pools_.store_.Signal();
  if (pools.empty()) return false;
  looked_at_ = now;
  bool freed = false;
  for (const std::string& pool : pools) {
    const auto reclaimed = pools_.store_.ReclaimSlots(pool);
    freed = freed || (reclaimed && *reclaimed);
  }
  return freed;
}

}  // namespace smelt::pipeline
