#pragma once

#include <CLI/CLI.hpp>

#include "app/internal/command.h"

namespace smelt::app {

/// The commands of `smelt pipeline` beside `run`, each added to `pipeline`.
void AddTimesCommand(CLI::App& pipeline, CommandContext& context);

}  // namespace smelt::app
