#include "serve/postgres/lake_catalog_source.h"

#include <utility>

namespace smelt::serve::postgres {
namespace {

class LakeCatalogView final : public CatalogView {
 public:
  explicit LakeCatalogView(std::unique_ptr<CatalogSession> session) : session_(std::move(session)) {}

  Result<std::string> Translate(std::string_view sql) override { return session_->Translate(sql); }
  engine::Session& session() override { return session_->session(); }

 private:
  std::unique_ptr<CatalogSession> session_;
};

}  // namespace

Result<std::unique_ptr<CatalogView>> LakeCatalogSource::Connect(const Identity& identity, std::int32_t process,
                                                                ClientSettings& settings) {
  ClientFacts facts{.user = identity.name};
  const engine::StatementInfo change{.kind = engine::StatementKind::kInsert, .changes_lake = true};
  facts.may_change = authority_.Authorize(identity, change).has_value();
  facts.application_name = settings.Find("application_name").value_or("");
  facts.pid = process;
  facts.address = identity.address;
  facts.version = "PostgreSQL " + settings.Find("server_version").value_or("15.0") + " (smelt), 64-bit";
  facts.setting = [&settings](std::string_view name) { return settings.Find(name); };
  facts.settings = [&settings] { return settings.All(); };
  facts.set = [&settings](std::string_view name, std::string_view value) { return settings.Set(name, value); };
  SMELT_ASSIGN(auto session, catalog_.Connect(std::move(facts)));
  return std::make_unique<LakeCatalogView>(std::move(session));
}

}  // namespace smelt::serve::postgres
