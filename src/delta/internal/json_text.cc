#include "delta/internal/json_text.h"

#include <fmt/format.h>

#include <iterator>

#include "base/json_text.h"

namespace smelt::delta {

std::string& JsonObject::Begin(std::string_view key) {
  if (!is_first_) out_ += ',';
  is_first_ = false;
  AppendJsonString(key, out_);
  out_ += ':';
  return out_;
}

void JsonObject::Text(std::string_view key, std::string_view value) {
  AppendJsonString(value, Begin(key));
}

void JsonObject::Int(std::string_view key, std::int64_t value) {
  fmt::format_to(std::back_inserter(Begin(key)), "{}", value);
}

void JsonObject::Bool(std::string_view key, bool value) {
  Begin(key) += value ? "true" : "false";
}

void JsonObject::TextList(std::string_view key, const std::vector<std::string>& values) {
  std::string& out = Begin(key);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(values[i], out);
  }
  out += ']';
}

void JsonObject::TextMap(std::string_view key, const std::map<std::string, std::string>& values) {
  JsonObject object(Begin(key));
  for (const auto& [name, value] : values) object.Text(name, value);
}

void JsonObject::NullableTextMap(std::string_view key,
                                 const std::map<std::string, std::optional<std::string>>& values) {
  JsonObject object(Begin(key));
  for (const auto& [name, value] : values) {
    if (value) {
      object.Text(name, *value);
    } else {
      object.Begin(name) += "null";
    }
  }
}

void JsonObject::TextIfAny(std::string_view key, const std::optional<std::string>& value) {
  if (value) Text(key, *value);
}

void JsonObject::IntIfAny(std::string_view key, const std::optional<std::int64_t>& value) {
  if (value) Int(key, *value);
}

void JsonObject::TextMapIfAny(std::string_view key, const std::map<std::string, std::string>& values) {
  if (!values.empty()) TextMap(key, values);
}

}  // namespace smelt::delta
