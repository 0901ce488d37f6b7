#include "generate/internal/table_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>

#include "generate/internal/column_sql.h"
#include "generate/internal/random.h"

namespace smelt::generate {
namespace {

/// A key of a child is its parent's times this, plus its number from 1.
constexpr std::int64_t kChildrenMax = 63;
constexpr int kNestedTablesMax = 3;

std::string QuotedAlias(std::string_view name) {
  return fmt::format("\"{}\"", name);
}

bool IsNameStart(char c) {
  return (std::isalpha(static_cast<unsigned char>(c)) != 0) || c == '_';
}
bool IsNamePart(char c) {
  return IsNameStart(c) || (std::isdigit(static_cast<unsigned char>(c)) != 0);
}

std::string SaltOf(std::uint64_t seed, std::string_view name) {
  return fmt::format("{}::BIGINT", static_cast<std::int64_t>(NamedDraw(seed, name) >> 1));
}

/// A list of `value` for each element of `list`, whose fields come about level by level. An element takes along only
/// what later levels name: the engine copies every field at every level.
template <typename AllLevels>
std::string ElementsSql(const std::string& list, const std::string& element, const AllLevels& levels,
                        const std::string& value) {
  const auto field = [&](const std::string& alias) { return element + "." + QuotedAlias(alias); };
  const auto named_after = [&](const std::string& alias, std::size_t level) {
    const std::string name = field(alias);
    if (value == name) return true;
    for (std::size_t later = level + 1; later < levels.size(); ++later) {
      for (const auto& entry : levels[later].entries) {
        if (entry.sql.find(name) != std::string::npos) return true;
      }
    }
    return false;
  };
  std::string sql = list;
  std::vector<std::string> fields{"this_row"};
  for (std::size_t level = 0; level < levels.size(); ++level) {
    std::vector<std::string> packed, kept;
    for (const std::string& alias : fields) {
      if (!named_after(alias, level)) continue;
      packed.push_back(fmt::format("{} := {}", QuotedAlias(alias), field(alias)));
      kept.push_back(alias);
    }
    for (const auto& entry : levels[level].entries) {
      // The last level has what is asked for, and no struct needs to be made of it.
      if (level + 1 == levels.size() && value == field(entry.alias)) {
        return fmt::format("list_transform({}, lambda {}: {})", sql, element, entry.sql);
      }
      packed.push_back(fmt::format("{} := {}", QuotedAlias(entry.alias), entry.sql));
      kept.push_back(entry.alias);
    }
    sql = fmt::format("list_transform({}, lambda {}: struct_pack({}))", sql, element, fmt::join(packed, ", "));
    fields = std::move(kept);
  }
  return fmt::format("list_transform({}, lambda {}: {})", sql, element, value);
}

std::int64_t ScaledRows(const DataTable& table, double scale) {
  return std::max<std::int64_t>(1, std::llround(table.rows * (table.scaled ? scale : 1.0)));
}

std::int64_t RowsPresent(const DataTable& table, double scale) {
  return std::clamp<std::int64_t>(std::llround(table.rows * (table.scaled ? scale : 1.0) * table.present), 1,
                                  ScaledRows(table, scale));
}

}  // namespace

std::int64_t RowsAt(const DataSet& data, const DataTable& table, double scale, std::int64_t day) {
  const std::int64_t all = ScaledRows(table, scale), present = RowsPresent(table, scale);
  const std::int64_t days = data.last_day - data.first_day + 1;
  const std::int64_t passed = std::max<std::int64_t>(day - data.first_day + 1, 0);
  return present + (passed * (all - present) + days - 1) / days;
}

/// Makes the levels of one plan. A name is computed once, at the first level at which all that it needs is there.
class TablePlan::Maker {
 public:
  Maker(const DataSet& data, const PlanSettings& settings) : data_(data), settings_(settings) {}

  Result<std::optional<TablePlan>> Make(const DataTable& table);

