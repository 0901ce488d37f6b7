#include "quality/internal/parameters.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

constexpr std::string_view kParameterKey = "$PARAMETER";

bool IsNameStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}
bool IsNamePart(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == ':';
}

bool IsName(std::string_view text) {
  return !text.empty() && IsNameStart(text.front()) && std::ranges::all_of(text, IsNamePart);
}

/// Evaluates + - * / ^, parentheses, signs and abs, round, trunc over numbers and names.
class Arithmetic {
 public:
  Arithmetic(std::string_view text, const ParameterLookup& lookup) : text_(text), lookup_(lookup) {}

  Result<double> Run() {
    SMELT_ASSIGN(const double value, Sum());
    if (Peek() != '\0') return Fail(Unreadable());
    return value;
  }

 private:
  char Peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  Error Unreadable() const {
    return Error(ErrorCode::kConfigValueInvalid,
                 fmt::format("the parameter expression \"{}\" cannot be read at character {}", text_, at_ + 1))
        .Hint("use names, numbers, + - * / ^, parentheses, abs, round and trunc");
  }

  Result<double> Sum() {
    SMELT_ASSIGN(double value, Product());
    while (Peek() == '+' || Peek() == '-') {
      const bool plus = text_[at_++] == '+';
      SMELT_ASSIGN(const double right, Product());
      value = plus ? value + right : value - right;
    }
    return value;
  }

  Result<double> Product() {
    SMELT_ASSIGN(double value, Power());
    while (Peek() == '*' || Peek() == '/') {
      const bool times = text_[at_++] == '*';
      SMELT_ASSIGN(const double right, Power());
      value = times ? value * right : value / right;
    }
    return value;
  }

  Result<double> Power() {
    constexpr int kDepthMax = 100;
    if (++depth_ > kDepthMax) return Fail(Unreadable());
    SMELT_ASSIGN(double value, Atom());
    if (Accept('^')) {
      SMELT_ASSIGN(const double exponent, Power());
      value = std::pow(value, exponent);
    }
    --depth_;
    return value;
  }

  Result<double> Atom() {
    if (Accept('-')) {
      SMELT_ASSIGN(const double value, Power());
      return -value;
    }
    if (Accept('+')) return Power();
    if (Accept('(')) {
      SMELT_ASSIGN(const double value, Sum());
      if (!Accept(')')) return Fail(Unreadable());
      return value;
    }
    if (IsNameStart(Peek())) return NameOrFunction();
    double value = 0;
    const auto [end, problem] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (problem != std::errc()) return Fail(Unreadable());
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  Result<double> NameOrFunction() {
    const std::size_t start = at_;
    while (at_ < text_.size() && IsNamePart(text_[at_])) ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    if (Peek() == '(') {
      SMELT_ASSIGN(const double argument, Atom());
      if (name == "abs") return std::abs(argument);
      if (name == "round") return std::nearbyint(argument);
      if (name == "trunc") return std::trunc(argument);
      at_ = start;
      return Fail(Unreadable());
    }
    const std::optional<Json> value = lookup_(name);
    if (!value) return Fail(ErrorCode::kConfigKeyMissing, fmt::format("the parameter \"{}\" has no value", name));
    if (!value->is_number()) {
      return Fail(ErrorCode::kConfigValueInvalid,
                  fmt::format("the parameter \"{}\" is {}, not a number, and cannot be calculated with", name,
                              JsonText(*value)));
    }
    return value->get<double>();
  }

  std::string_view text_;
  const ParameterLookup& lookup_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Result<Json> Evaluate(std::string_view expression, const ParameterLookup& lookup) {
  if (IsName(expression)) {
    if (auto value = lookup(expression)) return *std::move(value);
    return Fail(Error(ErrorCode::kConfigKeyMissing, fmt::format("the parameter \"{}\" has no value", expression))
                    .Hint("give it a default under suite_parameters, or a value when the suite is run"));
  }
  SMELT_ASSIGN(const double value, Arithmetic(expression, lookup).Run());
  if (!std::isfinite(value)) {
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the parameter expression \"{}\" has no finite value", expression));
  }
  constexpr double kExactIntegerMax = 9'007'199'254'740'992;  // 2^53
  if (value == std::trunc(value) && std::abs(value) < kExactIntegerMax) return Json(static_cast<std::int64_t>(value));
  return Json(value);
}

}  // namespace

bool HasParameter(const Json& value) {
  if (value.is_object() && value.contains(kParameterKey)) return true;
  return value.is_structured() && std::ranges::any_of(value, [](const Json& part) { return HasParameter(part); });
}

Result<Json> ReplaceParameters(const Json& value, const ParameterLookup& lookup) {
  if (value.is_object() && value.contains(kParameterKey)) {
    const Json& expression = value[kParameterKey];
    if (!expression.is_string()) {
      return Fail(ErrorCode::kConfigValueInvalid, "$PARAMETER has to be a name or an expression in quotes");
    }
    const ParameterLookup with_own_default = [&](std::string_view name) -> std::optional<Json> {
      if (auto found = lookup(name)) return found;
      const auto own = value.find(fmt::format("{}.{}", kParameterKey, name));
      return own == value.end() ? std::nullopt : std::optional<Json>(*own);
    };
    return Evaluate(expression.get<std::string>(), with_own_default);
  }
  Json copy = value;
  if (copy.is_object()) {
    for (auto& [key, part] : copy.items()) {
      SMELT_ASSIGN(part, ReplaceParameters(part, lookup));
    }
  } else if (copy.is_array()) {
    for (Json& part : copy) {
      SMELT_ASSIGN(part, ReplaceParameters(part, lookup));
    }
  }
  return copy;
}

}  // namespace smelt::quality
