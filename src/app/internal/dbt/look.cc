#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <ranges>
#include <sstream>

#include "app/internal/dbt/commands.h"
#include "app/internal/result_writer.h"
#include "app/internal/terminal/text.h"
#include "base/file.h"
#include "transform/docs.h"
#include "transform/inspect.h"
#include "transform/lineage.h"

namespace smelt::app {
namespace {

/// dbt shows so many rows unless told otherwise.
constexpr std::int64_t kRowsShown = 5;

void PrintTo(DbtInvocation& invocation) {
  if (!invocation.flags.On("print", true)) return;
  invocation.options.print = MacroPrinter(invocation.context);
}

/// The keys that dbt shows when none are asked for, in the order of the description.
Json UsualKeys(const Json& description) {
  static constexpr std::array<std::string_view, 10> kUsual = {
      "name",  "resource_type", "package_name", "original_file_path", "unique_id", "source_name",
      "alias", "config",        "tags",         "depends_on"};
  Json chosen = Json::object();
  for (const auto& [key, value] : description.items()) {
    if (std::ranges::find(kUsual, key) != kUsual.end()) chosen[key] = value;
  }
  return chosen;
}

/// Those of the wanted keys that a node has, in the order in which they are wanted; "config.meta" goes into a map.
Json ChooseKeys(const Json& description, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return UsualKeys(description);
  Json chosen = Json::object();
  for (const std::string& words : wanted) {
    for (const auto word : std::views::split(words, ' ')) {
      const std::string key{std::string_view(word)};
      const Json* found = &description;
      for (const auto part : std::views::split(key, '.')) {
        const auto at = found->is_object() ? found->find(std::string_view(part)) : found->end();
        found = found->is_object() && at != found->end() ? &*at : nullptr;
        if (found == nullptr) break;
      }
      const bool is_inner = key.find('.') != std::string::npos;
      if (found != nullptr && !(is_inner && found->is_null())) chosen[key] = *found;
    }
  }
  return chosen;
}

/// JSON in one line as Python's json.dumps writes it, which scripts around dbt compare and cut.
std::string SpacedJson(const Json& value) {
  if (!value.is_structured()) return value.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string text;
  for (const auto& [key, part] : value.items()) {
    if (!text.empty()) text += ", ";
    if (value.is_object()) text += Json(key).dump(-1, ' ', true, Json::error_handler_t::replace) + ": ";
    text += SpacedJson(part);
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

std::string LineOf(const transform::ListedNode& node, const DbtInvocation& invocation) {
  const std::string output = invocation.flags.Text("output");
  if (invocation.context.json || output == "json") {
    return SpacedJson(ChooseKeys(node.description, invocation.flags.List("output_keys")));
  }
  if (output == "name") return node.name;
  if (output == "path") return node.path;
  return node.selector;
}

/// Those that the first word of the selection names, as dbt has it: not the tests that come along.
std::vector<transform::CompiledNode> Named(std::vector<transform::CompiledNode> nodes,
                                           const DbtInvocation& invocation) {
  const std::string first = invocation.options.select.empty() ? "" : invocation.options.select.front();
  std::erase_if(nodes, [&](const transform::CompiledNode& node) {
    return !node.name.empty() && (first.empty() || first.find(node.name) == std::string::npos);
  });
  return nodes;
}

/// A list of the objects that stand on lines.
std::string JoinLines(std::string lines) {
  if (lines.ends_with('\n')) lines.pop_back();
  std::ranges::replace(lines, '\n', ',');
  return "[" + lines + "]";
}

/// Shows the first rows of a node's query.
Status Preview(const DbtInvocation& invocation, engine::Session& session, const transform::CompiledNode& node) {
  constexpr std::int64_t kUnlimited = 1'000'000;
  const bool is_json = invocation.context.json || invocation.flags.Text("output") == "json";
  const std::int64_t limit = invocation.flags.Number("limit").value_or(kRowsShown);
  std::ostringstream rows;
  const bool is_line = invocation.context.json;
  const OutputFormat format = is_line ? OutputFormat::kNdjson : is_json ? OutputFormat::kJson : OutputFormat::kTable;
  auto writer = MakeResultWriter(format, rows, TerminalWidth(STDOUT_FILENO), limit < 0 ? kUnlimited : limit);
  const std::string bound = limit < 0 ? "" : fmt::format("\nlimit {}", limit);
  SMELT_TRY(session.Stream(fmt::format("from (\n{}\n){}", node.sql, bound), *writer));
  SMELT_TRY(writer->Finish());
  if (is_json) {
    const std::string name = node.name.empty() ? "" : fmt::format("\"node\": {}, ", JsonText(Json(node.name)));
    std::cout << fmt::format("{{{}\"show\": {}}}\n", name, is_line ? JoinLines(rows.str()) : rows.str());
    return {};
  }
  if (!invocation.is_quiet) {
    std::cout << (node.name.empty() ? "Previewing inline node:\n" : fmt::format("Previewing node '{}':\n", node.name));
  }
  std::cout << rows.str();
  return {};
}

}  // namespace

Result<int> RunParse(DbtInvocation& invocation) {
  PrintNotes(invocation);
  PrintTo(invocation);
  SMELT_ASSIGN(transform::ProjectSummary summary, transform::ParseProject(invocation.options));
  if (invocation.context.json) {
    PrintLine({{"found", summary.Text()}, {"seconds", summary.seconds}});
  } else if (!invocation.is_quiet) {
    std::cout << fmt::format("Found {} ({})\n", summary.Text(), FormatSeconds(summary.seconds));
  }
  return 0;
}

Result<int> RunList(DbtInvocation& invocation) {
  PrintNotes(invocation);
  SMELT_ASSIGN(auto nodes, transform::ListNodes(invocation.options));
  if (nodes.empty() && !invocation.is_quiet) std::cerr << "No nodes selected!\n";
  for (const transform::ListedNode& node : nodes) std::cout << LineOf(node, invocation) << "\n";
  return 0;
}

namespace {

/// The nodes of the selection, or the query of --inline.
Result<std::vector<transform::CompiledNode>> Compiled(DbtInvocation& invocation, engine::Engine& engine) {
  if (!invocation.flags.Has("inline")) {
    return transform::CompileNodes(engine, invocation.options, invocation.context.stop);
  }
  SMELT_ASSIGN(
      transform::CompiledNode query,
      transform::CompileInline(engine, invocation.options, invocation.flags.Text("inline"), invocation.context.stop));
  return std::vector{std::move(query)};
}

void PrintCompiled(const DbtInvocation& invocation, const transform::CompiledNode& node) {
  if (invocation.context.json || invocation.flags.Text("output") == "json") {
    Json shown = {{"compiled", node.sql}};
    if (!node.name.empty()) shown["node"] = node.name;
    std::cout << JsonText(shown) << "\n";
    return;
  }
  if (!invocation.is_quiet) {
    std::cout << (node.name.empty() ? "Compiled inline node is:\n"
                                    : fmt::format("Compiled node '{}' is:\n", node.name));
  }
  std::cout << node.sql << "\n";
}

}  // namespace

Result<int> RunCompile(DbtInvocation& invocation) {
  SMELT_ASSIGN(auto engine, OpenEngine(invocation, engine::MissingLake::kAwaitWrite));
  PrintNotes(invocation);
  PrintTo(invocation);
  SMELT_ASSIGN(auto nodes, Compiled(invocation, *engine));
  const std::size_t count = nodes.size();
  const auto named = Named(std::move(nodes), invocation);
  for (const transform::CompiledNode& node : named) PrintCompiled(invocation, node);
  const bool is_json = invocation.context.json || invocation.flags.Text("output") == "json";
  if (named.empty() && !invocation.is_quiet && !is_json) {
    std::cout << fmt::format("{} nodes compiled into {}/compiled\n", count, invocation.options.target_dir);
  }
  return 0;
}

Result<int> RunShow(DbtInvocation& invocation) {
  SMELT_ASSIGN(auto engine, OpenEngine(invocation, engine::MissingLake::kAwaitWrite));
  PrintNotes(invocation);
  PrintTo(invocation);
  std::vector<transform::CompiledNode> nodes;
  if (invocation.flags.Has("inline_direct")) {
    nodes.push_back({"", "", invocation.flags.Text("inline_direct"), ""});
  } else {
    if (invocation.options.select.empty() && !invocation.flags.Has("inline")) {
      return Fail(Error(ErrorCode::kUsage, "show wants one node or query").Hint("name it: smelt show --select orders"));
    }
    SMELT_ASSIGN(nodes, Compiled(invocation, *engine));
    nodes = Named(std::move(nodes), invocation);
  }
  SMELT_ASSIGN(auto session, engine->Connect());
  session->ObserveStop(invocation.context.stop);
  for (const transform::CompiledNode& node : nodes) {
    const Status shown = Preview(invocation, *session, node);
    if (shown) continue;
    if (shown.error().code() == ErrorCode::kCancelled) return Fail(shown.error());
    ReportError(invocation.context, shown.error());
    return 1;
  }
  return 0;
}

Result<int> RunDocs(DbtInvocation& invocation) {
  SMELT_ASSIGN(auto engine, OpenEngine(invocation, engine::MissingLake::kAwaitWrite));
  PrintNotes(invocation);
  PrintTo(invocation);
  // First of all: artefacts name its file.
  SMELT_TRY(transform::TraceLineage(*engine, invocation.options, {}, invocation.context.stop));
  std::vector<transform::CompiledNode> compiled;
  if (invocation.flags.On("compile", true)) {
    SMELT_ASSIGN(compiled, transform::CompileNodes(*engine, invocation.options, invocation.context.stop));
  }
  const bool is_empty = invocation.flags.On("empty_catalog");
  SMELT_ASSIGN(std::string path, transform::WriteCatalogOf(*engine, invocation.options, is_empty));
  SMELT_ASSIGN(std::string page,
               transform::WriteDocsPage(*engine, invocation.options, compiled, is_empty, invocation.context.stop));
  if (invocation.flags.On("static")) {
    // The page needs nothing beside it in any case.
    SMELT_ASSIGN(const std::string text, ReadWholeFile(page));
    page = invocation.options.target_dir + "/static_index.html";
    SMELT_TRY(WriteWholeFile(page, text));
  }
  if (invocation.context.json) {
    PrintLine({{"catalog", path}, {"page", page}});
  } else if (!invocation.is_quiet) {
    std::cout << fmt::format("Catalog written to {}\nPage written to {}\n", path, page);
  }
  return 0;
}

}  // namespace smelt::app
