#include "transform/internal/selection/selector_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/config.h"
#include "base/file.h"
#include "base/yaml_1_1.h"
#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/selection/selection_text.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kFileName = "selectors.yml";

Selection Group(Selection::Kind kind, std::vector<Selection> parts) {
  Selection group;
  group.kind = kind;
  group.parts = std::move(parts);
  return group;
}

/// Reads one file: definitions become selections and what the manifest says of them.
class SelectorReader {
 public:
  SelectorReader(ProjectState& project, const std::string& package) : project_(project), package_(package) {}

  Status ReadOne(const ConfigNode& entry) {
    if (!entry.is_map()) return Fail(Invalid(entry, "a selector is a map with name and definition"));
    SMELT_TRY(entry.AllowKeys({"name", "definition", "description", "default"}));
    SMELT_ASSIGN(const ConfigNode name_node, entry.Require("name"));
    SMELT_ASSIGN(std::string name, name_node.AsString());
    SMELT_ASSIGN(const ConfigNode definition, entry.Require("definition"));
    if (Find(name) != nullptr) return Fail(Invalid(entry, fmt::format("two selectors are called '{}'", name)));
    NamedSelection read;
    SMELT_ASSIGN(read.description, entry.StringOr("description", ""));
    SMELT_TRY(ReadDefault(entry, read));
    const bool is_group = definition.is_map() && (definition.Find("union") || definition.Find("intersection"));
    if (is_group && definition.keys().size() > 1) {
      return Fail(Invalid(definition, "beside union or intersection nothing else can stand at the top of a definition")
                      .Hint("put an exclude into the list"));
    }
    SMELT_ASSIGN(read.selection, ReadDefinition(definition, read.definition));
    selections_.emplace_back(std::move(name), std::move(read));
    return {};
  }

  NamedSelections Take() { return std::move(selections_); }

 private:
  static Error Invalid(const ConfigNode& place, std::string message) {
    return place.ErrorHere(ErrorCode::kDbtSelectorInvalid, std::move(message));
  }

  const NamedSelection* Find(std::string_view name) const {
    const auto found = std::ranges::find(selections_, name, &NamedSelections::value_type::first);
    return found == selections_.end() ? nullptr : &found->second;
  }

  Status ReadDefault(const ConfigNode& entry, NamedSelection& read) const {
    const auto node = entry.Find("default");
    if (!node || node->is_null()) return {};
    SMELT_ASSIGN(const Json value, RenderYaml(project_, package_, *node));
    if (!value.is_boolean()) return Fail(Invalid(*node, "default is true or false"));
    read.is_default = value.get<bool>();
    const auto other =
        std::ranges::find_if(selections_, [](const auto& selection) { return selection.second.is_default; });
    if (read.is_default && other != selections_.end()) {
      return Fail(Invalid(
          *node, fmt::format("there can be one selector with default: true; '{}' is one already", other->first)));
    }
    return {};
  }

  /// A definition of any form. `described` is what the manifest says of it.
  Result<Selection> ReadDefinition(const ConfigNode& node, Json& described) const {
    if (node.is_map()) {
      if (node.Find("union")) return ReadGroup(node, "union", Selection::Kind::kUnion, described);
      if (node.Find("intersection")) {
        return ReadGroup(node, "intersection", Selection::Kind::kIntersection, described);
      }
      return ReadCriterion(node, described);
    }
    if (node.is_list() || node.is_null()) {
      return Fail(Invalid(node, "a definition is a text, a union, an intersection, or a method with its value"));
    }
    SMELT_ASSIGN(const Json text, RenderYaml(project_, package_, node));
    Selection one;
    one.kind = Selection::Kind::kCriterion;
    one.indirect = project_.file().indirect_selection;
    auto criterion = ParseCriterion(text.is_string() ? text.get<std::string>() : JsonText(text));
    if (!criterion) return Fail(PlacedAt(std::move(criterion).error(), node));
    one.criterion = *std::move(criterion);
    described = DescribeCriterion(one.criterion);
    return one;
  }

  /// The items of a list without the exclusion among them, which counts for all of them.
  Result<Selection> ReadGroup(const ConfigNode& node, std::string_view key, Selection::Kind kind,
                              Json& described) const {
    const ConfigNode list = *node.Find(key);
    if (!list.is_list()) return Fail(Invalid(list, fmt::format("{} is a list", key)));
    std::vector<Selection> parts;
    std::optional<Selection> excluded;
    Json texts = Json::array();
    for (const ConfigNode& item : list.items()) {
      Json text;
      if (item.is_map() && item.Find("exclude")) {
        if (excluded) return Fail(Invalid(item, "there can be one exclude in a list").Hint("join them into one"));
        if (item.Find("method")) {
          project_.warnings.push_back(
              Invalid(item, fmt::format("exclude counts for the whole {}: the method beside it picks nothing", key))
                  .Hint("put method and exclude into an intersection of their own"));
        }
        SMELT_ASSIGN(excluded, ReadExclusions(item, text));
        text = Json{{"exclude", std::move(text)}};
      } else {
        SMELT_ASSIGN(Selection part, ReadDefinition(item, text));
        parts.push_back(std::move(part));
      }
      texts.push_back(std::move(text));
    }
    described = Json{{std::string(key), std::move(texts)}};
    return Without(Group(kind, std::move(parts)), std::move(excluded));
  }

  static Selection Without(Selection all, std::optional<Selection> excluded) {
    if (!excluded) return all;
    std::vector<Selection> parts;
    parts.push_back(std::move(all));
    parts.push_back(*std::move(excluded));
    return Group(Selection::Kind::kDifference, std::move(parts));
  }

