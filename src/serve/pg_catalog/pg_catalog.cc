#include "serve/pg_catalog/pg_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/ascii.h"
#include "engine/named_types.h"
#include "serve/pg_catalog/internal/lake_rows.h"
#include "serve/pg_catalog/internal/relations.h"
#include "serve/pg_catalog/internal/schema.h"
#include "serve/pg_catalog/internal/translation.h"
#include "serve/postgres/sql_tokens.h"

namespace smelt::serve {
namespace {

using engine::QuoteLiteral;

/// An engine without a lake has a database in memory beside the place of the lake.
constexpr std::string_view kUseMemory = "USE memory;\n";
using postgres::SqlToken;
using postgres::TokenKind;

/// A relation by its name: what search paths and 'name'::regclass go by.
struct NamedRelation {
  std::string schema;
  std::string name;
  std::uint32_t oid = 0;
};

/// One state of the catalogue's names. Immutable.
struct Snapshot {
  std::set<std::string, std::less<>> schemas{};
  std::vector<NamedRelation> relations{};
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

void AddSystem(Snapshot& snapshot, std::string_view list, const std::string& schema) {
  for (const auto& relation : pg_catalog::ReadRelations(list)) {
    snapshot.relations.push_back({schema, relation.name, relation.oid});
  }
}

/// The schemas of a search_path that there are, in order.
std::vector<std::string> PathOf(std::string_view setting, const std::string& user, const Snapshot& snapshot) {
  std::vector<std::string> path;
  for (const SqlToken& token : postgres::Tokens(setting)) {
    if (token.kind == TokenKind::kSymbol) continue;
    std::string name = token.Value();
    if (name == "$user") name = user;
    if (name == "main") name = "public";
    if (snapshot.schemas.contains(name) && std::ranges::find(path, name) == path.end()) path.push_back(name);
  }
  return path;
}

/// The relations that can be named without their schema: those of pg_catalog come first.
std::vector<NamedRelation> Visible(const Snapshot& snapshot, const std::vector<std::string>& path) {
  std::vector<std::string> order = {"pg_catalog"};
  for (const std::string& schema : path) {
    if (schema != "pg_catalog") order.push_back(schema);
  }
  std::map<std::string_view, std::pair<std::size_t, const NamedRelation*>> best;
  for (const NamedRelation& relation : snapshot.relations) {
    const auto at = static_cast<std::size_t>(std::ranges::find(order, relation.schema) - order.begin());
    if (at == order.size()) continue;
    const auto [entry, fresh] = best.try_emplace(relation.name, at, &relation);
    if (!fresh && at < entry->second.first) entry->second = {at, &relation};
  }
  std::vector<NamedRelation> visible;
  visible.reserve(best.size());
  for (const auto& [name, found] : best) visible.push_back(*found.second);
  return visible;
}

std::string TextOrNull(const std::string& text) {
  return text.empty() ? "NULL" : QuoteLiteral(text);
}

}  // namespace

struct PgCatalog::Impl {
  engine::Engine& lake;
  const pg_catalog::Names names{};

  std::mutex lock{};  ///< guards what follows; held while the catalogue is brought up to date
  std::unique_ptr<engine::Engine> engine{};
  std::unique_ptr<engine::Session> writer{};
  std::unique_ptr<engine::Session> reader{};  ///< of the lake
  std::string fingerprint{};
  SnapshotPtr snapshot{};
  std::set<std::string, std::less<>> users{};

