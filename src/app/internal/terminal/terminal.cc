#include "app/internal/terminal/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/ascii.h"

namespace smelt::app {
namespace {

constexpr int kFileColumns = 120;

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// Whether the locale writes UTF-8. The first variable that is set decides.
bool WritesUnicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = Environment(name);
    if (value.empty()) continue;
    const std::string lower = LowerAscii(value);
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
  }
  return true;  // nothing is said: terminals and files of today are UTF-8
}

std::string_view CodeOf(Tone tone) {
  switch (tone) {
    case Tone::kPlain: return "";
    case Tone::kStrong: return "\x1b[1m";
    case Tone::kDim: return "\x1b[2m";
    case Tone::kGood: return "\x1b[32m";
    case Tone::kWarn: return "\x1b[33m";
    case Tone::kBad: return "\x1b[31m";
    case Tone::kAccent: return "\x1b[38;5;202m";
    case Tone::kBronze: return "\x1b[38;5;137m";
    case Tone::kSilver: return "\x1b[38;5;146m";
    case Tone::kGold: return "\x1b[38;5;178m";
  }
  return "";
}

}  // namespace

Terminal DescribeTerminal(int descriptor) {
  Terminal terminal;
  const std::string_view term = Environment("TERM");
  terminal.interactive = isatty(descriptor) == 1 && !term.empty() && term != "dumb";
  terminal.color = terminal.interactive && Environment("NO_COLOR").empty();
  terminal.unicode = WritesUnicode();
  terminal.size = isatty(descriptor) == 1 ? ReadScreenSize(descriptor) : ScreenSize{.columns = kFileColumns};
  return terminal;
}

int TerminalWidth(int descriptor) {
  return isatty(descriptor) == 1 ? ReadScreenSize(descriptor).columns : 0;
}

ScreenSize ReadScreenSize(int descriptor) {
  struct winsize size = {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

std::string Paint(std::string_view text, Tone tone, bool color) {
  if (!color || tone == Tone::kPlain || text.empty()) return std::string(text);
  return std::string(CodeOf(tone)) + std::string(text) + "\x1b[0m";
}

Tone LayerTone(std::string_view name) {
  const std::string_view head = name.substr(0, name.find_first_of("._ "));
  const std::string_view tail = name.substr(name.find_last_of("._ ") + 1);  // the whole name when there is no separator
  for (const auto& [layer, tone] :
       {std::pair{"bronze", Tone::kBronze}, std::pair{"silver", Tone::kSilver}, std::pair{"gold", Tone::kGold}}) {
    if (head == layer || tail == layer) return tone;
  }
  return Tone::kPlain;
}

}  // namespace smelt::app
