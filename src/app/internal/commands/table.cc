#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/command.h"
#include "app/internal/result_writer.h"
#include "app/internal/terminal/terminal.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kRowsMax = 1'000;

/// What the options of all `smelt table` commands set; each uses some of them.
struct TableOptions {
  std::string table;
  std::string target;
  std::string where;
  std::string curve;
  std::string timestamp;
  std::vector<std::string> zorder;
  std::optional<std::int64_t> version;
  std::optional<std::int64_t> target_file_bytes;
  std::optional<double> retain_hours;
  bool dry_run = false;
  bool force = false;
  bool lite = false;
  bool purge = false;
  bool full = false;
  bool repair = false;
  bool shallow = false;
};

/// The call of a table function in SQL, put together argument by argument.
class FunctionCall {
 public:
  FunctionCall(std::string_view function, const std::string& table)
      : text_(fmt::format("{}({}", function, engine::QuoteLiteral(table))) {}

  FunctionCall& Argument(const std::string& value) { return Append(engine::QuoteLiteral(value)); }
  /// The name is quoted: `where` and `timestamp` are words of SQL.
  FunctionCall& Text(std::string_view name, const std::string& value) {
    return value.empty() ? *this : Append(fmt::format("\"{}\" => {}", name, engine::QuoteLiteral(value)));
  }
  template <typename T>
  FunctionCall& Number(std::string_view name, const std::optional<T>& value) {
    return value ? Append(fmt::format("{} => {}", name, *value)) : *this;
  }
  FunctionCall& Flag(std::string_view name, bool value) {
    return value ? Append(fmt::format("{} => true", name)) : *this;
  }
  FunctionCall& Texts(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return *this;
    std::string list;
    for (const std::string& value : values) list += (list.empty() ? "" : ", ") + engine::QuoteLiteral(value);
    return Append(fmt::format("{} => [{}]", name, list));
  }
  std::string Sql() const { return text_ + ")"; }

 private:
  FunctionCall& Append(const std::string& argument) {
    text_ += ", " + argument;
    return *this;
  }

  std::string text_;
};

Result<int> Show(const CommandContext& context, const std::string& sql) {
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(auto session, engine->Connect());
  session->ObserveStop(context.stop);
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  auto writer =
      MakeResultWriter(context.json ? OutputFormat::kNdjson : OutputFormat::kTable, std::cout,
                       TerminalWidth(STDOUT_FILENO), kRowsMax, {.unicode = terminal.unicode, .color = terminal.color});
  SMELT_TRY(session->Stream(sql, *writer));
  SMELT_TRY(writer->Finish());
  return 0;
}

std::string HistorySql(const CommandContext& context, const TableOptions& options) {
  // For people, what fits 80 columns whole: minutes, and files added and removed in one.
  const char* columns = context.json
                            ? "*"
                            : "version, left(timestamp::varchar, 16) as committed, operation, rows_added as rows, "
                              "concat('+', coalesce(files_added, 0), ' -', coalesce(files_removed, 0)) as files, "
                              "engine";
  return fmt::format("select {} from {} order by version desc", columns,
                     FunctionCall("table_history", options.table).Sql());
}

/// For people, one line per property: the row is wider than any screen.
std::string DetailSql(const CommandContext& context, const TableOptions& options) {
  const std::string call = FunctionCall("table_detail", options.table).Sql();
  if (context.json) return "select * from " + call;
  return fmt::format(
      "select property, value from (unpivot (select columns(*)::varchar from {}) on columns(*) into name property "
      "value value)",
      call);
}

std::string OptimizeSql(const CommandContext&, const TableOptions& options) {
  FunctionCall call("optimize", options.table);
  call.Texts("zorder", options.zorder).Text("curve", options.curve).Text("where", options.where);
  call.Number("target_file_bytes", options.target_file_bytes).Flag("purge", options.purge).Flag("full", options.full);
  return "select * from " + call.Flag("dry_run", options.dry_run).Sql();
}

std::string VacuumSql(const CommandContext&, const TableOptions& options) {
  FunctionCall call("vacuum", options.table);
  call.Number("retain_hours", options.retain_hours).Flag("lite", options.lite);
  if (options.force) call.Number("retention_check", std::optional(false));
  return "select * from " + call.Flag("dry_run", options.dry_run).Sql();
}

std::string RestoreSql(const CommandContext&, const TableOptions& options) {
  FunctionCall call("restore", options.table);
  call.Number("version", options.version).Text("timestamp", options.timestamp);
  return "select * from " + call.Flag("dry_run", options.dry_run).Sql();
}

std::string CloneSql(const CommandContext&, const TableOptions& options) {
  FunctionCall call("clone", options.table);
  call.Argument(options.target).Number("version", options.version).Text("timestamp", options.timestamp);
  return "select * from " + call.Flag("shallow", options.shallow).Sql();
}

std::string ConvertSql(const CommandContext&, const TableOptions& options) {
  return "select * from " + FunctionCall("convert", options.table).Sql();
}

std::string ReorgSql(const CommandContext&, const TableOptions& options) {
  return "select * from " + FunctionCall("reorg", options.table).Text("where", options.where).Sql();
}

std::string StatisticsSql(const CommandContext&, const TableOptions& options) {
  return "select * from " + FunctionCall("compute_statistics", options.table).Flag("full", options.full).Sql();
}

