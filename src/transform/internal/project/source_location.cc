#include "transform/internal/project/source_location.h"

#include <fmt/format.h>

#include "engine/session.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {
namespace {

using jinja::Value;

/// The setting of a source table: its own before those of its meta, those before its source's.
const Json* FindSetting(const SourceTable& source, const char* name) {
  for (const Json* settings : {&source.config, &source.meta, &source.source_meta}) {
    if (auto found = settings->find(name); found != settings->end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

/// What a location may name.
jinja::Dict SettingsOf(const SourceTable& source) {
  jinja::Dict settings;
  settings.Set("name", source.table);
  settings.Set("identifier", source.relation.identifier);
  settings.Set("schema", source.relation.schema);
  settings.Set("database", kDatabase);
  settings.Set("tags", Value::MakeList(jinja::List(source.tags.begin(), source.tags.end())));
  for (const Json* more : {&source.source_meta, &source.meta, &source.config}) {
    for (const auto& [key, value] : more->items()) settings.Set(key, Value::FromJson(value));
  }
  return settings;
}

bool IsNameCharacter(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Python's string.Template: $name, ${name}, $$.
Result<std::string> Substitute(const std::string& text, const jinja::Dict& settings) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '$') {
      out += text[++i];
      continue;
    }
    const bool is_braced = i + 1 < text.size() && text[i + 1] == '{';
    const std::size_t start = i + (is_braced ? 2 : 1);
    std::size_t end = start;
    while (end < text.size() && IsNameCharacter(text[end])) ++end;
    const std::string name = text.substr(start, end - start);
    const Value* value = settings.Find(Value(name));
    if (value == nullptr) return Fail(ErrorCode::kJinjaUndefined, fmt::format("there is no '{}'", name));
    out += value->ToText();
    i = is_braced ? end : end - 1;
  }
  return out;
}

Result<std::string> Fill(const std::string& text, const std::string& style, jinja::Dict settings) {
  if (style == "oldstyle") return jinja::PercentFormat(text, Value::MakeDict(std::move(settings)));
  if (style == "template") return Substitute(text, settings);
  if (style != "newstyle") {
    return Fail(ErrorCode::kDbtConfigInvalid, fmt::format("there is no formatter '{}'", style));
  }
  jinja::Arguments arguments;
  for (const auto& [name, value] : settings.entries()) arguments.named.emplace_back(name.ToText(), value);
  return jinja::BraceFormat(text, arguments);
}

}  // namespace

Result<std::string> ExternalLocation(const SourceTable& source) {
  const Json* location = FindSetting(source, "external_location");
  if (location == nullptr || !location->is_string()) return std::string();
  const Json* formatter = FindSetting(source, "formatter");
  const std::string style = formatter != nullptr && formatter->is_string() ? formatter->get<std::string>() : "newstyle";
  auto text = Fill(location->get<std::string>(), style, SettingsOf(source));
  if (!text) {
    return Fail(Error(ErrorCode::kDbtConfigInvalid,
                      fmt::format("{}: external_location: {}", source.unique_id, text.error().message()))
                    .Hint("formatter is newstyle ({name}), oldstyle (%(name)s) or template ($name)")
                    .At(source.file, source.line));
  }
  if (text->find('(') != std::string::npos || text->starts_with('\'')) return text;
  return engine::QuoteLiteral(*text);
}

}  // namespace smelt::transform
