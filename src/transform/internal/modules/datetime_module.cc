// Python's datetime and pytz modules as templates see them.

#include <fmt/format.h>

#include <cmath>
#include <ctime>

#include "base/clock.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/modules/module_parts.h"
#include "transform/internal/modules/object_methods.h"

namespace smelt::transform::jinja {
namespace {

/// How far the clocks of this computer are from UTC at a moment.
std::int64_t LocalOffsetSeconds(std::int64_t micros_utc) {
  std::time_t seconds = micros_utc / kMicrosPerSecond;
  std::tm parts{};
  return localtime_r(&seconds, &parts) == nullptr ? 0 : parts.tm_gmtoff;
}

Result<Value> MakeDelta(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(
      List bound,
      arguments.Bind("timedelta", {"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"}, 0));
  constexpr double kUnits[] = {86'400e6, 1e6, 1, 1e3, 60e6, 3600e6, 7 * 86'400e6};
  double micros = 0;
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (bound[i].is_undefined()) continue;
    if (!bound[i].is_number()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("timedelta() needs numbers, not '{}'", bound[i].type_name()));
    }
    micros += bound[i].number() * kUnits[i];
  }
  return TimeDelta::Make(micros);
}

Result<Value> MakeDate(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("date", {"year", "month", "day"}, 3));
  DateParts parts;
  SMELT_TRY(ReadParts(parts, bound, 0, 3));
  return Date::Make(DaysFromCivil(parts.year, parts.month, parts.day));
}

Result<Value> MakeTime(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("time", {"hour", "minute", "second", "microsecond", "tzinfo"}, 0));
  DateParts parts{1970, 1, 1};
  SMELT_TRY(ReadParts(parts, bound, 3, 7));
  SMELT_ASSIGN(auto zone, ZoneArgument(bound[4]));
  return Value(std::make_shared<Time>(parts.ToMicros(), zone));
}

Result<Value> MakeDateTime(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(
      List bound,
      arguments.Bind("datetime", {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"}, 3));
  DateParts parts;
  SMELT_TRY(ReadParts(parts, bound, 0, 7));
  SMELT_ASSIGN(auto zone, ZoneArgument(bound[7]));
  return DateTime::Make(parts.ToMicros(), zone);
}

/// A moment in a zone, or, without one, as the clocks of this computer show it.
Result<Value> Shown(std::int64_t micros_utc, const std::shared_ptr<Zone>& wanted) {
  if (wanted == nullptr) return DateTime::Make(micros_utc + LocalOffsetSeconds(micros_utc) * kMicrosPerSecond, nullptr);
  auto zone = wanted->AtMoment(micros_utc);
  return DateTime::Make(micros_utc + zone->period().offset_seconds * kMicrosPerSecond, zone);
}

Result<Value> Now(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("now", {"tz"}, 0));
  SMELT_ASSIGN(auto zone, ZoneArgument(bound[0]));
  return Shown(NowMicros(), zone);
}
Result<Value> UtcNow(Interpreter&, Arguments arguments) {
  SMELT_TRY(arguments.Bind("utcnow", {}, 0));
  return DateTime::Make(NowMicros(), nullptr);
}
Result<Value> Today(Interpreter&, Arguments arguments) {
  SMELT_TRY(arguments.Bind("today", {}, 0));
  std::int64_t local = NowMicros() + LocalOffsetSeconds(NowMicros()) * kMicrosPerSecond;
  DateParts parts = DateParts::FromMicros(local);
  return Date::Make(DaysFromCivil(parts.year, parts.month, parts.day));
}

Result<std::int64_t> MicrosOfSeconds(const Value& value) {
  if (!value.is_number() || !(std::fabs(value.number()) < 4e11)) {
    return Fail(ErrorCode::kJinjaType, "a timestamp is a number of seconds since 1970");
  }
  return static_cast<std::int64_t>(std::nearbyint(value.number() * 1e6));
}
Result<Value> FromTimestamp(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("fromtimestamp", {"timestamp", "tz"}, 1));
  SMELT_ASSIGN(std::int64_t micros, MicrosOfSeconds(bound[0]));
  SMELT_ASSIGN(auto zone, ZoneArgument(bound[1]));
  return Shown(micros, zone);
}
Result<Value> UtcFromTimestamp(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("utcfromtimestamp", {"timestamp"}, 1));
  SMELT_ASSIGN(std::int64_t micros, MicrosOfSeconds(bound[0]));
  return DateTime::Make(micros, nullptr);
}

std::shared_ptr<Zone> ZoneOf(const ParsedDate& parsed) {
  return parsed.offset_seconds ? Zone::Fixed(*parsed.offset_seconds) : nullptr;
}

Result<Value> Parse(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("strptime", {"date_string", "format"}, 2));
  if (!bound[0].is_text() || !bound[1].is_text()) return Fail(ErrorCode::kJinjaType, "strptime() needs two texts");
  auto parsed = ParseDate(bound[0].text(), bound[1].text());
  if (parsed) return DateTime::Make(parsed->parts.ToMicros(), ZoneOf(*parsed));
  return Fail(ErrorCode::kJinjaType,
              fmt::format("strptime(): {} does not fit the format {}", bound[0].Repr(), bound[1].Repr()));
}

