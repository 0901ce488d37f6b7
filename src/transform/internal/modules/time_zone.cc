#include "transform/internal/modules/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <optional>

#include "base/file.h"
#include "transform/internal/modules/calendar.h"

namespace smelt::transform::jinja {
namespace {

constexpr std::string_view kFolders[] = {"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/etc/zoneinfo/"};
constexpr std::size_t kFileBytesMax = 256 << 10, kTransitionsMax = 5000, kPeriodsMax = 256;
/// The last year whose transitions are worked out from a zone's rule.
constexpr int kLastYear = 2037;

/// Big-endian numbers of a file, one after the other; beyond its end they are zero and `failed` is set.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  std::int64_t Number(std::size_t size) {
    if (bytes_.size() - position_ < size) {
      failed_ = true;
      return 0;
    }
    std::uint64_t value = size == 8 || static_cast<unsigned char>(bytes_[position_]) < 0x80 ? 0 : ~std::uint64_t{0};
    for (std::size_t i = 0; i < size; ++i) value = (value << 8) | static_cast<unsigned char>(bytes_[position_++]);
    return static_cast<std::int64_t>(value);
  }
  std::string_view Text(std::size_t size) {
    std::string_view text = bytes_.substr(position_, size);
    failed_ = failed_ || text.size() < size;
    position_ += text.size();
    return text;
  }
  std::string_view Rest() const { return bytes_.substr(position_); }
  bool failed() const { return failed_; }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

/// The counts that a header of a file names.
struct Counts {
  std::size_t universal, standard, leaps, times, types, letters;
  std::size_t BytesOf(std::size_t time_size) const {
    return times * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) + standard + universal;
  }
};

std::optional<Counts> ReadCounts(Bytes& bytes, char& version) {
  if (bytes.Text(4) != "TZif") return std::nullopt;
  std::string_view form = bytes.Text(1);
  version = form.empty() ? '\0' : form[0];
  bytes.Text(15);
  auto count = [&bytes] { return static_cast<std::size_t>(std::max<std::int64_t>(bytes.Number(4), 0)); };
  Counts counts{};
  counts.universal = count();
  counts.standard = count();
  counts.leaps = count();
  counts.times = count();
  counts.types = count();
  counts.letters = count();
  bool bounded = counts.times <= kTransitionsMax && counts.types <= kPeriodsMax && counts.letters <= 4096 &&
                 counts.leaps <= 4096 && counts.standard <= kPeriodsMax && counts.universal <= kPeriodsMax;
  return bounded && counts.types > 0 && !bytes.failed() ? std::optional(counts) : std::nullopt;
}

/// The rule for years that the file does not list: "CET-1CEST,M3.5.0,M10.5.0/3".
class Rule {
 public:
  struct Change {
    int month = 1, week = 1, weekday = 0;
    std::int64_t seconds = 7200;  ///< of the day, local time
    /// The moment in local time.
    std::int64_t In(int year) const {
      std::int64_t first = DaysFromCivil(year, month, 1);
      int sunday_first = (Weekday(first) + 1) % 7;
      int day = 1 + (weekday - sunday_first + 7) % 7 + (week - 1) * 7;
      if (day > DaysInMonth(year, month)) day -= 7;
      return (first + day - 1) * kSecondsPerDay + seconds;
    }
  };

  /// Nothing when there is no daylight saving, or the rule counts days in another way than by weeks.
  static std::optional<Rule> Parse(std::string_view text) {
    Rule rule;
    rule.text_ = text;
    bool read =
        rule.Name(rule.standard.name) && rule.Offset(rule.standard.offset_seconds) && rule.Name(rule.daylight.name);
    if (!read) return std::nullopt;
    rule.standard.offset_seconds *= -1;
    rule.daylight.offset_seconds = rule.standard.offset_seconds + 3600;
    rule.daylight.daylight = true;
    if (!rule.text_.starts_with(',')) {
      if (!rule.Offset(rule.daylight.offset_seconds)) return std::nullopt;
      rule.daylight.offset_seconds *= -1;
    }
    if (!rule.ReadChange(rule.start) || !rule.ReadChange(rule.end)) return std::nullopt;
    return rule;
  }

