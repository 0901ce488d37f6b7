#include <fmt/format.h>

#include "transform/internal/jinja/operators.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/modules/object_methods.h"

namespace smelt::transform::jinja {
namespace {

using Call = const Arguments&;

std::int64_t Days(const DateTime& moment) {
  DateParts parts = moment.parts();
  return DaysFromCivil(parts.year, parts.month, parts.day);
}

Result<Value> Format(DateTime& self, Interpreter&, Call arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("strftime", {"format"}, 1));
  if (!bound[0].is_text()) return Fail(ErrorCode::kJinjaType, "strftime() needs a format");
  return Value(FormatDate(self.parts(), self.zone_text(), bound[0].text()));
}

/// isoformat(sep, timespec).
Result<Value> Iso(DateTime& self, Interpreter&, Call arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("isoformat", {"sep", "timespec"}, 0));
  std::string separator = bound[0].is_undefined() ? "T" : bound[0].ToText();
  std::string precision = bound[1].is_undefined() ? "auto" : bound[1].ToText();
  if (precision == "auto") return Value(self.IsoText(separator));
  DateParts parts = self.parts();
  std::string time = fmt::format("{:02}:{:02}:{:02}.{:06}", parts.hour, parts.minute, parts.second, parts.micro);
  constexpr std::pair<std::string_view, std::size_t> kLengths[] = {
      {"hours", 2}, {"minutes", 5}, {"seconds", 8}, {"milliseconds", 12}, {"microseconds", 15}};
  for (const auto& [name, length] : kLengths) {
    if (name != precision) continue;
    std::string offset = self.zone() == nullptr ? "" : OffsetText(self.zone()->period().offset_seconds, ":");
    return Value(fmt::format("{}{}{}{}", DayText(parts), separator, time.substr(0, length), offset));
  }
  return Fail(ErrorCode::kJinjaType, fmt::format("isoformat() knows no timespec '{}'", precision));
}

/// astimezone(tz); without one, and for times without a zone, the zone is UTC.
Result<Value> InZone(DateTime& self, Interpreter&, Call arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("astimezone", {"tz"}, 0));
  SMELT_ASSIGN(auto wanted, ZoneArgument(bound[0]));
  if (wanted == nullptr) wanted = Zone::Utc();
  auto zone = wanted->AtMoment(self.micros_utc());
  return DateTime::Make(self.micros_utc() + zone->period().offset_seconds * kMicrosPerSecond, zone);
}

