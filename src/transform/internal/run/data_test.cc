#include <fmt/format.h>

#include "transform/internal/run/node_run.h"

namespace smelt::transform {

Result<TestVerdict> RunTest(NodeRun& run) {
  const NodeConfig& config = run.node.config;
  SMELT_TRY(CompileNode(run, false));
  std::string limit = config.limit ? fmt::format("\nlimit {}", *config.limit) : "";
  SMELT_ASSIGN(auto result, run.session.Query(fmt::format(
                                "select failures, failures {}, failures {} from (select {} as failures from (\n{}{}\n) "
                                "as failing_rows)",
                                config.error_if, config.warn_if, config.fail_calc, run.compiled, limit)));
  TestVerdict verdict;
  verdict.failures = result.Int(0, 0).value_or(0);
  bool beyond_error = result.Text(0, 1) == "true";
  bool beyond_warn = result.Text(0, 2) == "true";
  verdict.error = beyond_error && config.severity == "error";
  verdict.warn = !verdict.error && (beyond_warn || beyond_error);
  return verdict;
}

}  // namespace smelt::transform
