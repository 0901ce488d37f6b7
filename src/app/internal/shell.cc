#include "app/internal/shell.h"

#include <editline/readline.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "app/internal/result_writer.h"
#include "app/internal/terminal/terminal.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

constexpr int kHistoryLinesMax = 10'000;
constexpr std::int64_t kRowsMax = 200;
constexpr const char* kHelp = R"(.tables             tables and views with their rows
.schema TABLE       columns of a table
.history TABLE      commits of a table
.format NAME        table, csv, json or ndjson
.quit               leave (or Ctrl-D)
A statement ends with ';' and may span lines. Ctrl-C stops a running statement.
)";

std::filesystem::path HistoryPath() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state != nullptr && *state != '\0') return std::filesystem::path(state) / "smelt" / "history";
  if (home != nullptr && *home != '\0') return std::filesystem::path(home) / ".local/state/smelt/history";
  return {};
}

/// Keeps the history file for the life of the shell.
class History {
 public:
  History() : path_(HistoryPath()) {
    using_history();
    stifle_history(kHistoryLinesMax);
    if (path_.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(path_.parent_path(), ignored);
    read_history(path_.c_str());
  }
  ~History() {
    if (!path_.empty()) write_history(path_.c_str());
  }
  void Add(std::string statement) {
    for (char& c : statement) {
      if (c == '\n') c = ' ';
    }
    add_history(statement.c_str());
  }

 private:
  std::filesystem::path path_;
};

class Shell {
 public:
  Shell(const CommandContext& context, engine::Session& session) : context_(context), session_(session) {}

  int Run() {
    std::cout << fmt::format("smelt on {}. Statements end with ';', .help helps.\n", context_.lake);
    History history;
    std::string pending;
    while (true) {
      std::unique_ptr<char, decltype(&std::free)> line(readline(pending.empty() ? "smelt> " : "   ..> "), &std::free);
      if (line == nullptr) break;
      std::string text = line.get();
      if (pending.empty() && text.starts_with('.')) {
        history.Add(text);
        if (!DotCommand(text)) break;
        continue;
      }
      pending += text + "\n";
      if (!IsComplete(pending)) continue;
      history.Add(pending.substr(0, pending.size() - 1));
      RunStatements(pending);
      pending.clear();
      if (context_.stop.stop_requested()) break;
    }
    std::cout << "\n";
    return 0;
  }

 private:
  /// Whether the text ends a statement: blank, or a ';' last, with quotes closed.
  static bool IsComplete(const std::string& text) {
    char quote = 0;
    char last = 0;
    for (char c : text) {
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      }
      if (c != ' ' && c != '\n' && c != '\t') last = c;
    }
    return last == 0 || (quote == 0 && last == ';');
  }

  void RunStatements(const std::string& script) {
    auto statements = session_.Split(script);
    if (!statements) {
      ReportError(context_, statements.error());
      return;
    }
    for (const std::string& statement : *statements) {
      double begin = MonotonicSeconds();
      auto writer = MakeResultWriter(format_, std::cout, TerminalWidth(STDOUT_FILENO), kRowsMax);
      Status status = session_.Stream(statement, *writer);
      if (status) status = writer->Finish();
      if (!status) {
        ReportError(context_, status.error());
        return;
      }
      if (format_ == OutputFormat::kTable) std::cout << fmt::format("{:.3f} s\n", MonotonicSeconds() - begin);
    }
  }

  /// Returns false when the shell is to end.
  bool DotCommand(const std::string& text) {
    std::size_t space = text.find(' ');
    std::string name = text.substr(0, space);
    std::string argument = space == std::string::npos ? "" : text.substr(space + 1);
    if (name == ".quit" || name == ".exit") return false;
    if (name == ".tables") {
      RunStatements(
          "select schema, name as \"table\", len(column_names) as columns from (show all tables) "
          "where database = 'lake' order by all;");
    } else if (name == ".schema" && !argument.empty()) {
      RunStatements("select column_name, column_type from (describe " + argument + ");");
    } else if (name == ".history" && !argument.empty()) {
      RunStatements(
          fmt::format("select version, timestamp, operation, rows_added, files_added, files_removed "
                      "from table_history({});",
                      engine::QuoteLiteral(argument)));
    } else if (name == ".format") {
      auto format = ParseOutputFormat(argument);
      if (format) {
        format_ = *format;
      } else {
        ReportError(context_, format.error());
      }
    } else {
      std::cout << kHelp;
    }
    return true;
  }

  const CommandContext& context_;
  engine::Session& session_;
  OutputFormat format_ = OutputFormat::kTable;
};

}  // namespace

Result<int> RunShell(const CommandContext& context, engine::Engine&, engine::Session& session) {
  context.signals->OnInterrupt([&session] { session.Interrupt(); });
  int code = Shell(context, session).Run();
  context.signals->OnInterrupt({});
  return code;
}

}  // namespace smelt::app
