#pragma once

#include <memory>
#include <string>

#include "ingest/internal/drop_folder.h"

namespace smelt::ingest {

/// A folder of this machine.
std::unique_ptr<DropFolder> OpenLocalFolder(std::string path);

}  // namespace smelt::ingest
