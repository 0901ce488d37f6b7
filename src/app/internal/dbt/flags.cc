#include "app/internal/dbt/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>

#include "base/ascii.h"
#include "base/config.h"
#include "base/yaml_1_1.h"

namespace smelt::app {
namespace {

/// A word of dbt's for on or off.
std::optional<bool> ParseSwitch(std::string_view text) {
  const std::string lower = LowerAscii(text);
  constexpr std::array<std::string_view, 6> kOn = {"1", "true", "t", "yes", "y", "on"};
  constexpr std::array<std::string_view, 6> kOff = {"0", "false", "f", "no", "n", "off"};
  if (std::ranges::find(kOn, lower) != kOn.end()) return true;
  if (std::ranges::find(kOff, lower) != kOff.end()) return false;
  return std::nullopt;
}

std::vector<std::string> Words(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (const auto word : std::views::split(text, separator)) {
    if (!word.empty()) words.emplace_back(std::string_view(word.begin(), word.end()));
  }
  return words;
}

/// What is wrong with a value of the flag; empty: nothing.
std::string Complaint(const FlagRow& row, const std::string& value) {
  if (row.choices.empty()) return {};
  const std::vector<std::string> choices = Words(row.choices, '|');
  if (std::ranges::find(choices, value) != choices.end()) return {};
  const std::string near = NearestWord(value, {choices.begin(), choices.end()});
  std::string known(row.choices);
  std::ranges::replace(known, '|', ' ');
  return fmt::format("'{}' is none of: {}{}", value, known,
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

/// "--full-refresh" of "-f,--full-refresh".
std::string LongName(const FlagRow& row) {
  for (const std::string& name : Words(row.names, ',')) {
    if (name.starts_with("--")) return name;
  }
  return std::string(row.names);
}

}  // namespace

void DbtFlags::AddTo(CLI::App& app, std::uint32_t command, bool hidden) {
  for (const FlagRow& row : FlagRows()) {
    const bool belongs = hidden ? row.commands == kBitsAll : (row.commands & command) != 0;
    if (!belongs) continue;
    CLI::Option* option = nullptr;
    const std::string names(row.names);
    const std::string key(row.key);
    const std::string summary(row.effect == FlagEffect::kActs ? row.summary : "");
    if (row.kind == FlagKind::kSwitch) {
      option = app.add_flag_function(
          names, [this, key](std::int64_t count) { values_[key] = count > 0; }, summary);
    } else if (row.kind == FlagKind::kList) {
      option = app.add_option_function<std::vector<std::string>>(
          names,
          [this, key, &row](const std::vector<std::string>& words) {
            for (const std::string& word : words) {
              if (std::string text = Complaint(row, word); !text.empty())
                throw CLI::ValidationError(LongName(row), text);
            }
            values_[key] = words;
          },
          summary);
    } else {
      option = app.add_option_function<std::string>(
          names,
          [this, key, &row](const std::string& text) {
            if (auto accepted = Accept(row, text, LongName(row)); !accepted) {
              throw CLI::ValidationError(accepted.error().message());
            }
          },
          summary);
      option->type_name(row.kind == FlagKind::kNumber ? "N" : "TEXT");
    }
    // What means nothing here would only make the help long.
    if (hidden || row.effect != FlagEffect::kActs) option->group("");
  }
}

void DbtFlags::Add(const DbtFlags& earlier) {
  values_.insert(earlier.values_.begin(), earlier.values_.end());
}

Status DbtFlags::Accept(const FlagRow& row, const std::string& text, const std::string& origin) {
  const auto refuse = [&](const std::string& why) {
    return Fail(ErrorCode::kUsage, fmt::format("{}: {}", origin, why));
  };
  switch (row.kind) {
    case FlagKind::kSwitch: {
      const auto on = ParseSwitch(text);
      if (!on) return refuse(fmt::format("'{}' is neither true nor false", text));
      values_[std::string(row.key)] = *on;
      return {};
    }
    case FlagKind::kNumber: {
      std::int64_t number = 0;
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (failure != std::errc() || end != text.data() + text.size()) {
        return refuse(fmt::format("'{}' is not a whole number", text));
      }
      values_[std::string(row.key)] = number;
      return {};
    }
    case FlagKind::kText:
      if (std::string why = Complaint(row, text); !why.empty()) return refuse(why);
      values_[std::string(row.key)] = text;
      return {};
    case FlagKind::kList:
      for (const std::string& word : Words(text, ' ')) {
        if (std::string why = Complaint(row, word); !why.empty()) return refuse(why);
      }
      values_[std::string(row.key)] = Words(text, ' ');
      return {};
  }
  SMELT_ASSERT(false);
}

void DbtFlags::AddRecorded(const Json& flags, std::span<const std::string_view> left_out) {
  for (const FlagRow& row : FlagRows()) {
    const auto found = flags.find(row.key);
    if (found == flags.end() || Has(row.key) || std::ranges::find(left_out, row.key) != left_out.end()) continue;
    const Json& value = *found;
    bool fits = value.is_string();
    if (row.kind == FlagKind::kSwitch) fits = value.is_boolean();
    if (row.kind == FlagKind::kNumber) fits = value.is_number_integer();
    if (row.kind == FlagKind::kList) {
      fits = value.is_array() && !value.empty() &&
             std::ranges::all_of(value, [](const Json& word) { return word.is_string(); });
    }
    if (fits) values_[std::string(row.key)] = value;
    // Maps are recorded as such and given as texts.
    if (row.kind == FlagKind::kText && value.is_object() && !value.empty())
      values_[std::string(row.key)] = JsonText(value);
  }
}

void DbtFlags::Take(const DbtFlags& other, std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const auto value = other.values_.find(key); value != other.values_.end()) {
      values_[std::string(key)] = value->second;
    }
  }
}

Status DbtFlags::AddOldNames(const std::function<const char*(const char*)>& environment) {
  struct OldName {
    const char* variable;
    std::string_view key;
    bool is_negative = false;
  };
  constexpr std::array<OldName, 4> kOldNames = {{{"DBT_DEFER_TO_STATE", "defer"},
                                                 {"DBT_FAVOR_STATE_MODE", "favor_state"},
                                                 {"DBT_ARTIFACT_STATE_PATH", "state"},
                                                 {"DBT_NO_PRINT", "print", true}}};
  for (const OldName& old : kOldNames) {
    const char* text = environment(old.variable);
    if (text == nullptr || *text == '\0' || Has(old.key)) continue;
    const auto row = std::ranges::find(FlagRows(), old.key, &FlagRow::key);
    SMELT_TRY(Accept(*row, text, old.variable));
    if (old.is_negative) values_[std::string(old.key)] = !On(old.key);
  }
  return {};
}

Status DbtFlags::AddEnvironment(const std::function<const char*(const char*)>& environment) {
  for (const FlagRow& row : FlagRows()) {
    if (!row.environment || Has(row.key)) continue;
    std::string upper(row.key);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const std::string& name : {"DBT_ENGINE_" + upper, "DBT_" + upper}) {
      const char* text = environment(name.c_str());
      if (text == nullptr || *text == '\0') continue;
      SMELT_TRY(Accept(row, text, name));
      break;
    }
  }
  return AddOldNames(environment);
}

