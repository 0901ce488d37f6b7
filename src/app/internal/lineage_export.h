#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/internal/dbt_graph.h"
#include "app/internal/project.h"
#include "app/internal/run_recorder.h"
#include "engine/session.h"
#include "observe/lineage_event.h"
#include "observe/lineage_sender.h"

namespace smelt::app {

/// What lineage events are made of beside the run itself. The references outlive it.
struct LineageSources {
  engine::Engine& engine;
  const ProjectConfig& project;
  std::string data_dir = {};      ///< replaces the sources' location; empty: as they say
  std::string target_dir = {};    ///< for dbt artefacts; empty: the project's target folder
  std::string name_space = {};    ///< of jobs
  std::int64_t scheduled_us = 0;  ///< when the run was due; 0: nothing but its begin says
  Json vars = Json::object();     ///< of this run, on top of the pipeline's own
};

/// Sends OpenLineage events of a run: one job for the pipeline, one for each task, and one for each step of a task (a
/// model, a load, a suite, a test), each the child of the one above. The events of steps are sent when their task ends,
/// with the times at which things happened; steps that found nothing to do have none.
class LineageExport : public RunListener {
 public:
  LineageExport(LineageSources sources, observe::LineageSender& sender)
      : sources_(std::move(sources)), sender_(sender) {}

  void OnRunStarted(const std::string& run_id, const pipeline::Pipeline& pipeline, std::int64_t at_us) override;
  void OnTaskStarted(const std::string& task, const std::string& type, int attempt, std::int64_t at_us) override;
  void OnTaskFinished(const TimedTask& task) override;
  void OnRunFinished(const pipeline::RunReport& report, std::int64_t at_us) override;

 private:
  observe::LineageEvent EventOf(const std::string& path, const std::string& job, std::int64_t at_us) const;
  void SendSteps(const TimedTask& task);
  void Describe(const TimedTask& task, const TimedStep& step, const DbtGraph* graph,
                observe::LineageEvent& event) const;
  void DescribeNode(const StepResult& step, const DbtGraph* graph, observe::LineageEvent& event) const;
  void DescribeTest(const StepResult& step, const DbtGraph* graph, observe::LineageEvent& event) const;
  void DescribeSuite(const StepResult& step, const DbtGraph* graph, observe::LineageEvent& event) const;
  void DescribeLoad(const StepResult& step, observe::LineageEvent& event) const;
  std::string FolderOf(const std::string& table) const;
  /// Whether a suite was not judged now because it judged the table before this run published it.
  bool WasAudited(const StepResult& step) const;
  Json Assertions(const std::string& suite, const Json& failed) const;

  const LineageSources sources_;
  observe::LineageSender& sender_;
  std::string run_id_, pipeline_;
  Json vars_ = Json::object();
  std::set<std::string> started_;  ///< tasks whose begin was told
};

}  // namespace smelt::app
