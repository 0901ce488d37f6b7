#include "quality/contract_check.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/internal/contract_figures.h"
#include "quality/internal/contract_references.h"
#include "quality/internal/figures.h"
#include "quality/internal/literal.h"
#include "quality/internal/table_name.h"
#include "quality/internal/type_names.h"

namespace smelt::quality {
namespace {

using engine::TypeKind;

ContractVerdict Broken(const std::string& severity) {
  return IsMild(severity) ? ContractVerdict::kWarning : ContractVerdict::kBroken;
}

/// Whether a column is of the family that a logical type names.
bool IsOfFamily(const engine::ResultColumn& column, const ContractProperty& property, bool dates_with_time) {
  const std::string& type = property.logical_type;
  const bool is_number =
      column.kind == TypeKind::kInteger || column.kind == TypeKind::kDecimal || column.kind == TypeKind::kFloat;
  if (type == "string")
    return column.kind == TypeKind::kText || column.type == "UUID" || column.kind == TypeKind::kBinary;
  if (type == "date") return column.kind == TypeKind::kDate || (dates_with_time && column.kind == TypeKind::kTimestamp);
  if (type == "timestamp") return column.kind == TypeKind::kTimestamp;
  if (type == "time") return column.kind == TypeKind::kTime;
  if (type == "number") return is_number;
  if (type == "integer") return column.kind == TypeKind::kInteger || column.type.ends_with(",0)");
  if (type == "boolean") return column.kind == TypeKind::kBoolean;
  if (type == "array") return column.type.ends_with("[]");
  if (type == "object")
    return column.type.starts_with("STRUCT") || column.type.starts_with("MAP") || column.type == "JSON";
  return true;
}

/// Hours of a promise; nothing for units that are no time.
std::optional<double> HoursOf(const ContractSla& sla) {
  if (!sla.value.is_number()) return std::nullopt;
  struct Unit {
    std::string_view name;
    double hours;
  };
  constexpr auto kUnits = std::to_array<Unit>({{"s", 1.0 / 3600},
                                               {"second", 1.0 / 3600},
                                               {"min", 1.0 / 60},
                                               {"minute", 1.0 / 60},
                                               {"h", 1},
                                               {"hour", 1},
                                               {"d", 24},
                                               {"day", 24},
                                               {"w", 168},
                                               {"week", 168},
                                               {"m", 730.5},
                                               {"month", 730.5},
                                               {"y", 8766},
                                               {"year", 8766}});
  std::string_view unit = sla.unit;
  if (unit.size() > 3 && unit.ends_with('s')) unit.remove_suffix(1);
  const auto* const found = std::ranges::find(kUnits, unit, &Unit::name);
  if (found == kUnits.end()) return std::nullopt;
  return sla.value.get<double>() * found->hours;
}

/// Holds a lake against a contract, object by object.
class ContractChecker {
 public:
  ContractChecker(engine::Engine& engine, engine::Session& session, const DataContract& contract,
                  ContractStrictness strictness)
      : engine_(engine), session_(session), contract_(contract), strict_(strictness == ContractStrictness::kStrict) {
    report_.contract = contract.name;
    report_.version = contract.version;
    report_.file = contract.file;
  }

  /// One table, as the open transaction would leave it.
  Result<ContractReport> RunStaged(std::string_view schema, std::string_view table) {
    const std::string name = fmt::format("{}.{}", schema, table);
    for (const ContractObject& object : contract_.objects) {
      const std::string promised = TableOf(contract_, object);
      if (promised != name && promised != table) continue;
      DataSource staged{
          .label = name, .table = name, .version = {}, .relation = ParseTableName(name)->sql(), .columns = {}};
      SMELT_ASSIGN(const engine::ResultTable none, session_.Query(fmt::format("from {} limit 0", staged.relation)));
      staged.columns = none.columns;
      SMELT_TRY(CheckRows(object, staged));
    }
    return std::move(report_);
  }

