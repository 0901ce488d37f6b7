#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "notify/problems.h"
#include "notify/settings.h"
#include "state/alert_store.h"
#include "state/run_store.h"

namespace smelt::notify {

/// The channels that know of an incident, by its id.
using ChannelsTold = std::function<Result<std::vector<std::string>>(const std::string& incident)>;

/// Decides what a run that has ended means: which incidents begin, go on and are over, and who is to be told when.
/// A problem of a task that this run did not get to stays as it was. Incidents are grouped as the routes say; somebody
/// is told when one begins, when it has a new problem or is worse, when it has lasted as long as the route's `repeat`,
/// and when it is over. `open` are the unresolved incidents of the run's pipeline.
/// Errors: those of `told`.
Result<state::AlertBatch> Judge(const Settings& settings, const RunFacts& facts, const SampleReader& read,
                                const std::vector<state::IncidentRecord>& open, const ChannelsTold& told,
                                std::int64_t now_us);

/// Judges every run that has ended since it was done last, those of dead processes included, and records what follows.
/// Of a pipeline of which no run was judged, only the newest is. A run is judged once, whoever asks. Returns how many
/// alerts were recorded.
/// Errors: those of RunStore and AlertStore.
Result<std::int64_t> JudgeRuns(const Settings& settings, state::RunStore& runs, state::AlertStore& alerts,
                               const SampleReader& read, std::int64_t now_us);

/// Marks an incident as taken on by somebody: it is not repeated, and those who know of it are told. The id may be cut
/// as long as it fits one unresolved incident only. Errors: kAlertUnknown; those of AlertStore.
Status Acknowledge(const Settings& settings, state::AlertStore& alerts, const std::string& incident,
                   std::int64_t now_us);

/// When an alert of that severity may be sent along a route: `now_us`, or the end of its quiet hours.
std::int64_t DueTime(const Route& route, Severity severity, std::int64_t now_us);

/// Whether `text` fits the pattern, in which `*` stands for any text.
bool MatchesPattern(std::string_view pattern, std::string_view text);

}  // namespace smelt::notify