Result<Value> Replace(DateTime& self, Interpreter&, Call arguments) {
  SMELT_ASSIGN(
      List bound,
      arguments.Bind("replace", {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"}, 0));
  DateParts parts = self.parts();
  SMELT_TRY(ReadParts(parts, bound, 0, 7));
  auto zone = self.zone();
  if (!bound[7].is_undefined()) {
    SMELT_ASSIGN(zone, ZoneArgument(bound[7]));
  }
  return DateTime::Make(parts.ToMicros(), zone);
}

Result<Value> DatePart(DateTime& self, Interpreter&, Call) {
  return Date::Make(Days(self));
}
Result<Value> TimePart(DateTime& self, Interpreter&, Call) {
  return Value(std::make_shared<Time>(self.micros() - Days(self) * kMicrosPerDay));
}
Result<Value> TimePartWithZone(DateTime& self, Interpreter&, Call) {
  return Value(std::make_shared<Time>(self.micros() - Days(self) * kMicrosPerDay, self.zone()));
}
Result<Value> DayOfWeek(DateTime& self, Interpreter&, Call) {
  return Weekday(Days(self));
}
Result<Value> IsoDayOfWeek(DateTime& self, Interpreter&, Call) {
  return Weekday(Days(self)) + 1;
}
Result<Value> IsoCalendar(DateTime& self, Interpreter&, Call) {
  IsoWeek week = ToIsoWeek(Days(self));
  return Value::MakeTuple({week.year, week.week, week.weekday});
}
Result<Value> Ordinal(DateTime& self, Interpreter&, Call) {
  return Days(self) - DaysFromCivil(1, 1, 1) + 1;
}
Result<Value> Timestamp(DateTime& self, Interpreter&, Call) {
  return static_cast<double>(self.micros_utc()) / kMicrosPerSecond;
}
Result<Value> CTime(DateTime& self, Interpreter&, Call) {
  return Value(FormatDate(self.parts(), {}, "%c"));
}
Result<Value> UtcOffset(DateTime& self, Interpreter&, Call) {
  if (self.zone() == nullptr) return Value::None();
  return Value(std::make_shared<TimeDelta>(self.zone()->period().offset_seconds * kMicrosPerSecond));
}
Result<Value> ZoneName(DateTime& self, Interpreter&, Call) {
  return self.zone() == nullptr ? Value::None() : Value(self.zone()->period().name);
}
Result<Value> Daylight(DateTime& self, Interpreter&, Call) {
  if (self.zone() == nullptr) return Value::None();
  return Value(std::make_shared<TimeDelta>(self.zone()->period().daylight ? 3600 * kMicrosPerSecond : 0));
}

constexpr ObjectMethod<DateTime> kDateTimeMethods[] = {
    {"astimezone", InZone},       {"ctime", CTime},     {"date", DatePart},           {"dst", Daylight},
    {"isocalendar", IsoCalendar}, {"isoformat", Iso},   {"isoweekday", IsoDayOfWeek}, {"replace", Replace},
    {"strftime", Format},         {"time", TimePart},   {"timestamp", Timestamp},     {"timetz", TimePartWithZone},
    {"toordinal", Ordinal},       {"tzname", ZoneName}, {"utcoffset", UtcOffset},     {"weekday", DayOfWeek},
};

}  // namespace

Result<Value> DateTime::Make(std::int64_t micros, std::shared_ptr<Zone> zone) {
  constexpr std::int64_t kDaysBound = 4'000'000;
  if (micros < -kDaysBound * kMicrosPerDay || micros > kDaysBound * kMicrosPerDay ||
      DateParts::FromMicros(micros).year < kYearMin || DateParts::FromMicros(micros).year > kYearMax) {
    return Fail(ErrorCode::kJinjaLimit, "a datetime lies in the years 1 to 9999");
  }
  return Value(std::make_shared<DateTime>(micros, std::move(zone)));
}

std::int64_t DateTime::micros_utc() const {
  return zone_ == nullptr ? micros_ : micros_ - zone_->period().offset_seconds * kMicrosPerSecond;
}

ZoneText DateTime::zone_text() const {
  if (zone_ == nullptr) return {};
  return {zone_->period().offset_seconds, zone_->period().name};
}

std::string DateTime::IsoText(std::string_view separator) const {
  DateParts its = parts();
  std::string text = DayText(its) + std::string(separator) + TimeText(its);
  return zone_ == nullptr ? text : text + OffsetText(zone_->period().offset_seconds, ":");
}

std::string DateTime::Repr() const {
  DateParts its = parts();
  std::string text =
      fmt::format("datetime.datetime({}, {}, {}, {}, {}", its.year, its.month, its.day, its.hour, its.minute);
  if (its.second != 0 || its.micro != 0) text += fmt::format(", {}", its.second);
  if (its.micro != 0) text += fmt::format(", {}", its.micro);
  if (zone_ != nullptr) text += ", tzinfo=" + zone_->Repr();
  return text + ")";
}

bool DateTime::Equals(const Object& other) const {
  const auto* moment = dynamic_cast<const DateTime*>(&other);
  return moment != nullptr && (moment->zone_ == nullptr) == (zone_ == nullptr) && moment->micros_utc() == micros_utc();
}

std::optional<Value> DateTime::Attribute(std::string_view name) {
  DateParts its = parts();
  if (name == "year") return Value(its.year);
  if (name == "month") return Value(its.month);
  if (name == "day") return Value(its.day);
  if (name == "hour") return Value(its.hour);
  if (name == "minute") return Value(its.minute);
  if (name == "second") return Value(its.second);
  if (name == "microsecond") return Value(its.micro);
  if (name == "tzinfo") return zone_ == nullptr ? Value::None() : Value(zone_);
  return BoundObjectMethod(*this, kDateTimeMethods, name);
}

std::optional<std::string> DateTime::Formatted(std::string_view specification) const {
  return FormatDate(parts(), zone_text(), specification);
}

Result<std::optional<Value>> DateTime::Calculate(Operator operation, const Value& other, bool is_left) const {
  if (auto moment = other.As<DateTime>(); moment != nullptr && operation == Operator::kSubtract && is_left) {
    if ((moment->zone_ == nullptr) != (zone_ == nullptr)) {
      return Fail(ErrorCode::kJinjaType, "a datetime with a zone and one without cannot be subtracted");
    }
    return std::optional<Value>(std::make_shared<TimeDelta>(micros_utc() - moment->micros_utc()));
  }
  auto delta = other.As<TimeDelta>();
  bool adds = operation == Operator::kAdd;
  if (delta == nullptr || !(adds || (operation == Operator::kSubtract && is_left))) return std::optional<Value>();
  std::int64_t micros = 0;
  bool overflows = adds ? __builtin_add_overflow(micros_, delta->micros(), &micros)
                        : __builtin_sub_overflow(micros_, delta->micros(), &micros);
  if (overflows) return Fail(ErrorCode::kJinjaLimit, "a datetime lies in the years 1 to 9999");
  SMELT_ASSIGN(Value made, Make(micros, zone_));
  return std::optional<Value>(std::move(made));
}

std::optional<bool> DateTime::Satisfies(Operator operation, const Object& other) const {
  const auto* moment = dynamic_cast<const DateTime*>(&other);
  if (moment == nullptr || (moment->zone_ == nullptr) != (zone_ == nullptr)) return std::nullopt;
  return Holds(operation, micros_utc(), moment->micros_utc());
}

}  // namespace smelt::transform::jinja
