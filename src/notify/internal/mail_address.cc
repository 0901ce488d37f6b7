#include "notify/internal/mail_address.h"

#include <algorithm>

namespace smelt::notify::internal {
namespace {

std::string_view Trim(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

bool IsBareAddress(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size() || text.rfind('@') != at) return false;
  return std::ranges::none_of(text, [](unsigned char c) {
    return c <= ' ' || c == 127 ||
           std::string_view("<>()[],;:\\\"").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

std::optional<MailAddress> ParseMailAddress(std::string_view text) {
  text = Trim(text);
  if (std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 127; })) return std::nullopt;
  MailAddress parsed;
  const auto open = text.find('<');
  if (open != std::string_view::npos) {
    if (!text.ends_with('>')) return std::nullopt;
    std::string_view name = Trim(text.substr(0, open));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) name = name.substr(1, name.size() - 2);
    parsed.name = name;
    text = text.substr(open + 1, text.size() - open - 2);
  }
  if (!IsBareAddress(text)) return std::nullopt;
  parsed.address = text;
  return parsed;
}

}  // namespace smelt::notify::internal
