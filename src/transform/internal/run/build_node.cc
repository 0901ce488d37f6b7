#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/retry.h"
#include "transform/internal/run/contract.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {
namespace {

/// A node that loses against a concurrent writer is run again this often.
constexpr RetryPolicy kConflictRetry{.attempts_max = 6, .delay_ms = 50, .delay_max_ms = 2'000, .multiplier = 2.0};

MaterializeContext ContextOf(NodeRun& run, bool is_incremental) {
  MaterializeContext context;
  context.compile = run.Compiling(is_incremental);
  context.sql = run.compiled;
  context.on_begin = [&run] {
    if (run.notes.txns.empty() && run.notes.info.empty()) return;
    run.session.Annotate(run.node.relation.schema, run.node.relation.identifier, run.notes);
  };
  return context;
}

/// What the materialization runs is kept beside the compiled SQL.
Status KeepWritten(const NodeRun& run, const std::string& written) {
  if (written.empty()) return {};
  return WriteCompiled(run.run, run.node, "run", written, run.batch ? run.batch->name : "");
}

/// Runs the materialization, and again when another writer was first.
Result<Materialised> Materialize(NodeRun& run, MaterializeContext& context) {
  bool may_repeat = false;
  context.may_repeat = &may_repeat;
  for (int attempt = 1;; ++attempt) {
    (void)run.session.TakeCommits();
    auto done = run.run.project.Materialize(run.node, context);
    if (done) {
      SMELT_TRY(KeepWritten(run, done->written));
      return Materialised{done->rows_affected, static_cast<std::int64_t>(run.session.TakeCommits().size()), {}};
    }
    const bool again =
        done.error().code() == ErrorCode::kDeltaConflict && may_repeat && attempt < kConflictRetry.attempts_max;
    if (!again) return Fail(std::move(done.error()));
    SleepFor(RetryDelayMs(kConflictRetry, attempt + 1), {});
  }
}

/// Builds what the node is, or the present batch of it. `is_incremental`: add to the table that is there.
Result<Materialised> BuildPart(NodeRun& run, bool is_incremental, bool is_later_batch) {
  const bool is_seed = run.node.type == ResourceType::kSeed;
  if (!is_seed) SMELT_TRY(CompileNode(run, is_incremental));
  SMELT_TRY(CheckContract(run, run.compiled));
  MaterializeContext context = ContextOf(run, is_incremental);
  SMELT_TRY(AddContract(run, context.values));
  if (is_seed) {
    SMELT_ASSIGN(context.values["seed_rows"], SeedRows(run));
  }
  context.adds_to_own_table = is_later_batch;
  if (run.batch) {
    std::string id = run.batch->name;
    std::erase(id, '-');
    context.batch = {{"id", std::move(id)},
                     {"event_time_start", MomentText(*run.batch->window.start)},
                     {"event_time_end", MomentText(*run.batch->window.end)}};
  }
  return Materialize(run, context);
}

/// Builds a model batch by batch, each in a transaction of its own. What the log keeps of the whole node comes with the
/// last batch. A batch that fails leaves the others alone, but for the first one, which makes the table.
Result<Materialised> BuildBatches(NodeRun& run, bool is_incremental) {
  SMELT_ASSIGN(const auto batches, BatchesOf(run.node, run.run.options, is_incremental, NowMicros()));
  const std::vector<engine::TxnMark> marks = std::exchange(run.notes.txns, {});
  Materialised all{0, 0, {{"successful", Json::array()}, {"failed", Json::array()}}};
  std::optional<Error> failure;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    run.batch = batches[i];
    if (i + 1 == batches.size() && !failure) run.notes.txns = marks;
    const Json times = {MomentText(*batches[i].window.start), MomentText(*batches[i].window.end)};
    auto done = BuildPart(run, is_incremental || i > 0, i > 0);
    if (!done && (i == 0 || done.error().code() == ErrorCode::kCancelled)) return done;
    all.batches[done ? "successful" : "failed"].push_back(times);
    if (done) {
      all.rows += std::max<std::int64_t>(done->rows, 0);
      all.commits += done->commits;
    } else if (!failure) {
      failure = std::move(done.error());
    }
  }
  if (!failure) return all;
  const std::string message = fmt::format("{} of {} batches failed, the first one of them: {}",
                                          all.batches["failed"].size(), batches.size(), failure->message());
  return Fail(Error(failure->code(), message).Hint(failure->hint()).At(failure->file(), failure->line()));
}

}  // namespace

Result<Materialised> BuildNode(NodeRun& run) {
  SMELT_ASSIGN(const bool is_incremental, IsIncremental(run));
  if (IsMicrobatch(run.node)) return BuildBatches(run, is_incremental);
  return BuildPart(run, is_incremental, false);
}

}  // namespace smelt::transform
