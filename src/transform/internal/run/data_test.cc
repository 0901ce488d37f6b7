#include <charconv>
#include <cstdint>

#include "transform/internal/run/input_history.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {
namespace {

/// The failing rows of a not_null test as the log of the tested table counts them, without a query. Nothing when the
/// test is another one, asks for more than the rows of a column, or the log does not tell exactly.
Result<std::optional<std::int64_t>> NullsByTheLog(const NodeRun& run) {
  const Node& node = run.node;
  const NodeConfig& config = node.config;
  const bool plain = config.where.empty() && !config.limit && config.fail_calc == NodeConfig().fail_calc;
  if (!plain || !run.run.project.IsBuiltInTest(node, "not_null")) return std::optional<std::int64_t>();
  const RelationName* tested = nullptr;
  if (!node.attached_to.empty()) {
    const Node& attached = run.run.project.manifest().nodes.at(node.attached_to);
    if (attached.config.materialized == "ephemeral") return std::optional<std::int64_t>();
    tested = &attached.readable();
  } else if (node.source_inputs.size() == 1) {
    tested = &node.source_inputs.front();
  }
  if (tested == nullptr) return std::optional<std::int64_t>();
  return run.run.engine.NullCount(tested->schema, tested->identifier, node.column_name);
}

/// The whole part of a number that may be of any type.
std::int64_t ReadCount(const std::string& cell) {
  std::int64_t count = 0;
  (void)std::from_chars(cell.data(), cell.data() + cell.size(), count);
  return count;
}

/// Whether the failing rows are to be a table.
bool StoresFailures(const NodeRun& run) {
  const auto configured = run.node.config.all.find("store_failures");
  const bool is_set = configured != run.node.config.all.end() && configured->is_boolean();
  return is_set ? configured->get<bool>() : run.run.options.store_failures;
}

bool IsTrue(const std::string& cell) {
  return cell == "True";
}

}  // namespace

Result<TestVerdict> RunTest(NodeRun& run, const std::function<std::optional<FailuresNow>()>& failures_now) {
  const NodeConfig& config = run.node.config;
  SMELT_TRY(CompileNode(run, false));
  SMELT_ASSIGN(const std::optional<std::int64_t> known, NullsByTheLog(run));
  TestVerdict verdict;
  const bool is_good_without_rows = config.error_if == NodeConfig().error_if && config.warn_if == NodeConfig().warn_if;
  if (known == 0 && is_good_without_rows) return verdict;
  const bool is_ordinary = is_good_without_rows && config.fail_calc == NodeConfig().fail_calc && !StoresFailures(run);
  std::optional<FailuresNow> failures = is_ordinary && failures_now ? failures_now() : std::nullopt;
  if (failures) {
    const bool is_error = config.severity == "error";
    return TestVerdict{.failures = failures->count,
                       .error = failures->count != 0 && is_error,
                       .warn = failures->count != 0 && !is_error,
                       .by_differences = true,
                       .newest = std::move(failures->newest)};
  }
  MaterializeContext context;
  context.compile = run.Compiling(false);
  context.sql = run.compiled;
  context.on_begin = [] { return Status(); };
  SMELT_ASSIGN(const Materialization done, run.run.project.Materialize(run.node, context));
  if (done.first_row.size() < 3) {
    return Fail(
        Error(ErrorCode::kDbtUnsupported, "the test's query gives no row of failures, should_warn, should_error")
            .At(run.node.file, run.node.line));
  }
  verdict.failures = ReadCount(done.first_row[0]);
  const bool beyond_warn = IsTrue(done.first_row[1]), beyond_error = IsTrue(done.first_row[2]);
  verdict.error = beyond_error && config.severity == "error";
  verdict.warn = !verdict.error && beyond_warn;
  return verdict;
}

}  // namespace smelt::transform