  ZonePeriod standard, daylight;
  Change start, end;

 private:
  bool Eat(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool Name(std::string& name) {
    if (Eat('<')) {
      std::size_t close = text_.find('>');
      if (close == std::string_view::npos) return false;
      name = text_.substr(0, close);
      text_.remove_prefix(close + 1);
      return true;
    }
    std::size_t end = 0;
    while (end < text_.size() && std::isalpha(static_cast<unsigned char>(text_[end]))) ++end;
    name = text_.substr(0, end);
    text_.remove_prefix(end);
    return end > 0;
  }
  bool Number(int& value) {
    std::size_t end = 0;
    value = 0;
    for (; end < text_.size() && end < 3 && std::isdigit(static_cast<unsigned char>(text_[end])); ++end) {
      value = value * 10 + (text_[end] - '0');
    }
    text_.remove_prefix(end);
    return end > 0;
  }
  bool Offset(std::int64_t& seconds) {
    bool negative = Eat('-');
    if (!negative) Eat('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!Number(hours)) return false;
    if (Eat(':') && !Number(minutes)) return false;
    if (Eat(':') && !Number(rest)) return false;
    seconds = hours * 3600 + minutes * 60 + rest;
    if (negative) seconds = -seconds;
    return true;
  }
  bool ReadChange(Change& change) {
    bool read = Eat(',') && Eat('M') && Number(change.month) && Eat('.') && Number(change.week) && Eat('.') &&
                Number(change.weekday);
    if (!read || change.month < 1 || change.month > 12 || change.week < 1 || change.week > 5 || change.weekday > 6) {
      return false;
    }
    return !Eat('/') || Offset(change.seconds);
  }

  std::string_view text_;
};

}  // namespace

/// Reads a compiled zone of the database (RFC 8536).
class TimeZoneFile {
 public:
  static std::shared_ptr<const TimeZone> Read(const std::string& name, std::string_view bytes) {
    auto zone = std::make_shared<TimeZone>();
    zone->name_ = name;
    return Fill(*zone, bytes) ? zone : nullptr;
  }
  static std::shared_ptr<const TimeZone> Fixed(std::string name) {
    auto zone = std::make_shared<TimeZone>();
    zone->periods_.push_back({0, false, name});
    zone->name_ = std::move(name);
    return zone;
  }

 private:
  static bool Fill(TimeZone& zone, std::string_view file) {
    Bytes bytes(file);
    char version = 0;
    auto counts = ReadCounts(bytes, version);
    if (!counts) return false;
    std::size_t time_size = 4;
    if (version >= '2') {
      // The first part is for old readers; the second one has times of 64 bits.
      bytes.Text(counts->BytesOf(4));
      counts = ReadCounts(bytes, version);
      if (!counts) return false;
      time_size = 8;
    }
    std::vector<TimeZone::Transition> transitions(counts->times);
    for (auto& transition : transitions) transition.at = bytes.Number(time_size);
    for (auto& transition : transitions) transition.period = static_cast<std::size_t>(bytes.Number(1) & 0xFF);
    std::vector<std::size_t> names;
    for (std::size_t i = 0; i < counts->types; ++i) {
      ZonePeriod period;
      // Offsets are whole minutes, as pytz has them.
      period.offset_seconds = FloorToMinute(bytes.Number(4) + 30);
      period.daylight = bytes.Number(1) != 0;
      names.push_back(static_cast<std::size_t>(bytes.Number(1) & 0xFF));
      zone.periods_.push_back(std::move(period));
    }
    std::string_view letters = bytes.Text(counts->letters);
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::string_view name = letters.substr(std::min(names[i], letters.size()));
      zone.periods_[i].name = name.substr(0, name.find('\0'));
    }
    bytes.Text(counts->BytesOf(time_size) - counts->times * (time_size + 1) - counts->types * 6 - counts->letters);
    bool sound = std::ranges::all_of(transitions, [&](const auto& t) { return t.period < zone.periods_.size(); }) &&
                 std::ranges::is_sorted(transitions, {}, &TimeZone::Transition::at);
    if (bytes.failed() || !sound) return false;
    zone.transitions_ = std::move(transitions);
    AddByRule(zone, bytes.Rest());
    return true;
  }