std::string FsckSql(const CommandContext&, const TableOptions& options) {
  return "select * from " + FunctionCall("fsck", options.table).Flag("repair", options.repair).Sql();
}

/// One of the commands: how it is called, and the statement that does it.
struct TableCommand {
  const char* name;
  const char* summary;
  const char* example;
  std::string (*sql)(const CommandContext& context, const TableOptions& options);
  void (*add_options)(CLI::App& command, TableOptions& options);
};

void AddNoOptions(CLI::App&, TableOptions&) {}

void AddDryRun(CLI::App& command, TableOptions& options) {
  command.add_flag("--dry-run", options.dry_run, "List what would change, and change nothing");
}

void AddVersionOptions(CLI::App& command, TableOptions& options) {
  auto* version = command.add_option("--version", options.version, "A version of the table")->type_name("N");
  command.add_option("--timestamp", options.timestamp, "The version that was current then")
      ->type_name("TIME")
      ->excludes(version);
}

void AddWhere(CLI::App& command, TableOptions& options) {
  command.add_option("--where", options.where, "Only the partitions that this SQL condition selects")->type_name("SQL");
}

void AddStatisticsOptions(CLI::App& command, TableOptions& options) {
  command.add_flag("--full", options.full, "Describe all files, those with statistics, too");
}

void AddOptimizeOptions(CLI::App& command, TableOptions& options) {
  AddWhere(command, options);
  command.add_option("--zorder", options.zorder, "Sort rows along a curve through these columns, a,b,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("COLUMNS");
  command.add_option("--curve", options.curve, "The curve: zorder (the default) or hilbert")->type_name("NAME");
  command.add_option("--target-file-bytes", options.target_file_bytes, "Size of new files; the table's otherwise")
      ->type_name("N");
  command.add_flag("--purge", options.purge, "Rewrite every file that has deleted rows");
  command.add_flag("--full", options.full, "Cluster all files of a clustered table anew");
  AddDryRun(command, options);
}

void AddVacuumOptions(CLI::App& command, TableOptions& options) {
  command.add_option("--retain-hours", options.retain_hours, "Keep what left the table since; the table's otherwise")
      ->type_name("H");
  command.add_flag("--force", options.force, "Allow less than the table's retention");
  command.add_flag("--lite", options.lite, "Look at the log only, not at the folder");
  AddDryRun(command, options);
}

void AddRestoreOptions(CLI::App& command, TableOptions& options) {
  AddVersionOptions(command, options);
  AddDryRun(command, options);
}

void AddCloneOptions(CLI::App& command, TableOptions& options) {
  command.add_option("target", options.target, "The new table, schema.table")->required();
  command.add_flag("--shallow", options.shallow, "Refer to the source's files instead of copying them");
  AddVersionOptions(command, options);
}

void AddFsckOptions(CLI::App& command, TableOptions& options) {
  command.add_flag("--repair", options.repair, "Take missing files out of the table; their rows are lost");
}

constexpr TableCommand kTableCommands[] = {
    {"history", "The commits of a table, newest first", "smelt table history silver.orders --lake lake", HistorySql,
     AddNoOptions},
    {"detail", "Size, files, properties and protocol of a table", "smelt table detail silver.orders --lake lake",
     DetailSql, AddNoOptions},
    {"optimize", "Pack small files into large ones, or sort rows so that queries can skip files",
     "smelt table optimize silver.orders --zorder customer_id,seller_id --lake lake", OptimizeSql, AddOptimizeOptions},
    {"reorg", "Rewrite the files that hold deleted rows or dropped columns",
     "smelt table reorg silver.orders --lake lake", ReorgSql, AddWhere},
    {"statistics", "Compute the statistics of files whose writers left none",
     "smelt table statistics bronze.events --lake lake", StatisticsSql, AddStatisticsOptions},
    {"vacuum", "Delete files that no version within the retention needs",
     "smelt table vacuum silver.orders --dry-run --lake lake", VacuumSql, AddVacuumOptions},
    {"restore", "Make a table what it was at a version or time",
     "smelt table restore silver.orders --version 3 --lake lake", RestoreSql, AddRestoreOptions},
    {"clone", "Make a new table with the state of another",
     "smelt table clone silver.orders main.orders_copy --lake lake", CloneSql, AddCloneOptions},
    {"convert", "Make a Delta table of a folder of Parquet files, in place",
     "smelt table convert bronze.events --lake lake", ConvertSql, AddNoOptions},
    {"fsck", "Find files that the log names and that are gone, and files that it does not name",
     "smelt table fsck silver.orders --lake lake", FsckSql, AddFsckOptions},
};

}  // namespace

void AddTableCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("table", "Look at one table and maintain it");
  command->require_subcommand(1);
  command->footer("Example: smelt table history silver.orders --lake lake");
  for (const TableCommand& description : kTableCommands) {
    auto* added = command->add_subcommand(description.name, description.summary);
    added->footer(fmt::format("Example: {}", description.example));
    auto options = std::make_shared<TableOptions>();
    added->add_option("table", options->table, "schema.table")->required();
    description.add_options(*added, *options);
    AddLakeOptions(*added, context);
    AddJsonOption(*added, context);
    added->callback([&context, options, sql = description.sql] {
      context.action = [&context, options, sql] { return Show(context, sql(context, *options)); };
    });
  }
}

}  // namespace smelt::app
