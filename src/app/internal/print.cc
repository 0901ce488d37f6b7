#include "app/internal/print.h"

#include <unistd.h>

#include <iostream>

#include "app/internal/terminal/terminal.h"

namespace smelt::app {

void PrintLine(const Json& line) {
  std::cout << JsonText(line) << '\n';
}

void PrintList(const std::vector<std::string>& names, const std::vector<ListEntry>& entries) {
  if (entries.empty()) return;
  std::cout << RenderList(names, entries, TerminalWidth(STDOUT_FILENO), DescribeTerminal(STDOUT_FILENO));
}

}  // namespace smelt::app
