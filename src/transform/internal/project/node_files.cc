#include "transform/internal/project/node_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/config.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/parallel.h"
#include "transform/internal/jinja/lexer.h"

namespace smelt::transform {
namespace {

Result<std::string> ReadTemplateFile(const ProjectFile& package, const std::string& path) {
  SMELT_ASSIGN(std::string text, ReadPackageFile(package, path));
  if (const auto line = FirstLineNotUtf8(text)) {
    return Fail(Error(ErrorCode::kJinjaSyntax, "the text is not valid UTF-8")
                    .Hint("save the file as UTF-8")
                    .At(package.shown + path, *line));
  }
  return text;
}

/// Whether a file of a test folder is something else than a singular test: generic tests, rows of unit tests.
bool IsInFolder(const SourceFile& file, std::string_view folder) {
  std::vector<std::string> folders = file.Folders();
  return !folders.empty() && folders[0] == folder;
}

/// dbt leaves white space at the ends of a file out.
std::string Stripped(std::string text) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  text.erase(text.find_last_not_of(kSpaces) + 1);
  return text.substr(std::min(text.find_first_not_of(kSpaces), text.size()));
}

Status AddTemplateNodes(const ProjectFile& package, const std::vector<std::string>& folders, ResourceType type,
                        NodeDrafts& drafts) {
  SMELT_ASSIGN(auto files, FindSourceFiles(package.directory, folders, {".sql", ".py"}));
  if (type == ResourceType::kSingularTest) {
    std::erase_if(files,
                  [](const SourceFile& file) { return IsInFolder(file, "generic") || IsInFolder(file, "fixtures"); });
  }
  std::vector<Node> nodes(files.size());
  SMELT_TRY(ForEachParallel(files.size(), ProcessorCount(), [&](std::size_t i) -> Status {
    SMELT_ASSIGN(nodes[i], ReadTemplateNode(package, files[i], type));
    return {};
  }));
  for (Node& node : nodes) SMELT_TRY(AddDraft(std::move(node), drafts));
  return {};
}

Status AddSnapshots(const ProjectFile& package, NodeDrafts& drafts) {
  SMELT_ASSIGN(auto files, FindSourceFiles(package.directory, package.snapshot_paths, {".sql"}));
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadTemplateFile(package, file.path));
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(std::move(text), package.shown + file.path));
    for (const jinja::StatementPointer& statement : parsed->body) {
      if (statement->kind != jinja::Statement::Kind::kSnapshot) continue;
      const auto& block = static_cast<const jinja::SnapshotStatement&>(*statement);
      Node draft = MakeDraft(package, ResourceType::kSnapshot, block.name, file);
      draft.fqn.insert(draft.fqn.end() - 1, file.Stem());
      draft.sql = parsed;
      draft.line = jinja::Locate(parsed->source, block.offset).line;
      draft.body = &block.body;
      draft.raw_sql = parsed->source.substr(block.body_begin, block.body_end - block.body_begin);
      draft.checksum = Sha256Hex(draft.raw_sql);
      SMELT_TRY(AddDraft(std::move(draft), drafts));
    }
  }
  return {};
}

Status AddSeeds(const ProjectFile& package, NodeDrafts& drafts) {
  SMELT_ASSIGN(auto files, FindSourceFiles(package.directory, package.seed_paths, {".csv"}));
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadPackageFile(package, file.path));
    Node draft = MakeDraft(package, ResourceType::kSeed, file.Stem(), file);
    draft.checksum = FileChecksum(std::move(text));
    // Stands for the rows wherever a node's text is compared.
    draft.raw_sql = draft.checksum;
    SMELT_TRY(AddDraft(std::move(draft), drafts));
  }
  return {};
}

Status AddMacroFiles(const ProjectFile& package, MacroSet& macros) {
  SMELT_ASSIGN(auto files, FindSourceFiles(package.directory, package.macro_paths, {".sql"}));
  SMELT_ASSIGN(auto tests, FindSourceFiles(package.directory, package.test_paths, {".sql"}));
  std::ranges::copy_if(tests, std::back_inserter(files),
                       [](const SourceFile& file) { return IsInFolder(file, "generic"); });
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadTemplateFile(package, file.path));
    SMELT_TRY(macros.AddFile(package.name, std::move(text), file.path, package.shown + file.path));
  }
  return {};
}