 private:
  /// Levels of the query itself, or of the elements of a list in it, for a sum over children.
  struct Levels {
    Levels* outer = nullptr;
    int outer_level = 0;  ///< of what the elements need of the rows around them
    int level_min = 0;    ///< what comes next goes to this level or a later one
    std::string element;  ///< the element's name; empty in the query itself
    std::vector<Level> levels;
  };
  /// A row that expressions can name: of the table itself, of a parent, of one that a column refers to.
  struct Scope {
    const DataTable* table = nullptr;
    std::string path;
    const Scope* referrer = nullptr;
    Scope* parent = nullptr;
    Levels* home = nullptr;
  };
  struct Slot {
    std::string sql;
    Levels* home = nullptr;
    int level = 0;
  };
  /// What an expression is compiled for: its random numbers, and where it stands.
  struct Origin {
    std::string table, column;
    bool changes = false;
    ConfigNode at;
  };
  struct Piece {
    std::string sql;
    int level = 0;
  };

  static int LevelFor(Levels* user, const Slot& slot);
  Slot Put(const Scope& scope, const std::string& name, Piece piece, const Origin& origin);
  Result<Slot> Require(Scope& scope, const std::string& name, const Origin& origin);
  Result<std::optional<std::string>> BuiltIn(Scope& scope, const std::string& name);
  Result<Piece> Compile(Scope& scope, const std::string& text, const Origin& origin);
  Result<Slot> Resolve(Scope& scope, const std::string& path, const Origin& origin);
  Result<Piece> Draw(Scope& scope, std::string_view function, const std::string& text, std::size_t& at,
                     const Origin& origin);
  Result<Piece> SumOf(Scope& scope, const DataColumn& column, const Origin& origin);
  Result<Scope*> ScopeOf(Scope& scope, const std::string& name, const Origin& origin);
  Scope* NewScope(Scope scope);
  std::optional<std::string> ArrivalText(const Scope& scope, const std::string& name);
  Result<std::string> MomentSql(Scope& scope, int& level, Levels* user);
  bool HasMoment(const Scope& scope) const;
  Result<Scope*> Chain(const DataTable& table);
  Status AddOutputs(Scope& own, TablePlan& plan);
  Result<std::string> FilterOf(Scope& own);
  Error NoSuchName(const Scope& scope, const std::string& name, const Origin& origin) const;