  Result<ContractReport> Run(const std::stop_token& stop) {
    for (const ContractObject& object : contract_.objects) {
      if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the check of the contract was interrupted");
      SMELT_TRY(CheckObject(object));
    }
    for (const ContractSla& sla : contract_.sla) SMELT_TRY(CheckSla(sla));
    return std::move(report_);
  }

 private:
  void Add(const ContractObject* object, std::string property, std::string check, ContractVerdict verdict,
           std::string message, std::int64_t line) {
    report_.checks.push_back({object == nullptr ? "" : object->name, std::move(property), std::move(check), verdict,
                              std::move(message), line});
  }

  /// The table of an object; one whose schema nobody names is found when only one schema has it.
  Result<DataSource> Find(const std::string& name) {
    if (name.find('.') != std::string::npos) return FindData(engine_, session_, name);
    SMELT_ASSIGN(const std::vector<engine::TableInfo> tables, engine_.Tables());
    std::vector<std::string> found;
    for (const engine::TableInfo& table : tables) {
      if (table.table == name) found.push_back(table.schema + "." + table.table);
    }
    if (found.size() == 1) return FindData(engine_, session_, found[0]);
    if (found.empty()) return Fail(ErrorCode::kSqlCatalog, fmt::format("there is no table {}", name));
    return Fail(ErrorCode::kSqlCatalog, fmt::format("there are several tables {} ({}): name one under physicalName",
                                                    name, fmt::join(found, ", ")));
  }

  Status CheckObject(const ContractObject& object) {
    const std::string name = TableOf(contract_, object);
    const auto table = Find(name);
    if (!table) {
      const ErrorCode code = table.error().code();
      if (code != ErrorCode::kSqlCatalog && code != ErrorCode::kUsage) return std::unexpected(table.error());
      const bool several = table.error().message().starts_with("there are");
      Add(&object, "", "exists", ContractVerdict::kBroken,
          several ? table.error().message() : fmt::format("there is no table {}", name), object.line);
      return {};
    }
    Add(&object, "", "exists", ContractVerdict::kHolds, fmt::format("the table is {}", table->label), object.line);
    return CheckRows(object, *table);
  }

  Status CheckRows(const ContractObject& object, const DataSource& table) {
    CheckColumns(object, table);
    SMELT_TRY(CheckFigures(object, table));
    for (const ContractReference& reference : object.references) SMELT_TRY(CheckReference(object, reference, table));
    for (const ContractProperty& property : object.properties) {
      for (const ContractRule& rule : property.rules) SMELT_TRY(CheckRule(object, property.physical_name, rule, table));
    }
    for (const ContractRule& rule : object.rules) SMELT_TRY(CheckRule(object, "", rule, table));
    return {};
  }

  /// The table's column of a property; as it is written where the contract does not know it.
  static std::string ColumnNamed(const ContractObject* object, const std::string& property) {
    if (object != nullptr) {
      const auto found = std::ranges::find(object->properties, property, &ContractProperty::name);
      if (found != object->properties.end()) return engine::QuoteIdentifier(found->physical_name);
    }
    return engine::QuoteIdentifier(property);
  }

