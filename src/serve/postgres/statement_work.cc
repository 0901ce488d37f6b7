#include <fmt/format.h>

#include <algorithm>

#include "serve/postgres/backend.h"
#include "serve/postgres/dialect.h"

/// How statements are prepared and begun.
namespace smelt::serve::postgres {
namespace {

bool Has(const std::vector<SqlToken>& tokens, std::string_view word) {
  return std::ranges::any_of(tokens, [&](const SqlToken& token) { return token.Is(word); });
}

/// The highest number of $1, $2 ….
std::size_t ParametersIn(const std::vector<SqlToken>& tokens) {
  std::size_t count = 0;
  constexpr std::size_t kMax = 65'535;
  for (const SqlToken& token : tokens) {
    if (token.kind != TokenKind::kParameter) continue;
    count = std::max<std::size_t>(count, std::min<std::size_t>(std::strtoul(token.text.data() + 1, nullptr, 10), kMax));
  }
  return count;
}

/// A statement whose calls set_config('name', 'value', …) are replaced by their values; they are told in `assigns`.
std::string WithoutAssigning(const ScriptPart& part, std::vector<Assignment>& assigns) {
  constexpr std::size_t kCallTokens = 8;  // set_config ( 'a' , 'b' , false )
  const auto& tokens = part.tokens;
  std::string sql;
  std::size_t copied = 0;
  for (std::size_t i = 0; i + kCallTokens <= tokens.size(); ++i) {
    const SqlToken& last = tokens[i + kCallTokens - 1];
    if (!tokens[i].Is("set_config") || tokens[i + 2].kind != TokenKind::kString ||
        tokens[i + 4].kind != TokenKind::kString || !last.IsSymbol(")")) {
      continue;
    }
    assigns.push_back({tokens[i + 2].Value(), tokens[i + 4].Value(), tokens[i + 6].Is("true")});
    const std::size_t next = i + kCallTokens;
    const bool qualified = i > 1 && tokens[i - 1].IsSymbol(".") && tokens[i - 2].Is("pg_catalog");
    const std::size_t call = tokens[qualified ? i - 2 : i].at;
    const bool named = next < tokens.size() && tokens[next].kind == TokenKind::kWord && !tokens[next].Is("from");
    sql += fmt::format("{}{}{}", part.text.substr(copied, call - copied), tokens[i + 4].text,
                       named ? "" : " as set_config");
    copied = last.at + 1;
  }
  return sql += part.text.substr(copied);
}

/// Parameters that are cast where they stand, as in $1::int[], have the type that they are cast to.
void TakeCastTypes(const std::vector<SqlToken>& tokens, std::vector<std::uint32_t>& types) {
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].kind != TokenKind::kParameter || !tokens[i + 1].IsSymbol("::")) continue;
    const std::size_t index = std::strtoul(tokens[i].text.data() + 1, nullptr, 10) - 1;
    if (index >= types.size() || types[index] != oid::kUnspecified) continue;
    const std::uint32_t named = OidOfName(tokens[i + 2].Value());
    const bool is_list = i + 4 < tokens.size() && tokens[i + 3].IsSymbol("[") && tokens[i + 4].IsSymbol("]");
    types[index] = is_list ? ArrayOf(named) : named;
  }
}

/// Whether a change answers with rows, as far as its words tell.
bool IsChange(const std::string& tag) {
  return tag == "INSERT" || tag == "UPDATE" || tag == "DELETE" || tag == "MERGE" || tag.starts_with("CREATE") ||
         tag.starts_with("DROP") || tag.starts_with("ALTER") || tag == "TRUNCATE TABLE";
}

bool HasTypes(const engine::StatementShape& shape) {
  return std::ranges::none_of(shape.columns, [](const engine::TypedColumnInfo& column) {
    return column.type.kind == engine::ValueKind::kUnknown;
  });
}