  const DataSet& data_;
  const PlanSettings settings_;
  Levels main_;
  std::vector<std::unique_ptr<Levels>> nested_;
  std::vector<std::unique_ptr<Scope>> scopes_;
  std::map<std::string, Scope*> scopes_by_path_;
  std::map<std::string, Slot> slots_;
  std::set<std::string> in_progress_;
};

int TablePlan::Maker::LevelFor(Levels* user, const Slot& slot) {
  if (slot.home == user || user->outer == nullptr) return slot.level;
  user->outer_level = std::max(user->outer_level, LevelFor(user->outer, slot));
  return 0;
}

TablePlan::Maker::Slot TablePlan::Maker::Put(const Scope& scope, const std::string& name, Piece piece,
                                             const Origin& origin) {
  const std::string alias = fmt::format("{}{}", scope.path.empty() ? "" : scope.path + ".", name);
  Levels& home = *scope.home;
  piece.level = std::max(piece.level, home.level_min);
  const auto level = static_cast<std::size_t>(piece.level);
  if (home.levels.size() <= level) home.levels.resize(level + 1);
  home.levels[level].entries.push_back({alias, std::move(piece.sql), origin.at, origin.column});
  const Slot slot{home.element.empty() ? QuotedAlias(alias) : home.element + "." + QuotedAlias(alias), &home,
                  piece.level + 1};
  slots_[scope.path + "\n" + name] = slot;
  return slot;
}

TablePlan::Maker::Scope* TablePlan::Maker::NewScope(Scope scope) {
  scopes_.push_back(std::make_unique<Scope>(std::move(scope)));
  return scopes_by_path_[scopes_.back()->path] = scopes_.back().get();
}

bool TablePlan::Maker::HasMoment(const Scope& scope) const {
  if (!scope.table->time.empty()) return true;
  if (scope.parent != nullptr) return HasMoment(*scope.parent);
  return scope.referrer != nullptr && HasMoment(*scope.referrer);
}

/// The moment at which a row is looked at: that of the row itself, of its parent, or of the row that refers to it; else
/// the day that the file is of.
Result<std::string> TablePlan::Maker::MomentSql(Scope& scope, int& level, Levels* user) {
  if (!scope.table->time.empty()) {
    const Origin origin{scope.table->name, scope.table->time, false, scope.table->node};
    SMELT_ASSIGN(const Slot slot, Require(scope, scope.table->time, origin));
    level = std::max(level, LevelFor(user, slot));
    return slot.sql + "::DATE";
  }
  if (scope.table->source == RowSource::kEach) {
    const Origin origin{scope.table->name, "", false, scope.table->node};
    SMELT_ASSIGN(Scope * parent, ScopeOf(scope, scope.table->parent, origin));
    return MomentSql(*parent, level, user);
  }
  // The referrer is kept as constant so that nothing but this changes what it has.
  if (scope.referrer != nullptr) return MomentSql(*scopes_by_path_.at(scope.referrer->path), level, user);
  return fmt::format("make_date({})", settings_.day);
}

/// Names that are there for every row, as expressions over other names. `@moment` is the row's moment.
std::optional<std::string> TablePlan::Maker::ArrivalText(const Scope& scope, const std::string& name) {
  const DataTable& table = *scope.table;
  const std::int64_t first = data_.first_day;
  if (name == "arrived_on") {
    const std::int64_t all = ScaledRows(table, settings_.scale), present = RowsPresent(table, settings_.scale);
    return fmt::format(
        "make_date((case when this_row < {0} then {1} - 1 - floor(draw(arrival) * 1095)::BIGINT else {1} + (this_row - "
        "{0}) * {2} // {3} end)::INTEGER)",
        present, first, data_.last_day - first + 1, std::max<std::int64_t>(all - present, 1));
  }
  if (table.change_every == 0) {
    if (name == "changed_on") return "null::DATE";
    return std::nullopt;
  }
  if (name == "change_phase") return fmt::format("floor(draw(phase) * {})::BIGINT", table.change_every);
  if (name == "this_change") {
    return fmt::format("(greatest((@moment - make_date({})) + change_phase, 0) // {})::INTEGER", first,
                       table.change_every);
  }
  if (name == "change_key") return "this_row + this_change::BIGINT * 1099511627776";
  if (name == "changed_on") {
    const std::string day =
        fmt::format("make_date(({} + this_change * {} - change_phase)::INTEGER)", first, table.change_every);
    return fmt::format("case when this_change > 0 and {0} > arrived_on then {0} end", day);
  }
  return std::nullopt;
}

Result<std::optional<std::string>> TablePlan::Maker::BuiltIn(Scope& scope, const std::string& name) {
  const DataTable& table = *scope.table;
  constexpr std::string_view kRowsOf = "rows_of_", kCountOf = "count_of_";
  if (name == "this_number") {
    if (table.source == RowSource::kRows) return "(this_row + 1)";
    return table.source == RowSource::kDaily ? "(this_row & 134217727)" : "(this_row & 63)";
  }
  if (name == "this_day" && table.source == RowSource::kDaily) return "make_date((this_row >> 27)::INTEGER)";
  if (name.starts_with(kRowsOf)) {
    const DataTable* target = data_.Find(name.substr(kRowsOf.size()));
    if (target == nullptr || target->source != RowSource::kRows) return std::nullopt;
    const std::int64_t all = ScaledRows(*target, settings_.scale), present = RowsPresent(*target, settings_.scale);
    const std::int64_t days = data_.last_day - data_.first_day + 1;
    if (all == present) return fmt::format("{}", all);
    return fmt::format("({0} + (greatest((@moment - make_date({1})) + 1, 0) * {2} + {3}) // {4})", present,
                       data_.first_day, all - present, days - 1, days);
  }
  if (name.starts_with(kCountOf)) {
    const DataTable* child = data_.Find(name.substr(kCountOf.size()));
    if (child == nullptr || child->source != RowSource::kEach || child->parent != table.name) return std::nullopt;
    return fmt::format("greatest(0, least({}, ({})::BIGINT))", kChildrenMax, child->counted);
  }
  if (table.source == RowSource::kRows) return ArrivalText(scope, name);
  return std::nullopt;
}

Error TablePlan::Maker::NoSuchName(const Scope& scope, const std::string& name, const Origin& origin) const {
  std::vector<std::string_view> known;
  for (const DataColumn& column : scope.table->columns) known.push_back(column.name);
  const std::string nearest = NearestWord(name, known);
  Error error = origin.at.ErrorHere(ErrorCode::kConfigValueInvalid,
                                    fmt::format("table '{}' has no column '{}'", scope.table->name, name));
  return std::move(error).Hint(nearest.empty() ? fmt::format("its columns are {}", fmt::join(known, ", "))
                                               : fmt::format("did you mean '{}'?", nearest));
}

Result<TablePlan::Maker::Slot> TablePlan::Maker::Require(Scope& scope, const std::string& name, const Origin& origin) {
  const std::string id = scope.path + "\n" + name;
  if (const auto found = slots_.find(id); found != slots_.end()) return found->second;
  if (!in_progress_.insert(id).second) {
    return Fail(origin.at
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("column '{}' of table '{}' needs itself", name, scope.table->name))
                    .Hint("follow what its expression names; one of them has to do without the other"));
  }
  const auto piece = [&]() -> Result<Piece> {
    if (name == "this_row") {
      const DataColumn* column = nullptr;
      if (scope.referrer != nullptr) column = scope.referrer->table->Find(scope.path.substr(scope.path.rfind('.') + 1));
      if (column == nullptr) return Fail(NoSuchName(scope, name, origin));
      SMELT_ASSIGN(const std::string text, ReferenceText(data_, *scope.referrer->table, *column));
      return Compile(*scopes_by_path_.at(scope.referrer->path), text,
                     {scope.referrer->table->name, column->name, column->changes, column->node});
    }
    if (const DataColumn* column = scope.table->Find(name)) {
      const Origin own{scope.table->name, name, column->changes, column->spec};
      if (column->kind == "sum") return SumOf(scope, *column, own);
      SMELT_ASSIGN(const std::string text, ColumnText(data_, *scope.table, *column));
      return Compile(scope, text, own);
    }
    SMELT_ASSIGN(const auto text, BuiltIn(scope, name));
    if (!text) return Fail(NoSuchName(scope, name, origin));
    const bool counts = name.starts_with("count_of_");
    return Compile(scope, *text,
                   {counts ? name.substr(9) : scope.table->name, name, false,
                    counts ? data_.Find(name.substr(9))->node : origin.at});
  }();
  if (!piece) return Fail(piece.error());
  in_progress_.erase(id);
  const DataColumn* column = scope.table->Find(name);
  return Put(scope, name, *piece, column != nullptr ? Origin{scope.table->name, name, false, column->spec} : origin);
}

