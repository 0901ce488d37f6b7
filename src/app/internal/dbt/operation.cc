#include "transform/operation.h"

#include "app/internal/dbt/commands.h"

namespace smelt::app {

Result<int> RunMacro(DbtInvocation& invocation) {
  transform::InvokeOptions& options = invocation.options;
  SMELT_ASSIGN(const Json arguments, invocation.flags.Map("args"));
  options.flags["macro"] = invocation.argument;
  options.flags["args"] = arguments;
  if (invocation.flags.On("print", true)) options.print = MacroPrinter(invocation.context);
  SMELT_ASSIGN(auto engine, OpenEngine(invocation, engine::MissingLake::kAwaitWrite));
  PrintNotes(invocation);
  SMELT_ASSIGN(const transform::NodeResult result,
               transform::RunOperation(*engine, options, invocation.argument, arguments, invocation.context.stop));
  if (!result.error) return 0;
  ReportError(invocation.context, *result.error);
  return 1;
}

}  // namespace smelt::app
