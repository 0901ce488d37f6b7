#include "quality/internal/personal_data.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include <re2/re2.h>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

/// A kind is reported when so many of the values have it.
constexpr double kShareMin = 0.6;
/// Fewer values prove little.
constexpr std::size_t kValuesMin = 3;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits of a number written with the given characters between them; nothing when there are others.
std::optional<std::string> DigitsOf(std::string_view text, std::string_view between) {
  std::string digits;
  for (const char c : text) {
    if (IsDigit(c)) {
      digits += c;
    } else if (between.find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return digits;
}

bool AllTheSame(std::string_view digits) {
  return std::ranges::all_of(digits, [&](char c) { return c == digits.front(); });
}

struct ValueKind {
  std::string_view name;
  std::string_view pattern;                   ///< has to match the whole value
  bool (*check)(std::string_view) = nullptr;  ///< and this has to hold
};
constexpr auto kValueKinds = std::to_array<ValueKind>({
    {"e-mail", R"([A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+)"},
    {"payment card", R"(\d[\d \-]{10,22}\d)", IsPaymentCard},
    {"IBAN", R"([A-Z]{2}\d{2}[A-Z0-9 ]{11,36})", IsIban},
    {"CPF", R"(\d{3}\.?\d{3}\.?\d{3}-?\d{2})", IsCpf},
    {"SSN", R"(\d{3}-\d{2}-\d{4})"},
    {"phone",
     R"(\+\d{1,3}[ \-.]?(\(\d{1,4}\)[ \-.]?)?\d[\d \-.]{5,14}\d|\(\d{2,4}\) ?\d{3,5}[ \-.]?\d{4}|\d{3}[\-.]\d{3}[\-.]\d{4})"},
    {"IP address", R"(\d{1,3}(\.\d{1,3}){3}|([0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{1,4})"},
});

struct NameKind {
  std::string_view name;
  std::string_view pattern;  ///< has to match somewhere in the column's name, in lower case
};
constexpr auto kNameKinds = std::to_array<NameKind>({
    {"e-mail", R"((^|_)e?_?mail(_?addr(ess)?)?(_|$))"},
    {"phone", R"((^|_)(phone|mobile|telephone|telefone|celular|cell|fax)(_?(no|nr|number))?(_|$))"},
    {"name", R"((^|_)(first|last|full|sur|middle|maiden|customer|contact|person)_?name(_|$)|^nome$|(^|_)surname(_|$))"},
    {"address", R"((^|_)(street|address|endereco|addr|house_?(no|nr|number))(_|\d|$))"},
    {"birth date", R"((^|_)(birth_?(date|day)?|dob|date_of_birth|born)(_|$))"},
    {"postal code", R"((^|_)(zip|zip_?code|postal_?code|postcode|cep|plz)(_|$))"},
    {"government id",
     R"((^|_)(ssn|social_security(_number)?|cpf|passport|tax_?id|national_?id|driver_?licen[cs]e)(_|$))"},
    {"payment card", R"((^|_)(card|credit_card|cc)_?(no|nr|number|num)(_|$))"},
    {"bank account", R"((^|_)(iban|bank_account|account_?(no|nr|number))(_|$))"},
    {"secret", R"((^|_)(password|passwd|pwd|secret|api_?key|token)(_|$))"},
    {"location", R"((^|_)(lat|lng|lon|latitude|longitude)(_|$))"},
    {"IP address", R"((^|_)ip(_?addr(ess)?|v4|v6)?(_|$))"},
    {"gender", R"((^|_)(gender|sex)(_|$))"},
});

/// "customerEmail" and "Customer Email" as "customer_email".
std::string SnakeCase(std::string_view name) {
  std::string snake;
  char before = '_';
  for (const char c : name) {
    const bool is_capital = c >= 'A' && c <= 'Z';
    if (is_capital && before >= 'a' && before <= 'z') snake += '_';
    snake += is_capital ? static_cast<char>(c + ('a' - 'A')) : c == ' ' || c == '-' || c == '.' ? '_' : c;
    before = c;
  }
  return snake;
}

std::optional<PersonalDataHint> JudgeValues(const ValueKind& kind, const std::vector<std::string>& values) {
  const RE2 pattern(kind.pattern);
  const auto count = std::ranges::count_if(values, [&](const std::string& value) {
    return RE2::FullMatch(value, pattern) && (kind.check == nullptr || kind.check(value));
  });
  const double share = static_cast<double>(count) / static_cast<double>(values.size());
  if (share < kShareMin) return std::nullopt;
  const std::string_view how = kind.check == nullptr ? "are written like one" : "pass its checksum";
  return PersonalDataHint{std::string(kind.name), share,
                          fmt::format("{:.0f} % of {} values {}", share * 100, values.size(), how)};
}

}  // namespace

bool IsPaymentCard(std::string_view text) {
  const auto digits = DigitsOf(text, " -");
  if (!digits || digits->size() < 12 || digits->size() > 19 || AllTheSame(*digits)) return false;
  int sum = 0;
  bool twice = false;
  for (auto digit = digits->rbegin(); digit != digits->rend(); ++digit, twice = !twice) {
    int value = *digit - '0';
    if (twice) value = value > 4 ? 2 * value - 9 : 2 * value;
    sum += value;
  }
  // The first digit tells the industry: 3 to 6 are those of payment.
  return sum % 10 == 0 && digits->front() >= '3' && digits->front() <= '6';
}

bool IsIban(std::string_view text) {
  std::string compact;
  std::ranges::copy_if(text, std::back_inserter(compact), [](char c) { return c != ' '; });
  if (compact.size() < 15 || compact.size() > 34) return false;
  std::ranges::rotate(compact, compact.begin() + 4);
  int rest = 0;
  for (const char c : compact) {
    if (IsDigit(c)) {
      rest = (rest * 10 + (c - '0')) % 97;
    } else if (c >= 'A' && c <= 'Z') {
      rest = (rest * 100 + (c - 'A' + 10)) % 97;
    } else {
      return false;
    }
  }
  return rest == 1;
}

bool IsCpf(std::string_view text) {
  const auto digits = DigitsOf(text, ".-");
  if (!digits || digits->size() != 11 || AllTheSame(*digits)) return false;
  for (const std::size_t length : {std::size_t{9}, std::size_t{10}}) {
    int sum = 0;
    for (std::size_t i = 0; i < length; ++i) sum += ((*digits)[i] - '0') * static_cast<int>(length + 1 - i);
    if (sum * 10 % 11 % 10 != (*digits)[length] - '0') return false;
  }
  return true;
}

std::vector<PersonalDataHint> FindPersonalData(std::string_view column, const std::vector<std::string>& values) {
  std::vector<PersonalDataHint> hints;
  if (values.size() >= kValuesMin) {
    for (const ValueKind& kind : kValueKinds) {
      if (auto hint = JudgeValues(kind, values)) hints.push_back(*std::move(hint));
    }
  }
  const std::string name = SnakeCase(column);
  for (const NameKind& kind : kNameKinds) {
    if (std::ranges::any_of(hints, [&](const PersonalDataHint& hint) { return hint.kind == kind.name; })) continue;
    if (RE2::PartialMatch(name, RE2(kind.pattern))) hints.push_back({std::string(kind.name), 0, "the column's name"});
  }
  return hints;
}

}  // namespace smelt::quality
