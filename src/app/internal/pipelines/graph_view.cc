#include "app/internal/pipelines/graph_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "app/internal/terminal/list_view.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using pipeline::Pipeline;
using pipeline::TaskDefinition;
using state::TaskRecord;
using state::TaskStatus;

struct Mark {
  std::string_view sign;
  std::string_view plain;  ///< without Unicode
  Tone tone;
};

Mark MarkOf(TaskStatus status) {
  switch (status) {
    case TaskStatus::kRunning: return {"●", ">", Tone::kAccent};
    case TaskStatus::kDone:
    case TaskStatus::kNothing: return {"✓", "+", Tone::kGood};
    case TaskStatus::kWarned: return {"!", "!", Tone::kWarn};
    case TaskStatus::kFailed:
    case TaskStatus::kDied: return {"✗", "x", Tone::kBad};
    case TaskStatus::kSkipped:
    case TaskStatus::kInterrupted: break;
  }
  return {"–", "-", Tone::kDim};
}

double SecondsOf(const TaskRecord& task, std::int64_t now_us) {
  constexpr double kMicros = 1e6;
  if (!task.reused_from.empty() || task.started_us == 0) return 0;
  // Of a task that died nobody knows for how long it was at work.
  if (task.finished_us == 0 && task.status != TaskStatus::kRunning) return 0;
  const std::int64_t end_us = task.finished_us > 0 ? task.finished_us : now_us;
  return std::max(0.0, static_cast<double>(end_us - task.started_us) / kMicros);
}

/// How many tasks stand above each one at most; tasks stand behind those they need.
std::map<std::string_view, int> Depths(const Pipeline& pipeline) {
  std::map<std::string_view, int> depths;
  for (const TaskDefinition& task : pipeline.tasks) {
    int depth = 0;
    for (const std::string& need : task.needs) depth = std::max(depth, depths[need] + 1);
    depths[task.name] = depth;
  }
  return depths;
}

class GraphText {
 public:
  GraphText(const Pipeline& pipeline, const TaskStates& states, const Json& names, std::int64_t now_us,
            const Terminal& terminal)
      : pipeline_(pipeline), states_(states), names_(names), now_us_(now_us), terminal_(terminal) {
    const auto path = CriticalPath(pipeline, states, now_us);
    if (path.size() > 1) critical_.insert(path.begin(), path.end());
    const auto depths = Depths(pipeline);
    for (const TaskDefinition& task : pipeline.tasks) {
      const auto parent = std::ranges::max_element(task.needs, {}, [&](const auto& need) { return depths.at(need); });
      children_[parent == task.needs.end() ? "" : *parent].push_back(&task);
    }
  }

  std::string Draw() {
    Draw("", "");
    return std::move(text_);
  }

 private:
  void Draw(const std::string& parent, const std::string& indent) {
    const auto& children = children_[parent];
    for (std::size_t i = 0; i < children.size(); ++i) {
      const bool last = i + 1 == children.size();
      const bool unicode = terminal_.unicode;
      const std::string branch = last ? (unicode ? "└─ " : "`- ") : (unicode ? "├─ " : "|- ");
      const std::string below = last ? "   " : (unicode ? "│  " : "|  ");
      const bool has_children = children_.contains(children[i]->name);
      DrawTask(*children[i], parent, indent + branch,
               indent + below +
                   (!has_children ? "   "
                    : unicode     ? "│  "
                                  : "|  "));
      Draw(children[i]->name, indent + below);
    }
  }

  /// `below` goes on with the lines of the tree beside what is said of the task underneath it.
  void DrawTask(const TaskDefinition& task, const std::string& parent, const std::string& front,
                const std::string& below) {
    const auto state = states_.find(task.name);
    const bool began = state != states_.end();
    const Mark mark = began ? MarkOf(state->second.status) : Mark{"○", ".", Tone::kDim};
    std::string line = front + Paint(terminal_.unicode ? mark.sign : mark.plain, mark.tone, terminal_.color) + " ";
    line += Paint(OneLine(task.name), critical_.contains(task.name) ? Tone::kStrong : Tone::kPlain, terminal_.color);
    if (critical_.contains(task.name)) line += terminal_.unicode ? " ◆" : " *";
    line = PadRight(line, kNameWidth);
    std::string rest = "  " + task.type;
    if (task.for_each) rest += " for each" + ItemsText(task.name);
    if (began) rest += "  " + StateText(task, state->second);
    std::vector<std::string> others;
    for (const std::string& need : task.needs) {
      if (need != parent) others.push_back(need);
    }
    if (!others.empty()) rest += fmt::format("  {} {}", terminal_.unicode ? "←" : "<-", fmt::join(others, ", "));
    const int room = terminal_.interactive ? std::max(kStateWidthMin, terminal_.size.columns - DisplayWidth(line)) : 0;
    const std::string shown = room > 0 ? TruncateMiddle(OneLine(rest), room, terminal_.unicode) : OneLine(rest);
    text_ += line + Paint(shown, Tone::kDim, terminal_.color) + "\n";
    if (!began) return;
    const auto [reason, tone] = ReasonOf(task, state->second);
    if (reason.empty()) return;
    text_ += RenderHanging(below, below, reason, terminal_.interactive ? terminal_.size.columns : 0, tone, terminal_,
                           kReasonLinesMax);
  }

