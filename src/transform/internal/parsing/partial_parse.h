#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "transform/inspect.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/parsing/parse_record.h"
#include "transform/internal/project/project.h"

namespace smelt::transform {

/// Parsing a project of which little has changed since it was parsed as a whole. That parse keeps a record,
/// <target>/partial_parse.smelt, and a second name for its manifest, <target>/partial_parse.json. Where only the files
/// of some models differ from then, these models alone are parsed, and the manifest is written from the kept one. The
/// record stays as it is until the next whole parse.

/// Begins the record of a whole parse, before any file is read; nothing where no record is wanted or possible: with
/// --no-partial-parse, without artefacts.
/// `now_micros` is the time: files that are as new are not trusted to show another change.
std::optional<ParseRecord> BeginRecord(const InvokeOptions& options, std::int64_t now_micros);

/// Keeps it, once the manifest is written as `layout` tells. What fails costs the next parse its short way, nothing
/// else.
void KeepRecord(const Project& project, const ManifestLayout& layout, const ProjectSummary& summary,
                ParseRecord record);

/// Parses what has changed and writes the manifest; warns of what the whole parse warned of, too. Nothing when the
/// whole project must be parsed: there is no record of this kind of invocation, other files than those of models have
/// changed, or what a model is to others (its name, its relation, what it reads, …) is not what it was; also when a
/// model has a mistake, which the whole parse tells better.
std::optional<ProjectSummary> ParseChanges(const InvokeOptions& options);

}  // namespace smelt::transform
