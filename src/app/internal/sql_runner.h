#pragma once

#include <string>

#include "app/internal/result_writer.h"
#include "engine/session.h"

namespace smelt::app {

/// How results are shown.
struct SqlView {
  OutputFormat format = OutputFormat::kTable;
  std::int64_t rows_max = 200;  ///< of a table
  bool timing = false;          ///< says after each table how long it took
};

/// Runs the statements of a script one after the other and writes their results to standard output; stops at the first
/// error, whose line is the script's. Errors: those of Session::Stream; kStoreIo when standard output takes no more.
Status RunScript(engine::Session& session, const std::string& script, const SqlView& view);

/// Whether nobody reads the pipe on standard output any more.
bool ReaderHasLeft();

}  // namespace smelt::app
