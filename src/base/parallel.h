#pragma once

#include <cstddef>
#include <functional>

#include "base/error.h"

namespace smelt {

/// The processors that the program may run on, at least one. Asked of the system once.
std::size_t ProcessorCount();

/// Calls `work(0)` … `work(count - 1)`, up to `threads_max` calls at a time, and returns when all that began have
/// ended. After a failure no further call begins; of several errors that of the smallest index is returned, so that the
/// same calls answer the same. `work` must be safe to call from several threads.
Status ForEachParallel(std::size_t count, std::size_t threads_max, const std::function<Status(std::size_t)>& work);

/// Calls both at the same time and returns when both have ended; of two errors that of `first`.
Status RunBoth(const std::function<Status()>& first, const std::function<Status()>& second);

}  // namespace smelt
