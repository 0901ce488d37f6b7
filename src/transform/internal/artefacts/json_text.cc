#include "transform/internal/artefacts/json_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace smelt::transform {
namespace {

void AppendEscaped(char c, std::string& out) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

}  // namespace

void JsonText::Separate() {
  if (!first_) out_ += ", ";
  first_ = false;
}

void JsonText::Begin(char bracket) {
  Separate();
  out_ += bracket;
  first_ = true;
}

void JsonText::End(char bracket) {
  out_ += bracket;
  first_ = false;
}

JsonText& JsonText::Key(std::string_view name) {
  Separate();
  Quote(name);
  out_ += ": ";
  first_ = true;
  return *this;
}

void JsonText::Quote(std::string_view text) {
  if (std::ranges::any_of(text, [](unsigned char c) { return c >= 0x80; })) {
    out_ += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  out_ += '"';
  std::size_t begin = 0;  // of what is not written yet
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out_ += text.substr(begin, i - begin);
    begin = i + 1;
    AppendEscaped(static_cast<char>(c), out_);
  }
  out_ += text.substr(begin);
  out_ += '"';
}

void JsonText::Text(std::string_view text) {
  Separate();
  Quote(text);
}

void JsonText::TextOrNull(std::string_view text) {
  if (text.empty()) return Null();
  Text(text);
}

void JsonText::Integer(std::int64_t value) {
  Separate();
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonText::Number(double value) {
  Separate();
  fmt::format_to(std::back_inserter(out_), "{:.6f}", value);
}

void JsonText::Value(const Json& value) {
  Raw(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void JsonText::Raw(std::string_view json) {
  Separate();
  out_ += json;
}

}  // namespace smelt::transform
