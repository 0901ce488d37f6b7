#include "serve/pg_catalog/internal/lake_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "engine/table_info.h"
#include "serve/pg_catalog/internal/relations.h"
#include "serve/pg_catalog/internal/schema.h"

namespace smelt::serve::pg_catalog {
namespace {

using engine::QuoteLiteral;

struct TypePair {
  std::string_view engine;
  std::uint32_t oid;
  std::uint32_t array;
};

constexpr std::uint32_t kText = 25;
constexpr std::uint32_t kJson = 114;
constexpr std::uint32_t kNumeric = 1700;
constexpr std::uint32_t kNumericArray = 1231;
constexpr std::array kTypePairs = {
    TypePair{"BOOLEAN", 16, 1000},
    TypePair{"TINYINT", 21, 1005},
    TypePair{"UTINYINT", 21, 1005},
    TypePair{"SMALLINT", 21, 1005},
    TypePair{"USMALLINT", 23, 1007},
    TypePair{"INTEGER", 23, 1007},
    TypePair{"UINTEGER", 20, 1016},
    TypePair{"BIGINT", 20, 1016},
    TypePair{"UBIGINT", kNumeric, kNumericArray},
    TypePair{"HUGEINT", kNumeric, kNumericArray},
    TypePair{"UHUGEINT", kNumeric, kNumericArray},
    TypePair{"FLOAT", 700, 1021},
    TypePair{"DOUBLE", 701, 1022},
    TypePair{"VARCHAR", kText, 1009},
    TypePair{"BLOB", 17, 1001},
    TypePair{"DATE", 1082, 1182},
    TypePair{"TIME", 1083, 1183},
    TypePair{"TIME WITH TIME ZONE", 1266, 1270},
    TypePair{"TIMESTAMP", 1114, 1115},
    TypePair{"TIMESTAMP_S", 1114, 1115},
    TypePair{"TIMESTAMP_MS", 1114, 1115},
    TypePair{"TIMESTAMP_NS", 1114, 1115},
    TypePair{"TIMESTAMP WITH TIME ZONE", 1184, 1185},
    TypePair{"INTERVAL", 1186, 1187},
    TypePair{"UUID", 2950, 2951},
    TypePair{"BIT", 1562, 1563},
    TypePair{"JSON", kJson, 199},
};

ColumnType ScalarOf(std::string_view type) {
  if (type.starts_with("DECIMAL(")) {
    std::int32_t precision = 0;
    std::int32_t scale = 0;
    const std::string_view inner = type.substr(type.find('(') + 1);
    const auto first = std::from_chars(inner.data(), inner.data() + inner.size(), precision);
    std::from_chars(first.ptr + 1, inner.data() + inner.size(), scale);
    constexpr int kPrecisionShift = 16;
    constexpr int kHeader = 4;
    return {.oid = kNumeric, .modifier = (precision << kPrecisionShift | scale) + kHeader};
  }
  if (type.starts_with("STRUCT(") || type.starts_with("MAP(")) return {.oid = kJson};
  for (const TypePair& pair : kTypePairs) {
    if (pair.engine == type) return {.oid = pair.oid};
  }
  return {.oid = kText};
}

std::uint32_t ArrayOf(std::uint32_t oid) {
  for (const TypePair& pair : kTypePairs) {
    if (pair.oid == oid) return pair.array;
  }
  return kJson;
}

std::string OptionalLiteral(const std::optional<std::string>& text) {
  return text ? QuoteLiteral(*text) : "NULL";
}

std::string SchemaShown(std::string_view name) {
  return name == "main" ? "public" : std::string(name);
}

/// CREATE VIEW a.b AS SELECT …; is kept whole: the query is what clients ask for.
std::string QueryOf(const std::string& create) {
  const std::size_t as = create.find(" AS ");
  if (as == std::string::npos) return create;
  std::string query = create.substr(as + 4);
  if (!query.ends_with(';')) query += ';';
  return query;
}

Status ReadColumns(engine::Session& session, std::map<std::pair<std::string, std::string>, LakeRelation*>& relations) {
  SMELT_ASSIGN(const auto columns,
               session.Query("SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default, "
                             "comment FROM duckdb_columns() WHERE database_name = current_database() ORDER BY 1, 2, "
                             "column_index"));
  for (const auto& row : columns.rows) {
    const auto found = relations.find({*row[0], *row[1]});
    if (found == relations.end()) continue;
    found->second->columns.push_back(
        {.name = *row[2], .type = *row[3], .nullable = row[4] == "true", .standard = row[5], .comment = row[6]});
  }
  return {};
}

void NumberRelations(LakeState& state) {
  std::set<std::uint32_t> used;
  for (LakeRelation& relation : state.relations) {
    relation.oid = StableOid("relation", relation.schema + "." + relation.name);
    while (!used.insert(relation.oid).second) ++relation.oid;
  }
}

/// Rows for one INSERT.
class Rows {
 public:
  explicit Rows(std::string_view into) : into_(into) {}
  void Add(std::string row) { rows_ += (rows_.empty() ? "(" : ",\n(") + std::move(row) + ")"; }
  std::string Script() const { return rows_.empty() ? "" : fmt::format("INSERT INTO {} VALUES {};\n", into_, rows_); }

