#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/internal/terminal/folded_steps.h"
#include "app/internal/terminal/progress_line.h"
#include "base/error.h"
#include "base/progress.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"

namespace smelt::app {

/// The tasks and steps of a run as a display sees them: told what happens, it says which lines are final and how the
/// unfinished rest looks now. Times are seconds of the caller's clock. Knows no terminal; confined to one thread.
class ProgressTree {
 public:
  /// The tasks that will come, in their order. Without them, and with the task name empty, steps stand alone. `run_id`
  /// is for the commands that people are shown.
  void Plan(const pipeline::Pipeline& pipeline, std::string_view run_id = {});
  void TaskStarted(std::string_view task, int attempt, double now);
  /// Of a task that waits for a person: what it asks, and the command that answers. None for other tasks.
  std::vector<std::string> QuestionOf(std::string_view task, const Look& look) const;
  void TaskRetrying(std::string_view task, int next_attempt, double at, const Error& error);
  void TaskFinished(const pipeline::TaskReport& report);
  void StepStarted(std::string_view task, std::string_view step, std::string_view kind, double now);
  void StepProgress(std::string_view task, std::string_view step, std::int64_t done, std::int64_t total,
                    std::string_view unit);
  void StepFinished(std::string_view task, const StepResult& result, double now);

  /// The lines that have become final since the last call, under a header: finished tasks from the first one on, so
  /// that their order stays that of the pipeline, and finished steps that stand alone, without tests that hold and
  /// what was up to date. Tasks that found nothing to do are held back until another one did something; when nothing
  /// did, there are no lines at all. `ended`: nothing more will come.
  std::vector<std::string> TakeFinal(const Look& look, bool ended);
  /// The rest as it looks now, in at most `rows` lines: what runs comes first, finished steps and waiting tasks are
  /// summed up as far as needed.
  std::vector<std::string> Live(const Look& look, int rows, double now) const;

 private:
  struct Step {
    std::string name;
    std::string kind{};
    bool running = true;
    double began = 0;
    std::int64_t done = 0;
    std::int64_t total = 0;
    std::string unit{};
    StepResult result{};
  };
  struct Task {
    std::string name;
    std::vector<std::string> needs{};
    std::string question{};  ///< of type approval: its message and the command that answers it
    bool running = false;
    int attempt = 0;
    double began = 0;
    double retry_at = 0;                           ///< while it pauses
    std::optional<Error> retry_error{};            ///< why it pauses
    std::optional<pipeline::TaskReport> report{};  ///< once it is finished
    std::vector<Step> steps{};
  };
  /// A line and what it stands for, so that too many can be summed up.
  enum class Role { kFinishedStep, kRunning, kWaiting };
  struct RoleLine {
    Role role;
    std::string text;
  };

  Task& FindTask(std::string_view name);
  Step& FindStep(Task& task, std::string_view name, double now);
  static void SumUpWaiting(std::vector<RoleLine>& lines, int excess, const Look& look);
  void FlushIdle(const Look& look, std::vector<std::string>& lines);
  void DrawFinished(const Task& task, const Look& look, std::vector<std::string>& lines) const;
  void DrawUnfinished(const Task& task, const Look& look, double now, std::vector<RoleLine>& lines) const;

  void DrawSteps(const Task& task, const Look& look, double now, std::vector<RoleLine>& lines) const;

  std::vector<Task> tasks_;
  std::size_t final_tasks_ = 0;             ///< how many of them, from the first, TakeFinal has given out
  std::vector<pipeline::TaskReport> idle_;  ///< given out already, but held back
  bool header_given_ = false;
  Task loose_{};  ///< holds the steps that stand alone
  std::vector<StepResult> loose_finished_;
};

/// The lines of a finished task without its steps: the line itself, then why it failed or was skipped.
std::vector<std::string> DrawTaskEnd(const pipeline::TaskReport& report, const Look& look);

}  // namespace smelt::app
