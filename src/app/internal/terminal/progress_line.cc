#include "app/internal/terminal/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using state::TaskStatus;

/// Beyond this a line is hard to follow from its name to its figures.
constexpr int kLineWidthMax = 116;
constexpr int kNameWidthMin = 12;
constexpr int kBarWidth = 12;

/// The widths of the columns with the space before them; 0 where there is no room for one.
struct Layout {
  int screen = 0;  ///< from this width of the screen on
  RowCounts counts = {};
  int time = 0;
  int verdict = 0;

  int counts_width() const { return static_cast<int>(counts[0] + counts[1] + counts[2]); }
};

constexpr std::array<Layout, 5> kLayouts = {
    Layout{100, {12, 12, 13}, 10, 18}, Layout{76, {11, 11, 12}, 9, 11}, Layout{50, {0, 11, 0}, 9, 11},
    Layout{30, {0, 0, 0}, 10, 0},      Layout{0, {0, 0, 0}, 0, 0},
};
/// From this width on names are whole.
constexpr int kWideScreen = kLayouts[0].screen;

const Layout& LayoutFor(int width) {
  return *std::ranges::find_if(kLayouts, [width](const Layout& layout) { return width >= layout.screen; });
}

constexpr std::array<std::string_view, 10> kSpinner = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::array<std::string_view, 4> kAsciiSpinner = {"|", "/", "-", "\\"};

struct Sign {
  std::string_view sign;
  std::string_view ascii;
  Tone tone;
};

Sign SignOf(const ProgressLine& line) {
  if (line.waiting) return {"○", ".", Tone::kDim};
  switch (line.status) {
    case TaskStatus::kRunning: {
      const auto frame = static_cast<std::size_t>(line.frame);
      return {kSpinner[frame % kSpinner.size()], kAsciiSpinner[frame % kAsciiSpinner.size()], Tone::kAccent};
    }
    case TaskStatus::kDone: return {"✔", "+", Tone::kGood};
    case TaskStatus::kNothing: return {"=", "=", Tone::kDim};
    case TaskStatus::kWarned: return {"▲", "!", Tone::kWarn};
    case TaskStatus::kFailed:
    case TaskStatus::kDied: return {"✖", "x", Tone::kBad};
    case TaskStatus::kInterrupted: return {"■", "#", Tone::kWarn};
    case TaskStatus::kSkipped: return {"○", ".", Tone::kDim};
  }
  return {"?", "?", Tone::kPlain};
}

/// 1234567 as "1,234,567", or "155M" when that does not fit.
std::string CountText(std::int64_t count, int room) {
  if (count < 0) return "";
  std::string text = FormatCount(count);
  if (DisplayWidth(text) <= room) return text;
  const auto millions = static_cast<double>(count) / 1e6;
  return millions < 10'000 ? fmt::format("{:.0f}M", millions) : fmt::format("{:.0f}G", millions / 1000);
}

std::string DrawCounts(const ProgressLine& line, const Layout& layout, const Look& look) {
  std::string text;
  for (std::size_t i = 0; i < line.counts.size(); ++i) {
    const int width = static_cast<int>(layout.counts[i]);
    if (width == 0) continue;
    const bool alarming = i == 2 && line.counts[i] > 0;
    text +=
        Paint(PadLeft(CountText(line.counts[i], width - 1), width), alarming ? Tone::kWarn : Tone::kPlain, look.color);
  }
  return text;
}

Tone VerdictTone(const ProgressLine& line) {
  switch (line.status) {
    case TaskStatus::kDone: return Tone::kGood;
    case TaskStatus::kWarned:
    case TaskStatus::kInterrupted: return Tone::kWarn;
    case TaskStatus::kFailed:
    case TaskStatus::kDied: return Tone::kBad;
    default: return Tone::kDim;
  }
}

std::string DrawVerdict(const ProgressLine& line, int width, const Look& look) {
  constexpr int kGap = 2;
  if (width == 0) return "";
  std::string text;
  for (const std::string& verdict : line.verdicts) {
    text = verdict;
    if (DisplayWidth(text) <= width - kGap) break;
  }
  text = TruncateMiddle(text, width - kGap, look.unicode);
  return Repeat(" ", kGap) + Paint(text, VerdictTone(line), look.color);
}

/// Sign and name, filled up to `room` columns.
std::string DrawName(const ProgressLine& line, int room, const Look& look) {
  const Sign sign = SignOf(line);
  std::string left = Repeat(" ", line.indent + 1) + std::string(look.unicode ? sign.sign : sign.ascii) + " ";
  room = std::max(1, room - DisplayWidth(left));
  const std::string_view whole = line.name;
  const std::string name = OneLine(look.width < kWideScreen ? whole.substr(line.prefix) : whole);
  const std::string fitting = TruncateMiddle(name, room, look.unicode);
  const bool dim = line.waiting || line.status == TaskStatus::kSkipped || line.status == TaskStatus::kNothing;
  return Paint(left, sign.tone, look.color) + Paint(fitting, dim ? Tone::kDim : LayerTone(whole), look.color) +
         Repeat(" ", room - DisplayWidth(fitting));
}

