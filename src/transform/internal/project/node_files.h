#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// A node as its file defines it, before configuration.
struct NodeDraft {
  Node node;
  NodeDetail detail;
};

/// Drafts by unique id.
using NodeDrafts = std::map<std::string, NodeDraft>;

/// Reads the macros of the project: *.sql in the macro folders, and generic tests in tests/generic.
/// Errors: kJinjaSyntax, kDbtDuplicate, kStore….
Status ReadMacros(ProjectState& project);

/// Reads the docs blocks of the project's Markdown files. Errors: kJinjaSyntax, kDbtDuplicate, kStore….
Status ReadDocs(ProjectState& project);

/// Reads models, snapshots, seeds and singular tests.
/// Errors: kJinjaSyntax, kDbtDuplicate naming both files, kDbtUnsupported for models in Python, kStore….
Result<NodeDrafts> ReadNodes(const ProjectState& project);

/// A node of a resource type in its first form. `folders` are those between its path and its file.
NodeDraft MakeDraft(const ProjectState& project, ResourceType type, std::string name, std::string file,
                    const std::vector<std::string>& folders);

/// Adds a draft. Errors: kDbtDuplicate naming both files.
Status AddDraft(NodeDraft draft, NodeDrafts& drafts);

}  // namespace smelt::transform
