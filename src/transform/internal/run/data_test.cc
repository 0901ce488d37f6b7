#include <fmt/format.h>

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
    tested = &attached.relation;
  } else if (node.source_inputs.size() == 1) {
    tested = &node.source_inputs.front();
  }
  if (tested == nullptr) return std::optional<std::int64_t>();
  return run.run.engine.NullCount(tested->schema, tested->identifier, node.column_name);
}

std::string FailuresSql(const NodeRun& run, const std::optional<std::int64_t>& known) {
  if (known) return fmt::format("select {} as failures", *known);
  const NodeConfig& config = run.node.config;
  const std::string limit = config.limit ? fmt::format("\nlimit {}", *config.limit) : "";
  return fmt::format("select {} as failures from (\n{}{}\n) as failing_rows", config.fail_calc, run.compiled, limit);
}

}  // namespace

Result<TestVerdict> RunTest(NodeRun& run) {
  const NodeConfig& config = run.node.config;
  SMELT_TRY(CompileNode(run, false));
  SMELT_ASSIGN(const std::optional<std::int64_t> known, NullsByTheLog(run));
  TestVerdict verdict;
  if (known == 0 && config.error_if == NodeConfig().error_if && config.warn_if == NodeConfig().warn_if) return verdict;
  SMELT_ASSIGN(auto result, run.session.Query(fmt::format("select failures, failures {}, failures {} from ({})",
                                                          config.error_if, config.warn_if, FailuresSql(run, known))));
  verdict.failures = result.Int(0, 0).value_or(0);
  bool beyond_error = result.Text(0, 1) == "true";
  bool beyond_warn = result.Text(0, 2) == "true";
  verdict.error = beyond_error && config.severity == "error";
  verdict.warn = !verdict.error && (beyond_warn || beyond_error);
  return verdict;
}

}  // namespace smelt::transform
