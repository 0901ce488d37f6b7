#include "transform/internal/project/node_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/config.h"
#include "base/file.h"
#include "base/id.h"
#include "transform/internal/jinja/lexer.h"
#include "transform/internal/project/source_files.h"

namespace smelt::transform {
namespace {

Result<std::string> ReadProjectPath(const ProjectState& project, const std::string& path) {
  return ReadWholeFile((std::filesystem::path(project.file.directory) / path).string());
}

Result<std::string> ReadTemplateFile(const ProjectState& project, const std::string& path) {
  SMELT_ASSIGN(std::string text, ReadProjectPath(project, path));
  if (const auto line = FirstLineNotUtf8(text)) {
    return Fail(
        Error(ErrorCode::kJinjaSyntax, "the text is not valid UTF-8").Hint("save the file as UTF-8").At(path, *line));
  }
  return text;
}

/// Whether a file of a test folder defines generic tests rather than a singular one.
bool IsGenericTestFile(const SourceFile& file) {
  std::vector<std::string> folders = file.Folders();
  return !folders.empty() && folders[0] == "generic";
}

Status AddTemplateNodes(const ProjectState& project, const std::vector<std::string>& folders, ResourceType type,
                        NodeDrafts& drafts) {
  SMELT_ASSIGN(auto files, FindSourceFiles(project.file.directory, folders, {".sql", ".py"}));
  for (const SourceFile& file : files) {
    if (type == ResourceType::kSingularTest && IsGenericTestFile(file)) continue;
    if (file.path.ends_with(".py")) {
      return Fail(Error(ErrorCode::kDbtUnsupported, "models in Python are not supported").At(file.path));
    }
    SMELT_ASSIGN(std::string text, ReadTemplateFile(project, file.path));
    NodeDraft draft = MakeDraft(project, type, file.Stem(), file.path, file.Folders());
    draft.detail.raw_sql = text;
    SMELT_ASSIGN(draft.node.sql, jinja::ParseTemplate(std::move(text), file.path));
    SMELT_TRY(AddDraft(std::move(draft), drafts));
  }
  return {};
}

Status AddSnapshots(const ProjectState& project, NodeDrafts& drafts) {
  SMELT_ASSIGN(auto files, FindSourceFiles(project.file.directory, project.file.snapshot_paths, {".sql"}));
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadTemplateFile(project, file.path));
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(std::move(text), file.path));
    std::vector<std::string> folders = file.Folders();
    folders.push_back(file.Stem());
    for (const jinja::StatementPointer& statement : parsed->body) {
      if (statement->kind != jinja::Statement::Kind::kSnapshot) continue;
      const auto& block = static_cast<const jinja::SnapshotStatement&>(*statement);
      NodeDraft draft = MakeDraft(project, ResourceType::kSnapshot, block.name, file.path, folders);
      draft.node.sql = parsed;
      draft.node.line = jinja::Locate(parsed->source, block.offset).line;
      draft.detail.body = &block.body;
      draft.detail.raw_sql = parsed->source.substr(block.body_begin, block.body_end - block.body_begin);
      SMELT_TRY(AddDraft(std::move(draft), drafts));
    }
  }
  return {};
}

Status AddSeeds(const ProjectState& project, NodeDrafts& drafts) {
  SMELT_ASSIGN(auto files, FindSourceFiles(project.file.directory, project.file.seed_paths, {".csv"}));
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadProjectPath(project, file.path));
    NodeDraft draft = MakeDraft(project, ResourceType::kSeed, file.Stem(), file.path, file.Folders());
    // Stands for the rows wherever a node's text is compared.
    draft.detail.raw_sql = ContentHash(text);
    SMELT_TRY(AddDraft(std::move(draft), drafts));
  }
  return {};
}

}  // namespace

