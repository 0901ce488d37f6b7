#pragma once

#include <stop_token>
#include <string>

#include "app/internal/command.h"
#include "app/internal/project.h"
#include "engine/session.h"
#include "notify/delivery.h"
#include "notify/problems.h"

namespace smelt::app {

/// Where alerts that could not be delivered are kept: beside the state of the lake.
std::string DeadLetterFolder(const std::string& lake);

/// Reads failing rows of a test from its compiled query, the rules that rows in quarantine broke, and the values for
/// which suites refused a table. Without an engine there are none. The engine must outlive the reader.
notify::SampleReader SamplesFrom(engine::Engine* engine);

/// Judges the runs that have ended and sends the alerts that are due, as the project's notifications say; nothing where
/// it has none. After an interruption alerts are recorded, and sent by the next command that does.
/// Errors: those of JudgeRuns and DeliverDue.
Result<notify::DeliveryReport> TellOfRuns(const CommandContext& context, const ProjectConfig& project,
                                          engine::Engine* engine);
/// The same until `stop` is requested, whatever the command was asked to do.
Result<notify::DeliveryReport> TellOfRuns(const CommandContext& context, const ProjectConfig& project,
                                          engine::Engine* engine, std::stop_token stop);

/// Says on standard error (an event with --json) what could not be delivered. Alerts never change an exit code.
void ReportAlerts(const CommandContext& context, const Result<notify::DeliveryReport>& report);

}  // namespace smelt::app
