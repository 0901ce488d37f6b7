#include "quality/validate.h"

#include "base/clock.h"
#include "quality/internal/evaluate.h"
#include "quality/internal/results_table.h"
#include "quality/internal/table_name.h"
#include "quality/internal/target.h"

namespace smelt::quality {
namespace {

/// A suite of more expectations reads its rows several times: a file of text is parsed only once for it.
constexpr std::size_t kReadsMax = 100;

}  // namespace

Result<SuiteResult> Validate(engine::Session& session, const Suite& suite, const Target& target,
                             const ValidateOptions& options, std::stop_token stop) {
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the validation was interrupted");
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  SMELT_ASSIGN(const Suite resolved, ResolveParameters(suite, options.variables));
  SMELT_ASSIGN(const Frame frame, OpenTarget(session, target, resolved.expectations.size() > kReadsMax));

  SuiteResult result{.suite = resolved.name,
                     .table = target.table.empty() ? target.file : target.table,
                     .table_version = target.version,
                     .gate = resolved.gate,
                     .legacy_keys = resolved.legacy_keys,
                     .parameters = resolved.parameters,
                     .definition_hash = DefinitionHash(resolved),
                     .run_id = options.run_id,
                     .validated_at_us = NowMicros()};
  if (target.version && OtherTables(resolved).empty() && !ReadsMoreThanTables(resolved)) {
    result.input_versions = {{target.table, *target.version}};
  }
  std::optional<Standing> standing;
  if (options.engine) {
    standing = FindStanding(*options.engine, session, resolved.name, target, frame, !options.full);
  }
  if (standing) result.kept_of = standing->of;
  SMELT_ASSIGN(result.results, Evaluate(session, resolved, frame, options.result_format, standing));
  if (options.store) SMELT_TRY(StoreResults(session, std::span(&result, 1)));
  return result;
}

}  // namespace smelt::quality
