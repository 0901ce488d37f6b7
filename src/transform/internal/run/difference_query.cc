#include "transform/internal/run/difference_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/json.h"

namespace smelt::transform {
namespace {

/// Parts of a query in the place of which others were put; nothing: it cannot be followed.
using Variants = std::optional<std::vector<Json>>;
using Side = std::optional<std::string> TableDifference::*;

bool IsMissing(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found == node.end() || found->is_null();
}

/// Calls `visit` for every object within, itself included.
template <typename Visit>
void ForEachObject(const Json& json, const Visit& visit) {
  if (json.is_object()) visit(json);
  if (!json.is_structured()) return;
  for (const auto& part : json) ForEachObject(part, visit);
}

Json Without(Json node, const char* key) {
  node.erase(key);
  return node;
}

/// The same expression, wherever it stands in the text.
bool IsSameExpression(const Json& a, const Json& b) {
  return Without(a, "query_location") == Without(b, "query_location");
}

Json And(const Json& condition, Json other) {
  if (condition.is_null()) return other;
  return {{"class", "CONJUNCTION"},
          {"type", "CONJUNCTION_AND"},
          {"alias", ""},
          {"children", Json::array({condition, std::move(other)})}};
}

Json Subquery(Json node) {
  return {{"node", std::move(node)}, {"named_param_map", Json::array()}};
}

/// `key in (query)`.
Json In(const Json& key, Json query) {
  return {{"class", "SUBQUERY"},
          {"type", "SUBQUERY"},
          {"alias", ""},
          {"subquery_type", "ANY"},
          {"subquery", Subquery(std::move(query))},
          {"child", key},
          {"comparison_type", "COMPARE_EQUAL"}};
}

Json IsNull(const Json& key) {
  return {{"class", "OPERATOR"}, {"type", "OPERATOR_IS_NULL"}, {"alias", ""}, {"children", Json::array({key})}};
}

/// The conditions that all have to hold.
void CollectConditions(const Json& condition, std::vector<const Json*>& conditions) {
  if (TextAt(condition, "type") != "CONJUNCTION_AND") {
    conditions.push_back(&condition);
    return;
  }
  for (const Json& part : condition["children"]) CollectConditions(part, conditions);
}

/// The text as the tree that the engine's parser makes of it.
Result<Json> ParseQuery(engine::Session& session, std::string_view sql) {
  SMELT_ASSIGN(const auto answer, session.Query(fmt::format("select json_serialize_sql({}::varchar)::varchar",
                                                            engine::QuoteLiteral(sql))));
  Json tree = JsonOrDiscarded(answer.Text().value_or(""));
  const Json statements = tree.is_object() ? tree.value("statements", Json()) : Json();
  if (!statements.is_array() || statements.size() != 1) return Json();
  return statements[0].value("node", Json());
}

Result<std::string> WriteQuery(engine::Session& session, Json node) {
  const Json tree = {{"error", false}, {"statements", Json::array({Subquery(std::move(node))})}};
  SMELT_ASSIGN(const auto answer, session.Query(fmt::format("select json_deserialize_sql({}::json)",
                                                            engine::QuoteLiteral(JsonText(tree)))));
  return answer.Text().value_or("");
}

/// Puts the query of a common table expression wherever FROM names it.
class Inliner {
 public:
  /// False for what cannot be followed.
  bool Inline(Json& query, std::map<std::string, Json> known) {
    const auto found = query.find("cte_map");
    if (found != query.end()) {
      for (Json& entry : (*found)["map"]) {
        Json& value = entry["value"];
        if (!value["aliases"].empty() || TextAt(value["query"]["node"], "type") == "RECURSIVE_CTE_NODE") return false;
        if (!Inline(value["query"]["node"], known)) return false;
        known[LowerAscii(TextAt(entry, "key"))] = value["query"];
      }
      (*found)["map"] = Json::array();
    }
    if (TextAt(query, "type") == "SET_OPERATION_NODE") {
      return query.contains("left") && Inline(query["left"], known) && Inline(query["right"], known);
    }
    return TextAt(query, "type") == "SELECT_NODE" && InlineTable(query["from_table"], known) &&
           InlineExpressions(query, known);
  }