  Status Make();
  /// The names as they are now. The lock is held.
  Result<SnapshotPtr> Refresh();
  Status AddUser(const std::string& user);
};

Status PgCatalog::Impl::Make() {
  if (engine) return {};
  SMELT_ASSIGN(auto made, engine::Engine::OpenWithoutLake(1, "256MiB"));
  SMELT_TRY(engine::NameTypes(*made, pg_catalog::CatalogTypes()));
  SMELT_ASSIGN(auto session, made->Connect());
  SMELT_TRY(session->Execute(kUseMemory));
  SMELT_TRY(session->Execute(pg_catalog::SchemaScript()));
  SMELT_TRY(session->Execute(pg_catalog::SystemScript()));
  SMELT_TRY(session->Execute("SET GLOBAL disabled_optimizers = 'top_n_window_elimination'"));
  // What clients send is run here: nothing of it may reach files or other servers. It cannot be set back.
  SMELT_TRY(session->Execute("SET enable_external_access = false"));
  SMELT_ASSIGN(reader, lake.Connect());
  engine = std::move(made);
  writer = std::move(session);
  return {};
}

Result<SnapshotPtr> PgCatalog::Impl::Refresh() {
  SMELT_ASSIGN(std::string now, pg_catalog::ReadFingerprint(lake, *reader));
  if (snapshot && now == fingerprint) return snapshot;
  SMELT_ASSIGN(const pg_catalog::LakeState state, pg_catalog::ReadLake(lake, *reader));
  const Status written = writer->Execute(pg_catalog::LakeScript(state));
  if (!written) {
    if (writer->in_transaction()) (void)writer->Execute("ROLLBACK");
    return std::unexpected(written.error());
  }
  auto fresh = std::make_shared<Snapshot>();
  fresh->schemas = {"pg_catalog", "information_schema"};
  AddSystem(*fresh, pg_catalog::SystemRelations(), "pg_catalog");
  AddSystem(*fresh, pg_catalog::InformationRelations(), "information_schema");
  for (const auto& schema : state.schemas) fresh->schemas.insert(schema.name);
  for (const auto& relation : state.relations) {
    fresh->relations.push_back({relation.schema, relation.name, relation.oid});
  }
  snapshot = std::move(fresh);
  fingerprint = std::move(now);
  return snapshot;
}

Status PgCatalog::Impl::AddUser(const std::string& user) {
  if (user == "lake" || user.empty() || users.contains(user)) return {};
  constexpr std::size_t kUsersMax = 10'000;
  if (users.size() >= kUsersMax) return {};
  SMELT_TRY(writer->Execute(
      fmt::format("INSERT INTO pgc.pg_authid(oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, "
                  "rolcanlogin, rolreplication, rolbypassrls, rolconnlimit) VALUES ({}, {}, false, true, false, false, "
                  "true, false, false, -1)",
                  pg_catalog::StableOid("role", user), QuoteLiteral(user))));
  users.insert(user);
  return {};
}

struct CatalogSession::Impl {
  PgCatalog::Impl& catalog;
  ClientFacts facts;
  std::unique_ptr<engine::Session> session;
  SnapshotPtr snapshot{};
  std::string search_path{};
  std::vector<NamedRelation> visible{};

