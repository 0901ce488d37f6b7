#include "transform/internal/artefacts/json_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"

namespace smelt::transform {

void JsonWriter::Separate() {
  if (!first_) out_ += ", ";
  first_ = false;
}

void JsonWriter::Begin(char bracket) {
  Separate();
  out_ += bracket;
  first_ = true;
}

void JsonWriter::End(char bracket) {
  out_ += bracket;
  first_ = false;
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  Separate();
  Quote(name);
  out_ += ": ";
  first_ = true;
  return *this;
}

void JsonWriter::Quote(std::string_view text) {
  if (std::ranges::any_of(text, [](unsigned char c) { return c >= 0x80; })) {
    out_ += JsonText(Json(text));
    return;
  }
  AppendJsonString(text, out_);
}

void JsonWriter::Text(std::string_view text) {
  Separate();
  Quote(text);
}

void JsonWriter::TextOrNull(std::string_view text) {
  if (text.empty()) return Null();
  Text(text);
}

void JsonWriter::Integer(std::int64_t value) {
  Separate();
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonWriter::Number(double value) {
  Separate();
  fmt::format_to(std::back_inserter(out_), "{:.6f}", value);
}

void JsonWriter::Value(const Json& value) {
  Raw(JsonText(value));
}

void JsonWriter::Raw(std::string_view json) {
  Separate();
  out_ += json;
}

}  // namespace smelt::transform
