#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "transform/internal/jinja/object.h"
#include "transform/internal/modules/calendar.h"
#include "transform/internal/modules/pytz_zone.h"

namespace smelt::transform::jinja {

/// Python's timedelta.
class TimeDelta final : public Object {
 public:
  static constexpr std::int64_t kDaysMax = 100'000'000;

  explicit TimeDelta(std::int64_t micros) : micros_(micros) {}
  /// Errors: kJinjaLimit beyond kDaysMax days.
  static Result<Value> Make(double micros);
  std::int64_t micros() const { return micros_; }

  std::string type_name() const override { return "datetime.timedelta"; }
  std::string ToText() const override;
  std::string Repr() const override;
  bool Truthy() const override { return micros_ != 0; }
  bool Equals(const Object& other) const override;
  std::size_t Hash() const override { return static_cast<std::size_t>(micros_); }
  std::optional<Value> Attribute(std::string_view name) override;
  Result<std::optional<Value>> Calculate(Operator operation, const Value& other, bool is_left) const override;
  std::optional<bool> Satisfies(Operator operation, const Object& other) const override;

 private:
  std::int64_t micros_;
};

/// A tzinfo: a zone of pytz with the offset that holds, UTC, or a fixed offset.
class Zone final : public Object {
 public:
  Zone(std::shared_ptr<const PytzZone> rules, ZonePeriod period)
      : rules_(std::move(rules)), period_(std::move(period)) {}
  static std::shared_ptr<Zone> Utc();
  static std::shared_ptr<Zone> Fixed(std::int64_t offset_seconds);
  /// Errors: kJinjaType for names that the database does not have.
  static Result<Value> Named(const std::string& name);

  const ZonePeriod& period() const { return period_; }
  /// The same zone with the offset that holds at a moment.
  std::shared_ptr<Zone> AtMoment(std::int64_t micros_utc) const;
  std::shared_ptr<Zone> AtLocal(std::int64_t micros_local, bool daylight) const;

  std::string type_name() const override { return "tzinfo"; }
  std::string ToText() const override;
  std::string Repr() const override;
  bool Equals(const Object& other) const override;
  std::optional<Value> Attribute(std::string_view name) override;

 private:
  std::shared_ptr<const PytzZone> rules_;  ///< null for a fixed offset
  ZonePeriod period_;
};

/// Python's date.
class Date final : public Object {
 public:
  explicit Date(std::int64_t days) : days_(days) {}
  /// Errors: kJinjaLimit outside the years 1 to 9999.
  static Result<Value> Make(std::int64_t days);
  std::int64_t days() const { return days_; }
  DateParts parts() const { return DateParts::FromMicros(days_ * kMicrosPerDay); }

  std::string type_name() const override { return "datetime.date"; }
  std::string ToText() const override { return DayText(parts()); }
  std::string Repr() const override;
  bool Equals(const Object& other) const override;
  std::size_t Hash() const override { return static_cast<std::size_t>(days_); }
  std::optional<Value> Attribute(std::string_view name) override;
  std::optional<std::string> Formatted(std::string_view specification) const override;
  Result<std::optional<Value>> Calculate(Operator operation, const Value& other, bool is_left) const override;
  std::optional<bool> Satisfies(Operator operation, const Object& other) const override;

 private:
  std::int64_t days_;  ///< since 1970-01-01
};

/// Python's time: of a day, without or with a zone.
class Time final : public Object {
 public:
  explicit Time(std::int64_t micros, std::shared_ptr<Zone> zone = nullptr) : micros_(micros), zone_(std::move(zone)) {}
  std::int64_t micros() const { return micros_; }
  DateParts parts() const { return DateParts::FromMicros(micros_ - 25'567 * kMicrosPerDay); }

  std::string type_name() const override { return "datetime.time"; }
  std::string ToText() const override;
  std::string Repr() const override;
  bool Equals(const Object& other) const override;
  std::size_t Hash() const override { return static_cast<std::size_t>(micros_); }
  std::optional<Value> Attribute(std::string_view name) override;
  std::optional<std::string> Formatted(std::string_view specification) const override;
  std::optional<bool> Satisfies(Operator operation, const Object& other) const override;

 private:
  std::int64_t micros_;  ///< since midnight
  std::shared_ptr<Zone> zone_;
};

/// Python's datetime.
class DateTime final : public Object {
 public:
  explicit DateTime(std::int64_t micros, std::shared_ptr<Zone> zone = nullptr)
      : micros_(micros), zone_(std::move(zone)) {}
  /// Errors: kJinjaLimit outside the years 1 to 9999.
  static Result<Value> Make(std::int64_t micros, std::shared_ptr<Zone> zone);
  /// A moment, shown in UTC.
  static Value InUtc(std::int64_t micros_utc) { return Value(std::make_shared<DateTime>(micros_utc, Zone::Utc())); }

  std::int64_t micros() const { return micros_; }  ///< as its clock shows it
  std::int64_t micros_utc() const;
  const std::shared_ptr<Zone>& zone() const { return zone_; }
  DateParts parts() const { return DateParts::FromMicros(micros_); }
  ZoneText zone_text() const;
  std::string IsoText(std::string_view separator) const;

  std::string type_name() const override { return "datetime.datetime"; }
  std::string ToText() const override { return IsoText(" "); }
  std::string Repr() const override;
  bool Equals(const Object& other) const override;
  std::size_t Hash() const override { return static_cast<std::size_t>(micros_utc()); }
  std::optional<Value> Attribute(std::string_view name) override;
  std::optional<std::string> Formatted(std::string_view specification) const override;
  Result<std::optional<Value>> Calculate(Operator operation, const Value& other, bool is_left) const override;
  std::optional<bool> Satisfies(Operator operation, const Object& other) const override;

 private:
  std::int64_t micros_;
  std::shared_ptr<Zone> zone_;
};

/// Whether a comparison holds for two numbers.
bool Holds(Operator operation, std::int64_t left, std::int64_t right);
/// The tzinfo argument of a call: nothing given, none or a zone. Errors: kJinjaType.
Result<std::shared_ptr<Zone>> ZoneArgument(const Value& value);
/// Reads the arguments year, month, … into `parts`; those that are not given stay. Errors: kJinjaType.
Status ReadParts(DateParts& parts, const List& bound, std::size_t first, std::size_t last);

}  // namespace smelt::transform::jinja
