#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transform/internal/jinja/template.h"

namespace smelt::transform::jinja {

/// A template, or a macro of one, that was run. Immutable.
struct Site {
  TemplatePointer parsed;
  std::string macro;                   ///< empty: the template itself
  std::shared_ptr<const Site> caller;  ///< of a macro; null when C++ code called it
  std::uint32_t call_offset = 0;       ///< of the call in the caller's source
};
using SitePointer = std::shared_ptr<const Site>;

/// Where the parts of a rendered text come from. Confined to one thread while it is filled.
class SourceMap {
 public:
  /// What follows at `begin` of the text was made by the expression at `offset` of the site's source.
  void AddExpression(std::size_t begin, const SitePointer& site, std::uint32_t offset);
  /// What follows at `begin` is `text`, which stands in the site's source at `offset` or soon behind it.
  void AddText(std::size_t begin, const SitePointer& site, std::uint32_t offset, const std::string& text);
  /// The part of another map's text from `from` to `to` stands in this one's at `begin`, behind all there is so far.
  void Append(const SourceMap& other, std::size_t from, std::size_t to, std::size_t begin);

  struct Found {
    SitePointer site;
    std::uint32_t offset = 0;  ///< in its source
  };
  /// Where the character at `position` comes from; nothing before the first part.
  std::optional<Found> Find(std::size_t position) const;

  bool empty() const { return spans_.empty(); }
  void clear() { spans_.clear(); }

 private:
  struct Span {
    std::size_t begin = 0;
    SitePointer site;
    std::uint32_t offset = 0;
    const std::string* text = nullptr;  ///< null: an expression. Belongs to the site's template.
    std::size_t skipped = 0;            ///< characters of the text that are not there
  };
  std::vector<Span> spans_;  ///< ordered by `begin`
};

}  // namespace smelt::transform::jinja
