#include "pipeline/pools.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/config.h"

namespace smelt::pipeline {

Pools::Pools(std::map<std::string, int> slots, std::string path_prefix)
    : slots_(std::move(slots)), path_prefix_(std::move(path_prefix)) {}

Status Pools::Check(const Pipeline& pipeline) const {
  for (const TaskDefinition& task : pipeline.tasks) {
    if (task.pool.empty()) continue;
    const auto pool = slots_.find(task.pool);
    if (pool == slots_.end()) {
      std::vector<std::string_view> names;
      for (const auto& [name, slots] : slots_) names.push_back(name);
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

Status CheckPools(const Pipeline& pipeline, const Pools* pools) {
  return pools == nullptr ? Pools({}, "").Check(pipeline) : pools->Check(pipeline);
}

/// As many locks as wanted, or none.
Result<std::vector<state::FileLock>> Pools::LockSlots(const std::string& pool, int slots) const {
  std::vector<state::FileLock> locks;
  for (int i = 0; i < slots_.at(pool) && locks.size() < static_cast<std::size_t>(slots); ++i) {
    auto lock = state::FileLock::Acquire(fmt::format("{}.{}.{}.lock", path_prefix_, pool, i), state::CurrentOwner(""),
                                         fmt::format("slot {} of the pool '{}'", i, pool));
    if (lock) {
      locks.push_back(std::move(*lock));
    } else if (lock.error().code() != ErrorCode::kStateLocked) {
      return Fail(lock.error());
    }
  }
  if (locks.size() < static_cast<std::size_t>(slots)) locks.clear();
  return locks;
}

void Pools::WakeAll(const Line* but) {
  for (Line* line : lines_) {
    if (line != but) line->wake_();
  }
}

void Pools::Release(const std::string& pool, std::size_t slots) {
  const std::lock_guard guard(mutex_);
  held_[pool] -= slots;
  WakeAll(nullptr);
}

Pools::Grant::Grant(Grant&& other) noexcept
    : pools_(std::exchange(other.pools_, nullptr)), pool_(std::move(other.pool_)), locks_(std::move(other.locks_)) {}

Pools::Grant::~Grant() {
  if (pools_ == nullptr) return;
  const std::size_t slots = locks_.size();
  locks_.clear();  // first the files, so that whoever is woken finds them free
  pools_->Release(pool_, slots);
}

Pools::Line::Line(Pools& pools, std::function<void()> wake) : pools_(pools), wake_(std::move(wake)) {
  const std::lock_guard guard(pools_.mutex_);
  pools_.lines_.push_back(this);
}

Pools::Line::~Line() {
  const std::lock_guard guard(pools_.mutex_);
  std::erase(pools_.lines_, this);
  for (auto& [pool, places] : pools_.waiting_) places.erase(this);
  pools_.WakeAll(this);
}

Result<std::optional<Pools::Grant>> Pools::Line::Take(const std::string& pool, int slots, int priority) {
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
  SMELT_ASSIGN(std::vector<state::FileLock> locks, pools_.LockSlots(pool, slots));
  if (locks.empty()) {
    waits_for_others_ = true;
    return std::nullopt;
  }
  waits_for_others_ = false;
  places.erase(own);
  pools_.held_[pool] += wanted;
  if (!places.empty()) pools_.WakeAll(this);  // there may be slots left for the next in line
  return Grant(pools_, pool, std::move(locks));
}

void Pools::Line::KeepOnly(const std::vector<std::string>& pools) {
  const std::lock_guard guard(pools_.mutex_);
  bool left = false;
  for (auto& [pool, places] : pools_.waiting_) {
    if (std::ranges::find(pools, pool) == pools.end()) left = places.erase(this) > 0 || left;
  }
  if (pools.empty()) waits_for_others_ = false;
  if (left) pools_.WakeAll(this);
}

}  // namespace smelt::pipeline
