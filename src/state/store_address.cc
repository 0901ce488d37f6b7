#include "state/store_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace smelt::state {
namespace {

constexpr std::string_view kScheme = "postgresql://";
constexpr std::string_view kShortScheme = "postgres://";
constexpr std::string_view kPasswordKey = "password=";

Error BadUrl(std::string_view why) {
  return Error(ErrorCode::kConfigValueInvalid, fmt::format("this is no address of a PostgreSQL database: {}", why))
      .Hint("write postgresql://USER@HOST:PORT/DATABASE");
}

Result<std::string> PercentDecode(std::string_view text) {
  constexpr int kHex = 16;
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(at + 1, 2);
    const auto end = digits.data() + digits.size();
    if (digits.size() < 2 || std::from_chars(digits.data(), end, value, kHex).ptr != end || value == 0) {
      return Fail(BadUrl("a % is not followed by two hexadecimal digits"));
    }
    decoded += static_cast<char>(value);
    at += 2;
  }
  return decoded;
}

/// Takes `password=…` out of the options behind the question mark.
Status TakePasswordOption(std::string& url, Secret& password) {
  const std::size_t question = url.find('?');
  if (question == std::string::npos) return {};
  std::string kept;
  std::string_view rest = std::string_view(url).substr(question + 1);
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), option.size() + 1));
    if (option.starts_with(kPasswordKey)) {
      SMELT_ASSIGN(std::string text, PercentDecode(option.substr(kPasswordKey.size())));
      password = Secret(std::move(text));
      continue;
    }
    kept += fmt::format("{}{}", kept.empty() ? "?" : "&", option);
  }
  url = url.substr(0, question) + kept;
  return {};
}

}  // namespace

bool IsPostgresUrl(std::string_view text) {
  return text.starts_with(kScheme) || text.starts_with(kShortScheme);
}

Result<StoreAddress> ParsePostgresUrl(std::string_view text) {
  if (!IsPostgresUrl(text)) return Fail(BadUrl("it does not begin with postgresql://"));
  const std::string_view rest = text.substr(text.find("://") + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const std::size_t at = authority.rfind('@');
  std::string_view user = at == std::string_view::npos ? std::string_view() : authority.substr(0, at);
  StoreAddress address;
  if (const std::size_t colon = user.find(':'); colon != std::string_view::npos) {
    SMELT_ASSIGN(std::string password, PercentDecode(user.substr(colon + 1)));
    address.password = Secret(std::move(password));
    user = user.substr(0, colon);
  }
  const std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  address.url = fmt::format("{}{}{}{}{}", kScheme, user, user.empty() ? "" : "@", host, rest.substr(authority.size()));
  SMELT_TRY(TakePasswordOption(address.url, address.password));
  return address;
}

Status CheckSchemaName(std::string_view name) {
  constexpr std::size_t kLongest = 50;
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool begins_well = !name.empty() && !(name[0] >= '0' && name[0] <= '9') && !name.starts_with("pg_");
  if (begins_well && name.size() <= kLongest && std::ranges::all_of(name, fits)) return {};
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("'{}' cannot be the schema of a state store", name))
                  .Hint("use small letters, digits and _, up to 50, and not pg_ in front"));
}

std::string StoreAddress::Describe() const {
  if (is_file()) return path;
  return fmt::format("{}, schema {}", std::string_view(url).substr(0, url.find('?')), schema);
}

}  // namespace smelt::state
