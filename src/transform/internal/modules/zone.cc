#include <fmt/format.h>

#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/modules/object_methods.h"

namespace smelt::transform::jinja {
namespace {

Result<std::shared_ptr<DateTime>> DateTimeArgument(const char* function, const Value& value) {
  auto moment = value.As<DateTime>();
  if (moment != nullptr) return moment;
  return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs a datetime, not '{}'", function, value.type_name()));
}

/// localize(dt, is_dst): the time as this zone's clocks show it.
Result<Value> Localize(Zone& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("localize", {"dt", "is_dst"}, 1));
  SMELT_ASSIGN(auto moment, DateTimeArgument("localize", bound[0]));
  if (moment->zone() != nullptr) return Fail(ErrorCode::kJinjaType, "localize() needs a datetime without a zone");
  return Value(std::make_shared<DateTime>(moment->micros(), self.AtLocal(moment->micros(), bound[1].Truthy())));
}

/// normalize(dt): the same moment with the offset that holds then.
Result<Value> Normalize(Zone& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("normalize", {"dt", "is_dst"}, 1));
  SMELT_ASSIGN(auto moment, DateTimeArgument("normalize", bound[0]));
  if (moment->zone() == nullptr) return Fail(ErrorCode::kJinjaType, "normalize() needs a datetime with a zone");
  auto zone = self.AtMoment(moment->micros_utc());
  return DateTime::Make(moment->micros_utc() + zone->period().offset_seconds * kMicrosPerSecond, zone);
}

/// The offset that holds at a datetime, which may be none or left out.
std::shared_ptr<Zone> Holding(Zone& self, const Value& moment) {
  auto given = moment.As<DateTime>();
  if (given == nullptr || given->zone() != nullptr) return std::static_pointer_cast<Zone>(self.shared_from_this());
  return self.AtLocal(given->micros(), false);
}

Result<Value> UtcOffset(Zone& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("utcoffset", {"dt", "is_dst"}, 0));
  return Value(std::make_shared<TimeDelta>(Holding(self, bound[0])->period().offset_seconds * kMicrosPerSecond));
}
Result<Value> ZoneName(Zone& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("tzname", {"dt", "is_dst"}, 0));
  return Value(Holding(self, bound[0])->period().name);
}
Result<Value> Daylight(Zone& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("dst", {"dt", "is_dst"}, 0));
  bool daylight = Holding(self, bound[0])->period().daylight;
  return Value(std::make_shared<TimeDelta>(daylight ? 3600 * kMicrosPerSecond : 0));
}

constexpr ObjectMethod<Zone> kZoneMethods[] = {
    {"dst", Daylight}, {"localize", Localize}, {"normalize", Normalize}, {"tzname", ZoneName}, {"utcoffset", UtcOffset},
};

}  // namespace

std::shared_ptr<Zone> Zone::Utc() {
  auto rules = PytzZone::Utc();
  return std::make_shared<Zone>(rules, rules->first());
}

std::shared_ptr<Zone> Zone::Fixed(std::int64_t offset_seconds) {
  if (offset_seconds == 0) return Utc();
  return std::make_shared<Zone>(nullptr, ZonePeriod{offset_seconds, false, "UTC" + OffsetText(offset_seconds, ":")});
}

Result<Value> Zone::Named(const std::string& name) {
  SMELT_ASSIGN(auto rules, PytzZone::Find(name));
  return Value(std::make_shared<Zone>(rules, rules->first()));
}

std::shared_ptr<Zone> Zone::AtMoment(std::int64_t micros_utc) const {
  if (rules_ == nullptr) return std::make_shared<Zone>(nullptr, period_);
  std::int64_t seconds = micros_utc / kMicrosPerSecond - (micros_utc % kMicrosPerSecond < 0 ? 1 : 0);
  return std::make_shared<Zone>(rules_, rules_->At(seconds));
}

std::shared_ptr<Zone> Zone::AtLocal(std::int64_t micros_local, bool daylight) const {
  if (rules_ == nullptr) return std::make_shared<Zone>(nullptr, period_);
  std::int64_t seconds = micros_local / kMicrosPerSecond - (micros_local % kMicrosPerSecond < 0 ? 1 : 0);
  return std::make_shared<Zone>(rules_, rules_->AtLocal(seconds, daylight));
}

std::string Zone::ToText() const {
  return rules_ == nullptr ? period_.name : rules_->name();
}

std::string Zone::Repr() const {
  if (rules_ == nullptr)
    return fmt::format("datetime.timezone({})", TimeDelta(period_.offset_seconds * kMicrosPerSecond).Repr());
  if (rules_->name() == "UTC") return "<UTC>";
  TimeDelta offset(period_.offset_seconds * kMicrosPerSecond);
  return fmt::format("<DstTzInfo '{}' {}{}{} {}>", rules_->name(), period_.name, period_.offset_seconds < 0 ? "" : "+",
                     offset.ToText(), period_.daylight ? "DST" : "STD");
}

bool Zone::Equals(const Object& other) const {
  const auto* zone = dynamic_cast<const Zone*>(&other);
  return zone != nullptr && zone->rules_ == rules_ && zone->period_.offset_seconds == period_.offset_seconds &&
         zone->period_.name == period_.name;
}

std::optional<Value> Zone::Attribute(std::string_view name) {
  if (name == "zone" && rules_ != nullptr) return Value(rules_->name());
  return BoundObjectMethod(*this, kZoneMethods, name);
}

Result<std::shared_ptr<Zone>> ZoneArgument(const Value& value) {
  if (value.is_absent()) return std::shared_ptr<Zone>();
  auto zone = value.As<Zone>();
  if (zone != nullptr) return zone;
  return Fail(ErrorCode::kJinjaType, fmt::format("a zone is needed, not '{}'", value.type_name()));
}

}  // namespace smelt::transform::jinja