Result<ParsedDate> ParseIso(const Arguments& arguments, bool has_date, bool has_time) {
  SMELT_ASSIGN(List bound, arguments.Bind("fromisoformat", {"date_string"}, 1));
  if (!bound[0].is_text()) return Fail(ErrorCode::kJinjaType, "fromisoformat() needs a text");
  auto parsed = ParseIsoDate(bound[0].text(), has_date, has_time);
  if (parsed) return *parsed;
  return Fail(ErrorCode::kJinjaType, fmt::format("fromisoformat(): {} is not of ISO 8601's form", bound[0].Repr()));
}
Result<Value> DateTimeFromIso(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(ParsedDate parsed, ParseIso(arguments, true, true));
  return DateTime::Make(parsed.parts.ToMicros(), ZoneOf(parsed));
}
Result<Value> DateFromIso(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(ParsedDate parsed, ParseIso(arguments, true, false));
  return Date::Make(DaysFromCivil(parsed.parts.year, parsed.parts.month, parsed.parts.day));
}
Result<Value> TimeFromIso(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(ParsedDate parsed, ParseIso(arguments, false, true));
  parsed.parts.year = 1970;
  parsed.parts.month = parsed.parts.day = 1;
  return Value(std::make_shared<Time>(parsed.parts.ToMicros(), ZoneOf(parsed)));
}

Result<Value> Combine(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("combine", {"date", "time", "tzinfo"}, 2));
  auto date = bound[0].As<Date>();
  auto time = bound[1].As<Time>();
  if (date == nullptr || time == nullptr) return Fail(ErrorCode::kJinjaType, "combine() needs a date and a time");
  SMELT_ASSIGN(auto zone, ZoneArgument(bound[2]));
  return DateTime::Make(date->days() * kMicrosPerDay + time->micros(), zone);
}

Result<Value> MakeTimezone(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("timezone", {"offset"}, 1));
  auto offset = bound[0].As<TimeDelta>();
  if (offset == nullptr || offset->micros() <= -kMicrosPerDay || offset->micros() >= kMicrosPerDay) {
    return Fail(ErrorCode::kJinjaType, "timezone() needs a timedelta of less than a day");
  }
  return Value(Zone::Fixed(offset->micros() / kMicrosPerSecond));
}

Result<Value> NoInstances(Interpreter&, Arguments) {
  return Fail(ErrorCode::kJinjaType, "a tzinfo comes from pytz.timezone('…')");
}

Result<Value> NamedZone(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("timezone", {"zone"}, 1));
  if (!bound[0].is_text()) return Fail(ErrorCode::kJinjaType, "timezone() needs the name of a zone");
  if (bound[0].text() == "UTC") return Value(Zone::Utc());
  return Zone::Named(bound[0].text());
}

Result<Value> FixedOffset(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("FixedOffset", {"offset"}, 1));
  if (!bound[0].is_integral() || std::abs(bound[0].integer()) >= 1440) {
    return Fail(ErrorCode::kJinjaType, "FixedOffset() needs minutes, less than a day of them");
  }
  return Value(Zone::Fixed(bound[0].integer() * 60));
}

}  // namespace

Value MakeDatetimeModule() {
  std::int64_t first = DaysFromCivil(kYearMin, 1, 1), last = DaysFromCivil(kYearMax, 12, 31);
  auto module = std::make_shared<Record>("datetime");
  auto moment = std::make_shared<ClassObject>("datetime.datetime", MakeDateTime);
  moment->Add("combine", Combine);
  moment->Add("fromisoformat", DateTimeFromIso);
  moment->Add("fromtimestamp", FromTimestamp);
  moment->Add("max", Value(std::make_shared<DateTime>((last + 1) * kMicrosPerDay - 1)));
  moment->Add("min", Value(std::make_shared<DateTime>(first * kMicrosPerDay)));
  moment->Add("now", Now);
  moment->Add("strptime", Parse);
  moment->Add("today", Now);
  moment->Add("utcfromtimestamp", UtcFromTimestamp);
  moment->Add("utcnow", UtcNow);
  module->Set("datetime", Value(std::move(moment)));
  auto date = std::make_shared<ClassObject>("datetime.date", MakeDate);
  date->Add("fromisoformat", DateFromIso);
  date->Add("max", Value(std::make_shared<Date>(last)));
  date->Add("min", Value(std::make_shared<Date>(first)));
  date->Add("today", Today);
  module->Set("date", Value(std::move(date)));
  auto time = std::make_shared<ClassObject>("datetime.time", MakeTime);
  time->Add("fromisoformat", TimeFromIso);
  module->Set("time", Value(std::move(time)));
  module->Set("timedelta", Value(std::make_shared<ClassObject>("datetime.timedelta", MakeDelta)));
  auto zone = std::make_shared<ClassObject>("datetime.timezone", MakeTimezone);
  zone->Add("utc", Value(Zone::Utc()));
  module->Set("timezone", Value(std::move(zone)));
  module->Set("tzinfo", Value(std::make_shared<ClassObject>("datetime.tzinfo", NoInstances)));
  return Value(std::move(module));
}

Value MakePytzModule() {
  auto module = std::make_shared<Record>("pytz");
  module->Set("timezone", Function::Make("timezone", NamedZone));
  module->Set("FixedOffset", Function::Make("FixedOffset", FixedOffset));
  module->Set("utc", Value(Zone::Utc()));
  return Value(std::move(module));
}

}  // namespace smelt::transform::jinja
