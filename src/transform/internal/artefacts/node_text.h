#pragma once

#include <map>
#include <string>
#include <string_view>

#include "transform/internal/artefacts/json_writer.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// What a run made of a node's template.
struct CompiledText {
  std::string path;  ///< of the file that holds it, relative to the project
  std::string sql;
};
using CompiledTexts = std::map<std::string, CompiledText, std::less<>>;  ///< by unique id

/// Writes a node as the manifest holds it; `compiled`: what became of its template, or null.
void WriteNode(const ProjectState& project, const Node& node, const CompiledText* compiled, JsonWriter& json);

/// A version as artefacts hold it: a number where it looks like one, null for none.
Json VersionValue(const std::string& version);

/// The group that a node is in, or null; a test is in that of what it tests.
Json GroupOf(const ProjectState& project, const Node& node);

/// Writes a unit test as the manifest holds it.
void WriteUnitTest(const ProjectState& project, const Node& node, JsonWriter& json);

/// Writes a source table as the manifest holds it.
void WriteSource(const ProjectState& project, const SourceTable& source, JsonWriter& json);

}  // namespace smelt::transform
