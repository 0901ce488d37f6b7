#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "pipeline/event.h"
#include "state/schedule_store.h"

namespace smelt::pipeline::internal {

/// Where the things lie that events speak of.
struct EventPlaces {
  std::string project_dir;  ///< relative paths of files start here
  std::function<std::optional<std::string>(const std::string&)>
      log_of;  ///< the log folder of "schema.table"; may be empty
};

/// How the world stands as an event sees it, in a text that changes when the event happens: a list of files, a table's
/// version, the last run of a pipeline. Errors: kStoreIo, kStoreDenied; those of ScheduleStore.
Result<std::string> LookAt(const Event& event, const EventPlaces& places, state::ScheduleStore& store);

/// Whether the event has happened between two looks: files that went away are no event, nor is a table that is gone.
bool Happened(const Event& event, const std::string& before, const std::string& after);

/// The folder to watch for the event; nothing for pipelines, whose ends the store signals.
std::optional<std::string> FolderOf(const Event& event, const EventPlaces& places);

}  // namespace smelt::pipeline::internal
