#include "app/internal/shell.h"

#include <editline/readline.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

#include "app/internal/sql_runner.h"
#include "app/internal/sql_script.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/config.h"
#include "base/file.h"
#include "base/version.h"

namespace smelt::app {
namespace {

constexpr int kHistoryLinesMax = 10'000;
/// A screen or two; `.rows` changes it.
constexpr std::int64_t kRowsMax = 40;
constexpr int kControlC = 3;
constexpr const char* kHelp = R"(.tables [SCHEMA]    tables and views with their rows and size
.schema TABLE       columns of a table
.history TABLE      commits of a table
.format NAME        table, csv, json or ndjson
.rows N             rows that a table shows
.read FILE          run the statements of a file
.quit               leave (or Ctrl-D)
A statement ends with ';' and may span lines. Ctrl-C cancels the line or the running statement.
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
  void Add(const std::string& entry) {
    if (!entry.empty()) add_history(entry.c_str());
  }

 private:
  std::filesystem::path path_;
};

/// Set by Ctrl-C on the line that is being typed. The line editor calls back without an argument to tell it whose.
bool line_cancelled = false;

int CancelLine(int, int) {
  line_cancelled = true;
  rl_done = 1;
  return 0;
}

/// Reads lines on the terminal. While a line is typed, Ctrl-C is a key; while a statement runs, it is a signal. Keys
/// typed meanwhile wait for the next line. Ctrl-D is one of them: as the end of input, the terminal would drop it.
class LineReader {
 public:
  LineReader() {
    known_ = tcgetattr(STDIN_FILENO, &original_) == 0;
    running_ = original_;
    running_.c_cc[VEOF] = _POSIX_VDISABLE;
    typing_ = running_;
    typing_.c_cc[VINTR] = _POSIX_VDISABLE;
    rl_initialize();
    rl_add_defun("smelt-cancel-line", CancelLine, kControlC);
  }
  ~LineReader() { Restore(); }

  struct Line {
    std::string text;
    bool cancelled = false;
  };

  /// Nothing at the end of the input.
  std::optional<Line> Read(const char* prompt) {
    std::cout.flush();
    line_cancelled = false;
    rl_done = 0;
    if (known_) tcsetattr(STDIN_FILENO, TCSADRAIN, &typing_);
    std::unique_ptr<char, decltype(&std::free)> line(readline(prompt), &std::free);
    if (known_) tcsetattr(STDIN_FILENO, TCSADRAIN, &running_);
    if (line_cancelled) return Line{"", true};
    if (line == nullptr) return std::nullopt;
    return Line{line.get()};
  }

  /// Gives the terminal back as it was. Fit to be called from another thread before the program ends.
  void Restore() const {
    if (known_) tcsetattr(STDIN_FILENO, TCSADRAIN, &original_);
  }

 private:
  bool known_ = false;
  termios original_ = {};
  termios running_ = {};
  termios typing_ = {};
};

std::string Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kSpace) - begin + 1));
}

class Shell {
 public:
  Shell(const CommandContext& context, engine::Engine& engine, engine::Session& session)
      : context_(context), engine_(engine), session_(session) {}

  void Run() {
    std::cout << fmt::format("smelt {} on {}. Statements end with ';', .help helps, Ctrl-D leaves.\n", kSmeltVersion,
                             context_.lake);
    std::error_code ignored;
    if (context_.lake.find("://") == std::string::npos && !std::filesystem::is_directory(context_.lake, ignored)) {
      std::cout << "There is no lake yet: its first table makes it.\n";
    }
    LineReader reader;
    // At the prompt, nothing else would notice that the program is to end.
    std::stop_callback on_stop(context_.stop, [&reader] {
      reader.Restore();
      _exit(Describe(ErrorCode::kCancelled).exit_code);
    });
    History history;
    std::string pending;
    while (auto line = reader.Read(pending.empty() ? "smelt> " : "   ..> ")) {
      if (line->cancelled) {
        std::cout << "^C\n";
        pending.clear();
        continue;
      }
      const std::string word = Trimmed(line->text);
      if (pending.empty() && IsShellCommand(word)) {
        history.Add(word);
        if (!Command(word)) return;
        continue;
      }
      pending += line->text + "\n";
      if (!IsComplete(pending)) continue;
      history.Add(OnOneLine(pending));
      RunStatements(pending);
      pending.clear();
    }
    std::cout << "\n";
  }