 private:
  bool InlineTable(Json& table, const std::map<std::string, Json>& known) {
    const std::string type = TextAt(table, "type");
    if (type == "JOIN") {
      return InlineTable(table["left"], known) && InlineTable(table["right"], known) &&
             InlineExpressions(table["condition"], known);
    }
    if (type == "SUBQUERY") return Inline(table["subquery"]["node"], known);
    if (type != "BASE_TABLE" || !TextAt(table, "schema_name").empty()) return true;
    const auto found = known.find(LowerAscii(TextAt(table, "table_name")));
    if (found == known.end()) return true;
    const std::string alias = TextAt(table, "alias");
    table = {{"type", "SUBQUERY"},
             {"alias", alias.empty() ? TextAt(table, "table_name") : alias},
             {"sample", table.value("sample", Json())},
             {"subquery", found->second},
             {"column_name_alias", table.value("column_name_alias", Json::array())}};
    return true;
  }

  /// Queries within expressions.
  bool InlineExpressions(Json& json, const std::map<std::string, Json>& known) {
    if (!json.is_structured()) return true;
    if (json.is_object() && TextAt(json, "class") == "SUBQUERY") {
      return Inline(json["subquery"]["node"], known) && InlineExpressions(json["child"], known);
    }
    for (auto& [key, part] : json.items()) {
      if (key == "from_table" || key == "cte_map") continue;
      if (!InlineExpressions(part, known)) return false;
    }
    return true;
  }
};

/// Follows the differences through one query.
class Follower {
 public:
  Follower(const TableDifferences& differences, const std::map<std::string, Json>& replacements,
           const std::set<std::string>& scalar_functions, Json anti_join)
      : differences_(differences),
        replacements_(replacements),
        scalar_functions_(scalar_functions),
        anti_join_(std::move(anti_join)) {}

  /// Of what is asked for its number of rows: both sides of a union stand for themselves, and one that cannot be
  /// followed is asked whole beside one that can.
  Variants OfWhole(const Json& query) {
    const bool is_union = TextAt(query, "type") == "SET_OPERATION_NODE" && TextAt(query, "setop_type") == "UNION";
    if (!is_union || HasLimit(query)) return OfQuery(query, &TableDifference::added);
    if (query.value("setop_all", Json()) != true || !query.value("modifiers", Json::array()).empty()) exact_ = false;
    Variants left = OfSideOfUnion(query["left"]), right = OfSideOfUnion(query["right"]);
    if (!left && !right) return std::nullopt;
    if (!left || !right) exact_ = false;
    if (!left) left = std::vector<Json>{query["left"]};
    if (!right) right = std::vector<Json>{query["right"]};
    std::ranges::move(*right, std::back_inserter(*left));
    return left;
  }

  /// Queries that have to give no row beside the variants.
  std::vector<Json>& guards() { return guards_; }
  /// Those beside which the number of rows is known as well, if `exact`.
  std::vector<Json>& count_guards() { return count_guards_; }
  bool exact() const { return exact_; }

 private:
  /// Leaves no guards behind of what cannot be followed.
  Variants OfSideOfUnion(const Json& query) {
    const std::size_t guards = guards_.size(), count_guards = count_guards_.size();
    Variants variants = OfWhole(query);
    if (!variants) {
      guards_.resize(guards);
      count_guards_.resize(count_guards);
    }
    return variants;
  }

  static bool HasLimit(const Json& query) {
    return std::ranges::any_of(query.value("modifiers", Json::array()), [](const Json& modifier) {
      const std::string type = TextAt(modifier, "type");
      const bool is_plain_distinct =
          type == "DISTINCT_MODIFIER" && modifier.value("distinct_on_targets", Json::array()).empty();
      return type != "ORDER_MODIFIER" && !is_plain_distinct;
    });
  }

  /// The table of the lake that a node names; empty for what is none.
  std::string TableName(const Json& node) const {
    const std::string schema = TextAt(node, "schema_name");
    return LowerAscii((schema.empty() ? "main" : schema) + "." + TextAt(node, "table_name"));
  }

  static bool IsUnchanged(const TableDifference& difference) {
    return difference.added == "" && difference.removed == "";
  }

  /// Whether all tables within are known and as they were.
  bool IsFixed(const Json& json) const {
    bool is_fixed = true;
    ForEachObject(json, [&](const Json& node) {
      if (TextAt(node, "type") != "BASE_TABLE") return;
      const auto found = differences_.find(TableName(node));
      is_fixed = is_fixed && found != differences_.end() && IsUnchanged(found->second);
    });
    return is_fixed;
  }

