#include "transform/internal/selection/methods.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <ranges>
#include <string>

#include "base/ascii.h"
#include "transform/internal/artefacts/json_writer.h"
#include "transform/internal/artefacts/node_config_text.h"
#include "transform/internal/selection/pattern.h"

namespace smelt::transform {
namespace {

using Words = std::vector<std::string>;

/// The parts between separators; of an empty text, one empty part.
Words Split(std::string_view text, char separator) {
  Words parts;
  if (text.empty()) parts.emplace_back();
  for (const auto part : std::views::split(text, separator)) parts.emplace_back(std::string_view(part));
  return parts;
}

std::string Join(std::ranges::input_range auto&& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

// -- by qualified name

/// A criterion's value as the qualified names of nodes are compared with it.
struct QualifiedName {
  std::string text;
  Words parts;

  bool Matches(std::span<const std::string> fqn, bool is_versioned) const;
};

bool QualifiedName::Matches(std::span<const std::string> fqn, bool is_versioned) const {
  if (fqn.empty()) return false;
  const bool has_version = is_versioned && fqn.size() > 1;
  const std::string& leaf = has_version ? fqn[fqn.size() - 2] : fqn.back();
  if (leaf == text) return true;
  if (has_version) {
    // "orders.v2" and "orders_v2" mean a version.
    const std::span<const std::string> end(parts.size() > 2 ? parts.end() - 2 : parts.begin(), parts.end());
    if (Join(fqn.last(2), "_") == Join(end, "_")) return true;
  }
  Words flat;
  for (const std::string& segment : fqn) std::ranges::move(Split(segment, '.'), std::back_inserter(flat));
  if (flat.size() < parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (HasWildcard(parts[i])) {
      // From the first pattern on, dots are letters like others.
      if (MatchesPattern(Join(parts | std::views::drop(i), "."), Join(flat | std::views::drop(i), "."))) return true;
      return parts.size() == 1 && MatchesPattern(text, leaf);
    }
    if (flat[i] != parts[i]) return false;
  }
  return true;
}

Result<Matcher> MatchName(const MethodContext&, const Criterion& criterion) {
  std::string text = ValueText(criterion);
  Words parts = Split(text, '.');
  return Matcher([name = QualifiedName{std::move(text), std::move(parts)}](const Member& member) {
    if (member.source != nullptr) return false;
    const std::span<const std::string> fqn(*member.fqn);
    const Node* node = member.node;
    const bool is_versioned = node != nullptr && node->type == ResourceType::kModel && !node->version.empty();
    return name.Matches(fqn, is_versioned) || name.Matches(fqn.subspan(1), is_versioned);
  });
}

/// "name" or "package.name", of members of a type.
Result<Matcher> MatchOwnName(const Criterion& criterion, std::string_view type) {
  Words parts = Split(ValueText(criterion), '.');
  if (parts.size() > 2) {
    return Fail(InvalidCriterion(criterion, "has too many parts").Hint("write name or package.name"));
  }
  if (parts.size() == 1) parts.insert(parts.begin(), "*");
  return Matcher([parts = std::move(parts), type](const Member& member) {
    return member.type == type && MatchesPattern(parts[0], member.package) && MatchesPattern(parts[1], member.name);
  });
}

template <const char* kType>
Result<Matcher> MatchNameOf(const MethodContext&, const Criterion& criterion) {
  return MatchOwnName(criterion, kType);
}

Result<Matcher> MatchSource(const MethodContext&, const Criterion& criterion) {
  Words parts = Split(ValueText(criterion), '.');
  if (parts.size() > 3) {
    return Fail(
        InvalidCriterion(criterion, "has too many parts").Hint("write source, source.table or package.source.table"));
  }
  if (parts.size() == 1) parts.emplace_back("*");
  if (parts.size() == 2) parts.insert(parts.begin(), "*");
  return Matcher([parts = std::move(parts)](const Member& member) {
    const SourceTable* source = member.source;
    return source != nullptr && MatchesPattern(parts[0], source->package) && MatchesPattern(parts[1], source->source) &&
           MatchesPattern(parts[2], source->table);
  });
}

// -- by file

Result<Matcher> MatchPath(const MethodContext& context, const Criterion& criterion) {
  const ProjectFile& root = context.project.file();
  return Matcher([pattern = ValueText(criterion), &root](const Member& member) {
    std::error_code ignored;
    // Paths are those of the root project: a package's file counts where the root has a path of the same name.
    const auto is_there = [&](std::string_view path) {
      return member.package == root.name ||
             std::filesystem::exists(std::filesystem::path(root.directory) / path, ignored);
    };
    const std::string_view file = member.original_file;
    for (std::size_t end = file.find('/'); end != std::string_view::npos; end = file.find('/', end + 1)) {
      if (MatchesPath(pattern, file.substr(0, end)) && is_there(file.substr(0, end))) return true;
    }
    if (pattern.ends_with("**")) return false;  // folders only
    if (MatchesPath(pattern, file) && is_there(file)) return true;
    if (member.node == nullptr) return false;
    const std::string& properties = member.node->properties_file;
    const std::size_t begin = properties.find("://");
    if (begin == std::string::npos) return false;
    const std::string_view path = std::string_view(properties).substr(begin + 3);
    return MatchesPath(pattern, path) && is_there(path);
  });
}

Result<Matcher> MatchFile(const MethodContext&, const Criterion& criterion) {
  return Matcher([pattern = ValueText(criterion)](const Member& member) {
    const std::filesystem::path file(member.original_file);
    return MatchesPattern(pattern, file.filename().string()) || MatchesPattern(pattern, file.stem().string());
  });
}

Result<Matcher> MatchPackage(const MethodContext& context, const Criterion& criterion) {
  std::string pattern = ValueText(criterion);
  if (pattern == "this") pattern = context.project.file().name;
  return Matcher(
      [pattern = std::move(pattern)](const Member& member) { return MatchesPattern(pattern, member.package); });
}

// -- by what is said of it

Result<Matcher> MatchTag(const MethodContext&, const Criterion& criterion) {
  return Matcher([pattern = ValueText(criterion)](const Member& member) {
    return std::ranges::any_of(*member.tags, [&](const std::string& tag) { return MatchesPattern(pattern, tag); });
  });
}

Result<Matcher> MatchGroup(const MethodContext&, const Criterion& criterion) {
  return Matcher([pattern = ValueText(criterion)](const Member& member) {
    if (member.node == nullptr && member.type != "metric") return false;
    const std::string group =
        TextAt(member.node != nullptr ? member.node->config.all : member.described->config, "group");
    return !group.empty() && MatchesPattern(pattern, group);
  });
}

Result<Matcher> MatchAccess(const MethodContext&, const Criterion& criterion) {
  return Matcher([wanted = ValueText(criterion)](const Member& member) {
    if (member.node == nullptr || member.node->type != ResourceType::kModel) return false;
    const std::string access = TextAt(member.node->config.all, "access");
    return (access.empty() ? "protected" : access) == wanted;
  });
}

Result<Matcher> MatchResourceType(const MethodContext&, const Criterion& criterion) {
  constexpr std::array<std::string_view, 12> kTypes = {"model",     "seed",   "snapshot",       "test",
                                                       "unit_test", "source", "analysis",       "exposure",
                                                       "metric",    "group",  "semantic_model", "saved_query"};
  std::string wanted = ValueText(criterion);
  if (std::ranges::find(kTypes, wanted) == kTypes.end() && wanted != "function" && wanted != "macro") {
    return Fail(InvalidCriterion(criterion, "names no type of resources")
                    .Hint(fmt::format("types are {}", fmt::join(kTypes, ", "))));
  }
  return Matcher([wanted = std::move(wanted)](const Member& member) { return member.type == wanted; });
}

// -- by configuration

/// Every setting of a member, those with their usual value too.
Json WholeConfig(const Member& member) {
  if (member.node == nullptr) {
    Json config = member.source->config;
    config["enabled"] = true;
    return config;
  }
  JsonWriter text;
  WriteNodeConfig(*member.node, text);
  return Json::parse(text.text());
}

bool IsValue(const Json& found, const Json& wanted, bool ignores_case) {
  if (found.is_boolean() && wanted.is_string()) {
    return EqualsIgnoringCase(wanted.get<std::string>(), found.get<bool>() ? "true" : "false");
  }
  if (ignores_case && found.is_string() && wanted.is_string()) {
    return EqualsIgnoringCase(found.get<std::string>(), wanted.get<std::string>());
  }
  return found == wanted;
}

Result<Matcher> MatchConfig(const MethodContext&, const Criterion& criterion) {
  const bool ignores_case = criterion.arguments == Words{"severity"};
  return Matcher([&criterion, ignores_case](const Member& member) {
    if (member.described != nullptr) return false;
    if (member.node != nullptr && member.node->type == ResourceType::kUnitTest) return false;
    const Json config = WholeConfig(member);
    const Json* found = &config;
    for (const std::string& key : criterion.arguments) {
      if (!found->is_object() || !found->contains(key)) return false;
      found = &(*found)[key];
    }
    const auto is_value = [&](const Json& one) { return IsValue(one, criterion.value, ignores_case); };
    return found->is_array() ? std::ranges::any_of(*found, is_value) : is_value(*found);
  });
}

// -- tests and versions

Result<Matcher> MatchTestName(const MethodContext&, const Criterion& criterion) {
  return Matcher([pattern = ValueText(criterion)](const Member& member) {
    if (member.node == nullptr) return false;
    const bool is_unit_test = member.node->type == ResourceType::kUnitTest;
    if (!is_unit_test && member.node->type != ResourceType::kGenericTest) return false;
    return MatchesPattern(pattern, is_unit_test ? member.node->name : member.node->test_name);
  });
}

Result<Matcher> MatchTestType(const MethodContext&, const Criterion& criterion) {
  std::string wanted = ValueText(criterion);
  constexpr std::array<std::string_view, 5> kTypes = {"generic", "singular", "data", "unit", "schema"};
  if (std::ranges::find(kTypes, wanted) == kTypes.end()) {
    return Fail(InvalidCriterion(criterion, "names no type of tests").Hint("types are generic, singular, data, unit"));
  }
  return Matcher([wanted = std::move(wanted)](const Member& member) {
    if (member.node == nullptr) return false;
    switch (member.node->type) {
      case ResourceType::kGenericTest: return wanted == "generic" || wanted == "schema" || wanted == "data";
      case ResourceType::kSingularTest: return wanted == "singular" || wanted == "data";
      case ResourceType::kUnitTest: return wanted == "unit";
      default: return false;
    }
  });
}

/// Less than zero: the first version is older. Numbers are compared as numbers.
int CompareVersions(const std::string& left, const std::string& right) {
  const auto number = [](const std::string& text) -> std::optional<double> {
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
  };
  const auto a = number(left), b = number(right);
  if (a && b) return *a < *b ? -1 : *a > *b ? 1 : 0;
  return left.compare(right);
}

Result<Matcher> MatchVersion(const MethodContext&, const Criterion& criterion) {
  std::string wanted = ValueText(criterion);
  constexpr std::array<std::string_view, 4> kWords = {"latest", "prerelease", "old", "none"};
  if (std::ranges::find(kWords, wanted) == kWords.end()) {
    return Fail(
        InvalidCriterion(criterion, "names no kind of versions").Hint("kinds are latest, prerelease, old, none"));
  }
  return Matcher([wanted = std::move(wanted)](const Member& member) {
    if (member.node == nullptr || member.node->type != ResourceType::kModel) return false;
    const Node& model = *member.node;
    if (model.version.empty()) return wanted == "none";
    const int order = CompareVersions(model.version, model.latest_version);
    return (order == 0 && wanted == "latest") || (order > 0 && wanted == "prerelease") ||
           (order < 0 && wanted == "old");
  });
}

constexpr char kExposure[] = "exposure", kMetric[] = "metric", kSemanticModel[] = "semantic_model",
               kSavedQuery[] = "saved_query", kUnitTest[] = "unit_test";

constexpr std::array kMethods = {
    SelectionMethod{"fqn", MatchName},
    SelectionMethod{"tag", MatchTag},
    SelectionMethod{"group", MatchGroup},
    SelectionMethod{"access", MatchAccess},
    SelectionMethod{"source", MatchSource},
    SelectionMethod{"path", MatchPath},
    SelectionMethod{"file", MatchFile},
    SelectionMethod{"package", MatchPackage},
    SelectionMethod{"config", MatchConfig},
    SelectionMethod{"test_name", MatchTestName},
    SelectionMethod{"test_type", MatchTestType},
    SelectionMethod{"resource_type", MatchResourceType},
    SelectionMethod{"state", MatchState},
    SelectionMethod{"exposure", MatchNameOf<kExposure>},
    SelectionMethod{"metric", MatchNameOf<kMetric>},
    SelectionMethod{"result", MatchResult},
    SelectionMethod{"source_status", MatchSourceStatus},
    SelectionMethod{"version", MatchVersion},
    SelectionMethod{"semantic_model", MatchNameOf<kSemanticModel>},
    SelectionMethod{"saved_query", MatchNameOf<kSavedQuery>},
    SelectionMethod{"unit_test", MatchNameOf<kUnitTest>},
};

}  // namespace

const SelectionMethod* FindSelectionMethod(std::string_view name) {
  const auto* found = std::ranges::find(kMethods, name, &SelectionMethod::name);
  return found == kMethods.end() ? nullptr : found;
}

std::vector<std::string_view> SelectionMethodNames() {
  std::vector<std::string_view> names;
  for (const SelectionMethod& method : kMethods) names.push_back(method.name);
  return names;
}

std::string ValueText(const Criterion& criterion) {
  return criterion.value.is_string() ? criterion.value.get<std::string>() : JsonText(criterion.value);
}

Error InvalidCriterion(const Criterion& criterion, std::string_view why) {
  return {ErrorCode::kDbtSelectorInvalid, fmt::format("the selector '{}' {}", criterion.text, why)};
}

}  // namespace smelt::transform
