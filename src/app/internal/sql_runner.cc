#include "app/internal/sql_runner.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/sql_script.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

Status RunStatement(engine::Session& session, const std::string& statement, const SqlView& view) {
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  const double begin = MonotonicSeconds();
  auto writer = MakeResultWriter(view.format, std::cout, TerminalWidth(STDOUT_FILENO), view.rows_max,
                                 {.unicode = terminal.unicode, .color = terminal.color});
  SMELT_TRY(session.Stream(statement, *writer));
  SMELT_TRY(writer->Finish());
  if (view.timing && view.format == OutputFormat::kTable) {
    std::cout << Paint(FormatSeconds(MonotonicSeconds() - begin), Tone::kDim, terminal.color) << "\n";
  }
  std::cout.flush();
  return CheckWritten(std::cout);
}

}  // namespace

Status RunScript(engine::Session& session, const std::string& script, const SqlView& view) {
  auto statements = session.Split(script);
  if (!statements) return Fail(std::move(statements.error()));
  std::size_t offset = 0;
  for (const std::string& statement : *statements) {
    const std::size_t at = script.find(statement, offset);
    if (auto status = RunStatement(session, statement, view); !status) {
      return Fail(InScript(std::move(status.error()), script, at == std::string::npos ? 0 : at));
    }
    if (at != std::string::npos) offset = at + statement.size();
  }
  return {};
}

bool ReaderHasLeft() {
  pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

}  // namespace smelt::app
