#pragma once

#include <cstdint>
#include <string>

namespace smelt::state::internal {

/// Names the host, its boot and the namespace of its process ids: between equal ones, a process is known by its id.
/// Thread-safe.
const std::string& ThisMachine();
/// When a process of this machine began, in the kernel's ticks since its boot; 0 when there is no such process. With
/// its id, it names a process whatever ids are given out again.
std::int64_t ProcessStart(std::int64_t pid);

}  // namespace smelt::state::internal
