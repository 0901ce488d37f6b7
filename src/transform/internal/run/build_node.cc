#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/retry.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/run/build_mark.h"
#include "transform/internal/run/contract.h"
#include "transform/internal/run/node_run.h"
#include "transform/write_audit.h"

namespace smelt::transform {
namespace {

/// A node that loses against a concurrent writer is built again this often.
constexpr RetryPolicy kConflictRetry{.attempts_max = 8, .delay_ms = 50, .delay_max_ms = 2'000, .multiplier = 2.0};

/// The part of a node that is built: all of it, or the present batch.
struct Part {
  std::optional<bool> is_incremental;  ///< nothing: as the table stands
  bool is_later_batch = false;         ///< the table is of this run
  bool completes = true;               ///< the node is built with it
};

Result<std::optional<engine::RelationKind>> Standing(const NodeRun& run) {
  const RelationName& relation = run.node.relation;
  return run.session.FindRelation(kDatabase, relation.schema, relation.identifier);
}

/// Whether the SQL depends on what stands there already.
bool AddsToItself(const Node& node) {
  return node.type == ResourceType::kSnapshot || node.config.materialized == "incremental";
}

/// Announces the commit. The SQL was made before the transaction began: what it took for granted must still hold.
Status Begin(NodeRun& run, const std::optional<engine::RelationKind>& stood) {
  const RelationName& relation = run.node.relation;
  const bool has_notes = !run.notes.txns.empty() || !run.notes.info.empty();
  if (has_notes) run.session.Annotate(relation.schema, relation.identifier, run.notes);
  if (!AddsToItself(run.node)) return {};
  SMELT_ASSIGN(const auto stands, Standing(run));
  if (stands == stood) return {};
  return Fail(ErrorCode::kDeltaConflict, fmt::format("{} was made or dropped by another run", relation.Text()));
}

/// What the materialization runs is kept beside the compiled SQL.
Status KeepWritten(const NodeRun& run, const std::string& written) {
  if (written.empty()) return {};
  return WriteCompiled(run.run, run.node, "run", written, run.batch ? run.batch->name : "");
}

/// Lets the auditor look at what is about to be committed. What it refuses is the node's matter, not the macro's that
/// was about to commit.
Status Judge(NodeRun& run, WriteKind kind, std::string& warning) {
  WriteAudit* audit = run.run.options.audit;
  if (audit == nullptr) return {};
  const RelationName& relation = run.node.relation;
  auto judged = audit->Judge(run.session, relation.schema, relation.identifier, kind);
  if (!judged) return Fail(std::move(judged).error().At(run.node.file, run.node.line));
  warning = *std::move(judged);
  return {};
}

/// Of a materialization that is not known here, nothing is taken for granted.
WriteKind KindOfWrite(const Node& node, bool is_incremental) {
  const std::string& kind = node.config.materialized;
  const bool is_whole =
      node.type == ResourceType::kSeed || kind == "table" || (kind == "incremental" && !is_incremental);
  return is_whole ? WriteKind::kWhole : WriteKind::kAddition;
}

/// Takes over what has been committed, and tells the auditor.
void CountCommits(const NodeRun& run, Materialised& result) {
  const std::vector<engine::CommitReport> commits = run.session.TakeCommits();
  const RelationName& relation = run.node.relation;
  result.commits = static_cast<std::int64_t>(commits.size());
  for (const engine::CommitReport& commit : commits) {
    if (commit.table != relation.schema + "." + relation.identifier) continue;
    if (result.rows < 0) result.rows_written = std::max<std::int64_t>(result.rows_written, 0) + commit.rows_added;
    if (run.run.options.audit != nullptr) {
      run.run.options.audit->Committed(relation.schema, relation.identifier, commit.version);
    }
  }
}

/// What `model.batch` is.
Json DescribeBatch(const Batch& batch) {
  std::string id = batch.name;
  std::erase(id, '-');
  return {{"id", std::move(id)},
          {"event_time_start", MomentText(*batch.window.start)},
          {"event_time_end", MomentText(*batch.window.end)}};
}

/// What moves in the table's log. Every batch moves a mark, so that of two runs side by side neither misses what the
/// other has added; that of the whole node comes with the last one.
std::vector<engine::TxnMark> MarksOf(const NodeRun& run, const Part& part) {
  std::vector<engine::TxnMark> marks;
  if (run.batch) marks.push_back({"smelt.batches/" + run.node.unique_id, *run.batch->window.start});
  if (run.mark == nullptr || !part.completes) return marks;
  if (auto mark = run.mark->Note(run)) marks.push_back(*std::move(mark));
  return marks;
}

/// Renders and materializes once. `may_repeat` is set on failure: nothing was made lasting.
Result<Materialised> Attempt(NodeRun& run, const Part& part, bool& may_repeat) {
  const bool is_seed = run.node.type == ResourceType::kSeed;
  std::optional<engine::RelationKind> stood;
  if (AddsToItself(run.node)) {
    SMELT_ASSIGN(stood, Standing(run));
  }
  bool is_incremental = part.is_incremental.value_or(false);
  if (!part.is_incremental) {
    SMELT_ASSIGN(is_incremental, IsIncremental(run));
  }
  if (!is_seed) SMELT_TRY(CompileNode(run, is_incremental));
  SMELT_TRY(CheckContract(run, run.compiled));
  run.notes.txns = MarksOf(run, part);
  MaterializeContext context;
  context.compile = run.Compiling(is_incremental);
  context.sql = run.compiled;
  context.on_begin = [&run, stood] { return Begin(run, stood); };
  Materialised result;
  context.before_commit = [&run, &result, kind = KindOfWrite(run.node, is_incremental)] {
    return Judge(run, kind, result.warning);
  };
  context.may_repeat = &may_repeat;
  SMELT_TRY(AddContract(run, context.values));
  if (is_seed) {
    SMELT_ASSIGN(context.values["seed_rows"], SeedRows(run));
  }
  context.adds_to_own_table = part.is_later_batch;
  if (run.batch) context.batch = DescribeBatch(*run.batch);
  (void)run.session.TakeCommits();
  SMELT_ASSIGN(Materialization done, run.run.project.Materialize(run.node, context));
  SMELT_TRY(KeepWritten(run, done.written));
  result.rows = done.rows_affected;
  CountCommits(run, result);
  return result;
}

/// Builds what the node is, or the present batch of it; again from the beginning when another writer was first, since
/// then also what the SQL reads may have changed.
Result<Materialised> BuildPart(NodeRun& run, const Part& part) {
  for (int attempt = 1;; ++attempt) {
    bool may_repeat = false;
    auto done = Attempt(run, part, may_repeat);
    run.may_repeat = may_repeat && !run.batch;
    if (done || done.error().code() != ErrorCode::kDeltaConflict) return done;
    if (may_repeat && attempt < kConflictRetry.attempts_max) {
      SleepFor(RetryDelayMs(kConflictRetry, attempt + 1), {});
      continue;
    }
    return Fail(std::move(done.error())
                    .Hint("another run works on the same table: `smelt retry` builds the rest when that has ended"));
  }
}

/// The batches to build: what failed of an earlier run, else those of this one.
Result<std::vector<Batch>> ChooseBatches(const NodeRun& run, const Json* earlier, bool is_incremental) {
  if (earlier != nullptr) return FailedBatches(run.node, *earlier);
  const std::int64_t present = run.run.options.present_micros;
  return BatchesOf(run.node, run.run.options, is_incremental, present > 0 ? present : NowMicros());
}

/// What became of the batches, in the order of time.
class BatchLog {
 public:
  void Add(const Batch& batch, bool succeeded) { (succeeded ? successful_ : failed_).push_back(BatchTimes(batch)); }

  /// As run_results.json has it; what an earlier run has built is counted, too.
  Json ToJson(const Json* earlier) const {
    Json successful = successful_;
    if (earlier != nullptr) {
      for (const Json& times : (*earlier)["successful"]) successful.push_back(times);
    }
    return {{"successful", std::move(successful)}, {"failed", failed_}};
  }
  std::size_t failed() const { return failed_.size(); }

 private:
  Json successful_ = Json::array(), failed_ = Json::array();
};

/// Builds a model batch by batch, each in a transaction of its own. A batch that fails leaves the others alone, but for
/// the first one, which makes the table.
Result<Materialised> BuildBatches(NodeRun& run) {
  const auto known = run.run.options.earlier_batches.find(run.node.unique_id);
  const Json* earlier = known == run.run.options.earlier_batches.end() ? nullptr : &known->second;
  SMELT_ASSIGN(const bool stands, IsIncremental(run));
  const bool is_incremental = stands || earlier != nullptr;
  SMELT_ASSIGN(const auto batches, ChooseBatches(run, earlier, is_incremental));
  Materialised all{.rows = 0, .rows_written = -1, .commits = 0, .batches = {}, .warning = {}, .failure = {}};
  BatchLog log;
  bool goes_on = true;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (!goes_on) {
      log.Add(batches[i], false);
      continue;
    }
    run.batch = batches[i];
    const bool completes = i + 1 == batches.size() && !all.failure;
    auto done = BuildPart(run, {is_incremental || i > 0 ? std::optional(true) : std::nullopt, i > 0, completes});
    log.Add(batches[i], done.has_value());
    if (done) {
      all.rows += std::max<std::int64_t>(done->rows, 0);
      all.commits += done->commits;
      all.warning = std::move(done->warning);
      continue;
    }
    goes_on = i > 0 && done.error().code() != ErrorCode::kCancelled;
    if (!all.failure || done.error().code() == ErrorCode::kCancelled) all.failure = std::move(done.error());
  }
  all.batches = log.ToJson(earlier);
  if (!all.failure || batches.size() == 1) return all;
  const std::string message = fmt::format("{} of {} batches failed, the first one of them: {}", log.failed(),
                                          batches.size(), all.failure->message());
  all.failure =
      Error(all.failure->code(), message).Hint(all.failure->hint()).At(all.failure->file(), all.failure->line());
  return all;
}

}  // namespace

Result<Materialised> BuildNode(NodeRun& run) {
  return IsMicrobatch(run.node) ? BuildBatches(run) : BuildPart(run, {});
}

}  // namespace smelt::transform
