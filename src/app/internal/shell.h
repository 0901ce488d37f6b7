#pragma once

#include <string>

#include "app/internal/command.h"
#include "engine/session.h"

namespace smelt::app {

/// The interactive SQL shell: statements end with ';' and may span lines; `.help` lists the dot commands; the history
/// is kept in $XDG_STATE_HOME/smelt/history (by default ~/.local/state). Ctrl-C stops a running statement, Ctrl-D ends
/// the shell. Returns the exit code.
Result<int> RunShell(const CommandContext& context, engine::Engine& engine, engine::Session& session);

}  // namespace smelt::app
