#include "delta/internal/table_properties.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "delta/features.h"

namespace smelt::delta {
namespace {

constexpr std::int64_t kCheckpointIntervalDefault = 10;
constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kTombstoneRetentionDefaultMs = 7 * kDayMs;
constexpr std::int64_t kLogRetentionDefaultMs = 30 * kDayMs;

struct IntervalUnit {
  std::string_view name;
  std::int64_t ms;
};
constexpr IntervalUnit kIntervalUnits[] = {
    {"week", 7 * kDayMs},  {"day", kDayMs},  {"hour", 60 * 60 * 1000},
    {"minute", 60 * 1000}, {"second", 1000}, {"millisecond", 1},
};

/// Takes the first word off `text`, in lower case; empty at the end.
std::string TakeWord(std::string_view& text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kSpaces));
  text.remove_prefix(word.size());
  return LowerAscii(word);
}

/// A property as an interval in milliseconds; `fallback` when it is absent or none.
std::int64_t PropertyIntervalMs(const Metadata& metadata, const std::string& key, std::int64_t fallback) {
  const auto found = metadata.configuration.find(key);
  const std::int64_t interval = found == metadata.configuration.end() ? -1 : ParseIntervalMs(found->second);
  return interval < 0 ? fallback : interval;
}

bool ParseInt(std::string_view text, std::int64_t& value) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

bool PropertyIsTrue(const Metadata& metadata, std::string_view key, bool fallback) {
  const auto found = metadata.configuration.find(std::string(key));
  return found == metadata.configuration.end() ? fallback : EqualsIgnoringCase(found->second, "true");
}

std::int64_t PropertyInt(const Metadata& metadata, std::string_view key, std::int64_t fallback) {
  const auto found = metadata.configuration.find(std::string(key));
  std::int64_t value = 0;
  return found != metadata.configuration.end() && ParseInt(found->second, value) ? value : fallback;
}

std::string_view IsolationLevel(const Metadata& metadata) {
  const auto found = metadata.configuration.find("delta.isolationLevel");
  const bool is_strict = found != metadata.configuration.end() && EqualsIgnoringCase(found->second, kSerializable);
  return is_strict ? kSerializable : kWriteSerializable;
}

bool IsAppendOnly(const Protocol& protocol, const Metadata& metadata) {
  return HasFeature(protocol, "appendOnly") && PropertyIsTrue(metadata, kAppendOnlyProperty);
}

bool HasInCommitTimestamps(const Protocol& protocol, const Metadata& metadata) {
  const bool is_supported =
      HasFeature(protocol, "inCommitTimestamp") || HasFeature(protocol, "inCommitTimestamp-preview");
  return is_supported && PropertyIsTrue(metadata, kEnableInCommitTimestampsProperty);
}

std::int64_t CheckpointInterval(const Metadata& metadata) {
  const std::int64_t interval = PropertyInt(metadata, "delta.checkpointInterval", kCheckpointIntervalDefault);
  return interval > 0 ? interval : kCheckpointIntervalDefault;
}

std::int64_t TombstoneRetentionMs(const Metadata& metadata) {
  return PropertyIntervalMs(metadata, "delta.deletedFileRetentionDuration", kTombstoneRetentionDefaultMs);
}

std::int64_t LogRetentionMs(const Metadata& metadata) {
  return PropertyIntervalMs(metadata, "delta.logRetentionDuration", kLogRetentionDefaultMs);
}

std::int64_t ParseBytes(std::string_view text) {
  constexpr std::string_view kUnits = "bkmgt";
  const std::string lower = LowerAscii(text);
  const std::size_t digits = std::min(lower.find_first_not_of("0123456789"), lower.size());
  std::string_view unit = std::string_view(lower).substr(digits);
  if (unit.size() > 1 && unit.ends_with('b')) unit.remove_suffix(1);
  const std::size_t power = unit.empty() ? 0 : kUnits.find(unit);
  std::int64_t count = 0;
  if (power == std::string_view::npos || unit.size() > 1) return -1;
  if (!ParseInt(std::string_view(lower).substr(0, digits), count)) return -1;
  const int shift = static_cast<int>(10 * power);
  return count > (std::numeric_limits<std::int64_t>::max() >> shift) ? -1 : count << shift;
}

std::int64_t ParseIntervalMs(std::string_view text) {
  std::int64_t total = 0;
  std::string word = TakeWord(text);
  if (word == "interval") word = TakeWord(text);
  if (word.empty()) return -1;
  for (; !word.empty(); word = TakeWord(text)) {
    std::int64_t count = 0;
    if (!ParseInt(word, count) || count < 0) return -1;
    std::string unit = TakeWord(text);
    if (unit.ends_with('s')) unit.pop_back();
    const auto* found = std::ranges::find(kIntervalUnits, unit, &IntervalUnit::name);
    if (found == std::end(kIntervalUnits)) return -1;
    if (count > (std::numeric_limits<std::int64_t>::max() - total) / found->ms) return -1;
    total += count * found->ms;
  }
  return total;
}

}  // namespace smelt::delta
