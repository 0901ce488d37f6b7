#pragma once

#include <string>

#include "app/internal/terminal/terminal.h"
#include "quality/diff.h"
#include "quality/reconcile.h"

namespace smelt::app {

/// Draws how two sides differ: the counts, the schemas, the columns that changed with samples, rows of one side alone.
std::string RenderDiff(const quality::DataDiff& diff, const Terminal& terminal);

/// Draws the figures that do not hold, and how many do.
std::string RenderReconciliation(const quality::Reconciliation& result, const Terminal& terminal);

}  // namespace smelt::app
