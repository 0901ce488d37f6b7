#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/internal/command.h"
#include "app/internal/lake_of_project.h"
#include "app/internal/print.h"
#include "app/internal/project.h"
#include "app/internal/terminal/list_view.h"
#include "app/internal/terminal/terminal.h"
#include "base/clock.h"
#include "base/digest.h"
#include "serve/access/user_file.h"

namespace smelt::app {
namespace {

struct UsersRequest {
  std::string name;
  std::string role = "reader";
  std::string token;
  std::string expires = "90d";
};

/// Reads a line of a terminal that does not show what is typed.
std::string ReadHidden(const std::string& prompt) {
  std::cerr << prompt << std::flush;
  termios before{};
  const bool is_terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  termios hidden = before;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (is_terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string line;
  std::getline(std::cin, line);
  if (is_terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::cerr << '\n';
  return line;
}

/// The password: asked for twice on a terminal, else the first line of standard input.
Result<Secret> ReadPassword(const std::string& name) {
  std::string text;
  if (::isatty(STDIN_FILENO) != 0) {
    text = ReadHidden(fmt::format("Password of {}: ", name));
    if (ReadHidden("The same again: ") != text) return Fail(ErrorCode::kUsage, "the two passwords differ");
  } else {
    std::getline(std::cin, text);
    if (text.ends_with('\r')) text.pop_back();
  }
  if (text.empty()) {
    return Fail(Error(ErrorCode::kUsage, "there is no password on standard input")
                    .Hint("type it on a terminal, or send it: smelt users add NAME < FILE"));
  }
  Secret password(std::move(text));
  SMELT_TRY(serve::CheckPassword(password));
  return password;
}

Error NoSuchUser(const std::string& name) {
  return Error(ErrorCode::kUsage, fmt::format("there is no user '{}'", name)).Hint("`smelt users list` shows all");
}

/// The file of the users of the lake that is named, or the project's.
Result<std::string> FileOf(CommandContext& context) {
  SMELT_TRY(FindProject(context));
  if (context.lake.empty()) {
    return Fail(Error(ErrorCode::kUsage, "no lake is named").Hint("give --lake or set SMELT_LAKE"));
  }
  std::error_code ignored;
  const bool is_local = context.lake.find("://") == std::string::npos;
  if (is_local && !std::filesystem::is_directory(context.lake, ignored)) {
    return Fail(Error(ErrorCode::kStoreNotFound, fmt::format("there is no lake at '{}'", context.lake))
                    .Hint("name another with --lake"));
  }
  return UsersPath(context.lake);
}

Result<serve::Role> ReadRole(const std::string& text) {
  if (const auto role = serve::RoleOf(text)) return *role;
  return Fail(Error(ErrorCode::kUsage, fmt::format("there is no role '{}'", text))
                  .Hint("a user is a reader, a writer or an operator"));
}

Result<int> AddUser(CommandContext& context, const UsersRequest& request) {
  SMELT_TRY(serve::CheckUserName(request.name));
  SMELT_ASSIGN(const serve::Role role, ReadRole(request.role));
  SMELT_ASSIGN(const std::string path, FileOf(context));
  SMELT_ASSIGN(const serve::Users present, serve::ReadUsers(path));
  const auto taken = [&](const serve::Users& users) -> Status {
    if (users.Find(request.name) == nullptr) return {};
    return Fail(Error(ErrorCode::kUsage, fmt::format("there is a user '{}' already", request.name))
                    .Hint("`smelt users passwd` gives another password, `smelt users role` another role"));
  };
  SMELT_TRY(taken(present));
  SMELT_ASSIGN(const Secret password, ReadPassword(request.name));
  const serve::UserRecord user = serve::MakeUser(request.name, role, password);
  SMELT_TRY(serve::ChangeUsers(path, [&](serve::Users& users) -> Status {
    SMELT_TRY(taken(users));
    users.users.emplace(user.name, user);
    return {};
  }));
  if (context.json) {
    PrintLine({{"user", user.name}, {"role", serve::RoleText(role)}});
  } else {
    std::cout << fmt::format("{} may log in as {}\n", user.name, serve::RoleText(role));
  }
  return 0;
}

Result<int> ListUsers(CommandContext& context) {
  SMELT_ASSIGN(const std::string path, FileOf(context));
  SMELT_ASSIGN(const serve::Users users, serve::ReadUsers(path));
  std::vector<ListEntry> entries;
  for (const auto& [name, user] : users.users) {
    const auto tokens = std::ranges::count(users.tokens, name, &serve::TokenRecord::user);
    if (context.json) {
      PrintLine({{"user", name},
                 {"role", serve::RoleText(user.role)},
                 {"made", FormatUtcMicros(user.made_us)},
                 {"tokens", tokens}});
    } else {
      entries.push_back({.cells = {name, std::string(serve::RoleText(user.role)),
                                   FormatUtcMicros(user.made_us).substr(0, 10), fmt::format("{}", tokens)}});
    }
  }
  if (context.json) return 0;
  if (entries.empty()) {
    std::cout << "no users: a server trusts its own machine and nobody else\n";
  } else {
    PrintList({"user", "role", "since", "tokens"}, entries);
  }
  return 0;
}

/// Changes the record of a user that must be there.
Status ChangeUser(const std::string& path, const std::string& name,
                  const std::function<void(serve::Users&, serve::UserRecord&)>& change) {
  return serve::ChangeUsers(path, [&](serve::Users& users) -> Status {
    const auto found = users.users.find(name);
    if (found == users.users.end()) return Fail(NoSuchUser(name));
    change(users, found->second);
    return {};
  });
}

Result<int> Done(const CommandContext& context, const std::string& user, const char* what) {
  if (context.json) {
    PrintLine({{"user", user}, {"done", what}});
  } else {
    std::cout << fmt::format("{}: {}\n", user, what);
  }
  return 0;
}

Result<int> RemoveUser(CommandContext& context, const UsersRequest& request) {
  SMELT_ASSIGN(const std::string path, FileOf(context));
  SMELT_TRY(serve::ChangeUsers(path, [&](serve::Users& users) -> Status {
    if (users.users.erase(request.name) == 0) return Fail(NoSuchUser(request.name));
    std::erase_if(users.tokens, [&](const serve::TokenRecord& token) { return token.user == request.name; });
    return {};
  }));
  return Done(context, request.name, "removed");
}

Result<int> ChangePassword(CommandContext& context, const UsersRequest& request) {
  SMELT_ASSIGN(const std::string path, FileOf(context));
  SMELT_ASSIGN(const serve::Users present, serve::ReadUsers(path));
  if (present.Find(request.name) == nullptr) return Fail(NoSuchUser(request.name));
  SMELT_ASSIGN(const Secret password, ReadPassword(request.name));
  const serve::UserRecord made = serve::MakeUser(request.name, serve::Role::kReader, password);
  SMELT_TRY(ChangeUser(path, request.name, [&](serve::Users&, serve::UserRecord& user) {
    user.password = made.password;
    user.scram = made.scram;
    user.stamp = made.stamp;
  }));
  return Done(context, request.name, "has another password");
}

Result<int> ChangeRole(CommandContext& context, const UsersRequest& request) {
  SMELT_ASSIGN(const serve::Role role, ReadRole(request.role));
  SMELT_ASSIGN(const std::string path, FileOf(context));
  SMELT_TRY(ChangeUser(path, request.name, [&](serve::Users&, serve::UserRecord& user) {
    user.role = role;
    user.stamp = serve::RandomHex(8);
  }));
  return Done(context, request.name, "has another role");
}

/// The end of a token's time: "90d", "12h" or "never". Errors: kUsage.
Result<std::int64_t> EndOf(const std::string& text) {
  if (text == "never") return 0;
  constexpr std::int64_t kHourUs = 3'600'000'000;
  constexpr std::int64_t kHoursPerDay = 24;
  constexpr std::int64_t kCountMax = 100'000;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, text.data() + text.size());
  const bool fits = error == std::errc() && count > 0 && count <= kCountMax && (unit == "d" || unit == "h");
  if (!fits) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' is no time after which a token ends", text))
                    .Hint("write 90d, 12h or never"));
  }
  return NowMicros() + count * kHourUs * (unit == "d" ? kHoursPerDay : 1);
}

Result<int> AddToken(CommandContext& context, const UsersRequest& request) {
  SMELT_TRY(serve::CheckUserName(request.token));
  SMELT_ASSIGN(const std::int64_t ends_us, EndOf(request.expires));
  SMELT_ASSIGN(const std::string path, FileOf(context));
  constexpr std::size_t kTokenBytes = 32;
  const std::string text = "smelt_" + serve::RandomHex(kTokenBytes);
  SMELT_TRY(serve::ChangeUsers(path, [&](serve::Users& users) -> Status {
    if (users.Find(request.name) == nullptr) return Fail(NoSuchUser(request.name));
    if (std::ranges::find(users.tokens, request.token, &serve::TokenRecord::name) != users.tokens.end()) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("there is a token '{}' already", request.token))
                      .Hint("choose another name, or remove that one first: smelt tokens remove"));
    }
    users.tokens.push_back({.name = request.token,
                            .user = request.name,
                            .digest = Sha256Hex(text),
                            .made_us = NowMicros(),
                            .ends_us = ends_us});
    return {};
  }));
  if (context.json) {
    PrintLine({{"token", request.token}, {"user", request.name}, {"text", text}});
  } else {
    std::cout << text << '\n';
    std::cerr << fmt::format("{} acts as {} with it; it is shown only now\n", request.token, request.name);
  }
  return 0;
}

