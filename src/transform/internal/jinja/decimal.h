#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Python's decimal.Decimal, which decimal numbers of a database are: exact, and printed with the digits it has.
/// Results of arithmetic are rounded to 28 digits, half to even. Immutable.
class Decimal final : public Object {
 public:
  /// digits * 10^exponent; `digits` has no leading zeros, and is "0" for zero.
  struct Parts {
    bool negative = false;
    std::string digits = "0";
    int exponent = 0;
  };

  explicit Decimal(Parts parts) : parts_(std::move(parts)) {}
  /// The number that a text is: "10.50", "-1e-7"; null when it is none, or one beyond 10^±5000.
  static std::shared_ptr<Decimal> Parse(std::string_view text);

  const Parts& parts() const { return parts_; }
  double Real() const;
  /// Without what is behind the point; nothing when it has more than 64 bits.
  std::optional<std::int64_t> Truncated() const;
  /// With `places` digits behind the point, rounded half to even; before it when negative.
  std::shared_ptr<Decimal> Rounded(int places) const;
  /// Its order to another number: negative, zero, positive; nothing when `other` is none.
  std::optional<int> OrderTo(const Value& other) const;

  std::string type_name() const override { return "decimal.Decimal"; }
  std::string ToText() const override;
  std::string Repr() const override { return "Decimal('" + ToText() + "')"; }
  bool Truthy() const override { return parts_.digits != "0"; }
  bool Equals(const Object& other) const override;
  std::size_t Hash() const override { return std::hash<double>()(Real()); }
  std::optional<Json> ToJson() const override;
  std::optional<std::string> Formatted(std::string_view specification) const override;
  Result<std::optional<Value>> Calculate(Operator operation, const Value& other, bool is_left) const override;
  std::optional<bool> Satisfies(Operator operation, const Object& other) const override;

 private:
  Parts parts_;
};

/// The value as a decimal number when it is one or an integer; else null.
std::shared_ptr<const Decimal> AsDecimal(const Value& value);

}  // namespace smelt::transform::jinja