/// Without painted spaces at the end.
std::string TrimRight(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

std::string DrawLine(const ProgressLine& line, const Look& look) {
  const Layout& layout = LayoutFor(look.width);
  // One column stays free: a full line makes some terminals wrap.
  const int whole = std::min(look.width, kLineWidthMax) - 1;
  const bool only_note = line.time.empty() && line.verdicts.empty() && line.counts == kNoCounts;
  if (only_note) {
    // Without figures, the note says why: it may have all the room that the name leaves.
    const int name = std::min(line.indent + 3 + DisplayWidth(line.name), std::max(whole / 2, kNameWidthMin));
    const int room = std::min(DisplayWidth(line.note) + 1, whole - name);
    if (room < 3) return TrimRight(DrawName(line, whole, look));
    const std::string note = TruncateMiddle(OneLine(line.note), room - 1, look.unicode);
    return TrimRight(DrawName(line, whole - room, look) + Paint(PadLeft(note, room), Tone::kDim, look.color));
  }
  const int room = whole - layout.counts_width() - layout.time - layout.verdict;
  std::string text = DrawName(line, room, look);
  if (line.note.empty()) {
    text += DrawCounts(line, layout, look);
  } else if (layout.counts_width() > 0) {
    const int width = layout.counts_width() - 1;
    const bool fits = DisplayWidth(OneLine(line.note)) <= width || line.short_note.empty();
    const std::string note = TruncateMiddle(OneLine(fits ? line.note : line.short_note), width, look.unicode);
    text += Paint(PadLeft(note, layout.counts_width()), Tone::kDim, look.color);
  }
  if (layout.time > 0) text += Paint(PadLeft(line.time, layout.time), Tone::kDim, look.color);
  return TrimRight(text + DrawVerdict(line, layout.verdict, look));
}

std::string DrawHeader(const Look& look) {
  constexpr std::array<std::string_view, 3> kTitles = {"rows in", "rows out", "quarantined"};
  const Layout& layout = LayoutFor(look.width);
  const int room = std::min(look.width, kLineWidthMax) - 1 - layout.counts_width() - layout.time - layout.verdict;
  std::string text = PadRight(TruncateMiddle("   step", room, look.unicode), room);
  for (std::size_t i = 0; i < kTitles.size(); ++i) {
    const int width = static_cast<int>(layout.counts[i]);
    if (width > 0) text += PadLeft(std::string(kTitles[i]), width);
  }
  if (layout.time > 0) text += PadLeft("time", layout.time);
  if (layout.verdict > 0) text += "  verdict";
  return Paint(TrimRight(text), Tone::kDim, look.color);
}

bool ShowsQuarantined(const Look& look) {
  return LayoutFor(look.width).counts[2] > 0;
}

std::vector<std::string> DrawMessage(std::string_view message, int indent, Tone tone, const Look& look) {
  const std::string margin = Repeat(" ", indent + 3);
  std::vector<std::string> lines = Wrap(message, look.width - 1 - DisplayWidth(margin));
  for (std::string& line : lines) {
    if (!line.empty()) line = Paint(line, tone, look.color).insert(0, margin);
  }
  return lines;
}

std::string DrawShare(std::int64_t done, std::int64_t total, std::string_view unit, bool unicode) {
  std::string text = DrawShare(done, total, unit);
  if (total <= 0) return text;
  const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  const int filled = static_cast<int>(share * kBarWidth);
  return Repeat(unicode ? "━" : "=", filled) + Repeat(unicode ? "╌" : "-", kBarWidth - filled) + PadLeft(text, 6);
}

std::string DrawShare(std::int64_t done, std::int64_t total, std::string_view unit) {
  if (total > 0) {
    const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    return fmt::format("{:.0f} %", share * 100);
  }
  return done > 0 && unit == "rows" ? FormatCount(done) + " rows" : "";
}

TaskStatus StatusOf(StepStatus status) {
  switch (status) {
    case StepStatus::kDone: return TaskStatus::kDone;
    case StepStatus::kNothing: return TaskStatus::kNothing;
    case StepStatus::kWarned: return TaskStatus::kWarned;
    case StepStatus::kFailed: return TaskStatus::kFailed;
    case StepStatus::kSkipped: return TaskStatus::kSkipped;
  }
  return TaskStatus::kFailed;
}

}  // namespace smelt::app
