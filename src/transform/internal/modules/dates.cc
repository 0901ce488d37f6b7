// Python's date and time.

#include <fmt/format.h>

#include <array>

#include "transform/internal/jinja/operators.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/modules/object_methods.h"

namespace smelt::transform::jinja {
namespace {

template <typename T>
Result<Value> Format(T& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("strftime", {"format"}, 1));
  if (!bound[0].is_text()) return Fail(ErrorCode::kJinjaType, "strftime() needs a format");
  return Value(FormatDate(self.parts(), {}, bound[0].text()));
}
template <typename T>
Result<Value> Iso(T& self, Interpreter&, const Arguments&) {
  return Value(self.ToText());
}

Result<Value> DayOfWeek(Date& self, Interpreter&, const Arguments&) {
  return Weekday(self.days());
}
Result<Value> IsoDayOfWeek(Date& self, Interpreter&, const Arguments&) {
  return Weekday(self.days()) + 1;
}
Result<Value> IsoCalendar(Date& self, Interpreter&, const Arguments&) {
  IsoWeek week = ToIsoWeek(self.days());
  return Value::MakeTuple({week.year, week.week, week.weekday});
}
Result<Value> Ordinal(Date& self, Interpreter&, const Arguments&) {
  return self.days() - DaysFromCivil(1, 1, 1) + 1;
}

Result<Value> ReplaceDate(Date& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("replace", {"year", "month", "day"}, 0));
  DateParts parts = self.parts();
  SMELT_TRY(ReadParts(parts, bound, 0, 3));
  return Date::Make(DaysFromCivil(parts.year, parts.month, parts.day));
}

Result<Value> ReplaceTime(Time& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("replace", {"hour", "minute", "second", "microsecond", "tzinfo"}, 0));
  DateParts parts = self.parts();
  SMELT_TRY(ReadParts(parts, bound, 3, 7));
  SMELT_ASSIGN(auto zone, ZoneArgument(bound[4]));
  return Value(std::make_shared<Time>(parts.ToMicros() + 25'567 * kMicrosPerDay, zone));
}

constexpr ObjectMethod<Date> kDateMethods[] = {
    {"ctime",
     [](Date& self, Interpreter&, const Arguments&) { return Result<Value>(FormatDate(self.parts(), {}, "%c")); }},
    {"isocalendar", IsoCalendar},
    {"isoformat", Iso<Date>},
    {"isoweekday", IsoDayOfWeek},
    {"replace", ReplaceDate},
    {"strftime", Format<Date>},
    {"toordinal", Ordinal},
    {"weekday", DayOfWeek},
};
constexpr ObjectMethod<Time> kTimeMethods[] = {
    {"isoformat", Iso<Time>},
    {"replace", ReplaceTime},
    {"strftime", Format<Time>},
};

}  // namespace

Status ReadParts(DateParts& parts, const List& bound, std::size_t first, std::size_t last) {
  std::array<int*, 7> targets = {&parts.year,   &parts.month,  &parts.day,  &parts.hour,
                                 &parts.minute, &parts.second, &parts.micro};
  for (std::size_t i = first; i < last; ++i) {
    const Value& value = bound[i - first];
    if (value.is_undefined()) continue;
    if (!value.is_integral() || value.integer() < -1'000'000 || value.integer() > 1'000'000) {
      return Fail(ErrorCode::kJinjaType, fmt::format("the parts of a date are integers, not {}", value.Repr()));
    }
    *targets[i] = static_cast<int>(value.integer());
  }
  if (std::string_view problem = parts.Problem(); !problem.empty()) {
    return Fail(ErrorCode::kJinjaType, std::string(problem));
  }
  return {};
}

Result<Value> Date::Make(std::int64_t days) {
  if (days < DaysFromCivil(kYearMin, 1, 1) || days > DaysFromCivil(kYearMax, 12, 31)) {
    return Fail(ErrorCode::kJinjaLimit, "a date lies in the years 1 to 9999");
  }
  return Value(std::make_shared<Date>(days));
}

std::string Date::Repr() const {
  DateParts its = parts();
  return fmt::format("datetime.date({}, {}, {})", its.year, its.month, its.day);
}

bool Date::Equals(const Object& other) const {
  const auto* date = dynamic_cast<const Date*>(&other);
  return date != nullptr && date->days_ == days_;
}

std::optional<Value> Date::Attribute(std::string_view name) {
  DateParts its = parts();
  if (name == "year") return Value(its.year);
  if (name == "month") return Value(its.month);
  if (name == "day") return Value(its.day);
  return BoundObjectMethod(*this, kDateMethods, name);
}

std::optional<std::string> Date::Formatted(std::string_view specification) const {
  return FormatDate(parts(), {}, specification);
}

Result<std::optional<Value>> Date::Calculate(Operator operation, const Value& other, bool is_left) const {
  if (auto date = other.As<Date>(); date != nullptr && operation == Operator::kSubtract && is_left) {
    return std::optional<Value>(std::make_shared<TimeDelta>((days_ - date->days_) * kMicrosPerDay));
  }
  auto delta = other.As<TimeDelta>();
  bool adds = operation == Operator::kAdd;
  if (delta == nullptr || !(adds || (operation == Operator::kSubtract && is_left))) return std::optional<Value>();
  std::int64_t days = delta->micros() / kMicrosPerDay - (delta->micros() % kMicrosPerDay < 0 ? 1 : 0);
  SMELT_ASSIGN(Value made, Make(adds ? days_ + days : days_ - days));
  return std::optional<Value>(std::move(made));
}

std::optional<bool> Date::Satisfies(Operator operation, const Object& other) const {
  const auto* date = dynamic_cast<const Date*>(&other);
  return date == nullptr ? std::nullopt : std::optional<bool>(Holds(operation, days_, date->days_));
}

std::string Time::ToText() const {
  return TimeText(parts()) + (zone_ == nullptr ? "" : OffsetText(zone_->period().offset_seconds, ":"));
}

std::string Time::Repr() const {
  DateParts its = parts();
  std::string text = fmt::format("datetime.time({}, {}", its.hour, its.minute);
  if (its.second != 0 || its.micro != 0) text += fmt::format(", {}", its.second);
  if (its.micro != 0) text += fmt::format(", {}", its.micro);
  if (zone_ != nullptr) text += ", tzinfo=" + zone_->Repr();
  return text + ")";
}

bool Time::Equals(const Object& other) const {
  const auto* time = dynamic_cast<const Time*>(&other);
  return time != nullptr && time->micros_ == micros_ && (time->zone_ == nullptr) == (zone_ == nullptr);
}

std::optional<Value> Time::Attribute(std::string_view name) {
  DateParts its = parts();
  if (name == "hour") return Value(its.hour);
  if (name == "minute") return Value(its.minute);
  if (name == "second") return Value(its.second);
  if (name == "microsecond") return Value(its.micro);
  if (name == "tzinfo") return zone_ == nullptr ? Value::None() : Value(zone_);
  return BoundObjectMethod(*this, kTimeMethods, name);
}

std::optional<std::string> Time::Formatted(std::string_view specification) const {
  return FormatDate(parts(), {}, specification);
}

std::optional<bool> Time::Satisfies(Operator operation, const Object& other) const {
  const auto* time = dynamic_cast<const Time*>(&other);
  if (time == nullptr || (time->zone_ == nullptr) != (zone_ == nullptr)) return std::nullopt;
  return Holds(operation, micros_, time->micros_);
}

}  // namespace smelt::transform::jinja