 private:
  static bool IsShellCommand(const std::string& text) {
    constexpr std::array<std::string_view, 4> kWords = {"quit", "exit", "help", "\\q"};
    return text.starts_with('.') || std::ranges::find(kWords, text) != kWords.end();
  }

  void RunStatements(const std::string& script) {
    Status status = RunScript(session_, script, view_);
    if (status) return;
    std::cout.flush();
    if (status.error().code() == ErrorCode::kCancelled) {
      std::cout << "cancelled\n";
    } else {
      ReportError(context_, status.error());
    }
  }

  /// Returns false when the shell is to end.
  bool Command(std::string text) {
    while (text.ends_with(';') || text.ends_with(' ')) text.pop_back();
    const std::size_t space = text.find(' ');
    const std::string name = text.substr(0, space);
    const std::string argument = space == std::string::npos ? "" : Trimmed(text.substr(space));
    if (name == ".quit" || name == ".exit" || name == "quit" || name == "exit" || name == "\\q") return false;
    if (name == ".help" || name == "help") {
      std::cout << kHelp;
      return true;
    }
    if (auto status = Act(name, argument); !status) ReportError(context_, status.error());
    return true;
  }

  Status Act(const std::string& name, const std::string& argument) {
    if (name == ".tables") return ShowTables(argument);
    if (name == ".format") {
      SMELT_ASSIGN(view_.format, ParseOutputFormat(argument));
      return {};
    }
    constexpr std::array<std::string_view, 8> kNames = {".tables", ".schema", ".history", ".format",
                                                        ".rows",   ".read",   ".quit",    ".help"};
    if (std::ranges::find(kNames, name) == kNames.end()) {
      const std::string nearest = NearestWord(name, {kNames.begin(), kNames.end()});
      return std::unexpected(
          Error(ErrorCode::kUsage, fmt::format("there is no shell command '{}'", name))
              .Hint(nearest.empty() ? ".help lists them" : fmt::format("did you mean {}? .help lists all", nearest)));
    }
    if (argument.empty()) return Fail(ErrorCode::kUsage, fmt::format("{} wants an argument; .help shows which", name));
    if (name == ".schema") {
      RunStatements("select column_name, column_type from (describe " + argument + ");");
    } else if (name == ".history") {
      RunStatements(
          fmt::format("select version, timestamp, operation, rows_added, files_added, files_removed "
                      "from table_history({});",
                      engine::QuoteLiteral(argument)));
    } else if (name == ".read") {
      SMELT_ASSIGN(const std::string script, ReadWholeFile(argument));
      RunStatements(script);
    } else {
      char* end = nullptr;
      const std::int64_t rows = std::strtoll(argument.c_str(), &end, 10);
      if (*end != '\0' || rows < 0) return Fail(ErrorCode::kUsage, ".rows wants a number");
      view_.rows_max = rows;
    }
    return {};
  }

  Status ShowTables(const std::string& schema) {
    SMELT_ASSIGN(auto tables, engine_.Tables(schema));
    TableContent content;
    content.columns = {{"table"}, {"kind"}, {"rows", true}, {"size", true}, {"files", true}, {"version", true}};
    for (const engine::TableInfo& table : tables) {
      const std::string name = table.schema + "." + table.table;
      if (table.is_view) {
        content.rows.push_back({name, "view", "", "", "", ""});
      } else {
        content.rows.push_back({name, "table", table.rows < 0 ? "?" : FormatCount(table.rows), FormatBytes(table.bytes),
                                FormatCount(table.files), FormatCount(table.version)});
      }
    }
    const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
    std::cout << RenderTable(content, TerminalWidth(STDOUT_FILENO),
                             {.unicode = terminal.unicode, .color = terminal.color});
    return {};
  }

  const CommandContext& context_;
  engine::Engine& engine_;
  engine::Session& session_;
  SqlView view_{.rows_max = kRowsMax, .timing = true};
};

}  // namespace

Result<int> RunShell(const CommandContext& context, engine::Engine& engine, engine::Session& session) {
  context.signals->OnInterrupt([&session] { session.Interrupt(); });
  Shell(context, engine, session).Run();
  context.signals->OnInterrupt({});
  return 0;
}

}  // namespace smelt::app
