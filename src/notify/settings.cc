#include "notify/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "base/secret_source.h"
#include "notify/internal/channel_settings.h"
#include "notify/internal/config_values.h"

namespace smelt::notify {
namespace {

using internal::Choice;

constexpr std::array<std::string_view, 4> kSeverities = {"info", "warning", "error", "critical"};
constexpr std::array<std::string_view, 4> kChannelKinds = {"email", "slack", "pagerduty", "webhook"};
constexpr std::array<std::string_view, 3> kGroupings = {"pipeline", "task", "problem"};
constexpr std::array<std::string_view, 3> kMaskings = {"all", "text", "none"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int kSampleRowsMax = 50;

/// The names in braces of `link` are known.
Status CheckLink(const ConfigNode& node, std::string_view link) {
  constexpr std::array<std::string_view, 3> kNames = {"run_id", "pipeline", "project"};
  for (std::size_t open = link.find('{'); open != std::string_view::npos; open = link.find('{', open + 1)) {
    const std::size_t close = std::min(link.find('}', open), link.size());
    const std::string_view name = link.substr(open + 1, close - open - 1);
    if (std::ranges::find(kNames, name) != kNames.end()) continue;
    return Fail(node.Find("link")
                    ->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{{{}}}' stands for nothing", name))
                    .Hint("names in braces are {run_id}, {pipeline} and {project}"));
  }
  return {};
}

/// "22:00" as minutes of the day.
Result<int> Minutes(const ConfigNode& node, std::string_view key) {
  SMELT_ASSIGN(const ConfigNode value, node.Require(key));
  SMELT_ASSIGN(const std::string text, value.AsString());
  int hours = -1, minutes = -1;
  if (text.size() == 5 && text[2] == ':') {
    std::from_chars(text.data(), text.data() + 2, hours);
    std::from_chars(text.data() + 3, text.data() + 5, minutes);
  }
  const bool is_time = hours >= 0 && hours <= 24 && minutes >= 0 && minutes < 60 && hours * 60 + minutes <= 24 * 60;
  if (is_time) return hours * 60 + minutes;
  return Fail(value.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not a time of day", text))
                  .Hint("write hours and minutes in quotes, like \"22:00\""));
}

Result<std::vector<bool>> Weekdays(const ConfigNode& node) {
  SMELT_ASSIGN(const std::vector<std::string> names, node.AsStringList());
  std::vector<bool> days(kWeekdays.size(), false);
  for (const std::string& name : names) {
    const auto found = std::ranges::find(kWeekdays, name);
    if (found == kWeekdays.end()) {
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not a day of the week", name))
                      .Hint(fmt::format("use {}", fmt::join(kWeekdays, ", "))));
    }
    days[static_cast<std::size_t>(found - kWeekdays.begin())] = true;
  }
  return days;
}

Result<QuietHours> ParseQuietHours(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"from", "to", "timezone", "days", "unless"}));
  SMELT_ASSIGN(const std::string timezone, node.StringOr("timezone", "UTC"));
  auto zone = TimeZone::Find(timezone);
  if (!zone) {
    return Fail(node.Find("timezone")
                    ->ErrorHere(ErrorCode::kConfigValueInvalid, zone.error().message())
                    .Hint(zone.error().hint()));
  }
  QuietHours quiet{.zone = *zone};
  quiet.timezone = timezone;
  SMELT_ASSIGN(quiet.from_minute, Minutes(node, "from"));
  SMELT_ASSIGN(quiet.to_minute, Minutes(node, "to"));
  if (quiet.from_minute == quiet.to_minute) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "quiet hours that begin and end at the same time")
                    .Hint("leave 'quiet_hours' out for none"));
  }
  if (const auto days = node.Find("days")) {
    SMELT_ASSIGN(quiet.weekdays, Weekdays(*days));
  }
  SMELT_ASSIGN(const std::string unless,
               Choice(node, "unless", "critical", {"nothing", "warning", "error", "critical"}));
  quiet.unless_at_least = ParseSeverity(unless);
  return quiet;
}

/// A list of names or patterns.
Result<std::vector<std::string>> Names(const ConfigNode& node, std::string_view key) {
  const auto value = node.Find(key);
  if (!value) return std::vector<std::string>();
  return value->AsStringList();
}

