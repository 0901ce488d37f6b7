#include "transform/internal/jinja/source_map.h"

#include <algorithm>

namespace smelt::transform::jinja {

void SourceMap::AddExpression(std::size_t begin, const SitePointer& site, std::uint32_t offset) {
  spans_.push_back({begin, site, offset, nullptr, 0});
}

void SourceMap::AddText(std::size_t begin, const SitePointer& site, std::uint32_t offset, const std::string& text) {
  spans_.push_back({begin, site, offset, &text, 0});
}

void SourceMap::Append(const SourceMap& other, std::size_t from, std::size_t to, std::size_t begin) {
  auto span = std::ranges::upper_bound(other.spans_, from, {}, &Span::begin);
  if (span != other.spans_.begin()) --span;
  for (; span != other.spans_.end() && span->begin < to; ++span) {
    Span own = *span;
    if (own.begin < from) {
      if (own.text != nullptr) own.skipped += from - own.begin;
      own.begin = from;
    }
    own.begin = own.begin - from + begin;
    spans_.push_back(std::move(own));
  }
}

std::optional<SourceMap::Found> SourceMap::Find(std::size_t position) const {
  auto next = std::ranges::upper_bound(spans_, position, {}, &Span::begin);
  if (next == spans_.begin()) return std::nullopt;
  const Span& span = *std::prev(next);
  if (span.text == nullptr) return Found{span.site, span.offset};
  const std::size_t within = std::min(position - span.begin + span.skipped, span.text->size());
  const std::string& source = span.site->parsed->source;
  // White space before the text may have been stripped.
  std::size_t begin = source.find(*span.text, span.offset);
  if (begin != std::string::npos) return Found{span.site, static_cast<std::uint32_t>(begin + within)};
  // The line ends of the source are others: only the line is certain.
  begin = span.offset;
  const auto lines = std::count(span.text->begin(), span.text->begin() + static_cast<std::ptrdiff_t>(within), '\n');
  for (std::ptrdiff_t i = 0; i < lines; ++i) {
    const std::size_t end = source.find('\n', begin);
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  return Found{span.site, static_cast<std::uint32_t>(begin)};
}

}  // namespace smelt::transform::jinja
