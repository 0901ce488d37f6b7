#include "transform/internal/run/microbatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "transform/internal/modules/calendar.h"

namespace smelt::transform {
namespace {

using jinja::DateParts;

enum class BatchSize { kHour, kDay, kMonth, kYear };

Error Invalid(const Node& node, std::string what, std::string cure) {
  return Error(ErrorCode::kDbtConfigInvalid, fmt::format("the microbatch model '{}' {}", node.name, what))
      .Hint(std::move(cure))
      .At(node.file, node.line);
}

Result<BatchSize> SizeOf(const Node& node) {
  constexpr std::array<std::string_view, 4> kNames = {"hour", "day", "month", "year"};
  const auto setting = node.config.all.find("batch_size");
  const bool is_told = setting != node.config.all.end() && setting->is_string();
  const auto* found = std::ranges::find(kNames, is_told ? setting->get<std::string>() : std::string());
  if (found == kNames.end()) return Fail(Invalid(node, "has no batch_size", "it takes hour, day, month or year"));
  return static_cast<BatchSize>(found - kNames.begin());
}

/// The beginning of the batch that holds the moment.
std::int64_t Truncate(std::int64_t micros, BatchSize size) {
  DateParts parts = DateParts::FromMicros(micros);
  DateParts start = DateParts::FromMicros(0);
  start.year = parts.year;
  start.month = size == BatchSize::kYear ? 1 : parts.month;
  start.day = size >= BatchSize::kMonth ? 1 : parts.day;
  std::int64_t begin = start.ToMicros();
  if (size == BatchSize::kHour) {
    constexpr std::int64_t kHour = jinja::kMicrosPerDay / 24;
    begin += (micros - begin) / kHour * kHour;
  }
  return begin;
}

/// The beginning of the batch that lies `count` after the one that holds the moment.
std::int64_t Offset(std::int64_t micros, BatchSize size, int count) {
  const std::int64_t begin = Truncate(micros, size);
  if (size == BatchSize::kHour) return begin + count * (jinja::kMicrosPerDay / 24);
  if (size == BatchSize::kDay) return begin + count * jinja::kMicrosPerDay;
  DateParts parts = DateParts::FromMicros(begin);
  const int months = parts.year * 12 + parts.month - 1 + count * (size == BatchSize::kYear ? 12 : 1);
  parts.year = months / 12;
  parts.month = months % 12 + 1;
  return parts.ToMicros();
}

/// The moment, or the end of the batch that it lies within.
std::int64_t Ceiling(std::int64_t micros, BatchSize size) {
  return Truncate(micros, size) == micros ? micros : Offset(micros, size, 1);
}

std::string NameOf(std::int64_t start, BatchSize size) {
  constexpr std::array<std::size_t, 4> kLengths = {13, 10, 7, 4};  // of "2024-01-31T12"
  std::string text = FormatUtcMicros(start);
  if (text.size() > 10) text[10] = 'T';
  return text.substr(0, kLengths.at(static_cast<std::size_t>(size)));
}

Result<std::int64_t> BeginOf(const Node& node) {
  const auto begin = node.config.all.find("begin");
  if (begin == node.config.all.end() || !begin->is_string()) {
    return Fail(Invalid(node, "has no begin", "set begin to the first day that there are rows of: '2024-01-01'"));
  }
  auto micros = ParseTimestampMicros(begin->get<std::string>());
  if (micros) return micros;
  return Fail(
      Invalid(node, fmt::format("begins at {}", JsonText(*begin)), "begin takes a date or a time: '2024-01-01'"));
}

/// Where a run begins that is not told so.
Result<std::int64_t> StartOf(const Node& node, BatchSize size, bool is_incremental, std::int64_t end) {
  if (!is_incremental) {
    SMELT_ASSIGN(const std::int64_t begin, BeginOf(node));
    return Truncate(begin, size);
  }
  const auto setting = node.config.all.find("lookback");
  int lookback = setting != node.config.all.end() && setting->is_number_integer() ? setting->get<int>() : 1;
  // A run that ends where a batch ends has that batch before it.
  if (Truncate(end, size) == end) ++lookback;
  return Offset(end, size, -lookback);
}

}  // namespace

bool IsMicrobatch(const Node& node) {
  return node.type == ResourceType::kModel && node.config.materialized == "incremental" &&
         node.config.incremental_strategy == "microbatch";
}

Result<std::vector<Batch>> BatchesOf(const Node& node, const InvokeOptions& options, bool is_incremental,
                                     std::int64_t now_micros) {
  SMELT_ASSIGN(const BatchSize size, SizeOf(node));
  SMELT_ASSIGN(const auto told, ParseEventTimes(options.event_time_start, options.event_time_end));
  const std::int64_t end = Ceiling(told ? *told->end : now_micros, size);
  std::int64_t start = 0;
  if (told) {
    start = Truncate(*told->start, size);
  } else {
    SMELT_ASSIGN(start, StartOf(node, size, is_incremental, end));
  }
  std::vector<Batch> batches;
  for (std::int64_t at = start; at < end || batches.empty(); at = Offset(at, size, 1)) {
    batches.push_back({{.start = at, .end = std::min(Offset(at, size, 1), std::max(end, at + 1))}, NameOf(at, size)});
  }
  return batches;
}

Json BatchTimes(const Batch& batch) {
  const auto text = [](std::int64_t micros) {
    std::string moment = MomentText(micros);
    moment[moment.find(' ')] = 'T';
    return moment;
  };
  return {text(*batch.window.start), text(*batch.window.end)};
}

Result<std::vector<Batch>> FailedBatches(const Node& node, const Json& earlier) {
  SMELT_ASSIGN(const BatchSize size, SizeOf(node));
  std::vector<Batch> batches;
  for (const Json& times : earlier.value("failed", Json::array())) {
    const bool is_pair = times.is_array() && times.size() == 2 && times[0].is_string() && times[1].is_string();
    auto start = is_pair ? ParseTimestampMicros(times[0].get<std::string>()) : Result<std::int64_t>(0);
    auto end = is_pair ? ParseTimestampMicros(times[1].get<std::string>()) : Result<std::int64_t>(0);
    if (!is_pair || !start || !end) {
      return Fail(Error(ErrorCode::kConfigValueInvalid,
                        fmt::format("run_results.json: {} of {} is no batch", JsonText(times), node.unique_id))
                      .Hint("run the model instead, with --event-time-start and --event-time-end"));
    }
    batches.push_back({{.start = *start, .end = *end}, NameOf(*start, size)});
  }
  return batches;
}

}  // namespace smelt::transform
