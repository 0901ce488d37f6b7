#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/internal/terminal/progress_tree.h"
#include "app/internal/terminal/terminal.h"
#include "pipeline/run.h"

namespace smelt::app {

/// Shows the cursor again; fit to be written in a signal handler that ends the program.
inline constexpr std::string_view kShowCursor = "\x1b[?25h";

enum class ProgressStyle {
  kLive,   ///< a tree that fills in place, on a terminal
  kPlain,  ///< the same lines when they are final, elsewhere
  kJson,   ///< one object per event
  kSilent,
};

/// Where and how progress is shown. The functions are called from one thread at a time.
struct ProgressOptions {
  ProgressStyle style = ProgressStyle::kSilent;
  Terminal terminal;
  std::function<void(std::string_view)> write;
  std::function<ScreenSize()> screen_size;  ///< asked before every drawing, for windows change size
  std::function<double()> clock;            ///< seconds that never go back
  bool animate = true;                      ///< redraw by itself; tests draw when they please
};

/// Options for an open file: live on a terminal, plain elsewhere, JSON if asked.
ProgressOptions ProgressTo(int descriptor, bool json);

/// Shows a run while it goes on: of a pipeline, or, as a plain RunObserver, of steps that stand alone. Thread-safe.
class ProgressView : public pipeline::PipelineObserver {
 public:
  explicit ProgressView(ProgressOptions options);
  ~ProgressView() override;

  /// Draws the last state and gives the terminal back. Whatever is told later is not shown. May be called twice.
  void Stop();

  /// Shows a text above what is going on: what a template prints. As an event where events are shown; a silent view
  /// writes it as it is.
  void Print(std::string_view text);

  /// Writes what has become final and redraws the rest; happens by itself when animated.
  void Draw();

  void RunStarted(std::string_view run_id, const pipeline::Pipeline& pipeline, std::string_view resumed_from) override;
  void TaskStarted(std::string_view task, std::string_view type, int attempt) override;
  void TaskRetrying(std::string_view task, int next_attempt, std::int64_t delay_ms, const Error& error) override;
  void TaskFinished(const pipeline::TaskReport& report) override;
  void RunFinished(const pipeline::RunReport& report) override;
  void SlaMissed(std::string_view task, std::int64_t due_us) override;
  RunObserver& StepsOf(std::string_view task) override;

  void StepStarted(std::string_view name, std::string_view kind) override;
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override;
  void StepFinished(const StepResult& result) override;

 private:
  class TaskSteps;

  void OnStepStarted(std::string_view task, std::string_view name, std::string_view kind);
  void OnStepProgress(std::string_view task, std::string_view name, std::int64_t done, std::int64_t total,
                      std::string_view unit);
  void OnStepFinished(std::string_view task, const StepResult& result);
  Look LookNow(int width) const;
  void WriteFinal();
  void WriteLines(const std::vector<std::string>& lines);
  void WriteJson(std::string_view event, std::string_view task, const Json& fields);
  void DrawLocked();

  const ProgressOptions options_;
  std::mutex mutex_;
  bool ended_ = false;  ///< nothing more will be told
  bool stopped_ = false;
  bool cursor_hidden_ = false;
  ProgressTree tree_;
  std::vector<std::string> printed_;  ///< lines of Print that wait for the next drawing
  std::vector<int> drawn_widths_;     ///< of the live lines on the screen
  std::map<std::string, std::unique_ptr<TaskSteps>, std::less<>> steps_of_;
  std::condition_variable_any wake_;
  std::jthread ticker_;  // last: it uses everything above
};

}  // namespace smelt::app