  Status CheckReference(const ContractObject& object, const ContractReference& reference, const DataSource& table) {
    const std::string property = reference.from.size() == 1 ? reference.from[0] : "";
    const std::string check = "references " + reference.Text();
    const auto unjudged = [&](std::string reason) {
      Add(&object, property, check, ContractVerdict::kUnjudged, std::move(reason), reference.line);
      return Status();
    };
    if (reference.elsewhere) return unjudged("the table is another contract's");
    const auto known = std::ranges::find(contract_.objects, reference.object, &ContractObject::name);
    const ContractObject* other = known == contract_.objects.end() ? nullptr : &*known;
    ContractObject undescribed;
    undescribed.physical_name = reference.object;
    const std::string name = TableOf(contract_, other != nullptr ? *other : undescribed);
    const auto parent = Find(name);
    if (!parent) {
      const ErrorCode code = parent.error().code();
      if (code != ErrorCode::kSqlCatalog && code != ErrorCode::kUsage) return std::unexpected(parent.error());
      return unjudged(fmt::format("there is no table {}", name));
    }
    std::vector<std::pair<std::string, std::string>> columns;
    for (std::size_t i = 0; i < reference.from.size(); ++i) {
      columns.emplace_back(ColumnNamed(&object, reference.from[i]), ColumnNamed(other, reference.to[i]));
    }
    const auto answer = session_.Query(UnmatchedSql(table.relation, parent->relation, columns));
    if (!answer) {
      if (answer.error().code() == ErrorCode::kCancelled) return std::unexpected(answer.error());
      Add(&object, property, check, ContractVerdict::kBroken, "cannot be computed: " + answer.error().message(),
          reference.line);
      return {};
    }
    const std::int64_t unmatched = answer->Int().value_or(0);
    Add(&object, property, check, unmatched == 0 ? ContractVerdict::kHolds : ContractVerdict::kBroken,
        fmt::format("rows without a match in {}: {}{}", parent->label, unmatched,
                    unmatched == 0 ? "" : ", promised none"),
        reference.line);
    return {};
  }

  void CheckColumns(const ContractObject& object, const DataSource& table) {
    for (const ContractProperty& property : object.properties) {
      const engine::ResultColumn* column = ColumnOf(property, table);
      if (column == nullptr) {
        Add(&object, property.name, "exists", ContractVerdict::kBroken,
            fmt::format("{} has no column {}", table.label, property.physical_name), property.line);
        continue;
      }
      CheckType(object, property, *column);
    }
    if (!strict_) return;
    for (const engine::ResultColumn& column : table.columns) {
      const bool known = std::ranges::any_of(object.properties, [&](const ContractProperty& property) {
        return ColumnOf(property, {.label = {}, .table = {}, .version = {}, .relation = {}, .columns = {column}}) !=
               nullptr;
      });
      if (known || IsAddedByLoading(column.name)) continue;
      Add(&object, column.name, "exists", ContractVerdict::kBroken,
          fmt::format("the contract does not know the column {}", column.name), object.line);
    }
  }

  void CheckType(const ContractObject& object, const ContractProperty& property, const engine::ResultColumn& column) {
    // Before 3.1, dates were dates and timestamps.
    const bool dates_with_time = contract_.api_version.starts_with("v3.0");
    const bool family = property.logical_type.empty() || IsOfFamily(column, property, dates_with_time);
    const Column described{column.name, engine::QuoteIdentifier(column.name), column.type, column.kind};
    // Tables keep texts without their greatest length: that is a figure of the rows.
    const bool physical = !strict_ || property.physical_type.empty() || HasType(described, property.physical_type) ||
                          (column.kind == TypeKind::kText && TextLength(property.physical_type));
    const std::string& promised = family ? property.physical_type : property.logical_type;
    const bool holds = family && physical;
    Add(&object, property.name, "type", holds ? ContractVerdict::kHolds : ContractVerdict::kBroken,
        holds ? "it is " + column.type : fmt::format("it is {}, promised is {}", column.type, promised), property.line);
  }

  Status CheckFigures(const ContractObject& object, const DataSource& table) {
    const std::vector<ContractFigure> figures = FiguresOf(object, table);
    std::vector<FigureRequest> requests;
    requests.reserve(figures.size());
    for (const ContractFigure& figure : figures) requests.push_back({fmt::format("({})::double", figure.sql)});
    if (requests.empty()) return {};
    SMELT_ASSIGN(const auto answers, ComputeFigures(session_, table.relation, requests));
    for (std::size_t i = 0; i < figures.size(); ++i) Judge(object, figures[i], answers[i]);
    return {};
  }

