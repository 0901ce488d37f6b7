#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/source_files.h"

namespace smelt::transform {

/// Nodes as their files define them, before configuration, by unique id.
using NodeDrafts = std::map<std::string, Node>;

/// Reads the macros of the packages: *.sql in the macro folders, and generic tests in tests/generic. They are not
/// connected: see MacroSet::Connect.
/// Errors: kJinjaSyntax, kDbtDuplicate, kStore….
Status ReadMacros(ProjectState& project);

/// Reads the docs blocks of the packages' Markdown files. Errors: kJinjaSyntax, kDbtDuplicate, kStore….
Status ReadDocs(ProjectState& project);

/// Reads models, snapshots, seeds, analyses and singular tests of all packages.
/// Errors: kJinjaSyntax, kDbtDuplicate naming both files, kStore….
Result<NodeDrafts> ReadNodes(const ProjectState& project);

/// Reads a model, analysis or singular test from its file. Errors: kJinjaSyntax, kStore….
Result<Node> ReadTemplateNode(const ProjectFile& package, const SourceFile& file, ResourceType type);

/// A node of a resource type in its first form, from a file of a package.
Node MakeDraft(const ProjectFile& package, ResourceType type, std::string name, const SourceFile& file);

/// Adds a draft. Errors: kDbtDuplicate naming both files.
Status AddDraft(Node draft, NodeDrafts& drafts);

/// dbt's checksum of a file: that of its text without the white space around it.
std::string FileChecksum(std::string text);

/// Reads a file of a package. Errors: kStore….
Result<std::string> ReadPackageFile(const ProjectFile& package, const std::string& path);

}  // namespace smelt::transform
