#include "base/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/file.h"
#include "base/internal/config_builder.h"
#include "base/yaml_1_1.h"

namespace smelt {
namespace {

std::string_view KindText(ConfigNode::Kind kind) {
  switch (kind) {
    case ConfigNode::Kind::kNull: return "nothing";
    case ConfigNode::Kind::kScalar: return "a single value";
    case ConfigNode::Kind::kList: return "a list";
    case ConfigNode::Kind::kMap: return "a map";
  }
  return "an unknown kind of value";
}

/// What to write where a value of some type was expected.
struct Cure {
  std::string_view expected;
  std::string_view hint;
};
constexpr Cure kCures[] = {{"text", "write one value, in quotes where it has special characters"},
                           {"a whole number", "write digits without quotes, like 3"},
                           {"a smaller number", "the greatest whole number is 9223372036854775807"},
                           {"a number", "write it without quotes, like 2.5"},
                           {"true or false", "write true or false, without quotes"},
                           {"text or a list of texts", "write one value, or several as [one, two]"}};

/// The number at the start of a duration and the unit behind it.
struct DurationUnit {
  std::string_view name;
  double ms;
};
constexpr DurationUnit kDurationUnits[] = {{"ms", 1},     {"s", 1'000},     {"", 1'000},
                                           {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

std::optional<std::int64_t> ParseDurationMs(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto unit = std::ranges::find(kDurationUnits, name, &DurationUnit::name);
  if (unit == std::end(kDurationUnits)) return std::nullopt;
  const double ms = number * unit->ms;
  constexpr double kExactMax = 9007199254740992.0;  // 2^53: about 285,000 years
  if (!(ms <= kExactMax)) return std::nullopt;
  return std::llround(ms);
}

}  // namespace

namespace internal {

Error DuplicateKey(const std::string& key, std::int64_t first_line, const ConfigBuilder::Data& second) {
  return Error(ErrorCode::kConfigSyntax,
               fmt::format("the key '{}' stands twice in this map, on lines {} and {}", key, first_line, second.line))
      .At(*second.file, second.line, second.column)
      .Hint("remove or rename one of the two");
}

}  // namespace internal

ConfigNode::ConfigNode(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Result<ConfigNode> ConfigNode::ParseYaml(std::string_view text, std::string file) {
  return internal::ReadYaml(text, std::make_shared<const std::string>(std::move(file)));
}

Result<ConfigNode> ParseYaml11(std::string_view text, std::string file, std::vector<Error>* duplicates) {
  return internal::ReadYaml(text, std::make_shared<const std::string>(std::move(file)), true, duplicates);
}

bool IsPlainScalar(const ConfigNode& node) {
  return node.kind() == ConfigNode::Kind::kScalar && !ConfigBuilder::DataOf(node).quoted;
}

Result<ConfigNode> ConfigNode::ParseJsonText(std::string_view text, std::string file) {
  return internal::ReadJson(text, std::make_shared<const std::string>(std::move(file)));
}

Result<ConfigNode> ConfigNode::ReadFile(const std::string& path) {
  SMELT_ASSIGN(const std::string text, ReadWholeFile(path));
  return path.ends_with(".json") ? ParseJsonText(text, path) : ParseYaml(text, path);
}

ConfigNode::Kind ConfigNode::kind() const {
  return data_->kind;
}
const std::string& ConfigNode::file() const {
  return *data_->file;
}
std::int64_t ConfigNode::line() const {
  return data_->line;
}
std::int64_t ConfigNode::column() const {
  return data_->column;
}
const std::vector<ConfigNode>& ConfigNode::items() const {
  return data_->items;
}

std::vector<std::string> ConfigNode::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : data_->entries) keys.push_back(key);
  return keys;
}

std::optional<ConfigNode> ConfigNode::Find(std::string_view key) const {
  for (const auto& [name, value] : data_->entries) {
    if (name == key) return value;
  }
  return std::nullopt;
}

Result<ConfigNode> ConfigNode::Require(std::string_view key) const {
  if (auto child = Find(key)) return *child;
  const std::string message = is_map()
                                  ? fmt::format("the key '{}' is missing", key)
                                  : fmt::format("expected a map with the key '{}', found {}", key, KindText(kind()));
  return Fail(ErrorHere(ErrorCode::kConfigKeyMissing, message).Hint(fmt::format("write `{}: …` here", key)));
}

Error ConfigNode::ErrorHere(ErrorCode code, std::string message) const {
  return Error(code, std::move(message)).At(file(), line(), column());
}

Error ConfigNode::WrongType(std::string_view expected) const {
  const std::string found = kind() == Kind::kScalar ? fmt::format("'{}'", data_->text) : std::string(KindText(kind()));
  Error error = ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("expected {}, found {}", expected, found));
  const auto cure = std::ranges::find(kCures, expected, &Cure::expected);
  return cure == std::end(kCures) ? error : std::move(error).Hint(std::string(cure->hint));
}

Result<std::string> ConfigNode::AsString() const {
  if (kind() != Kind::kScalar) return Fail(WrongType("text"));
  return data_->text;
}

Result<std::int64_t> ConfigNode::AsInt() const {
  const Json value = ToJson();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return Fail(WrongType("a smaller number"));
  if (!value.is_number_integer()) return Fail(WrongType("a whole number"));
  return value.get<std::int64_t>();
}

Result<double> ConfigNode::AsDouble() const {
  const Json value = ToJson();
  if (!value.is_number()) return Fail(WrongType("a number"));
  return value.get<double>();
}

Result<bool> ConfigNode::AsBool() const {
  const Json value = ToJson();
  if (!value.is_boolean()) return Fail(WrongType("true or false"));
  return value.get<bool>();
}

Result<std::int64_t> ConfigNode::AsDurationMs() const {
  if (kind() == Kind::kScalar) {
    if (const auto ms = ParseDurationMs(data_->text)) return *ms;
  }
  return Fail(WrongType("a duration").Hint("write it as 250ms, 30s, 5m, 2h or 7d"));
}

Result<std::vector<std::string>> ConfigNode::AsStringList() const {
  std::vector<std::string> texts;
  if (kind() == Kind::kScalar) {
    texts.push_back(data_->text);
  } else if (kind() == Kind::kList) {
    for (const auto& item : data_->items) {
      SMELT_ASSIGN(std::string text, item.AsString());
      texts.push_back(std::move(text));
    }
  } else {
    return Fail(WrongType("text or a list of texts"));
  }
  return texts;
}

Result<std::string> ConfigNode::StringOr(std::string_view key, std::string fallback) const {
  if (auto child = Find(key)) return child->AsString();
  return fallback;
}

Result<std::int64_t> ConfigNode::IntOr(std::string_view key, std::int64_t fallback) const {
  if (auto child = Find(key)) return child->AsInt();
  return fallback;
}

Result<bool> ConfigNode::BoolOr(std::string_view key, bool fallback) const {
  if (auto child = Find(key)) return child->AsBool();
  return fallback;
}

Status ConfigNode::AllowKeys(std::initializer_list<std::string_view> known) const {
  return AllowKeys(std::vector<std::string_view>(known));
}

Status ConfigNode::AllowKeys(const std::vector<std::string_view>& known) const {
  for (const auto& [key, value] : data_->entries) {
    if (std::ranges::find(known, key) != known.end()) continue;
    Error error = value.ErrorHere(ErrorCode::kConfigKeyUnknown, fmt::format("the key '{}' is not known here", key));
    const std::string near = NearestWord(key, known);
    if (!near.empty()) return Fail(std::move(error).Hint(fmt::format("did you mean '{}'?", near)));
    return Fail(std::move(error).Hint(fmt::format("known keys: {}", fmt::join(known, ", "))));
  }
  return {};
}

Json ConfigNode::ToJson() const {
  switch (kind()) {
    case Kind::kNull: return nullptr;
    case Kind::kScalar:
      if (data_->quoted) return data_->text;
      return data_->is_yaml_1_1 ? internal::PlainScalarToJson11(data_->text) : internal::PlainScalarToJson(data_->text);
    case Kind::kList: {
      Json list = Json::array();
      for (const auto& item : data_->items) list.push_back(item.ToJson());
      return list;
    }
    case Kind::kMap: {
      Json map = Json::object();
      for (const auto& [key, value] : data_->entries) map[key] = value.ToJson();
      return map;
    }
  }
  return nullptr;
}

}  // namespace smelt