  /// What a reader wants to know beside the state: why it failed, or what it waits for.
  std::pair<std::string, Tone> ReasonOf(const TaskDefinition& task, const TaskRecord& record) const {
    if (record.status == TaskStatus::kFailed || record.status == TaskStatus::kDied) return {record.error, Tone::kBad};
    if (record.status != TaskStatus::kRunning || task.type != "approval") return {};
    const auto message = task.with.Find("message");
    std::string text = message ? message->AsString().value_or("") : "";
    text = pipeline::RenderText(text, names_).value_or(text);
    return {fmt::format("{}{}`smelt pipeline approve {} {}`", text, text.empty() ? "" : "\n", record.run_id, task.name),
            Tone::kAccent};
  }

  /// How far the items of a task are: " (3 of 7 items, 1 failed)"; empty when there are none yet.
  std::string ItemsText(const std::string& task) const {
    const std::string prefix = task + "[";
    std::size_t ended = 0, failed = 0, begun = 0;
    for (auto item = states_.lower_bound(prefix); item != states_.end() && item->first.starts_with(prefix); ++item) {
      ++begun;
      const TaskStatus status = item->second.status;
      if (status != TaskStatus::kRunning) ++ended;
      if (status == TaskStatus::kFailed || status == TaskStatus::kDied) ++failed;
    }
    if (begun == 0) return {};
    const std::string bad = failed > 0 ? fmt::format(", {} failed", failed) : "";
    return fmt::format(" ({} item{} ended{})", ended, ended == 1 ? "" : "s", bad);
  }

  std::string StateText(const TaskDefinition& definition, const TaskRecord& task) const {
    std::string text(task.status == TaskStatus::kNothing ? "up to date" : state::TaskStatusText(task.status));
    if (task.status == TaskStatus::kRunning && definition.type == "approval") text = "waits for approval";
    const double seconds = SecondsOf(task, now_us_);
    if (seconds > 0) text += " " + FormatSeconds(seconds);
    if (task.attempt > 1) text += fmt::format(", attempt {}", task.attempt);
    if (!task.reused_from.empty()) text += ", done before";
    if (task.status == TaskStatus::kSkipped && !task.error.empty()) text += ": " + OneLine(task.error);
    return text;
  }

  static constexpr int kNameWidth = 34;
  static constexpr int kStateWidthMin = 30;
  static constexpr std::size_t kReasonLinesMax = 6;

  const Pipeline& pipeline_;
  const TaskStates& states_;
  const Json& names_;
  const std::int64_t now_us_;
  const Terminal& terminal_;
  std::set<std::string> critical_;
  std::map<std::string, std::vector<const TaskDefinition*>> children_;
  std::string text_;
};

}  // namespace

std::vector<std::string> CriticalPath(const Pipeline& pipeline, const TaskStates& states, std::int64_t now_us) {
  std::map<std::string, double> until;              // the time that the longest way to the end of a task takes
  std::map<std::string, std::string> longest_need;  // the one before it on that way
  std::string last;
  for (const TaskDefinition& task : pipeline.tasks) {
    const auto state = states.find(task.name);
    if (state == states.end()) continue;
    double before = 0;
    for (const std::string& need : task.needs) {
      if (const auto found = until.find(need); found != until.end() && found->second > before) {
        before = found->second;
        longest_need[task.name] = need;
      }
    }
    until[task.name] = before + SecondsOf(state->second, now_us);
    if (last.empty() || until[task.name] > until[last]) last = task.name;
  }
  std::vector<std::string> path;
  while (!last.empty() && until[last] > 0) {
    path.insert(path.begin(), last);
    const auto before = longest_need.find(last);
    last = before == longest_need.end() ? "" : before->second;
  }
  return path;
}

std::string RenderGraph(const Pipeline& pipeline, const TaskStates& states, const Json& names, std::int64_t now_us,
                        const Terminal& terminal) {
  return GraphText(pipeline, states, names, now_us, terminal).Draw();
}

}  // namespace smelt::app
