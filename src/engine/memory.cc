#include "engine/memory.h"

#include <malloc.h>

#include <duckdb/common/allocator.hpp>

namespace smelt::engine {

void ReturnMemory() {
  if (duckdb::Allocator::SupportsFlush()) duckdb::Allocator::FlushAll();
  malloc_trim(0);
}

}  // namespace smelt::engine
