#include <algorithm>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "transform/internal/parsing/file_stamps.h"
#include "transform/live_metrics.h"

namespace smelt::transform {
namespace {

constexpr double kLookEveryS = 1;

bool IsOfProject(std::string_view path) {
  return path.ends_with(".yml") || path.ends_with(".yaml") || path.ends_with(".sql");
}

}  // namespace

LiveSemanticLayer::LiveSemanticLayer(InvokeOptions options) : options_(std::move(options)) {}
LiveSemanticLayer::~LiveSemanticLayer() = default;

Result<std::vector<FileStamp>> LiveSemanticLayer::Stamps() const {
  SMELT_ASSIGN(auto stamps, StampFiles({.folders = {options_.project_dir}, .files = {}}));
  const std::string target = options_.target_dir.empty() ? options_.project_dir + "/target/" : options_.target_dir;
  std::erase_if(stamps,
                [&](const FileStamp& stamp) { return !IsOfProject(stamp.path) || stamp.path.starts_with(target); });
  return stamps;
}

Result<std::shared_ptr<const SemanticLayer>> LiveSemanticLayer::Current() {
  // Who comes while it is loaded waits for it.
  const std::lock_guard lock(mutex_);
  const double now = MonotonicSeconds();
  if (layer_ && now < looked_at_s_ + kLookEveryS) return *layer_;
  SMELT_ASSIGN(auto stamps, Stamps());
  looked_at_s_ = now;
  if (layer_ && stamps == stamps_) return *layer_;
  const std::int64_t since_ns = NowMicros() * 1000;
  layer_ = SemanticLayer::Load(options_);
  DistrustFreshStamps(since_ns, stamps);
  stamps_ = std::move(stamps);
  return *layer_;
}

}  // namespace smelt::transform
