#include "transform/internal/project/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>

#include "base/config.h"

namespace smelt::transform {
namespace {

using Ids = std::set<std::string>;

constexpr int kAllLevels = std::numeric_limits<int>::max();

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// Shell patterns: `*` and `?`.
bool Matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::optional<std::size_t> star;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (star) {
      p = *star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// Whether the name's parts begin with those of the pattern, with or without the project before them, or end in it.
bool MatchesName(const std::vector<std::string>& fqn, std::string_view pattern) {
  if (Matches(pattern, fqn.back())) return true;
  std::vector<std::string> parts = Split(pattern, '.');
  for (std::size_t skipped : {std::size_t{0}, std::size_t{1}}) {
    if (fqn.size() < skipped + parts.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < parts.size(); ++i) same = same && Matches(parts[i], fqn[skipped + i]);
    if (same) return true;
  }
  return false;
}

bool MatchesPath(std::string_view file, std::string pattern) {
  while (pattern.ends_with('/')) pattern.pop_back();
  if (pattern.starts_with("./")) pattern = pattern.substr(2);
  return Matches(pattern, file) || (file.starts_with(pattern) && file.substr(pattern.size()).starts_with('/')) ||
         Matches(pattern + "/*", file);
}

/// One selector without commas: a method, what it looks for, and how far around.
struct Selector {
  std::string method;
  std::string value;
  int ancestors = 0, descendants = 0;
  bool whole_families = false;  ///< @: descendants and everything they need
};

constexpr std::string_view kMethods[] = {"fqn",  "path",          "file",      "tag",       "source",
                                         "name", "resource_type", "test_type", "test_name", "package"};

std::optional<int> ParseLevels(std::string_view text) {
  if (text.empty()) return kAllLevels;
  int levels = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), levels);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return levels;
}

Error Invalid(std::string_view text, std::string_view why) {
  return Error(ErrorCode::kDbtSelectorInvalid, fmt::format("the selector '{}' {}", text, why));
}

Result<Selector> ParseSelector(std::string_view text) {
  Selector selector;
  std::string_view rest = text;
  if (rest.starts_with('@')) {
    selector.whole_families = true;
    rest.remove_prefix(1);
  }
  if (std::size_t plus = rest.find_first_not_of("0123456789"); plus != rest.npos && rest[plus] == '+') {
    selector.ancestors = ParseLevels(rest.substr(0, plus)).value_or(kAllLevels);
    rest.remove_prefix(plus + 1);
  }
  if (std::size_t plus = rest.rfind('+'); plus != rest.npos) {
    auto levels = ParseLevels(rest.substr(plus + 1));
    if (!levels) return Fail(Invalid(text, "cannot be understood: behind '+' stands a number of levels, or nothing"));
    selector.descendants = *levels;
    rest = rest.substr(0, plus);
  }
  std::size_t colon = rest.find(':');
  if (colon != rest.npos) {
    selector.method = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  } else if (rest.find('/') != rest.npos) {
    selector.method = "path";
  } else if (rest.ends_with(".sql") || rest.ends_with(".csv") || rest.ends_with(".yml")) {
    selector.method = "file";
  } else {
    selector.method = "fqn";
  }
  selector.value = rest;
  if (selector.value.empty()) return Fail(Invalid(text, "names nothing"));
  if (std::ranges::find(kMethods, selector.method) == std::end(kMethods) && !selector.method.starts_with("config.")) {
    std::string near = NearestWord(selector.method, {std::begin(kMethods), std::end(kMethods)});
    return Fail(Invalid(text, fmt::format("uses the unknown method '{}'", selector.method))
                    .Hint(near.empty() ? "" : fmt::format("did you mean '{}:'?", near)));
  }
  return selector;
}

/// Answers selections over one project. Source tables take part as nodes and are left out at the end.
class Selection {
 public:
  explicit Selection(const ProjectState& project) : project_(project) {
    for (const auto& [id, node] : project.manifest.nodes) {
      for (const std::string& input : node.depends_on) AddEdge(input, id);
      for (const std::string& input : node.sources) AddEdge(input, id);
    }
  }

  /// The union of all selectors, with the tests that they bring along.
  Result<Ids> Union(const std::vector<std::string>& texts) const {
    Ids all;
    for (const std::string& text : texts) {
      for (const std::string& part : Split(text, ' ')) {
        if (part.empty()) continue;
        SMELT_ASSIGN(Ids ids, Intersection(part));
        all.merge(ids);
      }
    }
    return all;
  }

 private:
  void AddEdge(const std::string& from, const std::string& to) {
    inputs_[to].push_back(from);
    readers_[from].push_back(to);
  }

  Result<Ids> Intersection(const std::string& text) const {
    std::optional<Ids> common;
    for (const std::string& part : Split(text, ',')) {
      SMELT_ASSIGN(Selector selector, ParseSelector(part));
      Ids ids = Pick(selector);
      if (ids.empty()) return Fail(NothingFound(part, selector));
      Expand(selector, ids);
      AddTests(ids);
      if (!common) {
        common = std::move(ids);
      } else {
        std::erase_if(*common, [&ids](const std::string& id) { return !ids.contains(id); });
      }
    }
    return *std::move(common);
  }

  Error NothingFound(const std::string& text, const Selector& selector) const {
    std::vector<std::string_view> known;
    for (const auto& [id, node] : project_.manifest.nodes) {
      if (node.type == ResourceType::kGenericTest) continue;
      for (const std::string& part : node.fqn) known.push_back(part);
    }
    std::string near = selector.method == "fqn" ? NearestWord(selector.value, known) : "";
    return Invalid(text, "matches nothing").Hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }

