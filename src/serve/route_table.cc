#include "serve/route_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "serve/internal/url.h"

namespace smelt::serve {
namespace {

using Values = std::map<std::string, std::string>;

std::vector<std::string_view> PartsOf(std::string_view path) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool IsName(std::string_view part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

std::optional<Values> Fit(std::string_view pattern, std::string_view path) {
  const std::vector<std::string_view> wanted = PartsOf(pattern);
  const std::vector<std::string_view> given = PartsOf(path);
  if (wanted.size() != given.size()) return std::nullopt;
  Values values;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto part = internal::PercentDecode(given[i], internal::Plus::kIsPlus);
    if (!part) return std::nullopt;
    if (IsName(wanted[i])) {
      if (part->empty()) return std::nullopt;
      values.emplace(wanted[i].substr(1, wanted[i].size() - 2), std::move(*part));
    } else if (*part != wanted[i]) {
      return std::nullopt;
    }
  }
  return values;
}

}  // namespace

void RouteTable::Add(Route route) {
  SMELT_ASSERT(std::ranges::none_of(
      routes_, [&](const Route& other) { return other.method == route.method && other.pattern == route.pattern; }));
  routes_.push_back(std::move(route));
}

RouteMatch RouteTable::Find(std::string_view method, std::string_view path) const {
  RouteMatch match;
  for (const Route& route : routes_) {
    auto values = Fit(route.pattern, path);
    if (!values) continue;
    const bool head = method == "HEAD" && route.method == "GET";
    if (route.method == method || head) return {.route = &route, .values = std::move(*values)};
    match.allowed.push_back(route.method);
    if (route.method == "GET") match.allowed.emplace_back("HEAD");
  }
  return match;
}

}  // namespace smelt::serve
