#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/init_template.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/terminal/report_view.h"
#include "base/ascii.h"
#include "base/file.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

/// dbt wants a project's name in letters, digits and underscores.
std::string ProjectName(const std::string& folder) {
  std::string name;
  for (char c : folder) {
    bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    name += plain ? LowerAscii(c) : '_';
  }
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) name = "project_" + name;
  return name;
}

std::string Fill(std::string_view text, const std::string& name) {
  constexpr std::string_view kMark = "<<name>>";
  std::string filled(text);
  for (std::size_t at = filled.find(kMark); at != std::string::npos; at = filled.find(kMark, at + name.size())) {
    filled.replace(at, kMark.size(), name);
  }
  return filled;
}

Result<int> Init(const CommandContext& context, const std::string& folder) {
  std::error_code ignored;
  fs::path base = fs::absolute(folder, ignored).lexically_normal();
  if (!base.has_filename()) base = base.parent_path();
  for (const TemplateFile& file : ProjectTemplate()) {
    if (fs::exists(base / file.path, ignored)) {
      return std::unexpected(Error(ErrorCode::kUsage, fmt::format("'{}' exists already", (base / file.path).string()))
                                 .Hint("name an empty or new folder"));
    }
  }
  std::string name = ProjectName(base.filename().string());
  for (const TemplateFile& file : ProjectTemplate()) {
    SMELT_TRY(WriteWholeFile((base / file.path).string(), Fill(file.text, name)));
    if (context.json) {
      std::cout << JsonText(Json({{"file", (base / file.path).string()}})) << "\n";
    } else {
      std::cout << "  " << file.path << "\n";
    }
  }
  if (!context.json) {
    std::cout << RenderNext(
        {fmt::format("{}smelt pipeline run daily", folder == "." ? "" : "cd " + ShellWord(folder) + " && "),
         "smelt sql --lake lake -c \"from gold.daily_revenue\""},
        DescribeTerminal(STDOUT_FILENO));
  }
  return 0;
}

}  // namespace

void AddInitCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("init", "Write a small working project");
  command->footer("Example: smelt init shop");
  auto folder = std::make_shared<std::string>(".");
  command->add_option("folder", *folder, "Where to; it may be new")->type_name("DIR");
  AddJsonOption(*command, context);
  command->callback([&context, folder] { context.action = [&context, folder] { return Init(context, *folder); }; });
}

}  // namespace smelt::app
