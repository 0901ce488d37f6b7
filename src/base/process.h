#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"

namespace smelt {

/// Runs a program to its end in `folder`, without input and without questions, and returns what it wrote to both
/// outputs. `stop` ends it.
/// Errors: kStoreNotFound when there is no such program; kStoreIo when it fails, with the last lines that it wrote;
/// kCancelled.
Result<std::string> RunProgram(const std::vector<std::string>& words, const std::string& folder, std::stop_token stop);

}  // namespace smelt
