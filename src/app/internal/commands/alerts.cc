#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <vector>

#include "app/internal/alerting.h"
#include "app/internal/command.h"
#include "app/internal/print.h"
#include "app/internal/terminal/list_view.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "notify/incidents.h"
#include "state/alert_store.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kListMax = 50;
/// So much of an incident's id is enough to name it.
constexpr std::size_t kIdShown = 8;

struct AlertsRequest {
  std::vector<std::string> channels;
  std::string incident;
  std::int64_t delivery = 0;
  bool all = false;
  bool dead = false;
};

/// What the alert commands work on.
struct Alerts {
  ProjectConfig project;
  std::unique_ptr<state::AlertStore> store;
};

Result<Alerts> OpenAlerts(CommandContext& context) {
  Alerts alerts;
  SMELT_ASSIGN(alerts.project, LoadProject(context.project_dir));
  Adopt(context, alerts.project);
  if (context.lake.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "no lake is named").Hint("pass --lake DIR, or set SMELT_LAKE"));
  }
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(alerts.store, state::AlertStore::Open(address));
  return alerts;
}

std::string Time(std::int64_t micros) {
  constexpr std::size_t kMinutes = 16;
  if (micros == 0) return "";
  std::string text = FormatUtcMicros(micros).substr(0, kMinutes);
  text[10] = ' ';
  return text;
}

Tone ToneOf(const std::string& severity) {
  return severity == "info" ? Tone::kPlain : severity == "warning" ? Tone::kWarn : Tone::kBad;
}

void PrintIncidents(const CommandContext& context, const std::vector<state::IncidentRecord>& incidents) {
  std::vector<ListEntry> entries;
  for (const state::IncidentRecord& one : incidents) {
    if (context.json) {
      PrintLine({{"incident", one.id},
                 {"status", state::IncidentStatusText(one.status)},
                 {"severity", one.severity},
                 {"title", one.title},
                 {"pipeline", one.pipeline},
                 {"runs", one.runs},
                 {"run_id", one.run_id},
                 {"opened", FormatUtcMicros(one.opened_us)},
                 {"notified", FormatUtcMicros(one.notified_us)},
                 {"resolved", one.resolved_us == 0 ? Json() : Json(FormatUtcMicros(one.resolved_us))},
                 {"details", one.details}});
      continue;
    }
    entries.push_back({.cells = {one.id.substr(0, kIdShown), std::string(state::IncidentStatusText(one.status)),
                                 one.severity, fmt::format("{}", one.runs), Time(one.opened_us), one.run_id},
                       .tones = {Tone::kStrong, Tone::kPlain, ToneOf(one.severity)},
                       .notes = {{one.title}}});
  }
  PrintList({"incident", "status", "severity", "runs", "since (UTC)", "last run"}, entries);
}

void PrintDeliveries(const CommandContext& context, const std::vector<state::AlertDelivery>& deliveries) {
  std::vector<ListEntry> entries;
  for (const auto& [delivery, alert] : deliveries) {
    const std::string title = alert.body.value("title", std::string());
    if (context.json) {
      PrintLine({{"delivery", delivery.id},
                 {"status", state::DeliveryStatusText(delivery.status)},
                 {"channel", delivery.channel},
                 {"action", alert.action},
                 {"title", title},
                 {"incident", alert.incident_id},
                 {"attempts", delivery.attempts},
                 {"due", FormatUtcMicros(delivery.due_us)},
                 {"error", delivery.error}});
      continue;
    }
    const bool dead = delivery.status == state::DeliveryStatus::kDead;
    entries.push_back(
        {.cells = {fmt::format("{}", delivery.id), std::string(state::DeliveryStatusText(delivery.status)),
                   delivery.channel, alert.action, fmt::format("{}", delivery.attempts), Time(delivery.due_us)},
         .tones = {Tone::kStrong, dead ? Tone::kBad : Tone::kPlain},
         .notes = {{title}, {delivery.error, Tone::kDim}}});
  }
  PrintList({"delivery", "status", "channel", "alert", "tries", "due (UTC)"}, entries);
}

Result<int> List(CommandContext& context, const AlertsRequest& request) {
  using state::DeliveryStatus;
  SMELT_ASSIGN(const Alerts alerts, OpenAlerts(context));
  std::vector<state::IncidentRecord> incidents;
  if (request.all) {
    SMELT_ASSIGN(incidents, alerts.store->Incidents(kListMax));
  } else if (!request.dead) {
    SMELT_ASSIGN(incidents, alerts.store->Unresolved(""));
  }
  state::DeliveryFilter filter{.limit = kListMax};
  if (request.dead) filter.statuses = {DeliveryStatus::kDead};
  if (!request.dead && !request.all) {
    filter.statuses = {DeliveryStatus::kDead, DeliveryStatus::kPending, DeliveryStatus::kSending};
  }
  SMELT_ASSIGN(const auto deliveries, alerts.store->Deliveries(filter));
  if (!context.json && incidents.empty() && deliveries.empty()) {
    std::cout << (request.dead ? "no dead letters\n" : "nothing is wrong, and every alert was delivered\n");
  }
  PrintIncidents(context, incidents);
  if (!context.json && !incidents.empty() && !deliveries.empty()) std::cout << "\n";
  PrintDeliveries(context, deliveries);
  return 0;
}

/// Says what was sent; 3 when something could not be delivered.
int Conclude(const CommandContext& context, const notify::DeliveryReport& report) {
  if (context.json) {
    PrintLine({{"sent", report.sent}, {"dead", report.dead}});
  } else {
    std::cout << fmt::format("{} alert{} sent\n", report.sent, report.sent == 1 ? "" : "s");
    ReportAlerts(context, report);
  }
  return report.dead.empty() ? 0 : Describe(ErrorCode::kAlertDelayed).exit_code;
}

