#pragma once

#include "app/internal/command.h"

namespace smelt::app {

/// For commands that need a lake and no project: where none is named, takes the lake of the smelt.yml in --project-dir,
/// if there is one. Errors: those of LoadProject.
Status AdoptLakeOfProject(CommandContext& context);

}  // namespace smelt::app