Result<TablePlan::Maker::Scope*> TablePlan::Maker::ScopeOf(Scope& scope, const std::string& name,
                                                           const Origin& origin) {
  const bool is_parent = name == scope.table->parent;
  if (is_parent && scope.parent != nullptr) return scope.parent;
  const std::string path = (scope.path.empty() ? "" : scope.path + ".") + name;
  if (const auto found = scopes_by_path_.find(path); found != scopes_by_path_.end()) return found->second;
  if (is_parent) {
    const Scope* referrer = scope.table->time.empty() ? scope.referrer : &scope;
    scope.parent = NewScope({data_.Find(name), path, referrer, nullptr, scope.home});
    SMELT_ASSIGN(const Slot key, Require(scope, "this_row", origin));
    Put(*scope.parent, "this_row", {"(" + key.sql + " >> 6)", LevelFor(scope.home, key)}, origin);
    return scope.parent;
  }
  const DataColumn* column = scope.table->Find(name);
  if (column == nullptr) return Fail(NoSuchName(scope, name, origin));
  if (column->kind != "reference") {
    return Fail(origin.at
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("column '{}' of '{}' refers to no table", name, scope.table->name))
                    .Hint("only columns of kind reference, and the name of the table of each:, have columns"));
  }
  SMELT_ASSIGN(const DataTable* target, ReferencedTable(data_, *column));
  return NewScope({target, path, &scope, nullptr, scope.home});
}

Result<TablePlan::Maker::Slot> TablePlan::Maker::Resolve(Scope& scope, const std::string& path, const Origin& origin) {
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos) return Require(scope, path, origin);
  const std::string first = path.substr(0, dot), rest = path.substr(dot + 1);
  if (first == scope.table->name) return Resolve(scope, rest, origin);
  SMELT_ASSIGN(Scope * next, ScopeOf(scope, first, origin));
  return Resolve(*next, rest, origin);
}

