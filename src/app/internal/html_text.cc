#include "app/internal/html_text.h"

#include "app/internal/terminal/text.h"

namespace smelt::app {

std::string HtmlText(std::string_view text) {
  std::string html;
  for (const char c : OneLine(text)) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

}  // namespace smelt::app
