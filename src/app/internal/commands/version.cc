#include <fmt/format.h>

#include <iostream>

#include "app/internal/command.h"
#include "base/version.h"

namespace smelt::app {

void AddVersionCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("version", "Print the version");
  command->footer("Example: smelt version --json");
  AddJsonOption(*command, context);
  command->callback([&context] {
    context.action = [&context]() -> Result<int> {
      if (context.json) {
        std::cout << JsonText(Json({{"version", kSmeltVersion}})) << "\n";
      } else {
        std::cout << fmt::format("smelt {}\n", kSmeltVersion);
      }
      return 0;
    };
  });
}

}  // namespace smelt::app
