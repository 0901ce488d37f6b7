#pragma once

#include <string>

#include "pipeline/definition.h"

namespace smelt::pipeline {

/// Where the commands of an exported pipeline work.
struct AirflowPlace {
  std::string project_dir;  ///< absolute, as is the lake unless it is in a bucket
  std::string lake;
  std::string data_dir{};  ///< replaces the sources' location; empty: as they say
};

/// A DAG file for Airflow 2.10 and later, 3 included, each of whose tasks runs the pipeline's task of that name by
/// `smelt pipeline run --task`. Schedule, time zone, params, retries, timeouts, trigger rules, pools and priorities are
/// Airflow's then. What Airflow has nothing for (events, SLAs) is told in the file's first lines.
std::string ToAirflow(const Pipeline& pipeline, const AirflowPlace& place);

}  // namespace smelt::pipeline