  Status SetFacts();
  Status FollowPath();
  Status SetSettings();
  std::optional<std::uint32_t> FindRelation(std::string_view name) const;
  Result<std::optional<std::string>> SetConfig(const std::vector<SqlToken>& tokens);
};

Status CatalogSession::Impl::SetFacts() {
  std::string script(kUseMemory);
  const auto set = [&](std::string_view name, const std::string& value) {
    script += fmt::format("SET VARIABLE {} = {};\n", name, value);
  };
  script += "SET integer_division = true;\n";
  set("pg_user", QuoteLiteral(facts.user));
  set("pg_may_change", facts.may_change ? "true" : "false");
  set("pg_pid", std::to_string(facts.pid));
  set("pg_application", QuoteLiteral(facts.application_name));
  set("pg_address", TextOrNull(facts.address));
  set("pg_server_address", TextOrNull(facts.server_address));
  set("pg_server_port", facts.server_port == 0 ? "NULL" : std::to_string(facts.server_port));
  set("pg_version", QuoteLiteral(facts.version));
  set("pg_started", "now()");
  set("pg_settings", "MAP {}::MAP(VARCHAR, STRUCT(name VARCHAR, setting VARCHAR))");
  return session->Execute(script);
}

/// What is visible goes by the client's search_path.
Status CatalogSession::Impl::FollowPath() {
  const std::vector<std::string> path = PathOf(search_path, facts.user, *snapshot);
  visible = Visible(*snapshot, path);
  std::string schemas;
  for (const std::string& schema : path) schemas += (schemas.empty() ? "" : ", ") + QuoteLiteral(schema);
  std::string oids;
  for (const NamedRelation& relation : visible) oids += (oids.empty() ? "" : ", ") + std::to_string(relation.oid);
  return session->Execute(fmt::format(
      "SET VARIABLE pg_path = [{}]::VARCHAR[]; SET VARIABLE pg_visible = [{}]::UINTEGER[];", schemas, oids));
}

Status CatalogSession::Impl::SetSettings() {
  if (!facts.settings) return {};
  std::string entries;
  for (const auto& [name, value] : facts.settings()) {
    entries += fmt::format("{}{}: {{'name': {}, 'setting': {}}}", entries.empty() ? "" : ", ",
                           QuoteLiteral(LowerAscii(name)), QuoteLiteral(name), QuoteLiteral(value));
  }
  return session->Execute(fmt::format(
      "SET VARIABLE pg_settings = MAP {{{}}}::MAP(VARCHAR, STRUCT(name VARCHAR, setting VARCHAR));", entries));
}

std::optional<std::uint32_t> CatalogSession::Impl::FindRelation(std::string_view name) const {
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos) {
    return static_cast<std::uint32_t>(std::strtoul(std::string(name).c_str(), nullptr, 10));
  }
  std::vector<std::string> parts;
  for (const SqlToken& token : postgres::Tokens(name)) {
    if (token.kind != TokenKind::kSymbol) parts.push_back(token.Value());
  }
  if (parts.empty()) return std::nullopt;
  const std::string& last = parts.back();
  if (parts.size() == 1) {
    const auto found = std::ranges::find(visible, last, &NamedRelation::name);
    return found == visible.end() ? std::nullopt : std::optional(found->oid);
  }
  const std::string schema = parts[parts.size() - 2] == "main" ? "public" : parts[parts.size() - 2];
  for (const NamedRelation& relation : snapshot->relations) {
    if (relation.schema == schema && relation.name == last) return relation.oid;
  }
  return std::nullopt;
}

/// select set_config('name', 'value', false): done here; what is left to run answers the value.
Result<std::optional<std::string>> CatalogSession::Impl::SetConfig(const std::vector<SqlToken>& tokens) {
  std::size_t at = 1;
  if (tokens.size() > at + 1 && tokens[at].Value() == "pg_catalog" && tokens[at + 1].IsSymbol(".")) at += 2;
  const bool is_call = tokens.size() >= at + 8 && tokens[0].Is("select") && tokens[at].Is("set_config") &&
                       tokens[at + 2].kind == TokenKind::kString && tokens[at + 4].kind == TokenKind::kString;
  if (!is_call || !facts.set) return std::optional<std::string>();
  const std::string value = tokens[at + 4].Value();
  SMELT_TRY(facts.set(tokens[at + 2].Value(), value));
  return std::optional(fmt::format("SELECT {} AS set_config", QuoteLiteral(value)));
}

CatalogSession::CatalogSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CatalogSession::~CatalogSession() = default;

engine::Session& CatalogSession::session() {
  return *impl_->session;
}

Result<std::string> CatalogSession::Translate(std::string_view sql) {
  const std::vector<SqlToken> tokens = postgres::Tokens(sql);
  SMELT_ASSIGN(auto set, impl_->SetConfig(tokens));
  if (set) return *std::move(set);
  SnapshotPtr now;
  {
    const std::lock_guard guard(impl_->catalog.lock);
    SMELT_ASSIGN(now, impl_->catalog.Refresh());
  }
  const std::string path =
      impl_->facts.setting ? impl_->facts.setting("search_path").value_or("public") : std::string("public");
  if (now != impl_->snapshot || path != impl_->search_path) {
    impl_->snapshot = std::move(now);
    impl_->search_path = path;
    SMELT_TRY(impl_->FollowPath());
  }
  const bool asks_settings = std::ranges::any_of(tokens, [](const SqlToken& token) {
    return token.kind != TokenKind::kString && (token.Value() == "pg_settings" || token.Value() == "current_setting" ||
                                                token.Value() == "pg_show_all_settings");
  });
  if (asks_settings) {
    SMELT_TRY(impl_->SetSettings());
  }
  const pg_catalog::RelationFinder find = [this](std::string_view name) { return impl_->FindRelation(name); };
  return pg_catalog::TranslateQuery(sql, impl_->catalog.names, find);
}

PgCatalog::PgCatalog(engine::Engine& lake) : impl_(new Impl{.lake = lake}) {}
PgCatalog::~PgCatalog() = default;

bool PgCatalog::Answers(std::string_view sql) const {
  return pg_catalog::IsForCatalog(sql, impl_->names);
}

Result<std::unique_ptr<CatalogSession>> PgCatalog::Connect(ClientFacts facts) {
  std::unique_ptr<engine::Session> session;
  {
    const std::lock_guard guard(impl_->lock);
    SMELT_TRY(impl_->Make());
    SMELT_TRY(impl_->AddUser(facts.user));
    SMELT_ASSIGN(session, impl_->engine->Connect());
  }
  auto impl = std::make_unique<CatalogSession::Impl>(
      CatalogSession::Impl{.catalog = *impl_, .facts = std::move(facts), .session = std::move(session)});
  SMELT_TRY(impl->SetFacts());
  return std::unique_ptr<CatalogSession>(new CatalogSession(std::move(impl)));
}

}  // namespace smelt::serve
