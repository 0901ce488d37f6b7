#include "pipeline/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/file.h"
#include "pipeline/internal/zone_rule.h"

namespace smelt::pipeline {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds kBegin = sys_seconds::min();
constexpr sys_seconds kEnd = sys_seconds::max();

/// A change of the clocks and the distance from UTC that it leads to.
struct Change {
  sys_seconds at;
  seconds offset;
};

Error UnknownZone(std::string_view name) {
  return Error(ErrorCode::kPipelineSchedule, fmt::format("this system knows no time zone '{}'", name))
      .Hint("use UTC or a name such as America/Sao_Paulo; the names come with the package tzdata");
}

/// The sizes in the header of a block of a TZif file.
struct BlockSizes {
  std::size_t utc_flags = 0, standard_flags = 0, leaps = 0, times = 0, types = 0, characters = 0;
};

/// Reads big-endian numbers from bytes; past their end it reads zeros and says so.
class TzifReader {
 public:
  explicit TzifReader(std::string_view bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::string_view rest() const { return bytes_.substr(position_); }

  std::int64_t Number(std::size_t size) {
    const std::string_view part = Bytes(size);
    std::uint64_t number = 0;
    for (const char c : part) number = number << 8U | static_cast<unsigned char>(c);
    if (size == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
    return static_cast<std::int64_t>(number);
  }

  std::string_view Bytes(std::size_t size) {
    if (size > bytes_.size() - position_) {
      failed_ = true;
      position_ = bytes_.size();
      return {};
    }
    position_ += size;
    return bytes_.substr(position_ - size, size);
  }

  /// The header of a block; returns its version, or nothing when there is none.
  std::optional<char> Header(BlockSizes& sizes) {
    if (Bytes(4) != "TZif") return std::nullopt;
    const std::string_view version = Bytes(1);
    Bytes(15);
    for (std::size_t* size :
         {&sizes.utc_flags, &sizes.standard_flags, &sizes.leaps, &sizes.times, &sizes.types, &sizes.characters}) {
      *size = static_cast<std::uint32_t>(Number(4));
    }
    if (failed_) return std::nullopt;
    return version.front();
  }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

std::size_t BlockBytes(const BlockSizes& sizes, std::size_t time_bytes) {
  constexpr std::size_t kTypeBytes = 6;
  return sizes.times * (time_bytes + 1) + sizes.types * kTypeBytes + sizes.characters + sizes.leaps * (time_bytes + 4) +
         sizes.standard_flags + sizes.utc_flags;
}

}  // namespace

struct TimeZone::Data {
  std::string name = "UTC";
  seconds first{};              ///< the offset before the first change
  std::vector<Change> changes;  ///< ascending
  std::optional<internal::ZoneRule> rule;

  /// The changes that the rule makes in a year, ascending.
  std::array<Change, 2> ChangesIn(std::chrono::year year) const {
    const auto at = [](local_seconds local, seconds offset) { return sys_seconds(local.time_since_epoch() - offset); };
    std::array<Change, 2> both = {Change{at(rule->changes[0].In(year), rule->standard), rule->summer},
                                  Change{at(rule->changes[1].In(year), rule->summer), rule->standard}};
    if (both[1].at < both[0].at) std::swap(both[0], both[1]);
    return both;
  }

  /// The changes around an instant: those of the file, then those of the rule in the years next to it.
  std::vector<Change> Around(sys_seconds instant) const {
    std::vector<Change> around = changes;
    if (!rule || !rule->has_summer) return around;
    const sys_seconds last = changes.empty() ? kBegin : changes.back().at;
    const auto clamped = std::clamp(instant, sys_seconds(std::chrono::sys_days(std::chrono::year(1900) / 1 / 1)),
                                    sys_seconds(std::chrono::sys_days(std::chrono::year(9999) / 1 / 1)));
    const std::chrono::year year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(clamped)).year();
    const auto at_least = [&](std::chrono::year wanted) {
      if (last == kBegin) return wanted;
      // The first changes after those of the file bound the span that goes on from there.
      return std::max(wanted, std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(last)).year());
    };
    const std::chrono::year from = at_least(year - std::chrono::years(2));
    for (std::chrono::year y = from; y <= std::max(year, from) + std::chrono::years(2); ++y) {
      for (const Change& change : ChangesIn(y)) {
        if (change.at > last) around.push_back(change);
      }
    }
    return around;
  }
};

TimeZone::TimeZone() : data_(std::make_shared<const Data>()) {}
TimeZone::TimeZone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
TimeZone::~TimeZone() = default;
TimeZone::TimeZone(const TimeZone&) = default;
TimeZone::TimeZone(TimeZone&&) noexcept = default;
TimeZone& TimeZone::operator=(const TimeZone&) = default;
TimeZone& TimeZone::operator=(TimeZone&&) noexcept = default;

const std::string& TimeZone::name() const {
  return data_->name;
}

Result<TimeZone> TimeZone::Find(std::string_view name) {
  if (name == "UTC") return TimeZone();
  const bool well_formed = !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos;
  if (!well_formed) return Fail(UnknownZone(name));
  const char* folder = std::getenv("TZDIR");
  const auto bytes = ReadWholeFile(fmt::format("{}/{}", folder == nullptr ? "/usr/share/zoneinfo" : folder, name));
  if (!bytes || !bytes->starts_with("TZif")) return Fail(UnknownZone(name));
  return FromTzif(*bytes, std::string(name));
}

Result<TimeZone> TimeZone::FromTzif(std::string_view bytes, std::string name) {
  const auto damaged = [&name] {
    return Fail(Error(ErrorCode::kPipelineSchedule, fmt::format("the file of the time zone '{}' is damaged", name))
                    .Hint("install the package tzdata again"));
  };
  TzifReader reader(bytes);
  BlockSizes sizes;
  const std::optional<char> version = reader.Header(sizes);
  if (!version) return damaged();
  std::size_t time_bytes = 4;
  if (*version >= '2') {  // the same again with longer numbers, and a rule for the years after
    reader.Bytes(BlockBytes(sizes, time_bytes));
    time_bytes = 8;
    if (!reader.Header(sizes)) return damaged();
  }
  if (reader.rest().size() < BlockBytes(sizes, time_bytes) || sizes.types == 0) return damaged();
  std::vector<std::int64_t> times(sizes.times);
  for (std::int64_t& time : times) time = reader.Number(time_bytes);
  const std::string_view kinds = reader.Bytes(sizes.times);
  std::vector<seconds> offsets(sizes.types);
  for (seconds& offset : offsets) {
    offset = seconds(reader.Number(4));
    reader.Bytes(2);
  }
  auto data = std::make_shared<Data>();
  data->name = std::move(name);
  data->first = offsets.front();
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto kind = static_cast<unsigned char>(kinds[i]);
    if (kind >= offsets.size()) return damaged();
    const seconds before = data->changes.empty() ? data->first : data->changes.back().offset;
    // Changes of the name alone change no clock.
    if (offsets[kind] != before) data->changes.push_back({sys_seconds(seconds(times[i])), offsets[kind]});
  }
  reader.Bytes(sizes.characters + sizes.leaps * (time_bytes + 4) + sizes.standard_flags + sizes.utc_flags);
  if (reader.failed()) return damaged();
  std::string_view footer = time_bytes == 8 ? reader.rest() : std::string_view();
  if (footer.size() > 2 && footer.front() == '\n' && footer.back() == '\n') {
    data->rule = internal::ZoneRule::Parse(footer.substr(1, footer.size() - 2));
    if (!data->rule) return damaged();
  }
  return TimeZone(std::move(data));
}