/// `draw(name)`, `bell(name)` or the beginning of `digits(name, …`; `at` stands on the parenthesis.
Result<TablePlan::Maker::Piece> TablePlan::Maker::Draw(Scope& scope, std::string_view function, const std::string& text,
                                                       std::size_t& at, const Origin& origin) {
  const std::size_t end = text.find_first_of(",)", at);
  std::string name = text.substr(at + 1, end == std::string::npos ? 0 : end - at - 1);
  std::erase(name, ' ');
  if (name.empty() || !std::ranges::all_of(name, IsNamePart)) {
    return Fail(origin.at.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{}() has no name", function))
                    .Hint(fmt::format("write {}(1), {}(2) …; a word is one draw for all columns of a row", function,
                                      function)));
  }
  // A number is a draw of this column, a word one of the row.
  const bool own = std::isdigit(static_cast<unsigned char>(name[0])) != 0;
  const std::string salt = SaltOf(settings_.seed, own ? fmt::format("{}.{}.{}", origin.table, origin.column, name)
                                                      : fmt::format("{}.{}", origin.table, name));
  SMELT_ASSIGN(const Slot key, Require(scope, origin.changes ? "change_key" : "this_row", origin));
  at = end;
  const std::string_view sql = function == "draw"   ? "smelt_uniform"
                               : function == "bell" ? "smelt_normal"
                                                    : "smelt_digits";
  return Piece{fmt::format("{}({}, {}", sql, salt, key.sql), LevelFor(scope.home, key)};
}

/// Puts SQL names in the place of the description's; what is no name of it stays as it is.
Result<TablePlan::Maker::Piece> TablePlan::Maker::Compile(Scope& scope, const std::string& text, const Origin& origin) {
  Piece piece;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\'' || c == '"') {
      const std::size_t end = text.find(c, i + 1);
      const std::size_t size = end == std::string::npos ? std::string::npos : end + 1 - i;
      piece.sql += text.substr(i, size);
      i = size == std::string::npos ? text.size() : end + 1;
      continue;
    }
    if (c == '@') {
      SMELT_ASSIGN(const std::string moment, MomentSql(scope, piece.level, scope.home));
      piece.sql += moment;
      i += std::string_view("@moment").size();
      continue;
    }
    if (!IsNamePart(c)) {
      piece.sql += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && (IsNamePart(text[end]) || text[end] == '.')) ++end;
    const std::string name = text.substr(i, end - i);
    const bool is_type = i >= 2 && text.compare(i - 2, 2, "::") == 0;
    const bool is_call = end < text.size() && text[end] == '(';
    i = end;
    if (is_call && (name == "draw" || name == "bell" || name == "digits")) {
      SMELT_ASSIGN(const Piece draw, Draw(scope, name, text, i, origin));
      piece.sql += draw.sql;
      piece.level = std::max(piece.level, draw.level);
      continue;
    }
    const bool is_path = name.find('.') != std::string::npos;
    bool ours = IsNameStart(name[0]) && !is_type && !is_call;
    if (ours && !is_path && scope.table->Find(name) == nullptr && name != "this_row") {
      SMELT_ASSIGN(const auto built_in, BuiltIn(scope, name));
      ours = built_in.has_value();
    }
    if (!ours) {
      piece.sql += name;
      continue;
    }
    SMELT_ASSIGN(const Slot slot, Resolve(scope, name, origin));
    piece.sql += slot.sql;
    piece.level = std::max(piece.level, LevelFor(scope.home, slot));
  }
  return piece;
}

