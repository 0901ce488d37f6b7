#pragma once

namespace smelt::app {

/// Runs the smelt program: parses the arguments, runs the command, reports errors.
/// Returns the exit code: 0 done, 1 the data failed a check, 2 wrong usage or configuration, 3 a source, store or
/// engine failed, 130 interrupted.
int RunCommandLine(int argc, char** argv);

}  // namespace smelt::app