  /// How many of the tables in FROM are not as they were.
  int ChangedTables(const Json& table) const {
    int changed = 0;
    ForEachObject(table, [&](const Json& node) {
      if (TextAt(node, "type") != "BASE_TABLE") return;
      const auto found = differences_.find(TableName(node));
      changed += found != differences_.end() && IsUnchanged(found->second) ? 0 : 1;
    });
    return changed;
  }

  /// Whether the expressions of a row depend on that row and on tables that are as they were. Those of groups may hold
  /// aggregates.
  bool AreOfRows(const Json& expressions, bool may_aggregate) const {
    bool holds = true;
    ForEachObject(expressions, [&](const Json& node) {
      const std::string kind = TextAt(node, "class");
      if (kind == "WINDOW") holds = false;
      if (kind == "SUBQUERY" && !IsFixed(node["subquery"])) holds = false;
      const bool is_scalar = kind != "FUNCTION" || scalar_functions_.contains(TextAt(node, "function_name"));
      if (!may_aggregate && !is_scalar) holds = false;
    });
    return holds;
  }

  /// GROUP BY ALL with its groups spelt out: all that is selected but constants, and what holds aggregates. Of a
  /// function that is neither, the engine says that it has to be in a group. Nothing where there are none.
  std::optional<Json> WithGroups(Json query) const {
    Json keys = Json::array(), places = Json::array();
    for (Json key : query["select_list"]) {
      if (TextAt(key, "class") == "STAR") return std::nullopt;
      if (TextAt(key, "class") == "CONSTANT" || !AreOfRows(key, false)) continue;
      key["alias"] = "";
      places.push_back(keys.size());
      keys.push_back(std::move(key));
    }
    if (keys.empty()) return std::nullopt;
    query["group_expressions"] = std::move(keys);
    query["group_sets"] = Json::array({std::move(places)});
    query["aggregate_handling"] = "STANDARD_HANDLING";
    return query;
  }

  Variants OfQuery(const Json& query, Side side) {
    if (TextAt(query, "aggregate_handling") == "FORCE_AGGREGATES") {
      const std::optional<Json> grouped = WithGroups(query);
      return grouped ? OfQuery(*grouped, side) : std::nullopt;
    }
    const bool is_plain = TextAt(query, "type") == "SELECT_NODE" && !HasLimit(query) && IsMissing(query, "sample") &&
                          IsMissing(query, "qualify") && TextAt(query, "aggregate_handling") == "STANDARD_HANDLING";
    if (!is_plain) return std::nullopt;
    const bool has_groups = !query["group_expressions"].empty();
    const bool is_followed = AreOfRows(query["select_list"], has_groups) && AreOfRows(query["where_clause"], false) &&
                             AreOfRows(query["group_expressions"], false) && AreOfRows(query["having"], true);
    if (!is_followed) return std::nullopt;
    if (!query.value("modifiers", Json::array()).empty()) exact_ = false;
    if (has_groups) return side == &TableDifference::added ? OfGroups(query) : std::nullopt;
    if (!IsMissing(query, "having")) return std::nullopt;
    Variants tables = OfTable(query["from_table"], side, &query["where_clause"]);
    if (!tables) return std::nullopt;
    for (Json& table : *tables) {
      Json variant = query;
      variant["from_table"] = std::move(table);
      table = std::move(variant);
    }
    return tables;
  }

  /// What the groups are made by; nothing for several sets of groups.
  static std::optional<std::vector<Json>> KeysOf(const Json& query) {
    if (query["group_sets"].size() != 1 || query["group_sets"][0].size() != query["group_expressions"].size()) {
      return std::nullopt;
    }
    std::vector<Json> keys;
    for (const Json& key : query["group_expressions"]) {
      if (TextAt(key, "class") != "CONSTANT") {
        keys.push_back(key);
        continue;
      }
      const Json place = key["value"].value("value", Json());
      if (!place.is_number_integer() || place < 1 || place > query["select_list"].size()) return std::nullopt;
      keys.push_back(query["select_list"][place.get<std::size_t>() - 1]);
    }
    for (Json& key : keys) key["alias"] = "";
    return keys;
  }