  void Judge(const ContractObject& object, const ContractFigure& figure, const Result<std::vector<Json>>& answer) {
    if (!answer) {
      Add(&object, figure.property, figure.check, Broken(figure.severity),
          "cannot be computed: " + answer.error().message(), figure.line);
      return;
    }
    // A share of no rows is none.
    const double value = answer->front().is_number() ? answer->front().get<double>() : 0;
    const bool holds = Compares(value, figure.comparison, figure.bounds);
    std::string message = fmt::format("{}: {}", figure.subject,
                                      figure.percent ? fmt::format("{:.3g} %", value) : fmt::format("{}", value));
    if (!holds) {
      message += fmt::format(", promised {}{}",
                             figure.bounds == std::vector<double>{0} && figure.comparison == "mustBe"
                                 ? "none"
                                 : ComparisonText(figure.comparison, figure.bounds),
                             figure.percent ? " %" : "");
    }
    Add(&object, figure.property, figure.check, holds ? ContractVerdict::kHolds : Broken(figure.severity), message,
        figure.line);
  }

  /// What the library does not count.
  Status CheckRule(const ContractObject& object, const std::string& column, const ContractRule& rule,
                   const DataSource& table) {
    if (rule.type == "library") return {};
    if (rule.type != "sql") {
      Add(&object, column, rule.name, ContractVerdict::kUnjudged,
          rule.type == "text" ? "a text for people" : "another engine's rule", rule.line);
      return {};
    }
    const std::string query =
        Filled(rule.query, table.table.empty() ? table.relation : ParseTableName(table.table)->sql(),
               engine::QuoteIdentifier(column));
    const auto answer = session_.Query(query);
    if (!answer) {
      if (answer.error().code() == ErrorCode::kCancelled) return std::unexpected(answer.error());
      Add(&object, column, rule.name, Broken(rule.severity), "the query fails: " + answer.error().message(), rule.line);
      return {};
    }
    const auto value = answer->Real();
    const bool holds = value && Compares(*value, rule.comparison, rule.bounds);
    Add(&object, column, rule.name, holds ? ContractVerdict::kHolds : Broken(rule.severity),
        fmt::format("the query gives {}{}", value ? fmt::format("{}", *value) : "no number",
                    holds ? "" : ", promised " + ComparisonText(rule.comparison, rule.bounds)),
        rule.line);
    return {};
  }

  /// The query with its placeholders replaced: ${table}, {object}, ${property}, {column} and their kin.
  static std::string Filled(std::string query, const std::string& table, const std::string& column) {
    struct Placeholder {
      std::string_view text;
      const std::string& value;
    };
    const Placeholder placeholders[] = {{"${object}", table},   {"${table}", table},     {"{object}", table},
                                        {"{table}", table},     {"${property}", column}, {"${column}", column},
                                        {"{property}", column}, {"{column}", column}};
    for (const auto& [text, value] : placeholders) {
      for (std::size_t at = query.find(text); at != std::string::npos; at = query.find(text, at + value.size())) {
        query.replace(at, text.size(), value);
      }
    }
    return query;
  }

  Status CheckSla(const ContractSla& sla) {
    const auto hours = HoursOf(sla);
    const bool known = sla.property == "latency" || sla.property == "freshness" || sla.property == "retention" ||
                       sla.property == "frequency";
    const std::size_t dot = sla.element.find('.');
    const std::string name = sla.element.substr(0, dot);
    const auto object = std::ranges::find(contract_.objects, name, &ContractObject::name);
    const ContractObject* about = object != contract_.objects.end() ? &*object
                                  : contract_.objects.size() == 1   ? &contract_.objects.front()
                                                                    : nullptr;
    if (!known || !hours || about == nullptr) {
      Add(about, "", sla.property, ContractVerdict::kUnjudged, "the data cannot tell", sla.line);
      return {};
    }
    const std::string column =
        dot == std::string::npos ? (object == contract_.objects.end() ? sla.element : "") : sla.element.substr(dot + 1);
    const auto age = sla.property == "frequency" || column.empty()
                         ? AgeOfTable(*about)
                         : AgeOfColumn(*about, column, sla.property == "retention");
    if (!age) {
      Add(about, column, sla.property, ContractVerdict::kBroken, "cannot be told: " + age.error().message(), sla.line);
      return {};
    }
    const bool holds = *age <= *hours;
    Add(about, column, sla.property, holds ? ContractVerdict::kHolds : ContractVerdict::kBroken,
        fmt::format("{:.1f} h{}", *age, holds ? "" : fmt::format(", promised at most {:.1f} h", *hours)), sla.line);
    return {};
  }

