#pragma once

#include <array>
#include <string_view>

namespace smelt::pipeline::internal {

/// The keys of a pipeline file; docs/schemas/pipeline.schema.json lists the same.
inline constexpr std::array<std::string_view, 15> kPipelineKeys = {
    "name", "description", "schedule", "every",       "start", "end",   "timezone", "catchup",
    "on",   "timeout",     "retries",  "concurrency", "vars",  "tasks", "params"};
inline constexpr std::array<std::string_view, 4> kEventKeys = {"file", "table", "pipeline", "status"};
inline constexpr std::array<std::string_view, 3> kEventStatuses = {"success", "failure", "any"};
inline constexpr std::array<std::string_view, 8> kTaskKeys = {"name",    "type",    "needs", "with",
                                                              "retries", "timeout", "gate",  "trigger_rule"};
inline constexpr std::array<std::string_view, 5> kRetryKeys = {"attempts", "delay", "delay_max", "multiplier",
                                                               "errors"};
inline constexpr std::array<std::string_view, 3> kTriggerRules = {"all_success", "all_done", "one_failed"};
inline constexpr std::array<std::string_view, 2> kRetriedErrors = {"retryable", "all"};

}  // namespace smelt::pipeline::internal