/// Whether rows can be sent as the client was told when it asked what the statement gives: it reads them by that. What
/// was promised as text is sent as such.
bool KeepsPromise(Portal& portal) {
  const auto& promised = portal.prepared->promised;
  if (promised.empty()) return true;
  if (promised.size() != portal.columns.size()) return false;
  for (std::size_t i = 0; i < promised.size(); ++i) {
    if (WireTypeOf(portal.columns[i].type).oid == promised[i]) continue;
    const auto& formats = portal.formats;
    const bool binary = !formats.empty() && formats[formats.size() == 1 ? 0 : i] == 1;
    // Texts of every type are alike.
    if (!binary) continue;
    if (promised[i] != oid::kText) return false;
    portal.formats.resize(promised.size(), formats[0]);
    portal.formats[i] = 0;
  }
  return true;
}

/// Drivers that prepare a statement anew know the case by its routine.
WireError BrokenPromise() {
  WireError changed = WireErrorOf("0A000", "cached plan must not change result type");
  changed.routine = "RevalidateCachedQuery";
  return changed;
}

/// What a statement for the catalogue is about to do. The catalogue is shared by all clients: it is only read, and its
/// own databases are no way out of the lake.
Result<engine::StatementInfo> DescribeForCatalog(engine::Session& session, const std::string& sql) {
  SMELT_ASSIGN(engine::StatementInfo info, engine::DescribeStatement(session, sql));
  if (info.kind != engine::StatementKind::kSelect && info.kind != engine::StatementKind::kExplain) {
    return Fail(Error(ErrorCode::kAccessDenied, "the system catalogue cannot be changed"));
  }
  std::erase_if(info.outside, [](const std::string& what) { return what.starts_with("database "); });
  info.reads_catalog = true;
  return info;
}

}  // namespace

Identity Backend::CurrentIdentity() const {
  const bool reads_only = settings_.Find("transaction_read_only") == "on" ||
                          (block_ == Block::kNone && settings_.Find("default_transaction_read_only") == "on");
  return reads_only ? identity_.Reading() : identity_;
}

WireStatus Backend::CheckBlock(const PreparedText& prepared) const {
  if (block_ != Block::kFailed || prepared.part.tokens.empty()) return {};
  const bool goes_back = prepared.command == Command::kSavepoint && !prepared.part.tokens[0].Is("savepoint") &&
                         !prepared.part.tokens[0].Is("release");
  const bool ends = goes_back || prepared.command == Command::kCommit || prepared.command == Command::kRollback;
  if (ends) return {};
  return std::unexpected(
      WireErrorOf("25P02", "current transaction is aborted, commands ignored until end of transaction block"));
}

WireResult<std::shared_ptr<PreparedText>> Backend::Prepare(std::string text, std::vector<std::uint32_t> parameters) {
  auto prepared = std::make_shared<PreparedText>();
  prepared->text = std::move(text);
  auto parts = SplitScript(prepared->text);
  if (!parts.empty()) prepared->part = std::move(parts.front());
  prepared->command = CommandOf(prepared->part);
  prepared->tag = TagOf(prepared->part);
  prepared->parameters = std::move(parameters);
  if (prepared->part.tokens.empty()) return prepared;
  if (auto checked = CheckBlock(*prepared); !checked) return std::unexpected(std::move(checked.error()));
  if (prepared->command == Command::kShow) {
    if (auto shown = PrepareShow(*prepared); !shown) return std::unexpected(std::move(shown.error()));
  }
  if (prepared->command == Command::kSet || prepared->command == Command::kReset) {
    // Settings of the engine are its own; who may change which, the authority knows.
    const auto& tokens = prepared->part.tokens;
    const std::size_t at = tokens.size() > 1 && (tokens[1].Is("session") || tokens[1].Is("local")) ? 2 : 1;
    const bool engine_has = at < tokens.size() && !settings_.Find(tokens[at].Value()) && !tokens[at].Is("time") &&
                            !tokens[at].Is("names") && !tokens[at].Is("all") && !tokens[at].Is("schema") &&
                            !tokens[at].Is("authorization") &&
                            !(at + 1 < tokens.size() && tokens[at + 1].IsSymbol("."));
    if (engine_has) prepared->command = Command::kEngine;
  }
  if (prepared->command == Command::kEngine) {
    if (auto made = PrepareEngine(*prepared); !made) return std::unexpected(std::move(made.error()));
  }
  const std::size_t count = prepared->statement ? prepared->statement->parameter_count() : 0;
  if (prepared->parameters.size() > count && prepared->command == Command::kEngine) {
    // More types than parameters: PostgreSQL wants values for them, too.
    const std::size_t used = ParametersIn(prepared->part.tokens);
    prepared->parameters.resize(std::max(count, used));
  }
  prepared->parameters.resize(count);
  std::ranges::replace(prepared->parameters, oid::kUnknown, oid::kUnspecified);
  return prepared;
}

