#include "app/internal/metrics/layer_command.h"

#include <utility>

#include "app/internal/dbt/flags.h"

namespace smelt::app {

void OnSemanticLayer(CLI::App& command, CommandContext& context,
                     std::function<Result<int>(DbtInvocation&, const transform::SemanticLayer&)> run) {
  const auto flags = std::make_shared<DbtFlags>();
  command.preparse_callback([&command, flags](std::size_t) { flags->AddTo(command, kBitParse, false); });
  AddLakeOption(command, context);
  AddJsonOption(command, context);
  command.callback([&context, flags, run = std::move(run)] {
    context.action = [&context, flags, run]() -> Result<int> {
      SMELT_ASSIGN(DbtInvocation invocation, Prepare(context, *flags, transform::Command::kParse));
      SMELT_ASSIGN(const auto layer, transform::SemanticLayer::Load(invocation.options));
      return run(invocation, *layer);
    };
  });
}

}  // namespace smelt::app
