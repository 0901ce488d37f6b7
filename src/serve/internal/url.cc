#include "serve/internal/url.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/config.h"

namespace smelt::serve::internal {

std::optional<std::string> PercentDecode(std::string_view text, Plus plus) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char byte = text[i];
    if (byte == '+' && plus == Plus::kIsSpace) byte = ' ';
    if (byte == '%') {
      constexpr int kHex = 16;
      const std::string_view digits = text.substr(i + 1, 2);
      unsigned int value = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, kHex);
      if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
      byte = static_cast<char>(value);
      i += 2;
    }
    if (byte == '\0') return std::nullopt;
    decoded += byte;
  }
  if (FirstLineNotUtf8(decoded)) return std::nullopt;
  return decoded;
}

std::optional<Target> ParseTarget(std::string_view text) {
  if (!text.starts_with('/') || text.find('#') != std::string_view::npos) return std::nullopt;
  const std::size_t mark = std::min(text.find('?'), text.size());
  Target target{.path = std::string(text.substr(0, mark)), .query = {}};
  if (!PercentDecode(target.path, Plus::kIsPlus)) return std::nullopt;
  std::string_view rest = mark < text.size() ? text.substr(mark + 1) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = PercentDecode(pair.substr(0, equals), Plus::kIsSpace);
    auto value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), Plus::kIsSpace);
    if (!name || !value) return std::nullopt;
    target.query.emplace_back(std::move(*name), std::move(*value));
  }
  return target;
}

}  // namespace smelt::serve::internal
