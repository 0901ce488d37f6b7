#include "app/internal/serving/engine_limits.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdint>
#include <stop_token>
#include <string_view>

#include "base/retry.h"
#include "engine/memory.h"

namespace smelt::app {
namespace {

/// Of what the engine takes by itself, which is four fifths of the machine or container: three fifths of that then.
constexpr double kShare = 0.75;

/// "18.8 GiB" with so much less.
std::string Shared(std::string_view size) {
  double number = 0;
  const auto [unit, error] = std::from_chars(size.data(), size.data() + size.size(), number);
  if (error != std::errc()) return {};
  return fmt::format("{:.2f}{}", number * kShare, std::string_view(unit, size.data() + size.size()));
}

}  // namespace

Status LimitEngine(engine::Engine& engine, const EngineLimits& limits) {
  SMELT_ASSIGN(const auto session, engine.Connect());
  if (!limits.memory_is_given) {
    SMELT_ASSIGN(const auto whole, session->Query("select current_setting('memory_limit')"));
    const std::string share = Shared(whole.Text().value_or(""));
    if (!share.empty()) SMELT_TRY(session->Execute("set global memory_limit = " + engine::QuoteLiteral(share)));
  }
  const Status set =
      session->Execute("set global max_temp_directory_size = " + engine::QuoteLiteral(limits.spill_limit));
  if (set) return {};
  return Fail(
      Error(ErrorCode::kUsage, fmt::format("--spill-limit: '{}' is no size", limits.spill_limit)).Hint("write 20GiB"));
}

HeapTrimmer::HeapTrimmer()
    : thread_([](const std::stop_token& stop) {
        constexpr std::int64_t kEveryMs = 5'000;
        while (SleepFor(kEveryMs, stop)) engine::ReturnMemory();
      }) {
  // The C library would raise them with each large block that is freed, up to 32 and 64 MiB, and then keep as much at
  // the end of every one of its heaps, of which there are eight for each processor.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 2 << 20);
}

void RaiseOpenFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace smelt::app
