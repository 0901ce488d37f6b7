#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "serve/postgres/backend.h"

/// The statements that the door carries out itself.
namespace smelt::serve::postgres {
namespace {

using TokenList = std::vector<SqlToken>;

std::unexpected<WireError> Syntax(const PreparedText& prepared, std::size_t at) {
  const TokenList& tokens = prepared.part.tokens;
  WireError error =
      WireErrorOf("42601", at < tokens.size() ? fmt::format("syntax error at or near \"{}\"", tokens[at].text)
                                              : std::string("syntax error at end of input"));
  error.position = (at < tokens.size() ? tokens[at].at : prepared.part.text.size()) + 1;
  return std::unexpected(std::move(error));
}

/// The text of a statement from a token on.
std::string_view TextFrom(const PreparedText& prepared, std::size_t at) {
  return prepared.part.text.substr(prepared.part.tokens[at].at);
}

WireError NoCursor(const std::string& name) {
  return WireErrorOf("34000", fmt::format("cursor \"{}\" does not exist", name));
}

}  // namespace

WireStatus Backend::RunCommand(Portal& portal, WireBuffer& out) {
  PreparedText& prepared = *portal.prepared;
  portal.done = true;
  switch (prepared.command) {
    case Command::kBegin: return BeginBlock(prepared, out);
    case Command::kCommit: return CommitBlock(prepared, out);
    case Command::kRollback: return RollbackBlock(out);
    case Command::kSavepoint: return Savepoint(prepared);
    case Command::kSet: return Set(prepared);
    case Command::kSetTransaction: return ReadModes(prepared.part.tokens, IsWordAt(prepared.part.tokens, 1, "session"));
    case Command::kReset: return Reset(prepared);
    case Command::kDiscard: return Discard(prepared);
    case Command::kPrepare: return PrepareText(prepared);
    case Command::kExecute: return ExecuteText(portal, out);
    case Command::kDeallocate: return Deallocate(prepared);
    case Command::kDeclare: return Declare(prepared);
    case Command::kFetch: return Fetch(portal, out);
    case Command::kClose: return CloseCursor(prepared);
    case Command::kNotify: return std::unexpected(WireErrorOf("0A000", "NOTIFY is not supported"));
    case Command::kCopyOut: return BeginCopyOut(portal, out);
    case Command::kCopyIn: return BeginCopyIn(portal, out);
    case Command::kListen:
    case Command::kShow:
    case Command::kEngine: return {};
  }
  return {};
}

WireStatus Backend::Set(const PreparedText& prepared) {
  const TokenList& tokens = prepared.part.tokens;
  const bool local = IsWordAt(tokens, 1, "local");
  std::size_t at = local || IsWordAt(tokens, 1, "session") ? 2 : 1;
  if (at >= tokens.size()) return Syntax(prepared, at);
  std::string name = tokens[at].Value();
  if (tokens[at].Is("time") && IsWordAt(tokens, at + 1, "zone")) {
    name = "timezone";
    ++at;
  } else if (tokens[at].Is("names")) {
    name = "client_encoding";
  } else if (tokens[at].Is("schema")) {
    name = "search_path";
  } else if (tokens[at].Is("authorization") || name == "role" || name == "session_authorization") {
    const bool own = tokens.back().Is("default") || tokens.back().Is("none") || tokens.back().Value() == identity_.name;
    if (own) return {};
    return std::unexpected(
        WireErrorOf("42501", fmt::format("permission denied to set role \"{}\"", tokens.back().Value())));
  } else {
    while (at + 2 < tokens.size() && tokens[at + 1].IsSymbol(".")) {
      name += "." + tokens[at + 2].Value();
      at += 2;
    }
    ++at;
    if (at >= tokens.size() || (!tokens[at].IsSymbol("=") && !tokens[at].Is("to"))) return Syntax(prepared, at);
  }
  ++at;
  if (at >= tokens.size()) return Syntax(prepared, at);
  if (local && block_ == Block::kNone) return {};
  if (tokens[at].Is("default") || (name == "timezone" && tokens[at].Is("local"))) {
    if (const Status reset = settings_.Reset(name); !reset) return std::unexpected(ToWire(reset.error()));
    ApplyToEngine(name);
    return {};
  }
  std::string value;
  for (; at < tokens.size(); ++at) {
    if (tokens[at].IsSymbol(",")) {
      value += ", ";
    } else {
      value += name == "search_path" && tokens[at].kind == TokenKind::kQuoted ? std::string(tokens[at].text)
                                                                              : tokens[at].Value();
    }
  }
  return Assign(name, value, local);
}

WireStatus Backend::Assign(const std::string& name, const std::string& value, bool local) {
  if (local) settings_.SetLocal(name);
  if (const Status set = settings_.Set(name, value); !set) return std::unexpected(ToWire(set.error()));
  ApplyToEngine(name);
  return {};
}

void Backend::ApplyToEngine(const std::string& name) {
  const std::string lower = LowerAscii(name);
  if (lower == "timezone") {
    const std::string value = settings_.Find(lower).value_or("UTC");
    if (auto zone = TimeZone::Find(value)) zone_ = *std::move(zone);
    (void)session_->Execute("set TimeZone = " + engine::QuoteLiteral(value));
  } else if (lower == "search_path") {
    // Schemas that there are not are passed over, as PostgreSQL does.
    const std::string given = settings_.Find(lower).value_or("");  // which the tokens refer to
    std::string path;
    for (const SqlToken& token : postgres::Tokens(given)) {
      if (token.kind == TokenKind::kSymbol) continue;
      std::string schema = token.Value() == "public" ? "main" : token.Value();
      if (schema == "$user") schema = identity_.name;
      if (schema == "pg_catalog") continue;
      const std::string one = "lake." + engine::QuoteIdentifier(schema);
      if (!session_->Execute("set search_path = " + engine::QuoteLiteral(one))) continue;
      path += (path.empty() ? "" : ",") + one;
    }
    if (path.empty()) path = "lake.main";
    (void)session_->Execute("set search_path = " + engine::QuoteLiteral(path));
  }
}

WireStatus Backend::Reset(const PreparedText& prepared) {
  const TokenList& tokens = prepared.part.tokens;
  if (tokens.size() < 2) return Syntax(prepared, 1);
  if (tokens[1].Is("all")) {
    settings_.ResetAll();
    ApplyToEngine("timezone");
    ApplyToEngine("search_path");
    return {};
  }
  if (tokens[1].Is("session")) return {};
  const std::string name = IsWordAt(tokens, 1, "time") && IsWordAt(tokens, 2, "zone") ? "timezone" : tokens[1].Value();
  if (const Status reset = settings_.Reset(name); !reset) return std::unexpected(ToWire(reset.error()));
  ApplyToEngine(name);
  return {};
}

WireStatus Backend::PrepareShow(PreparedText& prepared) {
  const TokenList& tokens = prepared.part.tokens;
  std::string name = tokens.size() > 1 ? tokens[1].Value() : "";
  for (std::size_t i = 2; i + 1 < tokens.size() && tokens[i].IsSymbol("."); i += 2) name += "." + tokens[i + 1].Value();
  if (IsWordAt(tokens, 1, "time") && IsWordAt(tokens, 2, "zone")) name = "TimeZone";
  if (IsWordAt(tokens, 1, "transaction") && IsWordAt(tokens, 2, "isolation")) name = "transaction_isolation";
  if (IsWordAt(tokens, 1, "session") && IsWordAt(tokens, 2, "authorization")) name = "session_authorization";
  if (IsWordAt(tokens, 1, "all") && tokens.size() == 2) {
    std::string rows;
    for (const auto& [setting, value] : settings_.All()) {
      rows += fmt::format("{}({}, {}, '')", rows.empty() ? "" : ", ", engine::QuoteLiteral(setting),
                          engine::QuoteLiteral(value));
    }
    prepared.sql = fmt::format("select * from (values {}) t(name, setting, description)", rows);
  } else if (const auto value = settings_.Find(name)) {
    std::string shown = name;
    for (const auto& [setting, unused] : settings_.All()) {
      if (EqualsIgnoringCase(setting, name)) shown = setting;
    }
    prepared.sql = fmt::format("select {} as \"{}\"", engine::QuoteLiteral(*value), shown);
  } else if (prepared.statement == nullptr) {
    // SHOW TABLES and the like are the engine's.
    auto made = PrepareEngine(prepared);
    if (made) return made;
    return std::unexpected(WireErrorOf("42704", fmt::format("unrecognized configuration parameter \"{}\"", name)));
  } else {
    return {};
  }
  prepared.tag = "SHOW";
  prepared.info = {.kind = engine::StatementKind::kSelect};
  auto statement = session_->Prepare(prepared.sql);
  if (!statement) return std::unexpected(ToWire(statement.error()));
  prepared.statement = std::move(*statement);
  return {};
}

WireStatus Backend::Discard(const PreparedText& prepared) {
  if (!IsWordAt(prepared.part.tokens, 1, "all")) return {};
  if (block_ != Block::kNone || implicit_) {
    return std::unexpected(WireErrorOf("25001", "DISCARD ALL cannot run inside a transaction block"));
  }
  ClosePortals();
  statements_.clear();
  auto session = place_.engine.Connect();
  if (!session) return std::unexpected(ToWire(session.error()));
  SetActive(nullptr);
  session_ = std::move(*session);
  settings_.ResetAll();
  ApplyToEngine("timezone");
  ApplyToEngine("search_path");
  return {};
}

WireStatus Backend::PrepareText(const PreparedText& prepared) {
  const TokenList& tokens = prepared.part.tokens;
  if (tokens.size() < 3) return Syntax(prepared, tokens.size());
  const std::string name = tokens[1].Value();
  std::size_t at = 2;
  std::vector<std::uint32_t> types;
  if (tokens[at].IsSymbol("(")) {
    std::string type;
    for (++at; at < tokens.size(); ++at) {
      const bool ends = tokens[at].IsSymbol(")");
      if (ends || tokens[at].IsSymbol(",")) {
        types.push_back(OidOfName(std::exchange(type, {})));
      } else {
        type += (type.empty() ? "" : " ") + tokens[at].Value();
      }
      if (ends) break;
    }
    ++at;
  }
  if (!IsWordAt(tokens, at, "as") || at + 1 >= tokens.size()) return Syntax(prepared, at);
  if (statements_.contains(name)) {
    return std::unexpected(WireErrorOf("42P05", fmt::format("prepared statement \"{}\" already exists", name)));
  }
  if (statements_.size() >= place_.statements_max) {
    return std::unexpected(WireErrorOf("53000", "too many prepared statements", "DEALLOCATE those that are not used"));
  }
  auto made = Prepare(std::string(TextFrom(prepared, at + 1)), std::move(types));
  if (!made) return std::unexpected(std::move(made.error()));
  statements_[name] = std::move(*made);
  return {};
}

WireStatus Backend::ExecuteText(Portal& portal, WireBuffer& out) {
  const PreparedText& prepared = *portal.prepared;
  const TokenList& tokens = prepared.part.tokens;
  if (tokens.size() < 2) return Syntax(prepared, 1);
  const std::string name = tokens[1].Value();
  const auto found = statements_.find(name);
  if (found == statements_.end()) {
    return std::unexpected(WireErrorOf("26000", fmt::format("prepared statement \"{}\" does not exist", name)));
  }
  PreparedText& target = *found->second;
  if (auto types = FindParameters(target); !types) return types;
  auto own = std::make_unique<Portal>();
  own->prepared = found->second;
  own->formats = portal.formats;
  if (tokens.size() > 2) {
    // The values are expressions: a query has them, each as text.
    const std::string_view list = TextFrom(prepared, 2);
    const std::string sql = fmt::format("select unnest([cast(v as varchar) for v in list_value{}])", list);
    auto info = engine::DescribeStatement(*session_, sql);
    if (!info) return std::unexpected(Converted(info.error(), nullptr));
    const Status allowed = place_.authority.Authorize(CurrentIdentity(), *info);
    if (!allowed) return std::unexpected(Converted(allowed.error(), nullptr));
    auto values = session_->Query(sql);
    if (!values) return std::unexpected(Converted(values.error(), nullptr));
    for (std::size_t i = 0; i < values->rows.size() && i < target.parameters.size(); ++i) {
      own->values.push_back(
          {.type = ValueTypeOf(target.parameters[i]).value_or(engine::ValueType{}), .text = values->Text(i)});
    }
    if (values->rows.size() != target.parameters.size()) own->values.clear();
  }
  if (own->values.size() != target.parameters.size()) {
    return std::unexpected(
        WireErrorOf("42601", fmt::format("wrong number of parameters for prepared statement \"{}\"", name)));
  }
  if (auto started = Start(*own, script_statements_ > 1 && in_script_, out); !started) return started;
  if (run_ || copy_in_ != nullptr) return {};
  Portal* const running = own.get();
  run_.emplace(Run{.portal = running, .own = std::move(own), .tag = target.tag});
  return {};
}

WireStatus Backend::Deallocate(const PreparedText& prepared) {
  const TokenList& tokens = prepared.part.tokens;
  const std::size_t at = IsWordAt(tokens, 1, "prepare") && tokens.size() > 2 ? 2 : 1;
  if (at >= tokens.size()) return Syntax(prepared, at);
  if (tokens[at].Is("all")) {
    statements_.clear();
    return {};
  }
  if (statements_.erase(tokens[at].Value()) > 0) return {};
  return std::unexpected(
      WireErrorOf("26000", fmt::format("prepared statement \"{}\" does not exist", tokens[at].Value())));
}

WireStatus Backend::Declare(const PreparedText& prepared) {
  const TokenList& tokens = prepared.part.tokens;
  const auto as = std::ranges::find_if(tokens, [](const SqlToken& token) { return token.Is("for"); });
  if (tokens.size() < 2 || as == tokens.end() || as + 1 == tokens.end()) return Syntax(prepared, tokens.size());
  const std::string name = tokens[1].Value();
  if (block_ == Block::kNone && !implicit_) {
    return std::unexpected(WireErrorOf("25P01", "DECLARE CURSOR can only be used in transaction blocks"));
  }
  if (portals_.contains(name)) {
    return std::unexpected(WireErrorOf("42P03", fmt::format("cursor \"{}\" already exists", name)));
  }
  auto made = Prepare(std::string(TextFrom(prepared, static_cast<std::size_t>(as - tokens.begin()) + 1)), {});
  if (!made) return std::unexpected(std::move(made.error()));
  if (!(*made)->IsQuery()) return std::unexpected(WireErrorOf("42601", "a cursor needs a query"));
  auto portal = std::make_unique<Portal>();
  portal->prepared = std::move(*made);
  if (std::ranges::any_of(tokens, [](const SqlToken& token) { return token.Is("binary"); })) portal->formats = {1};
  portals_[name] = std::move(portal);
  return {};
}

WireStatus Backend::Fetch(Portal& portal, WireBuffer& out) {
  const PreparedText& prepared = *portal.prepared;
  const TokenList& tokens = prepared.part.tokens;
  std::int64_t rows = 1;
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (tokens[i].Is("all")) rows = 0;
    if (tokens[i].kind == TokenKind::kNumber) {
      std::from_chars(tokens[i].text.data(), tokens[i].text.data() + tokens[i].text.size(), rows);
    }
    for (const std::string_view word : {"prior", "first", "last", "absolute", "relative", "backward"}) {
      if (tokens[i].Is(word)) {
        return std::unexpected(WireErrorOf("55000", "cursor can only scan forward", "FETCH NEXT or FORWARD"));
      }
    }
  }
  const std::string name = tokens.back().Value();
  const auto found = portals_.find(name);
  if (found == portals_.end()) return std::unexpected(NoCursor(name));
  if (tokens[0].Is("move")) return std::unexpected(WireErrorOf("0A000", "MOVE is not supported", "FETCH the rows"));
  Portal& cursor = *found->second;
  if (!cursor.started) {
    if (auto started = Start(cursor, false, out); !started) return started;
  }
  if (!portal.formats.empty()) {
    cursor.formats = portal.formats;
    if (cursor.rows) cursor.format = RowFormat(cursor.columns, cursor.formats, zone_);
  }
  SetActive(&SessionOf(*cursor.prepared));
  run_.emplace(Run{.portal = &cursor, .rows_max = rows, .tag = "FETCH"});
  return {};
}

WireStatus Backend::CloseCursor(const PreparedText& prepared) {
  const TokenList& tokens = prepared.part.tokens;
  if (tokens.size() < 2) return Syntax(prepared, 1);
  if (tokens[1].Is("all")) {
    portals_.clear();
    return {};
  }
  if (portals_.erase(tokens[1].Value()) > 0) return {};
  return std::unexpected(NoCursor(tokens[1].Value()));
}

}  // namespace smelt::serve::postgres