/// The sum over a row's children, which are made as a list: `list_transform` for each level of what they need.
Result<TablePlan::Maker::Piece> TablePlan::Maker::SumOf(Scope& scope, const DataColumn& column, const Origin& origin) {
  SMELT_ASSIGN(const std::string path, column.spec.AsString());
  const std::size_t dot = path.find('.');
  const DataTable* child = data_.Find(path.substr(0, dot));
  if (dot == std::string::npos || child == nullptr || child->parent != scope.table->name) {
    return Fail(column.spec
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("'{}' is no column of children of '{}'", path, scope.table->name))
                    .Hint("write TABLE.COLUMN of a table that has rows for each of this one"));
  }
  nested_.push_back(std::make_unique<Levels>());
  Levels& levels = *nested_.back();
  levels.outer = scope.home;
  levels.element = fmt::format("element_{}", nested_.size());
  Scope* row = NewScope({child, fmt::format("{}sum_{}", scope.path.empty() ? "" : scope.path + ".", column.name),
                         nullptr, &scope, &levels});
  slots_[row->path + "\nthis_row"] = Slot{levels.element + "." + QuotedAlias("this_row"), &levels, 0};
  SMELT_ASSIGN(const Slot count, Require(scope, "count_of_" + child->name, origin));
  SMELT_ASSIGN(const Slot key, Require(scope, "this_row", origin));
  SMELT_ASSIGN(const Slot value, Resolve(*row, path.substr(dot + 1), origin));
  levels.outer_level = std::max({levels.outer_level, LevelFor(scope.home, count), LevelFor(scope.home, key)});
  const std::string list =
      fmt::format("list_transform(range(1, {} + 1), lambda n: {{'this_row': {} * 64 + n}})", count.sql, key.sql);
  std::string sql =
      fmt::format("coalesce(list_sum({}), 0)", ElementsSql(list, levels.element, levels.levels, value.sql));
  if (!column.type.empty()) sql = fmt::format("({})::{}", sql, column.type);
  return Piece{sql, levels.outer_level};
}

/// The rows from the root down to `table`, each with its key.
Result<TablePlan::Maker::Scope*> TablePlan::Maker::Chain(const DataTable& table) {
  std::vector<const DataTable*> tables{&table};
  while (tables.back()->source == RowSource::kEach) tables.push_back(data_.Find(tables.back()->parent));
  if (tables.size() > kNestedTablesMax + 1) {
    return Fail(table.node
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("table '{}' is nested {} deep", table.name, tables.size() - 1))
                    .Hint(fmt::format("at most {} tables with each: can stand below one another", kNestedTablesMax)));
  }
  std::vector<std::string> paths{""};
  for (std::size_t i = 1; i < tables.size(); ++i) {
    paths.push_back((paths.back().empty() ? "" : paths.back() + ".") + tables[i]->name);
  }
  Scope* row = nullptr;
  for (std::size_t i = tables.size(); i-- > 0;) {
    const DataTable& one = *tables[i];
    Scope* parent = row;
    row = NewScope({&one, paths[i], nullptr, parent, &main_});
    const Origin origin{one.name, "repeated", false, one.node};
    const double repeated = i == 0 ? one.repeated * settings_.dirt : 0;
    const std::string salt = SaltOf(settings_.seed, one.name + ".repeated");
    if (parent == nullptr) {
      std::string key = "\"root key\"";
      if (repeated > 0) {
        key = fmt::format(
            "unnest(case when smelt_uniform({}, \"root key\") < {} then [\"root key\", \"root key\"] else [\"root "
            "key\"] end)",
            salt, repeated);
      }
      Put(*row, "this_row", {key, 0}, origin);
      continue;
    }
    SMELT_ASSIGN(const Slot count, Require(*parent, "count_of_" + one.name, origin));
    SMELT_ASSIGN(const Slot key, Require(*parent, "this_row", origin));
    std::string numbers = fmt::format("range(1, {} + 1)", count.sql);
    if (repeated > 0) {
      numbers = fmt::format("case when smelt_uniform({}, {}) < {} * {} then list_append({}, 1) else {} end", salt,
                            key.sql, repeated, count.sql, numbers, numbers);
    }
    Put(*row, "this_row", {fmt::format("{} * 64 + unnest({})", key.sql, numbers), std::max(count.level, key.level)},
        origin);
    // Where most parents have no child, what only children need of them is computed for these alone.
    if (one.rare) main_.level_min = std::max(count.level, key.level) + 1;
  }
  return row;
}

