#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace smelt::observe {

/// What became of a run.
enum class LineageEventType : std::uint8_t { kStart, kComplete, kFail, kAbort };

/// A dataset that a run reads or writes.
struct LineageDataset {
  std::string name_space = {};
  std::string name = {};
  Json facets = Json::object();            ///< of the dataset, made by Facet
  Json direction_facets = Json::object();  ///< of this reading or writing, made by Facet
};

/// A job or run that another one belongs to.
struct LineageParent {
  std::string run_id = {};  ///< a UUID; empty: there is none
  std::string job = {};
};

/// A run event of OpenLineage.
struct LineageEvent {
  LineageEventType type = LineageEventType::kStart;
  std::int64_t time_us = 0;
  std::string run_id = {};  ///< a UUID
  std::string job_name_space = {}, job = {};
  LineageParent parent = {}, root = {};  ///< in the same namespace
  Json run_facets = Json::object(), job_facets = Json::object();
  std::vector<LineageDataset> inputs = {}, outputs = {};
};

/// A facet of the standard, with who made it and the address of its schema. `name` is the key that it goes by, like
/// "schema"; a name that the standard does not have is a mistake of the program.
Json Facet(std::string_view name, Json content);

/// The event by the schema of version 2-0-2.
Json ToJson(const LineageEvent& event);

/// The dataset of a file or folder, by OpenLineage's naming: "file" and the absolute path, "s3://bucket" and the key.
LineageDataset DatasetOfPath(const std::string& path);

}  // namespace smelt::observe
