#include <string_view>

#include "base/file.h"
#include "transform/docs.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/docs/page_data.h"
#include "transform/internal/docs/site_page.h"
#include "transform/internal/lineage/project_trace.h"
#include "transform/internal/project/project.h"

namespace smelt::transform {
namespace {

/// Puts `text` where `mark` stands.
void Fill(std::string& page, std::string_view mark, std::string_view text) {
  page.replace(page.find(mark), mark.size(), text);
}

std::string HtmlText(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<' || c == '&') {
      safe += c == '<' ? "&lt;" : "&amp;";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

Result<std::string> WriteDocsPage(engine::Engine& engine, const InvokeOptions& options,
                                  const std::vector<CompiledNode>& compiled, bool is_empty, std::stop_token stop) {
  SMELT_ASSIGN(auto project, Project::Load(options));
  SMELT_ASSIGN(ProjectLineage lineage, TraceProject(engine, *project, options, {}, std::move(stop)));
  std::vector<engine::TableInfo> tables;
  if (!is_empty) {
    SMELT_ASSIGN(tables, engine.Tables());
  }
  PageContent content{project->state(), lineage, {}, {}};
  for (const CompiledNode& node : compiled) content.compiled.emplace(node.unique_id, node.sql);
  for (const engine::TableInfo& table : tables) content.tables.emplace(RelationName{table.schema, table.table}, &table);
  std::string page(SitePage());
  Fill(page, "@title@", HtmlText(project->manifest().project_name));
  Fill(page, "@data@", PageData(content));
  std::string path = TargetFolder(options, project->state()) + "/index.html";
  SMELT_TRY(WriteWholeFile(path, page));
  return path;
}

}  // namespace smelt::transform
