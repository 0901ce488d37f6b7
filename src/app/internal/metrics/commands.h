#pragma once

#include "app/internal/command.h"

namespace smelt::app {

// The commands within `smelt metrics`.

void AddMetricQueryCommand(CLI::App& metrics, CommandContext& context);
void AddMetricListCommand(CLI::App& metrics, CommandContext& context);
void AddMetricDimensionsCommand(CLI::App& metrics, CommandContext& context);

}  // namespace smelt::app