  /// Groups that have other rows than before, whole. Those of a key with a missing value are guarded against: IN does
  /// not find them.
  Variants OfGroups(const Json& query) {
    const auto keys = KeysOf(query);
    const Json& from = query["from_table"];
    const int changed = ChangedTables(from);
    if (changed == 0) return std::vector<Json>();
    if (!keys || changed > 1) return std::nullopt;
    exact_ = false;
    std::vector<Json> touched;
    for (const Side side : {&TableDifference::added, &TableDifference::removed}) {
      Variants tables = OfTable(from, side, &query["where_clause"]);
      if (!tables) return std::nullopt;
      std::ranges::move(*tables, std::back_inserter(touched));
    }
    std::vector<Json> variants;
    for (const Json& table : touched) {
      Json rows = query, variant = query;
      rows["from_table"] = table;
      rows["group_expressions"] = rows["group_sets"] = rows["modifiers"] = Json::array();
      rows["having"] = nullptr;
      for (const Json& key : *keys) {
        rows["select_list"] = Json::array({key});
        Json guard = rows;
        guard["where_clause"] = And(rows["where_clause"], IsNull(key));
        guards_.push_back(std::move(guard));
        variant["where_clause"] = And(variant["where_clause"], In(key, rows));
      }
      variants.push_back(std::move(variant));
    }
    return variants;
  }

  Variants OfTable(const Json& table, Side side, const Json* where) {
    const std::string type = TextAt(table, "type");
    if (type == "BASE_TABLE") return OfBaseTable(table, side);
    if (type == "JOIN") return OfJoin(table, side, where);
    if (type == "SUBQUERY" && IsMissing(table, "sample")) {
      Variants queries = OfQuery(table["subquery"]["node"], side);
      if (!queries) return std::nullopt;
      for (Json& query : *queries) {
        Json variant = table;
        variant["subquery"]["node"] = std::move(query);
        query = std::move(variant);
      }
      return queries;
    }
    const bool is_fixed = (type == "EMPTY" || type == "EXPRESSION_LIST") && IsFixed(table);
    return is_fixed ? Variants(std::vector<Json>()) : std::nullopt;
  }

  Variants OfBaseTable(const Json& table, Side side) {
    const auto found = differences_.find(TableName(table));
    const bool is_plain = IsMissing(table, "sample") && IsMissing(table, "at_clause");
    if (found == differences_.end() || !is_plain || !(found->second.*side)) return std::nullopt;
    if (found->second.removed != "") exact_ = false;
    const std::string& rows = *(found->second.*side);
    if (rows.empty()) return std::vector<Json>();
    const std::string alias = TextAt(table, "alias");
    Json variant = {{"type", "SUBQUERY"},
                    {"alias", alias.empty() ? TextAt(table, "table_name") : alias},
                    {"sample", nullptr},
                    {"subquery", Subquery(replacements_.at(rows))},
                    {"column_name_alias", table.value("column_name_alias", Json::array())}};
    return std::vector<Json>{std::move(variant)};
  }

  Variants OfJoin(const Json& join, Side side, const Json* where) {
    const std::string type = TextAt(join, "join_type"), reference = TextAt(join, "ref_type");
    const bool is_plain = (reference == "REGULAR" || reference == "CROSS") && IsMissing(join, "sample") &&
                          AreOfRows(join["condition"], false);
    if (!is_plain) return std::nullopt;
    Variants variants = OfSide(join, "left", side, where);
    if (!variants) return std::nullopt;
    if (IsFixed(join["right"]))
      return type == "INNER" || type == "LEFT" || type == "SEMI" || type == "ANTI" ? variants : std::nullopt;
    if (type == "INNER" || type == "SEMI") {
      Variants right = OfSide(join, "right", side, where);
      if (!right) return std::nullopt;
      if (type == "SEMI" || (!variants->empty() && !right->empty())) exact_ = false;
      std::ranges::move(*right, std::back_inserter(*variants));
      return variants;
    }
    const bool is_guarded = side == &TableDifference::added && GuardsMissing(join, where);
    return is_guarded ? variants : std::nullopt;
  }

  Variants OfSide(const Json& join, const char* which, Side side, const Json* where) {
    // A condition of the whole says nothing of what an inner join hides.
    Variants tables = OfTable(join[which], side, TextAt(join, "join_type") == "LEFT" ? where : nullptr);
    if (!tables) return std::nullopt;
    for (Json& table : *tables) {
      Json variant = join;
      variant[which] = std::move(table);
      table = std::move(variant);
    }
    return tables;
  }

  /// Of a join that gives the rows of its left side which have no partner: guards against keys that are gone from the
  /// right one. False where it is another join.
  bool GuardsMissing(const Json& join, const Json* where) {
    const std::vector<Json> keys = PartnerKeys(join, where);
    if (keys.empty() || ChangedTables(join["right"]) != 1) return false;
    const bool was_exact = exact_;
    Variants removed = OfTable(join["right"], &TableDifference::removed, nullptr);
    if (!removed) return false;
    exact_ = was_exact;
    GuardPartners(join, keys);
    for (Json& table : *removed) {
      guards_.push_back(KeysBeyond(keys, std::move(table), join["right"]));
    }
    return true;
  }