  Result<Selection> ReadExclusions(const ConfigNode& node, Json& described) const {
    const ConfigNode list = *node.Find("exclude");
    if (!list.is_list()) return Fail(Invalid(list, "exclude is a list"));
    std::vector<Selection> parts;
    described = Json::array();
    for (const ConfigNode& item : list.items()) {
      Json text;
      SMELT_ASSIGN(Selection part, ReadDefinition(item, text));
      parts.push_back(std::move(part));
      described.push_back(std::move(text));
    }
    if (parts.size() == 1) return std::move(parts.front());
    return Group(Selection::Kind::kUnion, std::move(parts));
  }

  /// {tag: nightly}, {method: tag, value: nightly, children: true}, or {method: selector, value: another}.
  Result<Selection> ReadCriterion(const ConfigNode& node, Json& described) const {
    const std::vector<std::string> keys = node.keys();
    std::string method;
    std::optional<ConfigNode> value = node.Find("value");
    if (keys.size() == 1) {
      method = keys.front();
      value = node.Find(method);
    } else if (auto name = node.Find("method"); name && value) {
      SMELT_ASSIGN(method, name->AsString());
    } else {
      return Fail(Invalid(node, "a definition has a method and a value").Hint("{method: tag, value: nightly}"));
    }
    if (value->is_list() || value->is_map()) return Fail(Invalid(*value, "the value of a method is a text"));
    SMELT_ASSIGN(Json rendered, RenderYaml(project_, package_, *value));
    if (method == "selector" && keys.size() > 1) return Inherit(*value, rendered, described);
    Selection one;
    one.kind = Selection::Kind::kCriterion;
    one.indirect = project_.file().indirect_selection;
    one.criterion.value = rendered;
    one.criterion.text = method + ":" + (rendered.is_string() ? rendered.get<std::string>() : JsonText(rendered));
    if (Status known = SetMethod(method, one.criterion); !known) return Fail(PlacedAt(std::move(known).error(), node));
    described = keys.size() == 1 ? Json{{"method", method}, {"value", rendered}} : node.ToJson();
    if (keys.size() == 1) return one;
    SMELT_TRY(ReadNeighbours(node, one));
    if (!node.Find("exclude")) return one;
    Json ignored;
    SMELT_ASSIGN(Selection excluded, ReadExclusions(node, ignored));
    return Without(std::move(one), std::move(excluded));
  }

  Result<Selection> Inherit(const ConfigNode& place, const Json& name, Json& described) const {
    const std::string wanted = name.is_string() ? name.get<std::string>() : JsonText(name);
    const NamedSelection* known = Find(wanted);
    if (known == nullptr) {
      return Fail(Invalid(place, fmt::format("there is no selector '{}' before this one", wanted))
                      .Hint("a selector can use those that stand above it"));
    }
    described = known->definition;
    return known->selection;
  }

  Status ReadNeighbours(const ConfigNode& node, Selection& one) const {
    WarnOfKeys(node,
               {"method", "value", "children", "parents", "children_depth", "parents_depth", "childrens_parents",
                "indirect_selection", "exclude"},
               project_.warnings);
    Criterion& criterion = one.criterion;
    SMELT_ASSIGN(criterion.families, node.BoolOr("childrens_parents", false));
    SMELT_ASSIGN(criterion.parents, node.BoolOr("parents", false));
    SMELT_ASSIGN(criterion.children, node.BoolOr("children", false));
    SMELT_ASSIGN(criterion.parents_depth, Depth(node, "parents_depth"));
    SMELT_ASSIGN(criterion.children_depth, Depth(node, "children_depth"));
    if (criterion.families && criterion.children) {
      return Fail(Invalid(node, "childrens_parents takes all children already: leave `children` out"));
    }
    if (auto indirect = node.Find("indirect_selection")) {
      SMELT_ASSIGN(const std::string text, indirect->AsString());
      auto mode = ParseIndirectSelection(text);
      if (!mode) return Fail(PlacedAt(std::move(mode).error(), *indirect));
      one.indirect = *mode;
    }
    return {};
  }

  /// Levels; nothing, and zero as in dbt, are all of them.
  static Result<std::optional<int>> Depth(const ConfigNode& node, std::string_view key) {
    constexpr std::int64_t kDepthMax = 1'000'000;
    const auto found = node.Find(key);
    if (!found || found->is_null()) return std::optional<int>();
    SMELT_ASSIGN(const std::int64_t depth, found->AsInt());
    if (depth < 0) return Fail(Invalid(*found, fmt::format("{} is a number of levels", key)));
    if (depth == 0) return std::optional<int>();
    return std::optional(static_cast<int>(std::min(depth, kDepthMax)));
  }

  ProjectState& project_;
  const std::string& package_;
  NamedSelections selections_;
};

}  // namespace

Result<NamedSelections> ReadSelectors(ProjectState& project) {
  const ProjectFile& root = project.file();
  auto text = ReadWholeFile((std::filesystem::path(root.directory) / kFileName).string());
  if (!text && text.error().code() == ErrorCode::kStoreNotFound) return NamedSelections();
  if (!text) return Fail(std::move(text).error());
  SMELT_ASSIGN(const ConfigNode file, ParseYaml11(*text, std::string(kFileName)));
  if (file.is_null()) return NamedSelections();
  SMELT_TRY(file.AllowKeys({"version", "selectors"}));
  SMELT_ASSIGN(const ConfigNode list, file.Require("selectors"));
  if (!list.is_list()) return Fail(list.ErrorHere(ErrorCode::kDbtSelectorInvalid, "selectors is a list"));
  SelectorReader reader(project, root.name);
  for (const ConfigNode& entry : list.items()) SMELT_TRY(reader.ReadOne(entry));
  return reader.Take();
}

}  // namespace smelt::transform