Result<int> Send(CommandContext& context) {
  SMELT_ASSIGN(const ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const notify::DeliveryReport report, TellOfRuns(context, project, engine.get()));
  return Conclude(context, report);
}

Result<int> Retry(CommandContext& context, const AlertsRequest& request) {
  SMELT_ASSIGN(const Alerts alerts, OpenAlerts(context));
  const std::string letters = DeadLetterFolder(context.lake);
  SMELT_TRY(notify::ReviveDead(*alerts.store, letters, request.delivery));
  SMELT_ASSIGN(const notify::DeliveryReport report,
               notify::DeliverDue(alerts.project.notifications, *alerts.store, letters, context.stop));
  return Conclude(context, report);
}

Result<int> Acknowledge(CommandContext& context, const AlertsRequest& request) {
  SMELT_ASSIGN(const Alerts alerts, OpenAlerts(context));
  const notify::Settings& settings = alerts.project.notifications;
  SMELT_TRY(notify::Acknowledge(settings, *alerts.store, request.incident, NowMicros()));
  SMELT_ASSIGN(const notify::DeliveryReport report,
               notify::DeliverDue(settings, *alerts.store, DeadLetterFolder(context.lake), context.stop));
  return Conclude(context, report);
}

/// The channels named, or all.
Result<std::vector<const notify::Channel*>> ChooseChannels(const notify::Settings& settings,
                                                           const std::vector<std::string>& names) {
  std::vector<const notify::Channel*> chosen;
  std::vector<std::string_view> known;
  for (const notify::Channel& channel : settings.channels) {
    known.push_back(channel.name);
    if (names.empty()) chosen.push_back(&channel);
  }
  if (known.empty()) {
    return Fail(Error(ErrorCode::kAlertUnknown, "the project has no notification channels")
                    .Hint("describe them under 'notifications' in smelt.yml"));
  }
  for (const std::string& name : names) {
    const notify::Channel* channel = settings.Find(name);
    if (channel == nullptr) {
      const std::string nearest = NearestWord(name, known);
      return Fail(Error(ErrorCode::kAlertUnknown, fmt::format("there is no channel '{}'", name))
                      .Hint(nearest.empty() ? "smelt.yml lists them under notifications.channels"
                                            : fmt::format("did you mean '{}'?", nearest)));
    }
    chosen.push_back(channel);
  }
  return chosen;
}

Result<int> Test(CommandContext& context, const AlertsRequest& request) {
  SMELT_ASSIGN(const ProjectConfig project, LoadProject(context.project_dir));
  SMELT_ASSIGN(const auto channels, ChooseChannels(project.notifications, request.channels));
  int code = 0;
  for (const notify::Channel* channel : channels) {
    notify::Alert alert{.id = NewUuid(), .incident = NewUuid(), .action = notify::Action::kTest};
    alert.severity = notify::Severity::kInfo;
    alert.project = project.name;
    alert.title = fmt::format("the channel '{}' works", channel->name);
    alert.created_us = NowMicros();
    const Status sent = notify::SendAlert(*channel, alert, context.stop);
    if (!sent) code = Describe(sent.error().code()).exit_code;
    if (context.json) {
      PrintLine({{"channel", channel->name},
                 {"type", notify::ChannelKindText(channel->kind)},
                 {"sent", sent.has_value()},
                 {"error", sent ? Json() : Json(sent.error().ToString())}});
    } else if (sent) {
      std::cout << fmt::format("{} ({}): sent\n", OneLine(channel->name), notify::ChannelKindText(channel->kind));
    } else {
      std::cout << fmt::format("{} ({}): not sent\n", OneLine(channel->name), notify::ChannelKindText(channel->kind));
      ReportError(context, sent.error());
    }
  }
  return code;
}

}  // namespace

void AddAlertsCommand(CLI::App& program, CommandContext& context) {
  auto* alerts = program.add_subcommand("alerts", "What is wrong, and who has been told");
  alerts->require_subcommand(1);
  alerts->footer("Example: smelt alerts test --project-dir projects/olist");
  auto request = std::make_shared<AlertsRequest>();
  const auto add = [&](const char* name, const char* summary, const char* example, auto action) {
    auto* command = alerts->add_subcommand(name, summary);
    command->footer(std::string("Example: ") + example);
    AddProjectOption(*command, context);
    AddLakeOptions(*command, context);
    AddJsonOption(*command, context);
    command->callback([&context, request, action] {
      context.action = [&context, request, action]() -> Result<int> { return action(context, *request); };
    });
    return command;
  };
  auto* list = add("list", "Show incidents, and alerts that are not delivered", "smelt alerts list --lake lake", List);
  list->add_flag("--all", request->all, "Resolved incidents and delivered alerts, too");
  list->add_flag("--dead", request->dead, "Only alerts that were given up");
  add("send", "Look at the runs that have ended and send what is due", "smelt alerts send --lake lake",
      [](CommandContext& own, const AlertsRequest&) { return Send(own); });
  auto* retry = add("retry", "Send again what was given up", "smelt alerts retry 17 --lake lake", Retry);
  retry->add_option("delivery", request->delivery, "The number that `smelt alerts list` shows; all when absent")
      ->type_name("N");
  auto* ack =
      add("ack", "Take an incident on: it is not repeated", "smelt alerts ack 3f9a2c01 --lake lake", Acknowledge);
  ack->add_option("incident", request->incident, "The incident, or the beginning of its id")->required();
  auto* test = add("test", "Send a test alert over channels", "smelt alerts test team pager", Test);
  test->add_option("channels", request->channels, "Names of channels; all when absent");
}

}  // namespace smelt::app
