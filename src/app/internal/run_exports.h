#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/internal/lineage_export.h"
#include "app/internal/run_recorder.h"
#include "app/internal/trace_export.h"

namespace smelt::app {

/// What other systems are told of a run while it goes on: lineage events and traces, where the environment or
/// openlineage.yml names a receiver.
class RunExports {
 public:
  /// `next` gets everything, too, and outlives this. Errors: those of FindLineageSettings and FindTraceTarget: a
  /// setting that is wrong is said before anything runs.
  static Result<std::unique_ptr<RunExports>> Make(LineageSources sources, pipeline::PipelineObserver& next);
  /// Whether Make would find its settings right. Errors: as Make.
  static Status CheckSettings(const ProjectConfig& project);
  ~RunExports();

  /// What the run is to tell; `next` itself when nobody else wants to know.
  pipeline::PipelineObserver& observer() { return recorder_ ? *recorder_ : next_; }
  /// Sends what has not been sent. Returns what could not be delivered, in sentences.
  std::vector<std::string> Finish(std::stop_token stop);

 private:
  explicit RunExports(pipeline::PipelineObserver& next) : next_(next) {}

  pipeline::PipelineObserver& next_;
  std::unique_ptr<observe::LineageSender> sender_;
  std::unique_ptr<LineageExport> lineage_;
  std::unique_ptr<TraceExport> traces_;
  std::unique_ptr<RunRecorder> recorder_;
};

}  // namespace smelt::app