engine::Session& Backend::SessionOf(const PreparedText& prepared) {
  return prepared.of_catalog ? catalog_->session() : *session_;
}

WireStatus Backend::PrepareCatalog(PreparedText& prepared) {
  prepared.of_catalog = true;
  if (!catalog_) {
    auto connected = place_.catalog->Connect(identity_, process_, settings_);
    if (!connected) return std::unexpected(Converted(connected.error(), &prepared));
    catalog_ = std::move(*connected);
  }
  prepared.assigns.clear();
  auto translated = catalog_->Translate(WithoutAssigning(prepared.part, prepared.assigns));
  if (!translated) return std::unexpected(Converted(translated.error(), &prepared));
  prepared.sql = std::move(*translated);
  auto info = DescribeForCatalog(catalog_->session(), prepared.sql);
  if (!info) return std::unexpected(Converted(info.error(), &prepared));
  prepared.info = std::move(*info);
  const Status allowed = place_.authority.Authorize(CurrentIdentity(), prepared.info);
  if (!allowed) return std::unexpected(Converted(allowed.error(), &prepared));
  auto statement = catalog_->session().Prepare(prepared.sql, engine::Dialect::kPostgres);
  if (!statement) return std::unexpected(Converted(statement.error(), &prepared));
  prepared.statement = std::move(*statement);
  return {};
}

WireStatus Backend::PrepareEngine(PreparedText& prepared) {
  if (place_.catalog != nullptr && place_.catalog->Answers(prepared.part.text)) return PrepareCatalog(prepared);
  if (const std::string target = CatalogTarget(prepared.part); !target.empty()) {
    WireError refusal = WireErrorOf("42501", fmt::format("permission denied for \"{}\"", target));
    refusal.detail = "System catalog modifications are currently disallowed.";
    return std::unexpected(std::move(refusal));
  }
  prepared.sql = ToEngineSql(prepared.part, prepared.parameters);
  auto info = engine::DescribeStatement(*session_, prepared.sql);
  if (!info) return std::unexpected(Converted(info.error(), &prepared));
  prepared.info = std::move(*info);
  const Status allowed = place_.authority.Authorize(CurrentIdentity(), prepared.info);
  if (!allowed) return std::unexpected(Converted(allowed.error(), &prepared));
  auto statement = session_->Prepare(prepared.sql, engine::Dialect::kPostgres);
  if (!statement) return std::unexpected(Converted(statement.error(), &prepared));
  prepared.statement = std::move(*statement);
  return {};
}

WireStatus Backend::FindParameters(PreparedText& prepared) {
  TakeCastTypes(prepared.part.tokens, prepared.parameters);
  if (std::ranges::find(prepared.parameters, oid::kUnspecified) == prepared.parameters.end()) return {};
  auto shape = Shape(prepared);
  if (!shape) return std::unexpected(std::move(shape.error()));
  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) {
    if (prepared.parameters[i] != oid::kUnspecified) continue;
    const auto& found = (*shape)->parameters;
    engine::ValueType type = i < found.size() ? found[i] : engine::ValueType{};
    if (prepared.of_catalog) type = CatalogType(std::move(type));
    prepared.parameters[i] = WireTypeOf(type).oid;  // what nothing tells of is text
  }
  return {};
}

