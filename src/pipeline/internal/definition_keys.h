#pragma once

#include <array>
#include <string_view>

namespace smelt::pipeline::internal {

/// The keys of a pipeline file; docs/schemas/pipeline.schema.json lists the same.
inline constexpr std::array<std::string_view, 17> kPipelineKeys = {
    "name",    "description", "schedule",    "every", "start", "end",    "timezone", "catchup", "on",
    "timeout", "retries",     "concurrency", "vars",  "tasks", "params", "sla",      "keep"};
inline constexpr std::array<std::string_view, 2> kKeepKeys = {"tables", "fresher_than"};
inline constexpr std::array<std::string_view, 5> kEventKeys = {"file", "table", "pipeline", "status", "http"};
inline constexpr std::array<std::string_view, 2> kHttpKeys = {"token", "signing_key"};
inline constexpr std::array<std::string_view, 4> kParamKeys = {"type", "default", "description", "choices"};
inline constexpr std::array<std::string_view, 3> kEventStatuses = {"success", "failure", "any"};
inline constexpr std::array<std::string_view, 14> kTaskKeys = {
    "name",         "type", "needs",    "with", "retries",    "timeout", "gate",
    "trigger_rule", "when", "priority", "pool", "pool_slots", "sla",     "for_each"};
inline constexpr std::array<std::string_view, 1> kForEachKeys = {"sql"};
inline constexpr std::array<std::string_view, 5> kRetryKeys = {"attempts", "delay", "delay_max", "multiplier",
                                                               "errors"};
/// In the order of TriggerRule.
inline constexpr std::array<std::string_view, 12> kTriggerRules = {"all_success",  "all_done",
                                                                   "one_failed",   "all_failed",
                                                                   "all_skipped",  "all_done_min_one_success",
                                                                   "one_success",  "one_done",
                                                                   "none_failed",  "none_failed_min_one_success",
                                                                   "none_skipped", "always"};
inline constexpr std::array<std::string_view, 2> kRetriedErrors = {"retryable", "all"};

}  // namespace smelt::pipeline::internal
