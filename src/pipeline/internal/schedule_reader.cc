#include "pipeline/internal/schedule_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <utility>

#include "base/clock.h"
#include "pipeline/internal/definition_keys.h"

namespace smelt::pipeline::internal {
namespace {

/// Puts the place of `node` on an error that was found in its text.
Error Locate(const Error& error, const ConfigNode& node) {
  return Error(error).At(node.file(), node.line(), node.column());
}

Error Invalid(const ConfigNode& node, std::string message) {
  return node.ErrorHere(ErrorCode::kConfigValueInvalid, std::move(message));
}

/// An instant in microseconds: with a zone in its text it is that one, without it is what the clocks of `zone` show.
Result<std::int64_t> ReadInstant(const ConfigNode& node, const TimeZone& zone) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  const auto micros = ParseTimestampMicros(text);
  if (!micros) {
    return Fail(Invalid(node, fmt::format("'{}' is no date or time", text))
                    .Hint("write it as 2018-05-24 or 2018-05-24T06:00:00Z"));
  }
  constexpr std::size_t kDateSize = 10;
  const bool has_zone = text.size() > kDateSize && text.find_first_of("Zz+-", kDateSize) != std::string::npos;
  if (has_zone) return *micros;
  constexpr std::int64_t kMicros = 1'000'000;
  const auto local = std::chrono::local_seconds(std::chrono::seconds(*micros / kMicros));
  return zone.ToInstant(local).time_since_epoch().count() * kMicros + *micros % kMicros;
}

Status ReadTimetable(const ConfigNode& root, const TimeZone& zone, Pipeline& pipeline) {
  const auto schedule = root.Find("schedule");
  const auto every = root.Find("every");
  if (schedule && every) {
    return Fail(Invalid(*every, "'every' and 'schedule' both say when the pipeline runs").Hint("keep one of them"));
  }
  if (schedule) {
    SMELT_ASSIGN(const std::string text, schedule->AsString());
    auto cron = CronSchedule::Parse(text);
    if (!cron) return Fail(Locate(cron.error(), *schedule));
    pipeline.timetable.emplace(std::move(*cron), zone);
    pipeline.schedule = text;
  }
  if (every) {
    SMELT_ASSIGN(const std::int64_t interval_ms, every->AsDurationMs());
    constexpr std::int64_t kShortestMs = 100;
    if (interval_ms < kShortestMs) {
      return Fail(
          Invalid(*every, fmt::format("'every' is shorter than {} ms", kShortestMs)).Hint("write it as 15m or 30s"));
    }
    pipeline.timetable.emplace(interval_ms * 1000, pipeline.start_us);
    pipeline.every_ms = interval_ms;
  }
  return {};
}

Status CheckFilePattern(const ConfigNode& node, const std::string& pattern) {
  const std::size_t slash = pattern.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : pattern.substr(0, slash);
  if (pattern.find("://") != std::string::npos) {
    return Fail(Invalid(node, fmt::format("'{}' is not a local path", pattern))
                    .Hint("files in a bucket tell nobody that they land: use 'schedule' or 'every'"));
  }
  if (folder.find_first_of("*?[") != std::string::npos) {
    return Fail(Invalid(node, fmt::format("'{}' has a wildcard in its folder", pattern))
                    .Hint("only the last part of the path may hold *, ? and […]"));
  }
  if (slash == pattern.size() - 1 || pattern.empty()) {
    return Fail(Invalid(node, fmt::format("'{}' names no file", pattern)).Hint("write it as landing/*.csv"));
  }
  return {};
}

/// `http` of an event: null, or a map with at most one secret.
Result<HttpTrigger> ReadHttpTrigger(const ConfigNode& event, const ConfigNode& node) {
  if (event.keys().size() != 1) {
    return Fail(Invalid(event, "a trigger by HTTP has no other key beside 'http'").Hint("make a list item of each"));
  }
  HttpTrigger trigger{.place = node};
  if (node.is_null()) return trigger;
  if (!node.is_map()) {
    return Fail(Invalid(node, "'http' must be a map")
                    .Hint("write it as `- http: {token: {env: VARIABLE}}`, or as `- http:` for calls of this machine"));
  }
  SMELT_TRY(node.AllowKeys(std::vector<std::string_view>(kHttpKeys.begin(), kHttpKeys.end())));
  const std::string folder = std::filesystem::path(node.file()).parent_path().string();
  if (const auto token = node.Find("token")) {
    SMELT_ASSIGN(trigger.token, SecretSource::Parse(*token, folder));
  }
  if (const auto key = node.Find("signing_key")) {
    SMELT_ASSIGN(trigger.signing_key, SecretSource::Parse(*key, folder));
  }
  if (trigger.token && trigger.signing_key) {
    return Fail(Invalid(node, "a trigger by HTTP has a token or a signing_key, not both").Hint("remove one of them"));
  }
  return trigger;
}

Result<Event> ReadEvent(const ConfigNode& node, const Pipeline& pipeline) {
  if (!node.is_map()) {
    return Fail(Invalid(node, "an event must be a map")
                    .Hint("write it as `- file: landing/*.csv`, `- table: bronze.orders` or `- pipeline: daily`"));
  }
  SMELT_TRY(node.AllowKeys(std::vector<std::string_view>(kEventKeys.begin(), kEventKeys.end())));
  Event event{.place = node};
  int kinds = 0;
  for (const auto& [key, kind] : {std::pair{"file", Event::Kind::kFile}, std::pair{"table", Event::Kind::kTable},
                                  std::pair{"pipeline", Event::Kind::kPipeline}}) {
    const auto value = node.Find(key);
    if (!value) continue;
    ++kinds;
    event.kind = kind;
    SMELT_ASSIGN(event.target, value->AsString());
  }
  if (kinds != 1) return Fail(Invalid(node, "an event has one of the keys file, table, pipeline and http"));
  if (event.kind == Event::Kind::kFile) SMELT_TRY(CheckFilePattern(node, event.target));
  if (event.kind == Event::Kind::kTable && std::ranges::count(event.target, '.') != 1) {
    return Fail(
        Invalid(node, fmt::format("'{}' is not a table's name", event.target)).Hint("write it as schema.table"));
  }
  if (event.kind == Event::Kind::kPipeline && event.target == pipeline.name) {
    return Fail(
        Invalid(node, "the end of a pipeline cannot begin the same pipeline").Hint("use 'every' or 'schedule'"));
  }
  if (const auto status = node.Find("status")) {
    if (event.kind != Event::Kind::kPipeline) {
      return Fail(Invalid(*status, "'status' belongs to the event of a pipeline only").Hint("remove it"));
    }
    SMELT_ASSIGN(const std::string word, status->AsString());
    if (std::ranges::find(kEventStatuses, word) == kEventStatuses.end()) {
      return Fail(Invalid(*status, fmt::format("'{}' is no status", word))
                      .Hint(fmt::format("use one of: {}", fmt::join(kEventStatuses, ", "))));
    }
    event.after_success = word != "failure";
    event.after_failure = word != "success";
  }
  return event;
}

}  // namespace

