#include <fmt/format.h>

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
    if (run.notes.txns.empty()) return;
    run.session.Annotate(run.node.relation.schema, run.node.relation.identifier, run.notes);
  };
  return context;
}

/// What the materialization runs is kept beside the compiled SQL.
Status KeepWritten(const NodeRun& run, const std::string& written) {
  if (written.empty()) return {};
  return WriteCompiled(run.run, run.node, "run", written);
}

}  // namespace

Result<Materialised> BuildNode(NodeRun& run) {
  SMELT_ASSIGN(const bool is_incremental, IsIncremental(run));
  const bool is_seed = run.node.type == ResourceType::kSeed;
  if (!is_seed) SMELT_TRY(CompileNode(run, is_incremental));
  SMELT_TRY(CheckContract(run, run.compiled));
  MaterializeContext context = ContextOf(run, is_incremental);
  SMELT_TRY(AddContract(run, context.values));
  if (is_seed) {
    SMELT_ASSIGN(context.values["seed_rows"], SeedRows(run));
  }
  bool may_repeat = false;
  context.may_repeat = &may_repeat;
  for (int attempt = 1;; ++attempt) {
    (void)run.session.TakeCommits();
    auto done = run.run.project.Materialize(run.node, context);
    if (done) {
      SMELT_TRY(KeepWritten(run, done->written));
      return Materialised{done->rows_affected, static_cast<std::int64_t>(run.session.TakeCommits().size())};
    }
    const bool again =
        done.error().code() == ErrorCode::kDeltaConflict && may_repeat && attempt < kConflictRetry.attempts_max;
    if (!again) return Fail(std::move(done.error()));
    SleepFor(RetryDelayMs(kConflictRetry, attempt + 1), {});
  }
}

}  // namespace smelt::transform
