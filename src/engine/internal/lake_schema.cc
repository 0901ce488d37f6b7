#include <fmt/format.h>

#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/create_statement.hpp>

#include "delta/features.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/lake_catalog.h"
#include "engine/internal/row_rules.h"
#include "engine/internal/table_definition.h"
#include "engine/internal/type_mapping.h"

namespace smelt::engine {
namespace {

using duckdb::CatalogType;
using duckdb::OnCreateConflict;

LakeTransaction& TransactionOf(duckdb::CatalogTransaction& transaction) {
  return transaction.transaction->Cast<LakeTransaction>();
}

std::int64_t TimestampMillis(const duckdb::Value& value) {
  duckdb::Value stamp = value;
  if (!stamp.DefaultTryCastAs(duckdb::LogicalType::TIMESTAMP_TZ) || stamp.IsNull()) {
    Throw(Error(ErrorCode::kSqlBinding, fmt::format("'{}' is not a timestamp", value.ToString()))
              .Hint("write: at (timestamp => '2018-05-24 06:00:00')"));
  }
  return duckdb::Timestamp::GetEpochMs(duckdb::timestamp_t(stamp.GetValue<duckdb::timestamp_tz_t>().value));
}

/// The state that an AT clause asks for.
TableStatePtr Travel(Lake& lake, const TableKey& key, const duckdb::BoundAtClause& at) {
  if (duckdb::StringUtil::CIEquals(at.Unit(), "version")) {
    duckdb::Value version = at.GetValue();
    if (!version.DefaultTryCastAs(duckdb::LogicalType::BIGINT) || version.IsNull()) {
      Throw(Error(ErrorCode::kSqlBinding, fmt::format("'{}' is not a version", at.GetValue().ToString())));
    }
    return Unwrap(lake.At(key, {version.GetValue<std::int64_t>()}));
  }
  if (duckdb::StringUtil::CIEquals(at.Unit(), "timestamp")) {
    return Unwrap(lake.AtTime(key, TimestampMillis(at.GetValue())));
  }
  Throw(Error(ErrorCode::kSqlBinding, fmt::format("cannot travel by '{}'", at.Unit()))
            .Hint("write: at (version => 3) or at (timestamp => '2018-05-24 06:00:00')"));
}

duckdb::unique_ptr<duckdb::CreateViewInfo> ParseView(const std::string& sql) {
  duckdb::Parser parser;
  parser.ParseQuery(sql);
  auto& create = parser.statements.at(0)->Cast<duckdb::CreateStatement>();
  return duckdb::unique_ptr_cast<duckdb::CreateInfo, duckdb::CreateViewInfo>(std::move(create.info));
}

/// Whether a name can be that of a table: one folder's. Others, paths of files for instance, are not looked for.
bool IsTableName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

/// The defaults of columns, those that can be parsed; the rest stop writers.
std::map<std::size_t, duckdb::unique_ptr<duckdb::ParsedExpression>> DefaultsOf(const delta::Metadata& metadata) {
  std::map<std::size_t, duckdb::unique_ptr<duckdb::ParsedExpression>> defaults;
  if (!metadata.schema_string.contains("CURRENT_DEFAULT")) return defaults;
  for (const RowRules::Default& rule : Unwrap(ReadRules(metadata)).defaults) {
    if (auto parsed = ParseDefault(rule)) defaults[rule.column] = std::move(parsed);
  }
  return defaults;
}

[[noreturn]] void ThrowExists(const char* kind, const TableKey& key) {
  Throw(Error(ErrorCode::kSqlCatalog, fmt::format("the {} {} exists already", kind, key.Text()))
            .Hint(fmt::format("use CREATE OR REPLACE, or DROP {} first", kind)));
}

}  // namespace

void LakeSchema::CheckTableName(const std::string& name) {
  if (IsTableName(name)) return;
  Throw(
      Error(ErrorCode::kDeltaInvalidTable, fmt::format("'{}' cannot be the name of a table: it names no folder", name))
          .Hint("choose a name without '/'"));
}

void LakeSchema::Refuse(const char* what) {
  Throw(Error(ErrorCode::kSqlUnsupported, fmt::format("{} is not supported in the lake", what))
            .Hint("make it in the session instead: CREATE TEMP …"));
}

TableKey LakeSchema::FindKey(LakeTransaction& transaction, const std::string& table) {
  TableKey key = KeyOf(table);
  if (transaction.View(key)) return key;
  const std::optional<std::string> other = Unwrap(lake_.folded_names().Find(name, table));
  return other ? KeyOf(*other) : key;
}

LakeSchema::Entry LakeSchema::TableEntry(LakeTransaction& transaction, const TableKey& key, const TableStatePtr& state,
                                         bool travelled) {
  // The entry keeps the state alive, so that its address identifies it for the life of the transaction.
  std::string identity = fmt::format("{}@{}", key.Text(), static_cast<const void*>(state.get()));
  return &transaction.KeepEntry(identity, [&]() -> duckdb::unique_ptr<duckdb::CatalogEntry> {
    duckdb::CreateTableInfo info(*this, key.table);
    const TableShape& shape = state->shape;
    if (state->metadata.description) info.comment = duckdb::Value(*state->metadata.description);
    auto defaults = DefaultsOf(state->metadata);
    for (std::size_t i = 0; i < shape.names.size(); ++i) {
      duckdb::ColumnDefinition column(shape.names[i], shape.types[i]);
      if (auto found = defaults.find(i); found != defaults.end()) column.SetDefaultValue(std::move(found->second));
      const Json& notes = shape.fields[i].metadata;
      if (notes.contains("comment") && notes["comment"].is_string()) {
        column.SetComment(duckdb::Value(notes["comment"].get<std::string>()));
      }
      info.columns.AddColumn(std::move(column));
      if (!shape.nullable[i]) {
        info.constraints.push_back(duckdb::make_uniq<duckdb::NotNullConstraint>(duckdb::LogicalIndex(i)));
      }
    }
    return duckdb::make_uniq<LakeTable>(catalog, *this, info, key, state, travelled);
  });
}

LakeSchema::Entry LakeSchema::ViewEntry(Txn transaction, const TableKey& key) {
  auto sql = Unwrap(lake_.SeenView(key, TransactionOf(transaction).release()));
  if (!sql) return nullptr;
  return &TransactionOf(transaction).KeepEntry(key.Text() + " view " + *sql, [&] {
    auto info = ParseView(*sql);
    info->catalog = catalog.GetName();
    info->schema = name;
    info->view_name = key.table;
    return duckdb::unique_ptr<duckdb::CatalogEntry>(duckdb::make_uniq<duckdb::ViewCatalogEntry>(catalog, *this, *info));
  });
}

LakeSchema::Entry LakeSchema::LookupEntry(Txn transaction, const duckdb::EntryLookupInfo& lookup) {
  CatalogType type = lookup.GetCatalogType();
  if (type != CatalogType::TABLE_ENTRY && type != CatalogType::VIEW_ENTRY) return nullptr;
  if (!IsTableName(lookup.GetEntryName())) return nullptr;
  LakeTransaction& own = TransactionOf(transaction);
  TableKey key = FindKey(own, lookup.GetEntryName());
  if (type == CatalogType::TABLE_ENTRY) {
    if (auto at = lookup.GetAtClause()) {
      TableStatePtr state = Travel(lake_, key, *at);
      return state ? TableEntry(own, key, state, true) : nullptr;
    }
    if (TableStatePtr state = own.View(key)) return TableEntry(own, key, state, false);
  }
  return ViewEntry(transaction, key);
}

void LakeSchema::Scan(duckdb::ClientContext& context, CatalogType type, const EntryCallback& callback) {
  auto transaction = catalog.GetCatalogTransaction(context);
  LakeTransaction& own = TransactionOf(transaction);
  if (type == CatalogType::TABLE_ENTRY) {
    for (const std::string& table : Unwrap(lake_.TableNames(name))) {
      if (TableStatePtr state = own.View(KeyOf(table))) callback(*TableEntry(own, KeyOf(table), state, false));
    }
  }
  if (type == CatalogType::TABLE_ENTRY || type == CatalogType::VIEW_ENTRY) {
    for (const std::string& view : Unwrap(lake_.SeenViewNames(name, own.release()))) {
      if (auto entry = ViewEntry(transaction, KeyOf(view))) callback(*entry);
    }
  }
}

LakeSchema::Entry LakeSchema::CreateTable(Txn transaction, duckdb::BoundCreateTableInfo& bound) {
  return CreateAs(transaction, bound.Base(), std::nullopt);
}

TableDefinition LakeSchema::Define(Txn transaction, const duckdb::CreateTableInfo& info) {
  CheckTableName(info.table);
  LakeTransaction& own = TransactionOf(transaction);
  const TableStatePtr existing = own.View(FindKey(own, info.table));
  const PropertyMap properties = WithDefaults(transaction.GetContext(), name, info.options);
  return Unwrap(DefineTable(info, properties, existing ? &existing->metadata : nullptr));
}

LakeSchema::Entry LakeSchema::CreateAs(Txn transaction, const duckdb::CreateTableInfo& info,
                                       std::optional<TableDefinition> given) {
  CheckTableName(info.table);
  LakeTransaction& own = TransactionOf(transaction);
  TableKey key = FindKey(own, info.table);
  TableStatePtr existing = own.View(key);
  if (existing && info.on_conflict == OnCreateConflict::IGNORE_ON_CONFLICT) return nullptr;
  if (existing && info.on_conflict == OnCreateConflict::ERROR_ON_CONFLICT) ThrowExists("table", key);
  if (ViewEntry(transaction, key)) ThrowExists("view", key);
  TableDefinition definition = given ? *std::move(given) : Define(transaction, info);
  const char* operation = existing ? "CREATE OR REPLACE TABLE" : "CREATE TABLE";
  if (existing) {
    // The table keeps its identity, and its history stays readable.
    definition.metadata.id = existing->metadata.id;
    definition.metadata.created_time_ms = existing->metadata.created_time_ms;
    delta::Protocol protocol = existing->protocol;
    for (const std::string& feature : definition.protocol.writer_features) delta::EnableFeature(protocol, feature);
    definition.protocol = std::move(protocol);
  }
  own.Create(key, std::move(definition.protocol), std::move(definition.metadata), operation);
  if (definition.cluster_by) own.ClusterBy(key, *definition.cluster_by);
  return TableEntry(own, key, own.View(key), false);
}

LakeSchema::Entry LakeSchema::CreateView(Txn transaction, duckdb::CreateViewInfo& info) {
  CheckTableName(info.view_name);
  TableKey key = KeyOf(info.view_name);
  TransactionOf(transaction).CheckMayWrite(key);
  if (TransactionOf(transaction).View(key)) ThrowExists("table", key);
  if (ViewEntry(transaction, key)) {
    if (info.on_conflict == OnCreateConflict::IGNORE_ON_CONFLICT) return nullptr;
    if (info.on_conflict == OnCreateConflict::ERROR_ON_CONFLICT) ThrowExists("view", key);
  }
  auto stored = duckdb::unique_ptr_cast<duckdb::CreateInfo, duckdb::CreateViewInfo>(info.Copy());
  stored->catalog.clear();
  stored->on_conflict = OnCreateConflict::ERROR_ON_CONFLICT;
  std::string text = stored->ToString();
  auto before = Unwrap(lake_.ReadView(key));
  if (before != text) Unwrap(lake_.WriteView(key, text));
  return ViewEntry(transaction, key);
}

void LakeSchema::DropEntry(duckdb::ClientContext& context, duckdb::DropInfo& info) {
  auto transaction = catalog.GetCatalogTransaction(context);
  LakeTransaction& own = TransactionOf(transaction);
  TableKey key = FindKey(own, info.name);
  bool is_table = own.View(key) != nullptr;
  bool wants_table = info.type == CatalogType::TABLE_ENTRY;
  if (is_table != wants_table) {
    Throw(Error(ErrorCode::kSqlCatalog, fmt::format("{} is a {}", key.Text(), is_table ? "table" : "view"))
              .Hint(fmt::format("use DROP {}", is_table ? "TABLE" : "VIEW")));
  }
  if (is_table) {
    own.Drop(key);
  } else {
    own.CheckMayWrite(key);
    Unwrap(lake_.RemoveView(key));
  }
}

}  // namespace smelt::engine