Status ReadSchedule(const ConfigNode& root, Pipeline& pipeline) {
  TimeZone zone;
  if (const auto node = root.Find("timezone")) {
    SMELT_ASSIGN(pipeline.timezone, node->AsString());
    auto found = TimeZone::Find(pipeline.timezone);
    if (!found) {
      return Fail(node->ErrorHere(ErrorCode::kPipelineSchedule, found.error().message()).Hint(found.error().hint()));
    }
    zone = std::move(*found);
  }
  if (const auto start = root.Find("start")) {
    SMELT_ASSIGN(pipeline.start_us, ReadInstant(*start, zone));
  }
  if (const auto end = root.Find("end")) {
    SMELT_ASSIGN(pipeline.end_us, ReadInstant(*end, zone));
    if (pipeline.end_us <= pipeline.start_us)
      return Fail(Invalid(*end, "'end' does not come after 'start'").Hint("choose a later end, or leave it out"));
  }
  SMELT_TRY(ReadTimetable(root, zone, pipeline));
  SMELT_ASSIGN(pipeline.catchup, root.BoolOr("catchup", false));
  if (const auto on = root.Find("on")) {
    if (!on->is_list())
      return Fail(Invalid(*on, "'on' must be a list of events").Hint("write it as `on: [{file: landing/*.csv}]`"));
    for (const ConfigNode& item : on->items()) {
      if (const auto http = item.Find("http")) {
        if (pipeline.http) return Fail(Invalid(item, "'http' comes twice").Hint("remove one of them"));
        SMELT_ASSIGN(pipeline.http, ReadHttpTrigger(item, *http));
        continue;
      }
      SMELT_ASSIGN(Event event, ReadEvent(item, pipeline));
      pipeline.events.push_back(std::move(event));
    }
  }
  return {};
}

}  // namespace smelt::pipeline::internal