NodeDraft MakeDraft(const ProjectState& project, ResourceType type, std::string name, std::string file,
                    const std::vector<std::string>& folders) {
  NodeDraft draft;
  draft.node.type = type;
  draft.node.unique_id = fmt::format("{}.{}.{}", ResourceTypeText(type), project.file.name, name);
  draft.node.relation = {project.options.target.schema, name};
  draft.node.file = std::move(file);
  draft.detail.fqn.push_back(project.file.name);
  draft.detail.fqn.insert(draft.detail.fqn.end(), folders.begin(), folders.end());
  draft.detail.fqn.push_back(name);
  draft.node.name = std::move(name);
  return draft;
}

Status AddDraft(NodeDraft draft, NodeDrafts& drafts) {
  // Models, seeds and snapshots share one space of names: that of ref().
  for (std::string_view type : {"model", "seed", "snapshot", "test"}) {
    bool is_test = type == "test";
    if (is_test != (ResourceTypeText(draft.node.type) == "test")) continue;
    std::string rest = draft.node.unique_id.substr(draft.node.unique_id.find('.'));
    auto other = drafts.find(std::string(type) + rest);
    if (other == drafts.end()) continue;
    return Fail(Error(ErrorCode::kDbtDuplicate,
                      fmt::format("two nodes are called '{}': {} {} and {} {}", draft.node.name, type,
                                  other->second.node.file, ResourceTypeText(draft.node.type), draft.node.file))
                    .Hint("rename one of them, and set its alias to the table's name if need be")
                    .At(draft.node.file, draft.node.line));
  }
  std::string id = draft.node.unique_id;
  drafts.emplace(std::move(id), std::move(draft));
  return {};
}

Status ReadMacros(ProjectState& project) {
  SMELT_ASSIGN(project.macros, MacroSet::BuiltIn());
  SMELT_ASSIGN(auto files, FindSourceFiles(project.file.directory, project.file.macro_paths, {".sql"}));
  SMELT_ASSIGN(auto tests, FindSourceFiles(project.file.directory, project.file.test_paths, {".sql"}));
  std::ranges::copy_if(tests, std::back_inserter(files), IsGenericTestFile);
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadTemplateFile(project, file.path));
    SMELT_TRY(project.macros.AddFile(std::move(text), file.path));
  }
  project.macros_hash = project.macros.Hash();
  return {};
}

Status ReadDocs(ProjectState& project) {
  std::vector<std::string> folders = project.file.docs_paths;
  for (const auto* paths : {&project.file.model_paths, &project.file.macro_paths, &project.file.snapshot_paths,
                            &project.file.seed_paths, &project.file.analysis_paths}) {
    folders.insert(folders.end(), paths->begin(), paths->end());
  }
  SMELT_ASSIGN(auto files, FindSourceFiles(project.file.directory, folders, {".md"}));
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadProjectPath(project, file.path));
    // Other Markdown files may hold anything that looks like a template.
    if (text.find("enddocs") == std::string::npos) continue;
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(std::move(text), file.path));
    for (const jinja::StatementPointer& statement : parsed->body) {
      if (statement->kind != jinja::Statement::Kind::kDocs) continue;
      const auto& block = static_cast<const jinja::DocsStatement&>(*statement);
      if (project.docs.emplace(block.name, block.text).second) continue;
      return Fail(Error(ErrorCode::kDbtDuplicate, fmt::format("two docs blocks are called '{}'", block.name))
                      .At(file.path, jinja::Locate(parsed->source, block.offset).line));
    }
  }
  return {};
}

Result<NodeDrafts> ReadNodes(const ProjectState& project) {
  NodeDrafts drafts;
  SMELT_TRY(AddTemplateNodes(project, project.file.model_paths, ResourceType::kModel, drafts));
  SMELT_TRY(AddTemplateNodes(project, project.file.test_paths, ResourceType::kSingularTest, drafts));
  SMELT_TRY(AddSnapshots(project, drafts));
  SMELT_TRY(AddSeeds(project, drafts));
  return drafts;
}

}  // namespace smelt::transform
