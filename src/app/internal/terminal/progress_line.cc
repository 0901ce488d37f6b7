#include "app/internal/terminal/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using state::TaskStatus;

/// Beyond this a line is hard to follow from its name to its figures.
constexpr int kLineWidthMax = 100;
constexpr int kAmountWidth = 20;
constexpr int kRateWidth = 12;
constexpr int kTimeWidth = 10;
constexpr int kNameWidthMin = 12;
/// A rate is only shown where names keep this much.
constexpr int kNameWidthBesideRate = 28;
constexpr int kWordWidth = 12;
constexpr int kBarWidth = 12;

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

}  // namespace

std::string DrawLine(const ProgressLine& line, const Look& look) {
  const Sign sign = SignOf(line);
  std::string left = Repeat(" ", line.indent + 1);
  if (look.words) {
    left = PadRight(std::string(line.waiting ? "waiting" : state::TaskStatusText(line.status)), kWordWidth) + left;
  } else {
    left += std::string(look.unicode ? sign.sign : sign.ascii) + " ";
  }
  const int left_width = DisplayWidth(left);
  if (!look.words) left = Paint(left, sign.tone, look.color);

  // One column stays free: a full line makes some terminals wrap.
  int room = std::min(look.width, kLineWidthMax) - 1 - left_width;
  std::string right;
  const auto add = [&](const std::string& text, int width, Tone tone) {
    if (room - width < kNameWidthMin) return;
    room -= width;
    right = Paint(PadLeft(TruncateMiddle(text, width - 1, look.unicode), width), tone, look.color) + right;
  };
  const bool dim = line.waiting || line.status == TaskStatus::kSkipped;
  if (line.time.empty() && line.rate.empty()) {
    // Without figures, the amount says why: it may have all the room that the name leaves.
    add(line.amount, std::min(DisplayWidth(line.amount) + 1, room - kNameWidthMin), Tone::kDim);
  } else {
    add(line.time, kTimeWidth, Tone::kDim);
    if (room - kRateWidth - kAmountWidth >= kNameWidthBesideRate) add(line.rate, kRateWidth, Tone::kDim);
    add(line.amount, kAmountWidth, line.status == TaskStatus::kNothing ? Tone::kDim : Tone::kPlain);
  }

  const std::string name = TruncateMiddle(OneLine(line.name), std::max(room, 1), look.unicode);
  const int padding = room - DisplayWidth(name);
  std::string text =
      left + Paint(name, dim ? Tone::kDim : LayerTone(line.name), look.color) + Repeat(" ", padding) + right;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::vector<std::string> DrawMessage(std::string_view message, int indent, Tone tone, const Look& look) {
  const std::string margin = Repeat(" ", indent + 3 + (look.words ? kWordWidth : 0));
  std::vector<std::string> lines = Wrap(message, look.width - 1 - DisplayWidth(margin));
  for (std::string& line : lines) line = margin + Paint(line, tone, look.color);
  return lines;
}

std::string AmountOf(const StepResult& step) {
  if (step.status == StepStatus::kNothing && step.message.empty()) return "up to date";
  if (step.rows_out >= 0) return fmt::format("{} row{}", FormatCount(step.rows_out), step.rows_out == 1 ? "" : "s");
  const bool said_below = step.status == StepStatus::kFailed || step.status == StepStatus::kWarned;
  return said_below ? "" : OneLine(step.message);
}

std::string AmountOf(std::int64_t done, std::int64_t total, std::string_view unit, bool unicode) {
  if (total > 0) {
    const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    const int filled = static_cast<int>(share * kBarWidth);
    return Repeat(unicode ? "━" : "=", filled) + Repeat(unicode ? "╌" : "-", kBarWidth - filled) +
           fmt::format("{:>4.0f} %", share * 100);
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