Status DbtFlags::AddProject(const Json& flags) {
  for (const auto& [key, value] : flags.items()) {
    if (!Has(key) && !value.is_null()) values_[key] = value;
  }
  return {};
}

bool DbtFlags::On(std::string_view key, bool fallback) const {
  const auto value = values_.find(key);
  return value == values_.end() || !value->second.is_boolean() ? fallback : value->second.get<bool>();
}

std::string DbtFlags::Text(std::string_view key) const {
  const auto value = values_.find(key);
  return value == values_.end() || !value->second.is_string() ? std::string() : value->second.get<std::string>();
}

std::vector<std::string> DbtFlags::List(std::string_view key) const {
  const auto value = values_.find(key);
  if (value == values_.end() || !value->second.is_array()) return {};
  return value->second.get<std::vector<std::string>>();
}

std::optional<std::int64_t> DbtFlags::Number(std::string_view key) const {
  const auto value = values_.find(key);
  if (value == values_.end() || !value->second.is_number_integer()) return std::nullopt;
  return value->second.get<std::int64_t>();
}

Result<Json> DbtFlags::Map(std::string_view key) const {
  // As dbt_project.yml has it.
  if (const auto value = values_.find(key); value != values_.end() && value->second.is_object()) return value->second;
  const std::string text = Text(key);
  if (text.empty()) return Json::object();
  SMELT_ASSIGN(ConfigNode node, ParseYaml11(text, fmt::format("--{}", key)));
  if (node.is_null()) return Json::object();
  if (!node.is_map()) {
    return Fail(ErrorCode::kUsage, fmt::format("--{} wants a map, for instance '{{day: 2018-05-24}}'", key));
  }
  return node.ToJson();
}

}  // namespace smelt::app
