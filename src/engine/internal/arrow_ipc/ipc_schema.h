#pragma once

#include <string>

#include "engine/internal/duck.h"

struct ArrowSchema;

namespace smelt::engine {

/// The parts of Arrow's IPC streaming format (arrow.apache.org, "Serialization and Interprocess Communication").

/// A message with its metadata and body, each padded to eight bytes.
std::string IpcMessage(const std::string& metadata, const std::string& body);

/// The message that begins a stream: names and types of a struct's children. Throws for a type that has no place in it.
std::string IpcSchema(const ArrowSchema& schema);

/// What ends a stream.
std::string IpcEnd();

/// The values of Message.fbs that the parts share.
inline constexpr std::size_t kIpcBoundary = 8;  ///< to a multiple of which bytes are padded
inline constexpr std::int16_t kIpcVersion5 = 4;
enum class IpcHeader : std::uint8_t { kSchema = 1, kRecordBatch = 3 };

}  // namespace smelt::engine
