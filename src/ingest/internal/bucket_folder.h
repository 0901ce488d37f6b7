#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "ingest/internal/drop_folder.h"

namespace smelt::ingest {

/// What lies under "s3://bucket/prefix". Objects are brought to a temporary folder, which goes with this object, to be
/// read; an object is whole when it is there, so that nothing is waited for. Errors: as OpenDropFolder.
Result<std::unique_ptr<DropFolder>> OpenBucketFolder(const std::string& address);

}  // namespace smelt::ingest