 private:
  std::string into_;
  std::string rows_;
};

constexpr std::string_view kClassColumns =
    "pgc.pg_class(oid, relname, relnamespace, reltype, reloftype, relowner, relam, relfilenode, reltablespace, "
    "relpages, reltuples, relallvisible, reltoastrelid, relhasindex, relisshared, relpersistence, relkind, relnatts, "
    "relchecks, relhasrules, relhastriggers, relhassubclass, relrowsecurity, relforcerowsecurity, relispopulated, "
    "relreplident, relispartition, relrewrite, relfrozenxid, relminmxid)";

std::string ClassRow(std::uint32_t oid, std::string_view name, std::uint32_t schema, char kind, std::size_t columns,
                     std::int64_t rows, std::int64_t bytes) {
  constexpr std::int64_t kPage = 8192;
  const bool view = kind == 'v';
  return fmt::format(
      "{0}, {1}, {2}, 0, 0, {3}, {4}, {5}, 0, {6}, {7}, 0, 0, false, false, 'p', '{8}', {9}, 0, {10}, false, false, "
      "false, false, true, '{11}', false, 0, 0, 0",
      oid, QuoteLiteral(name), schema, kOwner, view ? 0 : 2, view ? 0 : oid, (bytes + kPage - 1) / kPage,
      view ? -1 : rows, kind, columns, view, view || oid < kFirstOidOfUsers ? 'n' : 'd');
}

/// Access to a schema that all may use: of its owner, and of everybody.
constexpr std::string_view kOpenToAll = "['lake=UC/lake', '=U/lake']";

constexpr std::string_view kNewColumns = "smelt_new_columns";

std::string ColumnRow(std::uint32_t oid, std::string_view name, std::string_view type, const ColumnType& shape,
                      std::size_t number, bool not_null, bool has_default) {
  return fmt::format("{}, {}, {}, {}, {}, {}, {}, {}", oid, QuoteLiteral(name), type, shape.modifier, shape.dimensions,
                     number, not_null, has_default);
}

/// Columns of the relations are gathered in a table first: what their types say of them is joined to them.
std::string BeginColumns() {
  return fmt::format(
      "CREATE OR REPLACE TEMP TABLE {}(relation UINTEGER, name VARCHAR, type UINTEGER, modifier INTEGER, dimensions "
      "INTEGER, number SMALLINT, not_null BOOLEAN, has_default BOOLEAN);\n",
      kNewColumns);
}

/// The columns that every table of PostgreSQL's has beside its own.
constexpr std::string_view kHiddenColumns =
    "INSERT INTO {0} SELECT r.oid, c.name, c.type, -1, 0, c.number, true, false FROM pgc.pg_class r, (VALUES ('ctid', "
    "27, "
    "-1), ('xmin', 28, -2), ('cmin', 29, -3), ('xmax', 28, -4), ('cmax', 29, -5), ('tableoid', 26, -6)) c(name, type, "
    "number) WHERE r.relkind = 'r' AND r.oid IN (SELECT relation FROM {0});\n";

std::string EndColumns() {
  return fmt::format(kHiddenColumns, kNewColumns) +
         fmt::format(
             "INSERT INTO pgc.pg_attribute(attrelid, attname, atttypid, attstattarget, attlen, attnum, attndims, "
             "attcacheoff, atttypmod, attbyval, attalign, attstorage, attcompression, attnotnull, atthasdef, "
             "atthasmissing, attidentity, attgenerated, attisdropped, attislocal, attinhcount, attcollation) SELECT "
             "c.relation, c.name, c.type, CASE WHEN c.number > 0 THEN -1 ELSE 0 END, t.typlen, c.number, c.dimensions, "
             "-1, c.modifier, t.typbyval, t.typalign, t.typstorage, '', c.not_null, c.has_default, false, '', '', "
             "false, true, 0, t.typcollation FROM {0} c JOIN pgc.smelt_types t ON t.oid = c.type ORDER BY c.relation, "
             "c.number;\nDROP TABLE {0};\n",
             kNewColumns);
}

}  // namespace

ColumnType TypeOf(std::string_view engine_type) {
  int dimensions = 0;
  while (engine_type.ends_with(']')) {
    engine_type = engine_type.substr(0, engine_type.rfind('['));
    ++dimensions;
  }
  ColumnType type = ScalarOf(engine_type);
  if (dimensions == 0) return type;
  const bool nested = dimensions > 1 || type.oid == kJson;
  if (nested) return {.oid = kJson};
  type.oid = ArrayOf(type.oid);
  type.dimensions = 1;
  return type;
}

std::uint32_t StableOid(std::string_view kind, std::string_view name) {
  constexpr std::uint32_t kFnvOffset = 2166136261;
  constexpr std::uint32_t kFnvPrime = 16777619;
  constexpr std::uint32_t kMask = 0x3FFF'FFFF;
  constexpr std::uint32_t kBase = 0x4000'0000;
  std::uint32_t hash = kFnvOffset;
  for (const std::string_view part : {kind, std::string_view("/"), name}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  }
  return (hash & kMask) | kBase;
}

Result<std::string> ReadFingerprint(engine::Engine& lake, engine::Session& session) {
  std::string print;
  SMELT_ASSIGN(const auto tables, lake.Tables());
  for (const engine::TableInfo& table : tables) {
    print += fmt::format("{}.{}@{}\n", table.schema, table.table, table.version);
  }
  SMELT_ASSIGN(const auto views,
               session.Query("SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal AND "
                             "database_name = current_database() ORDER BY 1, 2"));
  for (const auto& row : views.rows) print += *row[0] + "." + *row[1] + " " + row[2].value_or("") + "\n";
  SMELT_ASSIGN(const auto schemas, session.Query("SELECT schema_name FROM duckdb_schemas() WHERE database_name = "
                                                 "current_database() ORDER BY 1"));
  for (const auto& row : schemas.rows) print += *row[0] + "\n";
  return print;
}

Result<LakeState> ReadLake(engine::Engine& lake, engine::Session& session) {
  LakeState state;
  SMELT_ASSIGN(const auto schemas, session.Query("SELECT schema_name FROM duckdb_schemas() WHERE database_name = "
                                                 "current_database() ORDER BY 1"));
  for (const auto& row : schemas.rows) {
    const std::string name = SchemaShown(*row[0]);
    state.schemas.push_back({name, name == "public" ? kPublicNamespace : StableOid("schema", name)});
  }
  SMELT_ASSIGN(const auto tables, lake.Tables());
  state.relations.reserve(tables.size());
  std::map<std::pair<std::string, std::string>, LakeRelation*> by_name;
  for (const engine::TableInfo& table : tables) {
    state.relations.push_back({.schema = SchemaShown(table.schema),
                               .name = table.table,
                               .is_view = table.is_view,
                               .rows = table.is_view ? -1 : table.rows,
                               .bytes = table.bytes});
    by_name[{table.schema, table.table}] = &state.relations.back();
  }
  SMELT_TRY(ReadColumns(session, by_name));
  SMELT_ASSIGN(const auto comments, session.Query("SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE "
                                                  "comment IS NOT NULL AND database_name = current_database()"));
  for (const auto& row : comments.rows) {
    if (const auto found = by_name.find({*row[0], *row[1]}); found != by_name.end()) found->second->comment = row[2];
  }
  SMELT_ASSIGN(const auto views, session.Query("SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE "
                                               "NOT internal AND database_name = current_database()"));
  for (const auto& row : views.rows) {
    const auto found = by_name.find({*row[0], *row[1]});
    if (found == by_name.end()) continue;
    found->second->definition = " " + QueryOf(row[2].value_or(""));
    found->second->comment = row[3];
  }
  NumberRelations(state);
  return state;
}

std::string LakeScript(const LakeState& state) {
  std::string script = "BEGIN;\n";
  for (const std::string_view clause :
       {"pgc.pg_class WHERE oid", "pgc.pg_attribute WHERE attrelid", "pgc.pg_attrdef WHERE adrelid",
        "pgc.pg_rewrite WHERE ev_class", "pgc.pg_description WHERE objoid", "pgc.smelt_views WHERE oid",
        "pgc.smelt_sizes WHERE oid", "pgc.pg_namespace WHERE oid"}) {
    script += fmt::format("DELETE FROM {} >= {};\n", clause, kFirstOidOfUsers);
  }
  script += fmt::format("DELETE FROM pgc.pg_namespace WHERE oid = {};\n", kPublicNamespace);
  Rows namespaces("pgc.pg_namespace(oid, nspname, nspowner, nspacl)");
  std::map<std::string_view, std::uint32_t> numbers;
  for (const LakeNamespace& schema : state.schemas) {
    namespaces.Add(fmt::format("{}, {}, {}, {}", schema.oid, QuoteLiteral(schema.name), kOwner,
                               schema.oid == kPublicNamespace ? kOpenToAll : "NULL"));
    numbers[schema.name] = schema.oid;
  }
  Rows classes(kClassColumns);
  Rows columns(kNewColumns);
  Rows defaults("pgc.pg_attrdef(oid, adrelid, adnum, adbin)");
  Rows descriptions("pgc.pg_description(objoid, classoid, objsubid, description)");
  Rows rules("pgc.pg_rewrite(oid, rulename, ev_class, ev_type, ev_enabled, is_instead)");
  Rows views("pgc.smelt_views");
  Rows sizes("pgc.smelt_sizes");
  constexpr int kClassOid = 1259;
  for (const LakeRelation& relation : state.relations) {
    classes.Add(ClassRow(relation.oid, relation.name, numbers[relation.schema], relation.is_view ? 'v' : 'r',
                         relation.columns.size(), relation.rows, relation.bytes));
    if (!relation.is_view) sizes.Add(fmt::format("{}, {}, {}", relation.oid, relation.rows, relation.bytes));
    if (relation.is_view) {
      views.Add(fmt::format("{}, {}", relation.oid, QuoteLiteral(relation.definition)));
      rules.Add(fmt::format("{}, '_RETURN', {}, '1', 'O', true", StableOid("rule", relation.schema + relation.name),
                            relation.oid));
    }
    if (relation.comment) {
      descriptions.Add(fmt::format("{}, {}, 0, {}", relation.oid, kClassOid, QuoteLiteral(*relation.comment)));
    }
    std::size_t number = 0;
    for (const LakeColumn& column : relation.columns) {
      const ColumnType type = TypeOf(column.type);
      columns.Add(ColumnRow(relation.oid, column.name, std::to_string(type.oid), type, ++number, !column.nullable,
                            column.standard.has_value()));
      if (column.standard) {
        defaults.Add(fmt::format("{}, {}, {}, {}", StableOid("default", relation.schema + relation.name + column.name),
                                 relation.oid, number, QuoteLiteral(*column.standard)));
      }
      if (column.comment) {
        descriptions.Add(
            fmt::format("{}, {}, {}, {}", relation.oid, kClassOid, number, OptionalLiteral(column.comment)));
      }
    }
  }
  script += namespaces.Script() + classes.Script() + BeginColumns() + columns.Script() + EndColumns();
  script += defaults.Script() + descriptions.Script() + rules.Script() + views.Script() + sizes.Script();
  return script + "COMMIT;\n";
}

std::string SystemScript() {
  Rows classes(kClassColumns);
  Rows columns(kNewColumns);
  const auto add = [&](std::string_view list, std::uint32_t schema) {
    for (const SystemRelation& relation : ReadRelations(list)) {
      classes.Add(ClassRow(relation.oid, relation.name, schema, relation.kind, relation.columns.size(), 0, 0));
      std::size_t number = 0;
      for (const SystemColumn& column : relation.columns) {
        columns.Add(
            ColumnRow(relation.oid, column.name, QuoteLiteral(column.type), {}, ++number, column.not_null, false));
      }
    }
  };
  add(SystemRelations(), kCatalogNamespace);
  add(InformationRelations(), kInformationNamespace);
  std::string script = fmt::format(
      "INSERT INTO pgc.pg_namespace(oid, nspname, nspowner, nspacl) VALUES ({}, 'pg_catalog', {}, {}), ({}, "
      "'pg_toast', "
      "{}, NULL), ({}, 'information_schema', {}, {});\n",
      kCatalogNamespace, kOwner, kOpenToAll, kToastNamespace, kOwner, kInformationNamespace, kOwner, kOpenToAll);
  script += fmt::format(
      "INSERT INTO pgc.pg_authid(oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, "
      "rolreplication, rolbypassrls, rolconnlimit) VALUES ({}, 'lake', true, true, true, true, true, true, true, -1);\n"
      "INSERT INTO pgc.pg_tablespace(oid, spcname, spcowner) VALUES (1663, 'pg_default', {}), (1664, 'pg_global', "
      "{});\n"
      "INSERT INTO pgc.pg_database(oid, datname, datdba, encoding, datlocprovider, datistemplate, datallowconn, "
      "datconnlimit, datfrozenxid, datminmxid, dattablespace, datcollate, datctype) VALUES ({}, 'lake', {}, 6, 'c', "
      "false, true, -1, 0, 0, 1663, 'C.UTF-8', 'C.UTF-8');\n",
      kOwner, kOwner, kOwner, kFirstOidOfUsers, kOwner);
  script += classes.Script() + BeginColumns();
  script += "ALTER TABLE smelt_new_columns ALTER type TYPE VARCHAR;\n" + columns.Script();
  script +=
      "UPDATE smelt_new_columns SET type = (SELECT min(t.oid)::VARCHAR FROM pgc.smelt_types t WHERE t.typname = "
      "smelt_new_columns.type);\nALTER TABLE smelt_new_columns ALTER type TYPE UINTEGER;\n";
  return script + EndColumns();
}

}  // namespace smelt::serve::pg_catalog
