#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/parsing/file_stamps.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// A model, seed or snapshot as far as others see it.
struct RecordedNode {
  ResourceType type = ResourceType::kModel;
  std::string unique_id, package, name, version, latest_version;
  RelationName relation;
  std::string materialized, access, group;
  std::string quoting;  ///< JSON; empty: not configured
  // Of models that have a file of their own:
  std::string file;                                  ///< its path as in FileStamp; empty: it cannot be parsed by itself
  std::string original_file, path, properties_file;  ///< as in Node
  std::string face;                                  ///< FaceOf
  std::vector<std::string> reads;                    ///< names of the nodes that it and its tests read
  TextSpan text;                                     ///< what the manifest says of it
};

/// What a parse warned of.
struct RecordedWarning {
  ErrorCode code = ErrorCode::kInternal;
  std::string message, hint, file;
  std::int64_t line = 0, column = 0;
};

struct RecordedSource {
  std::string unique_id, package, source, table;
  RelationName relation;
};

/// What is kept of a project that was parsed as a whole, so that a change of a few models needs no other whole parse.
struct ParseRecord {
  std::string key;  ///< ParseKey of that parse
  StampedPlaces places;
  std::vector<FileStamp> files;
  FileStamp manifest;  ///< of the copy of the manifest that the spans speak of
  TextSpan metadata;   ///< as in ManifestLayout
  std::vector<RecordedNode> nodes;
  std::vector<RecordedSource> sources;
  std::vector<RecordedWarning> warnings;
  std::vector<std::pair<std::string, std::int64_t>> counts;  ///< as in ProjectSummary
};

/// A record as bytes, and back. Errors: kStoreIo for bytes that are none, cut ones or those of another version.
std::string EncodeRecord(const ParseRecord& record);
Result<ParseRecord> DecodeRecord(std::string_view bytes);

}  // namespace smelt::transform
