#pragma once

#include <cstddef>
#include <functional>

#include "base/error.h"

namespace smelt {

/// Calls `work(0)` … `work(count - 1)`, up to `threads_max` calls at a time, and returns when all that began have
/// ended. After the first failure no further call begins; its error is returned. For calls that wait, such as those of
/// a store. `work` must be safe to call from several threads.
Status ForEachParallel(std::size_t count, std::size_t threads_max, const std::function<Status(std::size_t)>& work);

}  // namespace smelt
