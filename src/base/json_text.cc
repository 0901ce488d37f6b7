#include "base/json_text.h"

#include <fmt/format.h>

#include <iterator>

namespace smelt {
namespace {

void AppendEscaped(char c, std::string& out) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  std::size_t begin = 0;  // of what is not written yet
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out += text.substr(begin, i - begin);
    begin = i + 1;
    AppendEscaped(c, out);
  }
  out += text.substr(begin);
  out += '"';
}

}  // namespace smelt
