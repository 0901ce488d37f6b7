#include "transform/internal/artefacts/json_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"

namespace smelt::transform {

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
  AppendJsonString(text, out_);
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
