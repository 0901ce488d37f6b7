#pragma once

namespace smelt::engine {

/// Gives the system back what ended statements of all engines have left free in the heap: the allocators of DuckDB
/// (jemalloc, which hands pages back only while it is asked for others) and of the C library would keep it. Takes
/// milliseconds; from any thread, at any time.
void ReturnMemory();

}  // namespace smelt::engine