Result<int> ListTokens(CommandContext& context) {
  SMELT_ASSIGN(const std::string path, FileOf(context));
  SMELT_ASSIGN(const serve::Users users, serve::ReadUsers(path));
  std::vector<ListEntry> entries;
  for (const serve::TokenRecord& token : users.tokens) {
    const std::string ends = token.ends_us == 0 ? "never" : FormatUtcMicros(token.ends_us).substr(0, 16);
    if (context.json) {
      PrintLine({{"token", token.name}, {"user", token.user}, {"ends", ends}});
    } else {
      entries.push_back({.cells = {token.name, token.user, ends}});
    }
  }
  if (context.json) return 0;
  if (entries.empty()) {
    std::cout << "no tokens\n";
  } else {
    PrintList({"token", "user", "ends"}, entries);
  }
  return 0;
}

Result<int> RemoveToken(CommandContext& context, const UsersRequest& request) {
  SMELT_ASSIGN(const std::string path, FileOf(context));
  SMELT_TRY(serve::ChangeUsers(path, [&](serve::Users& users) -> Status {
    const auto removed =
        std::erase_if(users.tokens, [&](const serve::TokenRecord& token) { return token.name == request.token; });
    if (removed > 0) return {};
    return Fail(Error(ErrorCode::kUsage, fmt::format("there is no token '{}'", request.token))
                    .Hint("`smelt tokens list` shows all"));
  }));
  return Done(context, request.token, "removed");
}