WireResult<const engine::StatementShape*> Backend::Shape(PreparedText& prepared) {
  static const engine::StatementShape kNone;
  if (!prepared.statement) return &kNone;
  if (IsChange(prepared.tag) && prepared.parameters.empty() && !Has(prepared.part.tokens, "returning")) return &kNone;
  const bool some_given = std::ranges::any_of(prepared.parameters, [](std::uint32_t oid) { return oid != 0; });
  if (some_given && !prepared.typed) {
    // Where the types of columns hang on the values of parameters, the engine tells none before it has them.
    for (const Stand stand : {Stand::kParameter, Stand::kNull}) {
      auto typed = SessionOf(prepared).Prepare(WithTypedParameters(prepared.sql, prepared.parameters, stand),
                                               engine::Dialect::kPostgres);
      if (!typed) continue;
      const auto shape = (*typed)->Describe(kWireOptions);
      if (!shape || !HasTypes(**shape)) continue;
      prepared.typed = std::move(*typed);
      break;
    }
  }
  if (prepared.typed) {
    auto shape = prepared.typed->Describe(kWireOptions);
    if (shape) return *shape;
  }
  auto shape = prepared.statement->Describe(kWireOptions);
  if (!shape) return std::unexpected(Converted(shape.error(), &prepared));
  return *shape;
}

WireStatus Backend::Start(Portal& portal, bool one_of_many, WireBuffer& out) {
  PreparedText& prepared = *portal.prepared;
  if (auto checked = CheckBlock(prepared); !checked) return checked;
  portal.started = true;
  if (prepared.part.tokens.empty()) return {};
  if (prepared.command == Command::kShow) {
    if (auto shown = PrepareShow(prepared); !shown) return shown;
  }
  if (prepared.statement) return StartEngine(portal, one_of_many);
  return RunCommand(portal, out);
}

WireStatus Backend::StartEngine(Portal& portal, bool one_of_many) {
  PreparedText& prepared = *portal.prepared;
  if (const Status allowed = place_.authority.Authorize(CurrentIdentity(), prepared.info); !allowed) {
    return std::unexpected(Converted(allowed.error(), &prepared));
  }
  if (prepared.of_catalog) {
    // Brought up to date with the lake for this run, too.
    std::vector<Assignment> same;
    if (const auto again = catalog_->Translate(WithoutAssigning(prepared.part, same)); !again) {
      return std::unexpected(Converted(again.error(), &prepared));
    }
    for (const auto& [name, value, local] : prepared.assigns) {
      // Outside of a transaction's block, what is local ends with the statement.
      if (local && block_ == Block::kNone) continue;
      if (auto assigned = Assign(name, value, local); !assigned) return assigned;
    }
  }
  const bool begins = one_of_many && !prepared.of_catalog && block_ == Block::kNone && !implicit_ &&
                      prepared.command == Command::kEngine;
  if (begins) {
    if (const Status begun = session_->Execute("begin"); !begun)
      return std::unexpected(Converted(begun.error(), &prepared));
    implicit_ = true;
  }
  SetActive(&SessionOf(prepared));
  bool refused = false;
  const auto check = [&](const std::vector<engine::TypedColumnInfo>& columns) -> Status {
    portal.columns = ShownColumns(prepared, columns);
    refused = !KeepsPromise(portal);
    if (refused) return std::unexpected(Error(ErrorCode::kUsage, "the columns are others than were promised"));
    return {};
  };
  auto rows = prepared.statement->Run(portal.values, kWireOptions, check);
  if (!rows) {
    SetActive(nullptr);
    if (refused) return std::unexpected(BrokenPromise());
    if (prepared.command == Command::kShow && rows.error().code() == ErrorCode::kSqlCatalog) {
      return std::unexpected(WireErrorOf(
          "42704", fmt::format("unrecognized configuration parameter \"{}\"", prepared.part.tokens.back().Value())));
    }
    return std::unexpected(Converted(rows.error(), &prepared));
  }
  if (!prepared.info.reads_only() || prepared.info.changes_session) ++changes_;
  portal.changed = (*rows)->changed_rows();
  if ((*rows)->columns().empty()) {
    portal.done = true;
    return {};
  }
  portal.format = RowFormat(portal.columns, portal.formats, zone_);
  portal.rows = std::move(*rows);
  return {};
}

}  // namespace smelt::serve::postgres
