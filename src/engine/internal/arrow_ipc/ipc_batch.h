#pragma once

#include <string>

struct ArrowArray;
struct ArrowSchema;

namespace smelt::engine {

/// The message of a batch of rows: the children of a struct, whose arrays begin at offset 0. Throws for a type that has
/// no place in it.
std::string IpcBatch(const ArrowSchema& schema, const ArrowArray& rows);

}  // namespace smelt::engine