  /// Keys of one table that another has not.
  Json KeysBeyond(const std::vector<Json>& keys, Json one, Json other) const {
    Json query = anti_join_;
    Json& join = query["from_table"];
    join["left"]["subquery"]["node"] = KeyQuery(keys, std::move(one));
    join["right"]["subquery"]["node"] = KeyQuery(keys, std::move(other));
    join["using_columns"] = Json::array();
    for (std::size_t i = 0; i < keys.size(); ++i) join["using_columns"].push_back(KeyName(i));
    return query;
  }

  /// Guards the count against rows of before that have found a partner since: then they have gone from the result.
  void GuardPartners(const Json& join, const std::vector<Json>& keys) {
    if (!exact_) return;
    Variants added = OfTable(join["right"], &TableDifference::added, nullptr);
    exact_ = added.has_value();
    if (!exact_) return;
    for (Json& table : *added) {
      Json fresh = KeysBeyond(keys, std::move(table), Before(join["right"]));
      fresh["select_list"] = Json::array();
      for (std::size_t i = 0; i < keys.size(); ++i) {
        fresh["select_list"].push_back({{"class", "COLUMN_REF"},
                                        {"type", "COLUMN_REF"},
                                        {"alias", keys[i]["column_names"].back()},
                                        {"column_names", Json::array({KeyName(i)})}});
      }
      const std::string alias = TextAt(join["right"], "alias");
      Json guard = anti_join_, partners = join;
      partners["join_type"] = "SEMI";
      partners["left"] = Before(join["left"]);
      partners["right"] = {{"type", "SUBQUERY"},
                           {"alias", alias.empty() ? TextAt(join["right"], "table_name") : alias},
                           {"sample", nullptr},
                           {"subquery", Subquery(std::move(fresh))},
                           {"column_name_alias", Json::array()}};
      guard["from_table"] = std::move(partners);
      count_guards_.push_back(std::move(guard));
    }
  }

  /// The same with all tables as they were.
  Json Before(Json json) const {
    if (!json.is_structured()) return json;
    if (TextAt(json, "type") == "BASE_TABLE") {
      const auto found = differences_.find(TableName(json));
      if (found == differences_.end() || IsUnchanged(found->second)) return json;
      const std::string alias = TextAt(json, "alias");
      return {{"type", "SUBQUERY"},
              {"alias", alias.empty() ? TextAt(json, "table_name") : alias},
              {"sample", nullptr},
              {"subquery", Subquery(replacements_.at(found->second.before))},
              {"column_name_alias", json.value("column_name_alias", Json::array())}};
    }
    for (auto& part : json) part = Before(std::move(part));
    return json;
  }

  /// The columns of the right side that have to be equal, where nothing else is asked; empty for other joins.
  static std::vector<Json> PartnerKeys(const Json& join, const Json* where) {
    const bool is_anti = TextAt(join, "join_type") == "ANTI";
    std::vector<Json> keys;
    for (const Json& column : join["using_columns"]) {
      keys.push_back(
          {{"class", "COLUMN_REF"}, {"type", "COLUMN_REF"}, {"alias", ""}, {"column_names", Json::array({column})}});
    }
    if (!keys.empty()) return is_anti ? keys : std::vector<Json>();
    if (IsMissing(join, "condition")) return {};
    std::vector<const Json*> equations, conditions;
    CollectConditions(join["condition"], equations);
    for (const Json* equation : equations) {
      const Json* key = PartnerKey(*equation, join["right"]);
      if (key == nullptr) return {};
      keys.push_back(*key);
    }
    if (is_anti) return keys;
    if (TextAt(join, "join_type") != "LEFT" || where == nullptr || where->is_null()) return {};
    CollectConditions(*where, conditions);
    const bool has_no_partner = std::ranges::any_of(conditions, [&](const Json* one) {
      return TextAt(*one, "type") == "OPERATOR_IS_NULL" &&
             std::ranges::any_of(keys, [&](const Json& key) { return IsSameExpression((*one)["children"][0], key); });
    });
    return has_no_partner ? keys : std::vector<Json>();
  }

