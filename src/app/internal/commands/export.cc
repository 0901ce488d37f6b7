#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <set>

#include "app/internal/command.h"
#include "app/internal/exports/definition.h"
#include "app/internal/exports/workbook_export.h"
#include "app/internal/terminal/progress_view.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "workbook/sheet_name.h"

namespace smelt::app {
namespace {

/// A sheet as the command line names it, in the order of the words.
struct SheetWord {
  bool is_table = false;
  std::string text;
};

struct ExportOptions {
  std::string name;
  std::string file;
  std::string as_of;
  std::vector<SheetWord> sheets;
};

void PrintExportLine(const Json& line) {
  std::cout << JsonText(line) << "\n";
}

/// Whether the right side of --sheet is the name of a table: anything else has a blank or a bracket.
bool LooksLikeTable(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return std::isspace(c) != 0 || c == '(' || c == ';'; });
}

Result<SheetOrder> SheetOfWord(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || equals + 1 == word.size()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("--sheet {} does not say what is in the sheet", word))
                    .Hint("write --sheet \"Sales=select * from gold.monthly_revenue\""));
  }
  SheetOrder sheet{.name = word.substr(0, equals), .sql = word.substr(equals + 1)};
  if (LooksLikeTable(sheet.sql)) {
    SMELT_ASSIGN(sheet.sql, QueryOfTable(sheet.sql));
  }
  return sheet;
}

/// The sheets of the command line. One of a table is named after it, with its schema where that name is taken.
Result<std::vector<SheetOrder>> SheetsOfWords(const std::vector<SheetWord>& words) {
  std::vector<SheetOrder> sheets;
  std::set<std::string> taken;
  for (const SheetWord& word : words) {
    if (word.is_table) continue;
    const std::size_t equals = word.text.find('=');
    taken.insert(workbook::FoldSheetName(word.text.substr(0, equals)));
  }
  for (const SheetWord& word : words) {
    if (!word.is_table) {
      SMELT_ASSIGN(SheetOrder sheet, SheetOfWord(word.text));
      sheets.push_back(std::move(sheet));
      continue;
    }
    SheetOrder sheet{.name = word.text.substr(word.text.rfind('.') + 1), .sql = {}};
    SMELT_ASSIGN(sheet.sql, QueryOfTable(word.text));
    if (taken.contains(workbook::FoldSheetName(sheet.name))) sheet.name = word.text;
    sheet.name = workbook::FitSheetName(sheet.name, taken);
    taken.insert(workbook::FoldSheetName(sheet.name));
    sheets.push_back(std::move(sheet));
  }
  return sheets;
}

Result<ExportGallery> GalleryOfProject(CommandContext& context) {
  SMELT_ASSIGN(const ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  return ReadExports(project.dir + "/exports");
}

Result<WorkbookOrder> OrderOfExport(CommandContext& context, const ExportOptions& options) {
  WorkbookOrder order{.path = options.file, .as_of = options.as_of};
  if (options.name.empty()) {
    if (options.file.empty()) {
      return Fail(Error(ErrorCode::kUsage, "what is to be exported?")
                      .Hint("name a file and sheets, as in --xlsx out.xlsx --table gold.dim_products, or an export of "
                            "the project: `smelt export list` shows them"));
    }
    SMELT_ASSIGN(order.sheets, SheetsOfWords(options.sheets));
    return order;
  }
  if (!options.sheets.empty()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the export '{}' has its own sheets", options.name))
                    .Hint("leave out the name, or --table and --sheet"));
  }
  SMELT_ASSIGN(const ExportGallery gallery, GalleryOfProject(context));
  SMELT_ASSIGN(ExportDefinition definition, FindExport(gallery, options.name));
  order.title = definition.title;
  order.sheets = std::move(definition.sheets);
  if (order.path.empty()) order.path = definition.name + ".xlsx";
  return order;
}