  /// Hours since the last commit.
  Result<double> AgeOfTable(const ContractObject& object) {
    SMELT_ASSIGN(const DataSource table, Find(TableOf(contract_, object)));
    SMELT_ASSIGN(const engine::ResultTable answer,
                 session_.Query(fmt::format("select epoch_us(max(timestamp)) from table_history({})",
                                            engine::QuoteLiteral(table.table))));
    constexpr double kHourUs = 3'600e6;
    return static_cast<double>(NowMicros() - answer.Int().value_or(0)) / kHourUs;
  }

  /// Hours since the newest, or the oldest, value of a column of times.
  Result<double> AgeOfColumn(const ContractObject& object, const std::string& column, bool oldest) {
    SMELT_ASSIGN(const DataSource table, Find(TableOf(contract_, object)));
    SMELT_ASSIGN(const engine::ResultTable answer,
                 session_.Query(fmt::format("select epoch({}({})) from {}", oldest ? "min" : "max",
                                            engine::QuoteIdentifier(column), table.relation)));
    const auto seconds = answer.Real();
    if (!seconds) return Fail(ErrorCode::kQualityNotApplicable, fmt::format("{} has no value", column));
    constexpr double kMicros = 1e6;
    constexpr double kHour = 3'600;
    return (static_cast<double>(NowMicros()) / kMicros - *seconds) / kHour;
  }

  engine::Engine& engine_;
  engine::Session& session_;
  const DataContract& contract_;
  bool strict_;
  ContractReport report_;
};

}  // namespace

bool IsAddedByLoading(std::string_view column) {
  return column == "ingestion_timestamp" || column == "ingest_date" || column == "source_file" ||
         column == "data_quality_flag";
}

bool IsMild(std::string_view severity) {
  constexpr auto kMild = std::to_array<std::string_view>({"warning", "warn", "info", "low", "informational"});
  return std::ranges::find(kMild, severity) != kMild.end();
}

std::string TableOf(const DataContract& contract, const ContractObject& object) {
  const bool says_schema = object.physical_name.find('.') != std::string::npos;
  if (says_schema || contract.servers.empty() || contract.servers.front().schema.empty()) return object.physical_name;
  return contract.servers.front().schema + "." + object.physical_name;
}

std::string_view ContractVerdictText(ContractVerdict verdict) {
  switch (verdict) {
    case ContractVerdict::kHolds: return "holds";
    case ContractVerdict::kBroken: return "broken";
    case ContractVerdict::kWarning: return "warning";
    case ContractVerdict::kUnjudged: return "unjudged";
  }
  return {};
}

std::int64_t ContractReport::count(ContractVerdict verdict) const {
  return std::ranges::count(checks, verdict, &ContractCheck::verdict);
}

Json ContractReport::ToJson() const {
  Json list = Json::array();
  for (const ContractCheck& check : checks) {
    list.push_back({{"object", check.object.empty() ? Json() : Json(check.object)},
                    {"property", check.property.empty() ? Json() : Json(check.property)},
                    {"check", check.check},
                    {"verdict", ContractVerdictText(check.verdict)},
                    {"message", check.message},
                    {"line", check.line}});
  }
  return {
      {"contract", contract}, {"version", version}, {"file", file}, {"holds", holds()}, {"checks", std::move(list)}};
}

Result<ContractReport> CheckContract(engine::Engine& engine, engine::Session& session, const DataContract& contract,
                                     ContractStrictness strictness, std::stop_token stop) {
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  return ContractChecker(engine, session, contract, strictness).Run(stop);
}

Result<ContractReport> CheckStagedTable(engine::Engine& engine, engine::Session& session, const DataContract& contract,
                                        std::string_view schema, std::string_view table,
                                        ContractStrictness strictness) {
  return ContractChecker(engine, session, contract, strictness).RunStaged(schema, table);
}

}  // namespace smelt::quality
