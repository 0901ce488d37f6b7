#include "pipeline/internal/keep_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/internal/definition_keys.h"

namespace smelt::pipeline::internal {
namespace {

/// What `keep` says already.
constexpr std::array<std::string_view, 6> kSaidByKeep = {"tasks", "schedule", "every", "on", "catchup", "sla"};

Status CheckTables(const ConfigNode& tables) {
  SMELT_ASSIGN(const std::vector<std::string> names, tables.AsStringList());
  if (names.empty()) {
    return Fail(tables.ErrorHere(ErrorCode::kConfigValueInvalid, "'keep' names no table")
                    .Hint("write `tables: [gold.daily_revenue]`, say"));
  }
  for (const std::string& name : names) {
    if (std::ranges::count(name, '.') == 1 && name.front() != '.' && name.back() != '.') continue;
    return Fail(tables.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not a table's name", name))
                    .Hint("write it as schema.table"));
  }
  return {};
}

}  // namespace

Status ReadKeep(const ConfigNode& root, const ConfigNode& keep, const RetrySettings& retries, Pipeline& pipeline) {
  if (!keep.is_map()) {
    return Fail(keep.ErrorHere(ErrorCode::kConfigValueInvalid, "'keep' must be a map")
                    .Hint("write `keep: {tables: [gold.daily_revenue], fresher_than: 15m}`"));
  }
  SMELT_TRY(keep.AllowKeys(std::vector<std::string_view>(kKeepKeys.begin(), kKeepKeys.end())));
  for (const std::string_view key : kSaidByKeep) {
    if (const auto node = root.Find(key)) {
      return Fail(
          node->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' and 'keep' exclude each other", key))
              .Hint("'keep' says by itself what runs and when; what else is to be done is another pipeline"));
    }
  }
  SMELT_ASSIGN(const ConfigNode tables, keep.Require("tables"));
  SMELT_TRY(CheckTables(tables));
  SMELT_ASSIGN(const ConfigNode age, keep.Require("fresher_than"));
  SMELT_ASSIGN(pipeline.fresher_than_ms, age.AsDurationMs());
  constexpr std::int64_t kShortestMs = 1'000;
  if (pipeline.fresher_than_ms < kShortestMs) {
    return Fail(age.ErrorHere(ErrorCode::kConfigValueInvalid, "'fresher_than' is shorter than a second")
                    .Hint("write it as 15m or 1h"));
  }
  pipeline.every_ms = pipeline.fresher_than_ms / 2;
  pipeline.sla_ms = pipeline.every_ms;
  pipeline.timetable.emplace(pipeline.every_ms * 1000, pipeline.start_us);
  pipeline.tasks = {
      TaskDefinition{.name = "refresh", .type = "refresh", .with = keep, .retries = retries, .place = keep}};
  return {};
}

}  // namespace smelt::pipeline::internal