void PrintWorkbook(const CommandContext& context, const WorkbookOrder& order, const WorkbookWritten& written) {
  if (!context.json) {
    for (const SheetWritten& sheet : written.sheets) {
      if (sheet.kept_as_text == 0) continue;
      std::cout << fmt::format("sheet '{}' has {} number{} or date{} as text: Excel cannot hold {} exactly\n",
                               OneLine(sheet.name), FormatCount(sheet.kept_as_text), sheet.kept_as_text == 1 ? "" : "s",
                               sheet.kept_as_text == 1 ? "" : "s", sheet.kept_as_text == 1 ? "it" : "them");
    }
    std::cout << fmt::format("{}  {}, {} sheet{}\n", OneLine(order.path), FormatBytes(written.bytes),
                             written.sheets.size(), written.sheets.size() == 1 ? "" : "s");
    return;
  }
  for (const SheetWritten& sheet : written.sheets) {
    PrintExportLine({{"sheet", sheet.name},
                     {"rows", sheet.rows},
                     {"columns", sheet.columns},
                     {"kept_as_text", sheet.kept_as_text}});
  }
  Json tables = Json::object();
  for (const TableExported& table : written.tables) tables[table.table] = table.version;
  PrintExportLine({{"file", order.path},
                   {"bytes", written.bytes},
                   {"sheets", written.sheets.size()},
                   {"table_versions", std::move(tables)}});
}

Result<int> WriteExport(CommandContext& context, const ExportOptions& options) {
  SMELT_ASSIGN(const WorkbookOrder order, OrderOfExport(context, options));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  ProgressOptions shown = ProgressTo(STDOUT_FILENO, false);
  if (context.json) shown.style = ProgressStyle::kSilent;
  ProgressView progress(std::move(shown));
  auto written = WriteWorkbook(*engine, order, progress, context.stop);
  progress.Stop();
  if (!written) return Fail(std::move(written.error()));
  PrintWorkbook(context, order, *written);
  return 0;
}

Result<int> ListExports(CommandContext& context) {
  SMELT_ASSIGN(const ExportGallery gallery, GalleryOfProject(context));
  for (const auto& [name, definition] : gallery.exports) {
    if (context.json) {
      Json sheets = Json::array();
      for (const SheetOrder& sheet : definition.sheets) sheets.push_back(sheet.name);
      PrintExportLine({{"export", name},
                       {"title", definition.title},
                       {"owner", definition.owner},
                       {"sheets", std::move(sheets)},
                       {"file", definition.file}});
    } else {
      std::cout << PadRight(OneLine(name), 24) << OneLine(definition.title)
                << (definition.owner.empty() ? "" : OneLine(" (" + definition.owner + ")")) << "\n";
    }
  }
  int exit_code = 0;
  for (const auto& [file, error] : gallery.faults) exit_code = ReportError(context, error);
  if (context.json) return exit_code;
  if (gallery.exports.empty() && gallery.faults.empty()) {
    std::cout << "the project has no exports\n";
  } else if (!gallery.exports.empty()) {
    std::cout << "\nNext:\n  smelt export " << gallery.exports.begin()->first << "\n";
  }
  return exit_code;
}

}  // namespace

void AddWorkbookExportCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("export", "Write tables and queries as an Excel workbook");
  command->footer(
      "Every table and query becomes a sheet, in the order in which they are named, all of one state of the lake.\n"
      "NAME is an export of the project, a file of its folder exports/.\n"
      "Example: smelt export --xlsx out.xlsx --table gold.customer_rfm --sheet \"Sales=from gold.monthly_revenue\" "
      "--lake lake");
  auto options = std::make_shared<ExportOptions>();
  command->add_option("name", options->name, "An export of the project")->type_name("NAME");
  command->add_option("--xlsx", options->file, "The file to write; of an export without it, NAME.xlsx")
      ->type_name("FILE");
  const auto add = [options](bool is_table) {
    return [options, is_table](const std::string& text) {
      options->sheets.push_back({.is_table = is_table, .text = text});
    };
  };
  command->add_option_function<std::string>("--table", add(true), "A table or view, as a sheet of its name")
      ->type_name("SCHEMA.TABLE")
      ->trigger_on_parse()
      ->take_last();
  command
      ->add_option_function<std::string>("--sheet", add(false),
                                         "A sheet with a query or table, as in \"Sales=select …\"")
      ->type_name("NAME=SQL")
      ->trigger_on_parse()
      ->take_last();
  command->add_option("--as-of", options->as_of, "Read the tables as they were at this instant")->type_name("TIME");
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, options, command] {
    // Also called after the command below it.
    if (!command->get_subcommands().empty()) return;
    context.action = [&context, options] { return WriteExport(context, *options); };
  });

  auto* list = command->add_subcommand("list", "Show the exports of the project");
  list->footer("Example: smelt export list --project-dir projects/physical");
  AddProjectOption(*list, context);
  AddJsonOption(*list, context);
  list->callback([&context] { context.action = [&context] { return ListExports(context); }; });
}

}  // namespace smelt::app
