#pragma once

#include "app/internal/dbt/invocation.h"
#include "base/error.h"

namespace smelt::app {

// What the commands of dbt do; each returns the exit code: 0, or 1 when nodes failed.

Result<int> RunNodes(DbtInvocation& invocation);      ///< build, run, test, seed, snapshot
Result<int> RunParse(DbtInvocation& invocation);      ///< parse
Result<int> RunList(DbtInvocation& invocation);       ///< list
Result<int> RunCompile(DbtInvocation& invocation);    ///< compile
Result<int> RunShow(DbtInvocation& invocation);       ///< show
Result<int> RunDebug(DbtInvocation& invocation);      ///< debug
Result<int> RunClean(DbtInvocation& invocation);      ///< clean
Result<int> RunRetry(DbtInvocation& invocation);      ///< retry
Result<int> RunDocs(DbtInvocation& invocation);       ///< docs generate
Result<int> RunDocsServe(DbtInvocation& invocation);  ///< docs serve
Result<int> RunLineage(DbtInvocation& invocation);    ///< lineage
Result<int> RunFreshness(DbtInvocation& invocation);  ///< source freshness
Result<int> RunMacro(DbtInvocation& invocation);      ///< run-operation
/// deps: needs neither profile nor lake, and comes before the packages are there.
Result<int> RunDeps(CommandContext& context, DbtFlags& flags);

}  // namespace smelt::app
