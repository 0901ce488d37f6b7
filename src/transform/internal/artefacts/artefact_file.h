#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file_writer.h"
#include "transform/internal/artefacts/json_writer.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// The lineage of columns, beside dbt's artefacts.
inline constexpr std::string_view kLineageFile = "lineage.json";

/// Begins an artefact of dbt: the object, and in it "metadata" with the schema "<name>/v<version>", whose object stays
/// open for more.
void BeginArtefact(const ProjectState& project, std::string_view schema, JsonWriter& json);

/// Writes an artefact to <target>/<file>, whole or not at all. Errors: kStore….
Status WriteArtefact(const ProjectState& project, std::string_view file, const JsonWriter& json);

/// Begins to write one that is written piece by piece.
Result<FileWriter> CreateArtefact(const ProjectState& project, std::string_view file);

/// Where artefacts go.
std::string TargetFolder(const InvokeOptions& options, const ProjectState& project);

/// A file of a package as seen from the folder of models that holds it: "models/a/b.yml" → "a/b.yml".
std::string PathInFolder(const ProjectState& project, std::string_view package, const std::string& file);

/// "2026-01-01T00:00:00.000000Z".
std::string ArtefactTime(std::int64_t micros);

/// A relation as artefacts name it: "lake"."schema"."identifier".
std::string ArtefactRelation(const RelationName& relation);

}  // namespace smelt::transform