  /// The side of `left.a = right.b` that is a column of the right table; null for another condition.
  static const Json* PartnerKey(const Json& equation, const Json& right) {
    if (TextAt(equation, "type") != "COMPARE_EQUAL") return nullptr;
    const std::string alias = TextAt(right, "alias");
    const std::string name = alias.empty() ? TextAt(right, "table_name") : alias;
    const auto is_qualified = [](const Json& column) {
      return TextAt(column, "class") == "COLUMN_REF" && column["column_names"].size() == 2;
    };
    const Json &a = equation["left"], &b = equation["right"];
    if (!is_qualified(a) || !is_qualified(b)) return nullptr;
    const bool is_a = EqualsIgnoringCase(a["column_names"][0].get<std::string>(), name);
    const bool is_b = EqualsIgnoringCase(b["column_names"][0].get<std::string>(), name);
    if (is_a == is_b) return nullptr;
    return is_a ? &a : &b;
  }

  static std::string KeyName(std::size_t place) { return fmt::format("k{}", place); }

  /// `select <key> as k0, … from <table> where <key> is not null and …`.
  Json KeyQuery(const std::vector<Json>& keys, Json table) const {
    Json query = anti_join_["from_table"]["left"]["subquery"]["node"];
    query["select_list"] = keys;
    query["from_table"] = std::move(table);
    query["where_clause"] = nullptr;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      query["select_list"][i]["alias"] = KeyName(i);
      Json is_there = IsNull(keys[i]);
      is_there["type"] = "OPERATOR_IS_NOT_NULL";
      query["where_clause"] = And(query["where_clause"], std::move(is_there));
    }
    return query;
  }

  const TableDifferences& differences_;
  const std::map<std::string, Json>& replacements_;
  const std::set<std::string>& scalar_functions_;
  Json anti_join_;
  std::vector<Json> guards_, count_guards_;
  bool exact_ = true;
};

}  // namespace

Result<Json> KnownTrees::Parse(engine::Session& session, const std::string& sql) {
  {
    const std::lock_guard guard(lock_);
    if (const auto known = trees_.find(sql); known != trees_.end()) return known->second;
  }
  SMELT_ASSIGN(Json tree, ParseQuery(session, sql));
  const std::lock_guard guard(lock_);
  return trees_.emplace(sql, std::move(tree)).first->second;
}

Result<std::set<std::string>> ScalarFunctions(engine::Session& session) {
  SMELT_ASSIGN(const auto answer, session.Query("select function_name from duckdb_functions() group by function_name "
                                                "having bool_and(function_type = 'scalar')"));
  std::set<std::string> names;
  for (std::size_t i = 0; i < answer.rows.size(); ++i) names.insert(answer.Text(i).value_or(""));
  return names;
}

Result<std::optional<DifferenceQueries>> FollowDifferences(engine::Session& session, std::string_view sql,
                                                           const TableDifferences& differences,
                                                           const std::set<std::string>& scalar_functions,
                                                           KnownTrees& known_trees) {
  SMELT_ASSIGN(Json query, ParseQuery(session, sql));
  if (!query.is_object() || !Inliner().Inline(query, {})) return std::optional<DifferenceQueries>();
  std::map<std::string, Json> replacements;
  for (const auto& [table, difference] : differences) {
    for (const auto& rows : {difference.added, difference.removed, std::optional(difference.before)}) {
      if (!rows || rows->empty()) continue;
      SMELT_ASSIGN(replacements[*rows], known_trees.Parse(session, *rows));
    }
  }
  SMELT_ASSIGN(Json anti_join, known_trees.Parse(session,
                                                 "select 1 from (select k from t) as gone anti join "
                                                 "(select k from t) as there using (k)"));
  Follower follower(differences, replacements, scalar_functions, std::move(anti_join));
  Variants variants = follower.OfWhole(query);
  if (!variants) return std::optional<DifferenceQueries>();
  DifferenceQueries queries;
  queries.exact = follower.exact();
  const auto write = [&](std::vector<Json>& trees_of, std::vector<std::string>& texts) -> Status {
    for (Json& tree : trees_of) {
      SMELT_ASSIGN(texts.emplace_back(), WriteQuery(session, std::move(tree)));
      if (texts.back().empty()) return Fail(ErrorCode::kSqlSyntax, "the query cannot be written");
    }
    return {};
  };
  SMELT_TRY(write(*variants, queries.found));
  SMELT_TRY(write(follower.guards(), queries.barred));
  SMELT_TRY(write(follower.count_guards(), queries.barred_for_count));
  return std::optional(std::move(queries));
}

}  // namespace smelt::transform