  Ids Pick(const Selector& selector) const {
    Ids ids;
    for (const auto& [id, node] : project_.manifest.nodes) {
      if (PicksNode(selector, node)) ids.insert(id);
    }
    for (const auto& [id, source] : project_.manifest.sources) {
      if (PicksSource(selector, source)) ids.insert(id);
    }
    return ids;
  }

  bool PicksNode(const Selector& selector, const Node& node) const {
    const std::string& value = selector.value;
    if (selector.method == "fqn" || selector.method == "name") return MatchesName(node.fqn, value);
    if (selector.method == "path") return MatchesPath(node.file, value);
    if (selector.method == "file") {
      std::filesystem::path file(node.file);
      return Matches(value, file.filename().string()) || Matches(value, file.stem().string());
    }
    if (selector.method == "tag") {
      return std::ranges::any_of(node.tags, [&value](const std::string& tag) { return Matches(value, tag); });
    }
    if (selector.method == "resource_type") return ResourceTypeText(node.type) == value;
    if (selector.method == "test_type") {
      return (node.type == ResourceType::kGenericTest && value == "generic") ||
             (node.type == ResourceType::kSingularTest && value == "singular") ||
             (ResourceTypeText(node.type) == "test" && value == "data");
    }
    if (selector.method == "test_name") return !node.test_name.empty() && Matches(value, node.test_name);
    if (selector.method == "package")
      return value == node.package || (value == "this" && node.package == project_.file().name);
    return selector.method.starts_with("config.") && PicksConfig(selector, node.config.all);
  }

  static bool PicksConfig(const Selector& selector, const Json& config) {
    const Json* found = &config;
    for (const std::string& key : Split(std::string_view(selector.method).substr(7), '.')) {
      if (!found->is_object() || !found->contains(key)) return false;
      found = &(*found)[key];
    }
    auto is_value = [&selector](const Json& json) {
      return (json.is_string() ? json.get<std::string>() : json.dump()) == selector.value;
    };
    if (found->is_array()) return std::ranges::any_of(*found, is_value);
    if (found->is_object()) return found->contains(selector.value);
    return is_value(*found);
  }

  bool PicksSource(const Selector& selector, const SourceTable& source) const {
    const std::string& value = selector.value;
    if (selector.method == "source") {
      std::vector<std::string> parts = Split(value, '.');
      if (parts.size() == 3 && parts[0] == source.package) parts.erase(parts.begin());
      return Matches(parts[0], source.source) && (parts.size() < 2 || Matches(parts[1], source.table));
    }
    if (selector.method == "tag") {
      return std::ranges::any_of(source.tags, [&value](const std::string& tag) { return Matches(value, tag); });
    }
    if (selector.method == "path") return MatchesPath(source.file, value);
    return selector.method == "resource_type" && value == "source";
  }

  using Edges = std::map<std::string, std::vector<std::string>>;

  static void Walk(const Edges& edges, int levels, Ids& ids) {
    Ids front = ids;
    for (int level = 0; level < levels && !front.empty(); ++level) {
      Ids next;
      for (const std::string& id : front) {
        auto found = edges.find(id);
        if (found == edges.end()) continue;
        for (const std::string& other : found->second) {
          if (ids.insert(other).second) next.insert(other);
        }
      }
      front = std::move(next);
    }
  }

  void Expand(const Selector& selector, Ids& ids) const {
    if (selector.whole_families) {
      Walk(readers_, kAllLevels, ids);
      Walk(inputs_, kAllLevels, ids);
      return;
    }
    Ids around = ids;
    Walk(inputs_, selector.ancestors, around);
    Walk(readers_, selector.descendants, ids);
    ids.merge(around);
  }

  /// Adds the tests whose inputs are selected, as far as `indirect_selection` says.
  void AddTests(Ids& ids) const {
    IndirectSelection mode = project_.file().indirect_selection;
    if (mode == IndirectSelection::kEmpty) return;
    Ids available = ids;
    if (mode == IndirectSelection::kBuildable) Walk(inputs_, kAllLevels, available);
    Ids tests;
    for (const auto& [id, node] : project_.manifest.nodes) {
      auto inputs = inputs_.find(id);
      if (ResourceTypeText(node.type) != "test" || inputs == inputs_.end()) continue;
      auto is_selected = [&ids](const std::string& input) { return ids.contains(input); };
      auto is_available = [&available](const std::string& input) { return available.contains(input); };
      if (std::ranges::any_of(inputs->second, is_selected) &&
          (mode == IndirectSelection::kEager || std::ranges::all_of(inputs->second, is_available))) {
        tests.insert(id);
      }
    }
    ids.merge(tests);
  }

  const ProjectState& project_;
  Edges inputs_, readers_;
};

}  // namespace

Result<std::vector<std::string>> SelectNodes(const ProjectState& project, const std::vector<std::string>& select,
                                             const std::vector<std::string>& exclude) {
  Selection selection(project);
  SMELT_ASSIGN(Ids selected, selection.Union(select));
  SMELT_ASSIGN(Ids excluded, selection.Union(exclude));
  std::vector<std::string> ids;
  for (const std::string& id : project.manifest.order) {
    if ((select.empty() || selected.contains(id)) && !excluded.contains(id)) ids.push_back(id);
  }
  return ids;
}

Result<std::vector<std::string>> SelectSourceTables(const ProjectState& project, const std::vector<std::string>& select,
                                                    const std::vector<std::string>& exclude) {
  Selection selection(project);
  SMELT_ASSIGN(Ids selected, selection.Union(select));
  SMELT_ASSIGN(Ids excluded, selection.Union(exclude));
  std::vector<std::string> ids;
  for (const auto& [id, source] : project.manifest.sources) {
    if ((select.empty() || selected.contains(id)) && !excluded.contains(id)) ids.push_back(id);
  }
  return ids;
}

}  // namespace smelt::transform
