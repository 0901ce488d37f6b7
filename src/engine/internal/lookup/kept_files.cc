#include "engine/internal/lookup/kept_files.h"

#include <algorithm>
#include <limits>

namespace smelt::engine {
namespace {

/// How much larger rows are in memory than in a data file, as a first guess.
constexpr std::int64_t kUnpacked = 4;

/// Whether a state's rows are those of its data files, and few enough.
bool Fits(const TableState& state) {
  const auto changed = [](const LiveFile& live) { return live.deleted || live.only || !live.file->rows(); };
  if (std::ranges::any_of(state.files, changed)) return false;
  return state.rows().value_or(std::numeric_limits<std::int64_t>::max()) <= std::numeric_limits<std::uint32_t>::max() &&
         state.bytes() * kUnpacked <= static_cast<std::int64_t>(KeptFiles::kBytesMax);
}

}  // namespace

bool KeptFiles::IsWorthIt(const TableKey& key, const TableState& state) {
  {
    const std::lock_guard guard(lock_);
    int& lookups = lookups_[key];
    if (lookups < kLookupsBefore) {
      ++lookups;
      return false;
    }
  }
  return Fits(state);
}

std::shared_ptr<KeptFile> KeptFiles::Find(const TableState& state, const LiveFile& file, bool& is_being_read) {
  const std::lock_guard guard(lock_);
  auto [place, is_new] = slots_.try_emplace(file.file.get(), Slot{.file = file.file, .kept = nullptr});
  Slot& slot = place->second;
  slot.used = ++clock_;
  is_being_read = !is_new && !slot.kept;
  if (slot.kept && !slot.kept->Fits(state)) slot.kept = nullptr;  // the table was defined anew: read it again
  return slot.kept;
}

void KeptFiles::MakeRoom() {
  // Nobody but the slot holds a file that all states of its table have left behind.
  std::erase_if(slots_, [](const auto& one) { return one.second.kept && one.second.file.use_count() == 1; });
  std::size_t bytes = 0;
  for (const auto& [file, slot] : slots_) bytes += slot.kept ? slot.kept->bytes() : 0;
  while (bytes > kBytesMax) {
    auto oldest = slots_.end();
    for (auto at = slots_.begin(); at != slots_.end(); ++at) {
      if (at->second.kept && (oldest == slots_.end() || at->second.used < oldest->second.used)) oldest = at;
    }
    if (oldest == slots_.end()) return;
    bytes -= oldest->second.kept->bytes();
    slots_.erase(oldest);
  }
}

std::shared_ptr<KeptFile> KeptFiles::Get(Lake& lake, const TableState& state, const LiveFile& file) {
  bool is_being_read = false;
  if (auto kept = Find(state, file, is_being_read)) return kept;
  if (is_being_read) return nullptr;
  std::shared_ptr<KeptFile> kept;
  try {
    kept = KeptFile::Read(lake, state, file);
  } catch (...) {
    const std::lock_guard guard(lock_);
    slots_.erase(file.file.get());
    throw;
  }
  const std::lock_guard guard(lock_);
  slots_[file.file.get()] = {.file = file.file, .kept = kept, .used = ++clock_};
  MakeRoom();
  return kept;
}

}  // namespace smelt::engine
