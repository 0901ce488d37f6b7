#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "delta/actions.h"

/// What a table's configuration says: "Table Properties" of the protocol and those of the reference implementation
/// that this module obeys. A value that cannot be understood counts as absent.
namespace smelt::delta {

inline constexpr std::string_view kAppendOnlyProperty = "delta.appendOnly";
inline constexpr std::string_view kEnableInCommitTimestampsProperty = "delta.enableInCommitTimestamps";
inline constexpr std::string_view kInCommitTimestampVersionProperty = "delta.inCommitTimestampEnablementVersion";
inline constexpr std::string_view kInCommitTimestampTimeProperty = "delta.inCommitTimestampEnablementTimestamp";

/// Whether a property is "true", in whatever case; `fallback` when it is absent.
bool PropertyIsTrue(const Metadata& metadata, std::string_view key, bool fallback = false);
/// A property as a whole number; `fallback` when it is absent or not one.
std::int64_t PropertyInt(const Metadata& metadata, std::string_view key, std::int64_t fallback);

/// Whether rows may only be added.
bool IsAppendOnly(const Protocol& protocol, const Metadata& metadata);
/// How transactions are kept apart (`delta.isolationLevel`): kSerializable where the table says so, whatever its case,
/// else kWriteSerializable.
inline constexpr std::string_view kSerializable = "Serializable";
inline constexpr std::string_view kWriteSerializable = "WriteSerializable";
std::string_view IsolationLevel(const Metadata& metadata);
/// Whether commits carry their own time ("In-Commit Timestamps").
bool HasInCommitTimestamps(const Protocol& protocol, const Metadata& metadata);
/// How many versions lie between two checkpoints; at least 1.
std::int64_t CheckpointInterval(const Metadata& metadata);
/// How long removed files are remembered, in milliseconds.
std::int64_t TombstoneRetentionMs(const Metadata& metadata);

/// How long the log's files are kept after a later checkpoint has made them unnecessary, in milliseconds.
std::int64_t LogRetentionMs(const Metadata& metadata);

/// Bytes of a size in text, e.g. "104857600", "100mb" or "1g" (units of 1024, whatever their case); -1 when it is none.
std::int64_t ParseBytes(std::string_view text);

/// Milliseconds of an interval in text, e.g. "interval 7 days" or "2 weeks 1 day"; -1 when it is none.
std::int64_t ParseIntervalMs(std::string_view text);

}  // namespace smelt::delta
