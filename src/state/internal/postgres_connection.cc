#include "state/internal/postgres_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/config.h"
#include "base/json.h"

namespace smelt::state::internal {
namespace {

constexpr int kOldestServer = 120'000;

/// A message of libpq's in one line.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\t' || c == ' ';
    if (!space) line += c;
    if (space && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

void IgnoreNotice(void*, const char*) {}

Error Unavailable(const StoreAddress& address, std::string_view why) {
  return Error(ErrorCode::kStateUnavailable,
               fmt::format("the state database {} cannot be used: {}", address.Describe(), OneLine(why)));
}

std::string HintFor(const PostgresLibrary& library, PGconn* connection) {
  if (library.needs_password(connection) != 0) {
    return "give a password: 'password: {env: VARIABLE}' beside 'url' under 'state', PGPASSWORD or ~/.pgpass";
  }
  if (library.used_password(connection) != 0) return "check user, password and database";
  return "check that the server runs and that 'state' in smelt.yml or SMELT_STATE names it";
}

}  // namespace

std::string PostgresResult::Text(int row, int column) const {
  const auto size = static_cast<std::size_t>(library_->length(result_.get(), row, column));
  return std::string(library_->value(result_.get(), row, column), size);
}

std::int64_t PostgresResult::Int(int row, int column) const {
  const std::string text = Text(row, column);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::int64_t PostgresResult::changed() const {
  const std::string_view text = library_->command_rows(result_.get());
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const StoreAddress& address,
                                                                     std::int64_t busy_timeout_ms) {
  const PostgresLibrary* library = LoadPostgres();
  if (library == nullptr) {
    return Fail(
        Error(ErrorCode::kStateUnavailable,
              fmt::format("the state database {} cannot be used: this machine has no libpq.so.5", address.Describe()))
            .Hint("install it: apt install libpq5"));
  }
  // What stands before "dbname" is replaced by the address's own options, what stands behind replaces them. Without the
  // limits on silence, a machine that vanished would be waited for for hours.
  std::vector<const char*> keys = {"connect_timeout",  "keepalives_idle",          "keepalives_interval",
                                   "keepalives_count", "tcp_user_timeout",         "dbname",
                                   "client_encoding",  "fallback_application_name"};
  std::vector<const char*> values = {"10", "5", "2", "3", "15000", address.url.c_str(), "UTF8", "smelt"};
  if (!address.password.empty()) {
    keys.push_back("password");
    values.push_back(address.password.Reveal().c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* raw = library->connect(keys.data(), values.data(), 1);
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(*library, address, raw));
  if (library->status(raw) != CONNECTION_OK) {
    return Fail(Unavailable(address, library->error_message(raw)).Hint(HintFor(*library, raw)));
  }
  library->set_notice_processor(raw, IgnoreNotice, nullptr);
  if (library->server_version(raw) < kOldestServer) {
    return Fail(Unavailable(address, "the server is older than PostgreSQL 12").Hint("use a newer server"));
  }
  // A process that was halted within a transaction must not keep all the others waiting for ever.
  SMELT_TRY(connection->Execute(
      fmt::format("SET search_path TO \"{}\"; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = 30000",
                  address.schema, std::max<std::int64_t>(busy_timeout_ms, 1))));
  return connection;
}

PostgresConnection::~PostgresConnection() = default;

Result<PostgresResult> PostgresConnection::Execute(const std::string& script) {
  return Check(library_->execute(connection_.get(), script.c_str()));
}

Result<PostgresResult> PostgresConnection::Execute(std::string_view sql, const std::vector<Argument>& arguments) {
  SMELT_ASSIGN(const std::string name, Prepare(sql));
  std::vector<std::string> texts;
  texts.reserve(arguments.size());
  for (const Argument& argument : arguments) {
    texts.push_back(argument.text ? WithSoundCharacters(*argument.text) : fmt::format("{}", argument.integer));
  }
  std::vector<const char*> values;
  values.reserve(texts.size());
  for (const std::string& text : texts) values.push_back(text.c_str());
  return Check(library_->execute_prepared(connection_.get(), name.c_str(), static_cast<int>(values.size()),
                                          values.data(), nullptr, nullptr, 0));
}

Result<std::string> PostgresConnection::Prepare(std::string_view sql) {
  const auto known = prepared_.find(sql);
  if (known != prepared_.end()) return known->second;
  std::string name = fmt::format("s{}", prepared_.size());
  const std::string text = WithPostgresParameters(sql);
  SMELT_TRY(Check(library_->prepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr)));
  prepared_.emplace(sql, name);
  return name;
}

Result<PostgresResult> PostgresConnection::Check(PGresult* result) {
  PostgresResult owned(*library_, result);
  const ExecStatusType status = library_->result_status(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return owned;
  return Fail(Translate(result));
}

bool PostgresConnection::IsBroken() {
  // The last words of a server and the end of the stream behind them are two reads.
  constexpr int kReads = 3;
  for (int i = 0; i < kReads; ++i) {
    if (library_->status(connection_.get()) != CONNECTION_OK) return true;
    pollfd wait{descriptor(), POLLIN, 0};
    if (poll(&wait, 1, 0) <= 0) return false;
    if (library_->consume_input(connection_.get()) == 0) return true;
  }
  return false;
}

bool PostgresConnection::TakeNotifications() {
  bool any = false;
  while (PGnotify* notification = library_->notifies(connection_.get())) {
    library_->free_memory(notification);
    any = true;
  }
  return any;
}

Error PostgresConnection::Translate(const PGresult* result) const {
  const char* field = library_->result_error_field(result, PG_DIAG_SQLSTATE);
  const std::string_view state = field == nullptr ? "" : field;
  const char* primary = library_->result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string_view message = primary != nullptr ? primary : library_->error_message(connection_.get());
  if (state == "53100") {
    return Error(ErrorCode::kStoreFull,
                 fmt::format("the state database {} cannot be written: the server's disk is full", address_.Describe()))
        .Hint("free some space on the server, then run again");
  }
  if (state == "55P03") {
    return Unavailable(address_, "another process keeps it busy").Hint("see pg_stat_activity, then run again");
  }
  if (state == "42501") {
    return Unavailable(address_, message).Hint("let its user create the schema and own what is in it");
  }
  if (state == "25006") {
    return Unavailable(address_, message).Hint("name the primary server: ?target_session_attrs=read-write");
  }
  if (state.starts_with("42") || state.starts_with("23") || state.starts_with("22") || state == "3F000") {
    return Error(ErrorCode::kStateDamaged,
                 fmt::format("the state database {} is damaged: {}", address_.Describe(), OneLine(message)))
        .Hint("drop the schema: the tables of the lake do not depend on it, only the history of runs is lost");
  }
  return Unavailable(address_, message).Hint("check that the server runs and can be reached");
}

std::string WithPostgresParameters(std::string_view sql) {
  std::string text;
  int count = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    if (c == '\'') quoted = !quoted;
    if (c != '?' || quoted) {
      text += c;
      continue;
    }
    text += '$';
    const bool numbered = at + 1 < sql.size() && sql[at + 1] >= '1' && sql[at + 1] <= '9';
    if (!numbered) text += std::to_string(++count);
  }
  return text;
}

std::string WithSoundCharacters(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string sound;
  if (FirstLineNotUtf8(text)) {
    // The writer of JSON knows how to repair a text.
    const std::string json = JsonText(Json(text));
    sound = Json::parse(json).get<std::string>();
  } else {
    sound = text;
  }
  for (std::size_t at = sound.find('\0'); at != std::string::npos; at = sound.find('\0', at)) {
    sound.replace(at, 1, kReplacement);
  }
  return sound;
}

}  // namespace smelt::state::internal
