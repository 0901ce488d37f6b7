#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/internal/pipelines/commands.h"
#include "base/clock.h"
#include "pipeline/report.h"
#include "pipeline/timetable.h"

namespace smelt::app {
namespace {

struct TimesRequest {
  std::vector<std::string> schedules;
  std::string timezone = "UTC";
  std::string from;
  int count = 5;
  bool previous = false;
};

/// The instants that a schedule names, from `from_us` onwards or back.
std::vector<std::int64_t> List(const pipeline::Timetable& timetable, std::int64_t from_us,
                               const TimesRequest& request) {
  std::vector<std::int64_t> times;
  std::int64_t at = from_us;
  for (int i = 0; i < request.count; ++i) {
    const auto next = request.previous ? timetable.PreviousBefore(at) : timetable.NextAfter(at);
    if (!next) break;
    times.push_back(at = *next);
  }
  return times;
}

std::string LocalText(const TimeZone& zone, std::int64_t micros) {
  constexpr std::int64_t kMicros = 1'000'000;
  const std::chrono::sys_seconds instant(std::chrono::seconds(micros / kMicros));
  const auto local = zone.ToLocal(instant);
  const std::int64_t shown = local.time_since_epoch().count() * kMicros;
  return FormatUtcMicros(shown).substr(0, 19);
}

void Print(const CommandContext& context, const std::string& schedule, const TimeZone& zone,
           const std::vector<std::int64_t>& times) {
  if (context.json) {
    Json object = {{"schedule", schedule}, {"timezone", zone.name()}, {"times", Json::array()}};
    for (const std::int64_t at : times) object["times"].push_back(FormatUtcMicros(at).substr(0, 19) + "Z");
    std::cout << JsonText(object) << "\n";
    return;
  }
  std::cout << schedule << "\n";
  for (const std::int64_t at : times) {
    std::cout << fmt::format("  {} {}   {}Z\n", LocalText(zone, at), zone.name(), FormatUtcMicros(at).substr(0, 19));
  }
  if (times.empty()) std::cout << "  never again\n";
}

Result<int> RunTimes(const CommandContext& context, const TimesRequest& request) {
  SMELT_ASSIGN(const TimeZone zone, TimeZone::Find(request.timezone));
  std::int64_t from_us = NowMicros();
  if (!request.from.empty()) {
    SMELT_ASSIGN(from_us, ParseTimestampMicros(request.from));
  }
  int code = 0;
  for (const std::string& text : request.schedules) {
    auto schedule = pipeline::CronSchedule::Parse(text);
    if (!schedule) {
      if (!context.json) return Fail(schedule.error());
      Json object = {{"schedule", text}, {"error", pipeline::ToJson(schedule.error())}};
      std::cout << JsonText(object) << "\n";
      code = Describe(schedule.error().code()).exit_code;
      continue;
    }
    Print(context, text, zone, List(pipeline::Timetable(std::move(*schedule), zone), from_us, request));
  }
  return code;
}

}  // namespace

void AddTimesCommand(CLI::App& pipeline, CommandContext& context) {
  auto* times = pipeline.add_subcommand("times", "Show when a schedule fires");
  times->footer("Example: smelt pipeline times '30 2 * * mon-fri' --timezone Europe/Berlin");
  auto request = std::make_shared<TimesRequest>();
  times->add_option("schedule", request->schedules, "Schedules in cron's language, each in quotes")->required();
  times->add_option("--timezone", request->timezone, "The IANA time zone in which they are read")->type_name("ZONE");
  times->add_option("--from", request->from, "From this instant on (ISO 8601, UTC unless it says otherwise); now")
      ->type_name("TIME");
  times->add_option("--count", request->count, "How many instants to show")->check(CLI::Range(1, 1000));
  times->add_flag("--previous", request->previous, "Look back instead");
  AddJsonOption(*times, context);
  times->callback(
      [&context, request] { context.action = [&context, request] { return RunTimes(context, *request); }; });
}

}  // namespace smelt::app