  static std::int64_t FloorToMinute(std::int64_t seconds) { return seconds - ((seconds % 60) + 60) % 60; }

  static void AddByRule(TimeZone& zone, std::string_view footer) {
    if (footer.size() < 2 || footer[0] != '\n') return;
    auto rule = Rule::Parse(footer.substr(1, footer.find('\n', 1) - 1));
    if (!rule) return;
    std::int64_t last = zone.transitions_.empty() ? 0 : zone.transitions_.back().at;
    int year = DateParts::FromMicros(std::max<std::int64_t>(last, 0) * kMicrosPerSecond).year;
    std::size_t standard = zone.periods_.size();
    zone.periods_.push_back(rule->standard);
    zone.periods_.push_back(rule->daylight);
    std::vector<TimeZone::Transition> added;
    for (; year <= kLastYear; ++year) {
      added.push_back({rule->start.In(year) - rule->standard.offset_seconds, standard + 1});
      added.push_back({rule->end.In(year) - rule->daylight.offset_seconds, standard});
    }
    std::ranges::sort(added, {}, &TimeZone::Transition::at);
    for (const auto& transition : added) {
      if (transition.at > last) zone.transitions_.push_back(transition);
    }
  }
};

Result<std::shared_ptr<const TimeZone>> TimeZone::Find(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const TimeZone>> known;
  std::lock_guard lock(mutex);
  if (auto found = known.find(name); found != known.end()) return found->second;
  bool plain = !name.empty() && name.size() < 100 && !name.contains("..") && name[0] != '/' &&
               std::ranges::all_of(name, [](unsigned char c) {
                 return std::isalnum(c) || std::string_view("/_+-").contains(static_cast<char>(c));
               });
  if (plain) {
    for (std::string_view folder : kFolders) {
      auto bytes = ReadWholeFile(std::string(folder) + name);
      if (!bytes || bytes->size() > kFileBytesMax) continue;
      auto zone = TimeZoneFile::Read(name, *bytes);
      if (zone != nullptr) return known[name] = std::move(zone);
    }
  }
  return Fail(Error(ErrorCode::kJinjaType, fmt::format("there is no time zone '{}'", name))
                  .Hint("zones are called like Europe/Berlin or UTC; the system's zone database has to be installed"));
}

std::shared_ptr<const TimeZone> TimeZone::Utc() {
  static const std::shared_ptr<const TimeZone> kUtc = TimeZoneFile::Fixed("UTC");
  return kUtc;
}

const ZonePeriod& TimeZone::At(std::int64_t seconds_utc) const {
  auto next = std::ranges::upper_bound(transitions_, seconds_utc, {}, &Transition::at);
  return next == transitions_.begin() ? periods_.front() : periods_[std::prev(next)->period];
}

const ZonePeriod& TimeZone::AtLocal(std::int64_t seconds_local, bool daylight) const {
  // Clocks differ from UTC by less than a day: the candidates are what holds around the time.
  std::vector<const ZonePeriod*> fitting;
  for (std::int64_t shift : {kSecondsPerDay, -kSecondsPerDay}) {
    const ZonePeriod& candidate = At(seconds_local - shift);
    bool fits = &At(seconds_local - candidate.offset_seconds) == &candidate;
    if (fits && std::ranges::find(fitting, &candidate) == fitting.end()) fitting.push_back(&candidate);
  }
  if (fitting.size() == 1) return *fitting[0];
  for (const ZonePeriod* candidate : fitting) {
    if (candidate->daylight == daylight) return *candidate;
  }
  if (!fitting.empty()) return *(daylight ? fitting.front() : fitting.back());
  // Skipped: the clocks before it, put forward, or those after it, put back.
  return daylight ? At(seconds_local + kSecondsPerDay) : At(seconds_local - kSecondsPerDay);
}

}  // namespace smelt::transform::jinja