/// SQL for whether a row belongs to the file's period; empty when all do.
Result<std::string> TablePlan::Maker::FilterOf(Scope& own) {
  const DataTable& table = *own.table;
  const std::string_view compared = settings_.drop ? "=" : "<=";
  if (HasMoment(own)) {
    const DataColumn* time = table.Find(table.time);
    if (table.source == RowSource::kDaily && time != nullptr && time->kind == "time" && time->spec.Find("on") &&
        time->spec.Find("on")->AsString() == "this_day") {
      return "";
    }
    int level = 0;
    SMELT_ASSIGN(const std::string moment, MomentSql(own, level, &main_));
    return fmt::format("{} {} make_date({})", moment, compared, settings_.day);
  }
  if (!settings_.drop) return "";
  const Origin origin{table.name, "", false, table.node};
  SMELT_ASSIGN(const Slot arrived, Require(own, "arrived_on", origin));
  SMELT_ASSIGN(const Slot changed, Require(own, "changed_on", origin));
  return fmt::format("{} = make_date({}) or {} = make_date({})", arrived.sql, settings_.day, changed.sql,
                     settings_.day);
}

Status TablePlan::Maker::AddOutputs(Scope& own, TablePlan& plan) {
  std::vector<std::string> outputs;
  for (const DataColumn& column : own.table->columns) {
    const Origin origin{own.table->name, column.name, false, column.spec};
    SMELT_ASSIGN(const Slot slot, Require(own, column.name, origin));
    if (column.hidden) continue;
    std::string no_such_id = "none";
    if (column.kind == "reference") {
      SMELT_ASSIGN(const DataTable* target, ReferencedTable(data_, column));
      no_such_id = target->Id()->kind == "id" ? target->Id()->spec.AsString().value_or("none") : "none";
      std::ranges::replace(no_such_id, '#', '9');
    }
    std::string draw;
    if (!column.dirt.empty() && settings_.dirt > 0) {
      SMELT_ASSIGN(const Slot key, Require(own, "this_row", origin));
      const Piece piece{
          fmt::format("smelt_uniform({}, {})",
                      SaltOf(settings_.seed, fmt::format("{}.{}.dirt", own.table->name, column.name)), key.sql),
          key.level};
      draw = Put(own, column.name + " dirt", piece, origin).sql;
    }
    outputs.push_back(fmt::format("{} as {}", DirtySql(column, slot.sql, draw, settings_.dirt, no_such_id),
                                  QuotedAlias(column.name)));
  }
  plan.outputs_ = fmt::format("{}", fmt::join(outputs, ", "));
  return {};
}

Result<std::optional<TablePlan>> TablePlan::Maker::Make(const DataTable& table) {
  SMELT_ASSIGN(Scope * own, Chain(table));
  const Scope* root = own;
  while (root->parent != nullptr) root = root->parent;
  TablePlan plan(*root->table);
  const bool lives =
      HasMoment(*own) || (table.source == RowSource::kRows && (table.present < 1 || table.change_every > 0));
  if (settings_.drop && !lives) return std::nullopt;
  SMELT_ASSIGN(plan.filter_, FilterOf(*own));
  SMELT_TRY(AddOutputs(*own, plan));
  plan.levels_ = std::move(main_.levels);
  return plan;
}

TablePlan::TablePlan(const DataTable& root) : root_(&root) {}
TablePlan::TablePlan(TablePlan&&) noexcept = default;
TablePlan::~TablePlan() = default;

const DataTable& TablePlan::root() const {
  return *root_;
}

Result<std::optional<TablePlan>> TablePlan::Make(const DataSet& data, const DataTable& table,
                                                 const PlanSettings& settings) {
  return Maker(data, settings).Make(table);
}

std::string TablePlan::Sql(const std::string& keys) const {
  std::string sql = fmt::format("({})", keys);
  for (const Level& level : levels_) {
    std::string added;
    for (const Level::Entry& entry : level.entries)
      added += fmt::format(", {} as {}", entry.sql, QuotedAlias(entry.alias));
    sql = fmt::format("(select *{} from {})", added, sql);
  }
  return fmt::format("select {} from {}{}", outputs_, sql, filter_.empty() ? "" : " where " + filter_);
}

std::vector<TablePlan::Probe> TablePlan::Probes(const std::string& keys) const {
  std::vector<Probe> probes;
  std::string below = fmt::format("({})", keys);
  for (const Level& level : levels_) {
    std::string added;
    for (const Level::Entry& entry : level.entries) {
      const std::string one = fmt::format(", {} as {}", entry.sql, QuotedAlias(entry.alias));
      probes.push_back({fmt::format("select *{} from {}", one, below), entry.at, entry.column});
      added += one;
    }
    below = fmt::format("(select *{} from {})", added, below);
  }
  return probes;
}

}  // namespace smelt::generate
