#pragma once

#include <string>
#include <string_view>

namespace smelt::app {

/// A text as it stands in HTML, within an element or a quoted attribute: & < > " and ' are references, bytes that are
/// not UTF-8 and control characters are made visible.
std::string HtmlText(std::string_view text);

}  // namespace smelt::app
