#include <iostream>

#include "app/internal/dbt/commands.h"
#include "app/internal/dbt/lineage_view.h"
#include "transform/lineage.h"

namespace smelt::app {

Result<int> RunLineage(DbtInvocation& invocation) {
  SMELT_ASSIGN(auto engine, OpenEngine(invocation, engine::MissingLake::kAwaitWrite));
  PrintNotes(invocation);
  LineageView view;
  const bool one_way = invocation.flags.On("upstream") != invocation.flags.On("downstream");
  if (one_way) view = {invocation.flags.On("upstream"), invocation.flags.On("downstream")};
  const transform::LineageRequest request{invocation.argument, view.downstream};
  SMELT_ASSIGN(auto lineage, transform::TraceLineage(*engine, invocation.options, request, invocation.context.stop));
  const std::string output = invocation.context.json ? "json" : invocation.flags.Text("output");
  if (output == "json") {
    std::cout << LineageJson(lineage, view);
  } else if (output == "dot") {
    std::cout << LineageDot(lineage, view);
  } else {
    std::cout << LineageText(lineage, view);
  }
  return 0;
}

}  // namespace smelt::app
