#include "app/internal/run_exports.h"

#include <utility>

#include "base/log.h"
#include "observe/lineage_settings.h"

namespace smelt::app {

RunExports::~RunExports() = default;

Result<std::unique_ptr<RunExports>> RunExports::Make(LineageSources sources, pipeline::PipelineObserver& next) {
  std::unique_ptr<RunExports> exports(new RunExports(next));
  std::vector<RunListener*> listeners;
  SMELT_ASSIGN(observe::LineageSettings settings, observe::FindLineageSettings(sources.project.dir));
  if (!settings.targets.empty()) {
    sources.name_space = settings.name_space.empty() ? sources.project.name : settings.name_space;
    exports->sender_ = std::make_unique<observe::LineageSender>(std::move(settings.targets));
    exports->lineage_ = std::make_unique<LineageExport>(std::move(sources), *exports->sender_);
    listeners.push_back(exports->lineage_.get());
  }
  SMELT_ASSIGN(auto target, observe::FindTraceTarget());
  if (target) {
    exports->traces_ = std::make_unique<TraceExport>(std::move(*target));
    listeners.push_back(exports->traces_.get());
  }
  if (!listeners.empty()) exports->recorder_ = std::make_unique<RunRecorder>(next, std::move(listeners));
  return exports;
}

Status RunExports::CheckSettings(const ProjectConfig& project) {
  SMELT_TRY(observe::FindLineageSettings(project.dir));
  SMELT_TRY(observe::FindTraceTarget());
  return {};
}

std::vector<std::string> RunExports::Finish(std::stop_token stop) {
  std::vector<std::string> complaints;
  if (sender_) {
    sender_->Stop();
    if (std::string complaint = sender_->Complaint(); !complaint.empty()) complaints.push_back(std::move(complaint));
  }
  if (traces_) {
    const Status sent = traces_->Send(std::move(stop));
    if (!sent) complaints.push_back("traces were not delivered: " + sent.error().message());
  }
  for (const std::string& complaint : complaints) Log(LogLevel::kWarn, "export.undelivered", {{"reason", complaint}});
  return complaints;
}

}  // namespace smelt::app