ZoneSpan TimeZone::SpanAt(sys_seconds instant) const {
  const std::vector<Change> changes = data_->Around(instant);
  const auto next = std::ranges::upper_bound(changes, instant, {}, &Change::at);
  const auto offset_of = [&](auto change) {
    return change == changes.begin() ? data_->first : std::prev(change)->offset;
  };
  ZoneSpan span{.begin = kBegin, .end = kEnd, .offset = offset_of(next), .offset_before = offset_of(next)};
  if (next != changes.end()) span.end = next->at;
  if (next != changes.begin()) {
    span.begin = std::prev(next)->at;
    span.offset_before = offset_of(std::prev(next));
  }
  return span;
}

local_seconds TimeZone::ToLocal(sys_seconds instant) const {
  return local_seconds(instant.time_since_epoch() + SpanAt(instant).offset);
}

sys_seconds TimeZone::ToInstant(local_seconds local) const {
  // Clocks are never further than this from UTC.
  constexpr std::chrono::hours kFarthest{26};
  const sys_seconds same(local.time_since_epoch());
  ZoneSpan span = SpanAt(same - kFarthest);
  while (true) {
    const sys_seconds instant = same - span.offset;
    if (instant < span.begin) return span.begin;  // skipped by the change that began this span
    if (instant < span.end) return instant;
    span = SpanAt(span.end);
  }
}

}  // namespace smelt::pipeline
