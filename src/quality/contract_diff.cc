#include "quality/contract_diff.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

/// Types whose values all fit the other: no reader is hurt when a column widens.
bool Widens(std::string_view before, std::string_view after) {
  constexpr auto kWider = std::to_array<std::pair<std::string_view, std::string_view>>({{"TINYINT", "SMALLINT"},
                                                                                        {"TINYINT", "INTEGER"},
                                                                                        {"TINYINT", "BIGINT"},
                                                                                        {"SMALLINT", "INTEGER"},
                                                                                        {"SMALLINT", "BIGINT"},
                                                                                        {"INTEGER", "BIGINT"},
                                                                                        {"INT", "BIGINT"},
                                                                                        {"FLOAT", "DOUBLE"},
                                                                                        {"REAL", "DOUBLE"},
                                                                                        {"INTEGER", "DOUBLE"},
                                                                                        {"integer", "number"}});
  const auto upper = [](std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return result;
  };
  if (std::ranges::any_of(kWider, [&](const auto& pair) {
        return upper(pair.first) == upper(before) && upper(pair.second) == upper(after);
      })) {
    return true;
  }
  // VARCHAR(20) fits VARCHAR(40) and VARCHAR.
  const std::string from = upper(before);
  const std::string to = upper(after);
  const std::size_t open = from.find('(');
  if (open == std::string::npos || from.find(',') != std::string::npos) return false;
  if (to == from.substr(0, open)) return true;
  if (!to.starts_with(from.substr(0, open + 1)) || to.find(',') != std::string::npos) return false;
  int length_from = 0;
  int length_to = 0;
  std::from_chars(from.data() + open + 1, from.data() + from.size(), length_from);
  std::from_chars(to.data() + open + 1, to.data() + to.size(), length_to);
  return length_to >= length_from;
}