Status AddDocs(const ProjectFile& package, Manifest& manifest) {
  std::vector<std::string> folders = package.docs_paths;
  for (const auto* paths : {&package.model_paths, &package.macro_paths, &package.snapshot_paths, &package.seed_paths,
                            &package.analysis_paths, &package.test_paths}) {
    folders.insert(folders.end(), paths->begin(), paths->end());
  }
  SMELT_ASSIGN(auto files, FindSourceFiles(package.directory, folders, {".md"}));
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadPackageFile(package, file.path));
    // Other Markdown files may hold anything that looks like a template.
    if (text.find("enddocs") == std::string::npos) continue;
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(std::move(text), package.shown + file.path));
    for (const jinja::StatementPointer& statement : parsed->body) {
      if (statement->kind != jinja::Statement::Kind::kDocs) continue;
      const auto& block = static_cast<const jinja::DocsStatement&>(*statement);
      DocsBlock docs{Stripped(block.text), file.path};
      if (manifest.docs.emplace(std::pair(package.name, block.name), std::move(docs)).second) continue;
      return Fail(Error(ErrorCode::kDbtDuplicate, fmt::format("two docs blocks are called '{}'", block.name))
                      .At(parsed->name, jinja::Locate(parsed->source, block.offset).line));
    }
  }
  return {};
}

}  // namespace

Result<std::string> ReadPackageFile(const ProjectFile& package, const std::string& path) {
  return ReadWholeFile((std::filesystem::path(package.directory) / path).string());
}

Result<Node> ReadTemplateNode(const ProjectFile& package, const SourceFile& file, ResourceType type) {
  SMELT_ASSIGN(std::string text, ReadTemplateFile(package, file.path));
  Node draft = MakeDraft(package, type, file.Stem(), file);
  draft.raw_sql = Stripped(text);
  draft.checksum = Sha256Hex(draft.raw_sql);
  draft.is_python = file.path.ends_with(".py");
  if (type == ResourceType::kAnalysis) draft.fqn.insert(draft.fqn.begin() + 1, "analysis");
  if (!draft.is_python) {
    SMELT_ASSIGN(draft.sql, jinja::ParseTemplate(std::move(text), draft.file));
  }
  return draft;
}

std::string FileChecksum(std::string text) {
  return Sha256Hex(Stripped(std::move(text)));
}

Node MakeDraft(const ProjectFile& package, ResourceType type, std::string name, const SourceFile& file) {
  Node draft;
  draft.type = type;
  draft.package = package.name;
  draft.unique_id = fmt::format("{}.{}.{}", ResourceTypeText(type), package.name, name);
  draft.relation.identifier = name;
  draft.file = package.shown + file.path;
  draft.original_file = file.path;
  draft.path = file.path.substr(std::min(file.folder.size() + 1, file.path.size()));
  draft.fqn = {package.name};
  for (std::string& folder : file.Folders()) draft.fqn.push_back(std::move(folder));
  draft.fqn.push_back(name);
  draft.name = std::move(name);
  return draft;
}

Status AddDraft(Node draft, NodeDrafts& drafts) {
  // Models, seeds and snapshots of a package share one space of names: that of ref().
  for (std::string_view type : {"model", "seed", "snapshot", "test", "analysis"}) {
    bool shares = IsRefable(draft.type) ? type != "test" && type != "analysis" : type == ResourceTypeText(draft.type);
    if (!shares) continue;
    std::string rest = draft.unique_id.substr(draft.unique_id.find('.'));
    auto other = drafts.find(std::string(type) + rest);
    if (other == drafts.end()) continue;
    return Fail(
        Error(ErrorCode::kDbtDuplicate, fmt::format("two nodes are called '{}': {} {} and {} {}", draft.name, type,
                                                    other->second.file, ResourceTypeText(draft.type), draft.file))
            .Hint("rename one of them, and set its alias to the table's name if need be")
            .At(draft.file, draft.line));
  }
  std::string id = draft.unique_id;
  drafts.emplace(std::move(id), std::move(draft));
  return {};
}

Status ReadMacros(ProjectState& project) {
  SMELT_ASSIGN(project.macros, MacroSet::BuiltIn());
  project.macros.set_root(project.file().name);
  for (const Package& package : project.packages) SMELT_TRY(AddMacroFiles(package.file, project.macros));
  return {};
}

Status ReadDocs(ProjectState& project) {
  for (const Package& package : project.packages) SMELT_TRY(AddDocs(package.file, project.manifest));
  return {};
}

Result<NodeDrafts> ReadNodes(const ProjectState& project) {
  NodeDrafts drafts;
  for (const Package& package : project.packages) {
    const ProjectFile& file = package.file;
    SMELT_TRY(AddTemplateNodes(file, file.model_paths, ResourceType::kModel, drafts));
    SMELT_TRY(AddTemplateNodes(file, file.analysis_paths, ResourceType::kAnalysis, drafts));
    SMELT_TRY(AddTemplateNodes(file, file.test_paths, ResourceType::kSingularTest, drafts));
    SMELT_TRY(AddSnapshots(file, drafts));
    SMELT_TRY(AddSeeds(file, drafts));
  }
  return drafts;
}

}  // namespace smelt::transform