/// Adds one command below `parent`.
CLI::App* AddOne(CLI::App& parent, CommandContext& context, const std::shared_ptr<UsersRequest>& request,
                 const char* name, const char* summary, const char* example,
                 Result<int> (*action)(CommandContext&, const UsersRequest&)) {
  auto* command = parent.add_subcommand(name, summary);
  command->footer(std::string("Example: ") + example);
  AddProjectOption(*command, context);
  AddLakeOption(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, request, action] {
    context.action = [&context, request, action]() -> Result<int> { return action(context, *request); };
  });
  return command;
}

}  // namespace

void AddUsersCommand(CLI::App& program, CommandContext& context) {
  auto* users = program.add_subcommand("users", "Who may log in to the servers of a lake");
  users->require_subcommand(1);
  users->footer("Example: smelt users add anna --role writer --lake lake");
  auto request = std::make_shared<UsersRequest>();
  const auto add = [&](const char* name, const char* summary, const char* example,
                       Result<int> (*action)(CommandContext&, const UsersRequest&)) {
    return AddOne(*users, context, request, name, summary, example, action);
  };
  const auto name_of = [&](CLI::App* command) {
    command->add_option("name", request->name, "The name of the user")->required();
  };
  auto* one = add("add", "Add a user; the password is asked for, or comes on standard input",
                  "smelt users add anna --role writer --lake lake", AddUser);
  name_of(one);
  one->add_option("--role", request->role, "reader, writer or operator")->capture_default_str();
  add("list", "Show all users", "smelt users list --lake lake",
      [](CommandContext& own, const UsersRequest&) { return ListUsers(own); });
  name_of(add("remove", "Remove a user and its tokens", "smelt users remove anna --lake lake", RemoveUser));
  name_of(add("passwd", "Give a user another password, which ends its sessions", "smelt users passwd anna --lake lake",
              ChangePassword));
  auto* role = add("role", "Give a user another role", "smelt users role anna operator --lake lake", ChangeRole);
  name_of(role);
  role->add_option("role", request->role, "reader, writer or operator")->required();
}

void AddTokensCommand(CLI::App& program, CommandContext& context) {
  auto* tokens = program.add_subcommand("tokens", "What programs show instead of a user's password");
  tokens->require_subcommand(1);
  tokens->footer("Example: smelt tokens add nightly --user anna --expires 90d --lake lake");
  auto request = std::make_shared<UsersRequest>();
  auto* one = AddOne(*tokens, context, request, "add", "Make a token of a user; it is shown once",
                     "smelt tokens add nightly --user anna --expires 90d --lake lake", AddToken);
  one->add_option("token", request->token, "The name of the token")->required();
  one->add_option("--user", request->name, "As whom it acts")->required();
  one->add_option("--expires", request->expires, "When it ends: 90d, 12h or never")->capture_default_str();
  AddOne(*tokens, context, request, "list", "Show all tokens, without what they are", "smelt tokens list --lake lake",
         [](CommandContext& own, const UsersRequest&) { return ListTokens(own); });
  auto* gone = AddOne(*tokens, context, request, "remove", "Remove a token", "smelt tokens remove nightly --lake lake",
                      RemoveToken);
  gone->add_option("token", request->token, "The name of the token")->required();
}

}  // namespace smelt::app
