#include "base/json.h"

#include <fmt/format.h>

#include "base/internal/text_position.h"

namespace smelt {
namespace {

/// The reason within nlohmann's "[json.exception.parse_error.101] parse error at line 1, column 2: reason".
std::string Reason(std::string_view what) {
  const auto position = what.find("column ");
  const auto colon = position == std::string_view::npos ? position : what.find(": ", position);
  if (colon == std::string_view::npos) return std::string(what);
  return std::string(what.substr(colon + 2));
}

}  // namespace

Result<Json> ParseJson(std::string_view text, std::string_view origin) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
    const internal::TextPosition place = internal::PositionAt(text, offset);
    return Fail(Error(ErrorCode::kConfigSyntax, fmt::format("not valid JSON: {}", Reason(error.what())))
                    .At(std::string(origin), place.line, place.column));
  } catch (const Json::exception& error) {
    return Fail(
        Error(ErrorCode::kConfigSyntax, fmt::format("not valid JSON: {}", error.what())).At(std::string(origin)));
  }
}

Json JsonOrDiscarded(std::string_view text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::string JsonText(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

const Json& ValueAt(const Json& object, std::string_view key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string TextAt(const Json& object, std::string_view key) {
  const Json& value = ValueAt(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace smelt