std::string Shown(const Json& value) {
  if (value.is_null()) return "nothing";
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

/// Whether the new bound lets values in that the old one kept out. `upper`: a bound from above.
bool Loosens(const Json& before, const Json& after, bool upper) {
  if (before.is_null()) return false;
  if (after.is_null()) return true;
  if (before.is_number() && after.is_number()) {
    return upper ? after.get<double>() > before.get<double>() : after.get<double>() < before.get<double>();
  }
  // Dates as texts sort by time; anything else that changes may let new values in.
  if (before.is_string() && after.is_string() && before.get<std::string>().size() == after.get<std::string>().size()) {
    return upper ? after > before : after < before;
  }
  return before != after;
}

class Comparison {
 public:
  Comparison(const DataContract& before, const DataContract& after) : before_(before), after_(after) {}

  std::vector<ContractChange> Run() {
    CompareWhole();
    CompareObjects();
    CompareSla();
    CompareServers();
    std::ranges::stable_sort(changes_, {}, &ContractChange::kind);
    return std::move(changes_);
  }

 private:
  void Add(ChangeKind kind, const std::string& path, std::string change, std::int64_t line) {
    changes_.push_back({kind, path, std::move(change), line});
  }
  void Changed(ChangeKind kind, const std::string& path, std::string_view what, const Json& before, const Json& after,
               std::int64_t line) {
    if (before == after) return;
    Add(kind, path, fmt::format("{} was {} and is {}", what, Shown(before), Shown(after)), line);
  }
  /// A change of words for people, told without the words.
  void Noted(const std::string& path, const Json& before, const Json& after, std::int64_t line) {
    if (before != after) Add(ChangeKind::kNote, path, "descriptions changed", line);
  }

  void CompareWhole() {
    Changed(ChangeKind::kBreaking, "", "id", before_.id, after_.id, 1);
    const bool ends = after_.status == "retired";
    Changed(ends ? ChangeKind::kBreaking : ChangeKind::kNote, "", "status", before_.status, after_.status, 1);
    Changed(ChangeKind::kNote, "", "name", before_.name, after_.name, 1);
    if (before_.team != after_.team) Add(ChangeKind::kNote, "", "the team changed", 1);
    if (before_.roles != after_.roles) Add(ChangeKind::kNote, "", "the roles changed", 1);
    Noted("", before_.description, after_.description, 1);
  }

  void CompareObjects() {
    for (const ContractObject& old : before_.objects) {
      const auto found = std::ranges::find(after_.objects, old.name, &ContractObject::name);
      if (found == after_.objects.end()) {
        Add(ChangeKind::kBreaking, old.name, "the table is gone", old.line);
        continue;
      }
      Changed(ChangeKind::kBreaking, old.name, "physicalName", old.physical_name, found->physical_name, found->line);
      Noted(old.name, old.description, found->description, found->line);
      CompareKeys(old, *found);
      CompareProperties(old.name, old.properties, found->properties);
      CompareRules(old.name, old.rules, found->rules, found->line);
      CompareReferences(old, *found);
    }
    for (const ContractObject& fresh : after_.objects) {
      if (std::ranges::find(before_.objects, fresh.name, &ContractObject::name) == before_.objects.end()) {
        Add(ChangeKind::kCompatible, fresh.name, "the table is new", fresh.line);
      }
    }
  }

  void CompareReferences(const ContractObject& before, const ContractObject& after) {
    const auto has = [](const std::vector<ContractReference>& list, const ContractReference& one) {
      return std::ranges::any_of(list, [&](const ContractReference& other) {
        return other.from == one.from && other.to == one.to && other.object == one.object;
      });
    };
    const auto text = [](const ContractReference& one) {
      return fmt::format("the reference of {} to {}", fmt::join(one.from, ", "), one.Text());
    };
    for (const ContractReference& old : before.references) {
      if (!has(after.references, old)) Add(ChangeKind::kBreaking, before.name, text(old) + " is gone", old.line);
    }
    for (const ContractReference& fresh : after.references) {
      if (!has(before.references, fresh)) Add(ChangeKind::kCompatible, after.name, text(fresh) + " is new", fresh.line);
    }
  }

  static std::vector<std::string> KeyOf(const ContractObject& object) {
    std::vector<std::pair<std::int64_t, std::string>> key;
    for (const ContractProperty& property : object.properties) {
      if (property.primary_key) key.emplace_back(property.key_position, property.name);
    }
    std::ranges::stable_sort(key, {}, [](const auto& one) { return one.first; });
    std::vector<std::string> names;
    for (auto& [position, name] : key) names.push_back(std::move(name));
    return names;
  }

  void CompareKeys(const ContractObject& before, const ContractObject& after) {
    std::vector<std::string> old_key = KeyOf(before);
    std::vector<std::string> new_key = KeyOf(after);
    if (old_key == new_key) return;
    const ChangeKind kind = old_key.empty() ? ChangeKind::kCompatible : ChangeKind::kBreaking;
    const auto text = [](const std::vector<std::string>& key) {
      return key.empty() ? std::string("nothing") : fmt::format("{}", fmt::join(key, ", "));
    };
    Add(kind, before.name, fmt::format("the primary key was {} and is {}", text(old_key), text(new_key)), after.line);
  }

  void CompareProperties(const std::string& path, const std::vector<ContractProperty>& before,
                         const std::vector<ContractProperty>& after) {
    for (const ContractProperty& old : before) {
      const auto found = std::ranges::find(after, old.name, &ContractProperty::name);
      const std::string name = path + "." + old.name;
      if (found == after.end()) {
        Add(ChangeKind::kBreaking, name, "the column is gone", old.line);
        continue;
      }
      CompareProperty(name, old, *found);
    }
    for (const ContractProperty& fresh : after) {
      if (std::ranges::find(before, fresh.name, &ContractProperty::name) == before.end()) {
        Add(ChangeKind::kCompatible, path + "." + fresh.name, "the column is new", fresh.line);
      }
    }
  }

  void CompareType(const std::string& path, std::string_view what, const std::string& before, const std::string& after,
                   std::int64_t line) {
    if (before == after) return;
    const bool harmless = before.empty() || Widens(before, after);
    Changed(harmless ? ChangeKind::kCompatible : ChangeKind::kBreaking, path, what,
            before.empty() ? Json() : Json(before), after.empty() ? Json() : Json(after), line);
  }

  /// A promise that is made is compatible, one that is taken back breaking.
  void ComparePromise(const std::string& path, std::string_view what, bool before, bool after, std::int64_t line) {
    Changed(before ? ChangeKind::kBreaking : ChangeKind::kCompatible, path, what, before, after, line);
  }

  void CompareProperty(const std::string& path, const ContractProperty& before, const ContractProperty& after) {
    CompareType(path, "logicalType", before.logical_type, after.logical_type, after.line);
    CompareType(path, "physicalType", before.physical_type, after.physical_type, after.line);
    Changed(ChangeKind::kBreaking, path, "physicalName", before.physical_name, after.physical_name, after.line);
    ComparePromise(path, "required", before.required, after.required, after.line);
    ComparePromise(path, "unique", before.unique, after.unique, after.line);
    CompareOptions(path, before.options, after.options, after.line);
    CompareProperties(path, before.properties, after.properties);
    CompareRules(path, before.rules, after.rules, after.line);
    Noted(path, before.description, after.description, after.line);
  }

  void CompareOptions(const std::string& path, const Json& before, const Json& after, std::int64_t line) {
    std::map<std::string, std::pair<Json, Json>> options;
    for (const auto& [name, value] : before.items()) options[name].first = value;
    for (const auto& [name, value] : after.items()) options[name].second = value;
    for (const auto& [name, values] : options) {
      const auto& [old_value, new_value] = values;
      if (old_value == new_value) continue;
      const bool is_upper = name.starts_with("max") || name == "exclusiveMaximum";
      const bool is_lower = name.starts_with("min") || name == "exclusiveMinimum";
      const bool loosens = is_upper || is_lower ? Loosens(old_value, new_value, is_upper) : !old_value.is_null();
      Changed(loosens ? ChangeKind::kBreaking : ChangeKind::kCompatible, path, name, old_value, new_value, line);
    }
  }

  /// What a rule promises, for comparison.
  static Json PromiseOf(const ContractRule& rule) {
    return {{"metric", rule.metric},         {"arguments", rule.arguments}, {"query", rule.query},
            {"comparison", rule.comparison}, {"bounds", rule.bounds},       {"percent", rule.percent}};
  }

  /// Whether a rule became stricter or stayed: same in all but bounds that moved inwards.
  static bool StaysAsStrict(const ContractRule& before, const ContractRule& after) {
    ContractRule same = after;
    same.bounds = before.bounds;
    if (PromiseOf(before) != PromiseOf(same) || before.bounds.size() != after.bounds.size()) return false;
    if (before.comparison.starts_with("mustBeGreater")) return after.bounds[0] >= before.bounds[0];
    if (before.comparison.starts_with("mustBeLess")) return after.bounds[0] <= before.bounds[0];
    if (before.comparison == "mustBeBetween") {
      return after.bounds[0] >= before.bounds[0] && after.bounds[1] <= before.bounds[1];
    }
    return before.bounds == after.bounds;
  }

  void CompareRules(const std::string& path, const std::vector<ContractRule>& before,
                    const std::vector<ContractRule>& after, std::int64_t line) {
    for (const ContractRule& old : before) {
      const auto found = std::ranges::find(after, old.name, &ContractRule::name);
      if (old.type == "text") continue;
      if (found == after.end()) {
        Add(ChangeKind::kBreaking, path, fmt::format("the rule \"{}\" is gone", old.name), line);
      } else if (PromiseOf(old) != PromiseOf(*found)) {
        const bool strict = StaysAsStrict(old, *found);
        Add(strict ? ChangeKind::kCompatible : ChangeKind::kBreaking, path,
            fmt::format("the rule \"{}\" {}", old.name, strict ? "is stricter" : "promises something else"),
            found->line);
      }
    }
    for (const ContractRule& fresh : after) {
      if (std::ranges::find(before, fresh.name, &ContractRule::name) != before.end()) continue;
      Add(fresh.type == "text" ? ChangeKind::kNote : ChangeKind::kCompatible, path,
          fmt::format("the rule \"{}\" is new", fresh.name), fresh.line);
    }
  }

  void CompareSla() {
    const auto find = [](const std::vector<ContractSla>& list, const ContractSla& one) {
      return std::ranges::find_if(list, [&](const ContractSla& other) {
        return other.property == one.property && other.element == one.element;
      });
    };
    for (const ContractSla& old : before_.sla) {
      const auto found = find(after_.sla, old);
      const std::string path = old.element;
      if (found == after_.sla.end()) {
        Add(ChangeKind::kBreaking, path, fmt::format("the promise of {} is gone", old.property), old.line);
        continue;
      }
      // Of delays, less is better; of what is kept and available, more.
      const bool less_is_better =
          old.property == "latency" || old.property == "frequency" || old.property == "freshness";
      const bool weaker = old.unit != found->unit || !old.value.is_number() || !found->value.is_number() ||
                          Loosens(old.value, found->value, less_is_better);
      const auto text = [](const ContractSla& sla) {
        return Shown(sla.value) + (sla.unit.empty() ? "" : " " + sla.unit);
      };
      Changed(weaker ? ChangeKind::kBreaking : ChangeKind::kCompatible, path, old.property, text(old), text(*found),
              found->line);
    }
    for (const ContractSla& fresh : after_.sla) {
      if (find(before_.sla, fresh) != before_.sla.end()) continue;
      Add(ChangeKind::kCompatible, fresh.element, fmt::format("the promise of {} is new", fresh.property), fresh.line);
    }
  }

  void CompareServers() {
    for (const ContractServer& old : before_.servers) {
      const auto found = std::ranges::find(after_.servers, old.name, &ContractServer::name);
      if (found == after_.servers.end()) {
        Add(ChangeKind::kBreaking, "", fmt::format("the server {} is gone", old.name), old.line);
        continue;
      }
      for (const char* key : {"description", "tags", "customProperties", "roles", "environment"}) {
        Json before = old.all.value(key, Json());
        Json after = found->all.value(key, Json());
        if (before != after)
          Add(ChangeKind::kNote, "", fmt::format("{} of the server {} changed", key, old.name), found->line);
      }
      const auto address = [](Json all) {
        for (const char* key : {"description", "tags", "customProperties", "roles", "environment", "id"})
          all.erase(key);
        return all;
      };
      if (address(old.all) != address(found->all)) {
        Add(ChangeKind::kBreaking, "", fmt::format("the address of the server {} changed", old.name), found->line);
      }
    }
    for (const ContractServer& fresh : after_.servers) {
      if (std::ranges::find(before_.servers, fresh.name, &ContractServer::name) != before_.servers.end()) continue;
      Add(ChangeKind::kCompatible, "", fmt::format("the server {} is new", fresh.name), fresh.line);
    }
  }

  const DataContract& before_;
  const DataContract& after_;
  std::vector<ContractChange> changes_;
};

std::optional<int> MajorOf(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  int major = 0;
  const auto read = std::from_chars(version.data(), version.data() + version.size(), major);
  return read.ec == std::errc() ? std::optional(major) : std::nullopt;
}

}  // namespace

std::string_view ChangeKindText(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kBreaking: return "breaking";
    case ChangeKind::kCompatible: return "compatible";
    case ChangeKind::kNote: return "note";
  }
  return {};
}

std::int64_t ContractDiff::count(ChangeKind kind) const {
  return std::ranges::count(changes, kind, &ContractChange::kind);
}

bool ContractDiff::announced() const {
  const auto before = MajorOf(old_version);
  const auto after = MajorOf(new_version);
  return before && after && *after > *before;
}

Json ContractDiff::ToJson() const {
  Json list = Json::array();
  for (const ContractChange& change : changes) {
    list.push_back({{"kind", ChangeKindText(change.kind)},
                    {"path", change.path.empty() ? Json() : Json(change.path)},
                    {"change", change.change},
                    {"line", change.line}});
  }
  return {{"old", old_file},
          {"new", new_file},
          {"old_version", old_version},
          {"new_version", new_version},
          {"breaking", count(ChangeKind::kBreaking)},
          {"announced", announced()},
          {"changes", std::move(list)}};
}

ContractDiff DiffContracts(const DataContract& before, const DataContract& after) {
  return {before.file, after.file, before.version, after.version, Comparison(before, after).Run()};
}

}  // namespace smelt::quality