Result<Route> ParseRoute(const ConfigNode& node, const Settings& settings, std::size_t number) {
  if (!node.is_map()) return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a route is a map"));
  SMELT_TRY(node.AllowKeys({"name", "pipeline", "task", "suite", "severity", "channels", "group_by", "repeat",
                            "resolve", "continue", "quiet_hours"}));
  Route route;
  SMELT_ASSIGN(route.name, node.StringOr("name", fmt::format("route {}", number)));
  SMELT_ASSIGN(route.pipelines, Names(node, "pipeline"));
  SMELT_ASSIGN(route.tasks, Names(node, "task"));
  SMELT_ASSIGN(route.suites, Names(node, "suite"));
  SMELT_ASSIGN(const std::string severity, Choice(node, "severity", "warning", kSeverities));
  route.severity = *ParseSeverity(severity);
  SMELT_ASSIGN(const ConfigNode channels, node.Require("channels"));
  SMELT_ASSIGN(route.channels, channels.AsStringList());
  std::vector<std::string_view> known;
  for (const Channel& channel : settings.channels) known.push_back(channel.name);
  for (const std::string& name : route.channels) {
    if (settings.Find(name) != nullptr) continue;
    const std::string nearest = NearestWord(name, known);
    return Fail(channels.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("there is no channel '{}'", name))
                    .Hint(nearest.empty() ? "add it under notifications.channels"
                                          : fmt::format("did you mean '{}'?", nearest)));
  }
  SMELT_ASSIGN(const std::string grouping, Choice(node, "group_by", "pipeline", kGroupings));
  route.group_by = static_cast<GroupBy>(std::ranges::find(kGroupings, grouping) - kGroupings.begin());
  if (const auto repeat = node.Find("repeat")) {
    SMELT_ASSIGN(route.repeat_ms, repeat->AsDurationMs());
  }
  SMELT_ASSIGN(route.resolve, node.BoolOr("resolve", true));
  SMELT_ASSIGN(route.go_on, node.BoolOr("continue", false));
  if (const auto quiet = node.Find("quiet_hours")) {
    SMELT_ASSIGN(route.quiet_hours, ParseQuietHours(*quiet));
  }
  return route;
}

Result<SampleSettings> ParseSamples(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"rows", "mask", "columns_shown"}));
  SampleSettings samples;
  SMELT_ASSIGN(const std::int64_t rows, node.IntOr("rows", samples.rows));
  if (rows < 0 || rows > kSampleRowsMax) {
    return Fail(
        node.Find("rows")
            ->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'rows' is a number from 0 to {}", kSampleRowsMax))
            .Hint("write 0 for no sample"));
  }
  samples.rows = static_cast<int>(rows);
  SMELT_ASSIGN(const std::string mask, Choice(node, "mask", "text", kMaskings));
  samples.mask = static_cast<Masking>(std::ranges::find(kMaskings, mask) - kMaskings.begin());
  SMELT_ASSIGN(samples.columns_shown, Names(node, "columns_shown"));
  return samples;
}

}  // namespace

std::string_view SeverityText(Severity severity) {
  return kSeverities.at(static_cast<std::size_t>(severity));
}

std::optional<Severity> ParseSeverity(std::string_view text) {
  const auto found = std::ranges::find(kSeverities, text);
  if (found == kSeverities.end()) return std::nullopt;
  return static_cast<Severity>(found - kSeverities.begin());
}

std::string_view ChannelKindText(ChannelKind kind) {
  return kChannelKinds.at(static_cast<std::size_t>(kind));
}

Result<Secret> SecretSource::Read() const {
  auto secret = smelt::SecretSource{environment, file, place}.Read();
  if (secret) return secret;
  return Fail(place.ErrorHere(ErrorCode::kAlertSecretMissing, secret.error().message()).Hint(secret.error().hint()));
}

const Channel* Settings::Find(std::string_view name) const {
  const auto found = std::ranges::find(channels, name, &Channel::name);
  return found == channels.end() ? nullptr : &*found;
}

Result<Settings> ParseSettings(const ConfigNode& node, const std::string& folder) {
  Settings settings;
  if (node.is_null()) return settings;
  if (!node.is_map())
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "'notifications' is a map")
                    .Hint("write `channels: …` and `routes: …` below it"));
  SMELT_TRY(node.AllowKeys({"link", "channels", "routes", "samples"}));
  SMELT_ASSIGN(settings.link, node.StringOr("link", ""));
  SMELT_TRY(CheckLink(node, settings.link));
  SMELT_ASSIGN(const ConfigNode channels, node.Require("channels"));
  if (!channels.is_map()) {
    return Fail(channels.ErrorHere(ErrorCode::kConfigValueInvalid, "'channels' is a map of names to channels")
                    .Hint("write `team: {type: slack, url: {env: SLACK_WEBHOOK_URL}}` below it, say"));
  }
  for (const std::string& name : channels.keys()) {
    SMELT_ASSIGN(Channel channel, internal::ParseChannel(name, *channels.Find(name), folder));
    settings.channels.push_back(std::move(channel));
  }
  SMELT_ASSIGN(const ConfigNode routes, node.Require("routes"));
  if (!routes.is_list())
    return Fail(routes.ErrorHere(ErrorCode::kConfigValueInvalid, "'routes' is a list")
                    .Hint("write `- channels: [team]` below it, say"));
  for (const ConfigNode& route : routes.items()) {
    SMELT_ASSIGN(Route parsed, ParseRoute(route, settings, settings.routes.size() + 1));
    settings.routes.push_back(std::move(parsed));
  }
  if (const auto samples = node.Find("samples")) {
    SMELT_ASSIGN(settings.samples, ParseSamples(*samples));
  }
  return settings;
}

}  // namespace smelt::notify
