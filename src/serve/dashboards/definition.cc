#include "serve/dashboards/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/config.h"
#include "base/digest.h"
#include "base/file.h"
#include "serve/dashboards/internal/definition_keys.h"
#include "serve/dashboards/internal/filter_reader.h"
#include "serve/dashboards/internal/template_text.h"
#include "serve/dashboards/internal/tile_reader.h"

namespace smelt::serve {
namespace {

using internal::TemplateValues;
using Words = std::vector<std::string_view>;

constexpr int kIncludesDeepest = 8;
constexpr std::size_t kTilesMax = 100;
constexpr std::size_t kPagesMax = 20;

template <typename Keys>
Status AllowOnly(const ConfigNode& node, const Keys& keys) {
  return node.AllowKeys(Words(keys.begin(), keys.end()));
}

/// The path of a file that another one names. It stays within the folder of dashboards.
Result<std::string> PathBeside(const ConfigNode& name, const std::string& folder) {
  SMELT_ASSIGN(const std::string text, name.AsString());
  const std::filesystem::path path = std::filesystem::path(text).lexically_normal();
  if (text.empty() || path.is_absolute() || *path.begin() == "..") {
    return Fail(name.ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("'{}' does not lie within the folder of dashboards", text))
                    .Hint("write its path from there: templates/by_state.yml"));
  }
  return (std::filesystem::path(folder) / path).string();
}

Result<TemplateValues> GivenValues(const ConfigNode& node) {
  TemplateValues values;
  const auto with = node.Find("with");
  if (!with) return values;
  if (!with->is_map()) {
    return Fail(with->ErrorHere(ErrorCode::kConfigValueInvalid, "'with' is no map of names and values"));
  }
  for (const std::string& name : with->keys()) values[name] = with->Find(name)->ToJson();
  return values;
}

/// Reads the dashboards of a folder: parts and templates are named from there.
class DefinitionReader {
 public:
  /// `text` is that of the file that is read.
  DefinitionReader(std::string folder, std::string text) : folder_(std::move(folder)), texts_(std::move(text)) {}

  Result<Dashboard> Read(const ConfigNode& node, const std::string& name) {
    SMELT_TRY(AllowOnly(node, internal::kDashboardKeys));
    Dashboard dashboard;
    dashboard.file = node.file();
    dashboard.line = node.line();
    SMELT_TRY(ReadHead(node, name, dashboard));
    if (dashboard.title.empty()) {
      return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, "the dashboard has no title")
                      .Hint("write the question that it answers: 'title: …'"));
    }
    SMELT_TRY(ReadTimes(node, dashboard));
    if (const auto filters = node.Find("filters")) {
      SMELT_TRY(ForEach(*filters, [&](const ConfigNode& item) -> Status {
        SMELT_ASSIGN(Filter filter, internal::ReadFilter(item));
        return AddFilter(item, std::move(filter), dashboard);
      }));
    }
    SMELT_ASSIGN(const ConfigNode pages, node.Require("pages"));
    SMELT_TRY(ForEach(pages, [&](const ConfigNode& item) { return AddPage(item, dashboard); }));
    if (dashboard.pages.empty() || dashboard.pages.size() > kPagesMax || dashboard.tiles().size() > kTilesMax) {
      return Fail(pages.ErrorHere(ErrorCode::kConfigValueInvalid,
                                  "a dashboard has 1 to 20 pages, and at most 100 tiles in all"));
    }
    SMELT_TRY(internal::CheckReferences(dashboard));
    dashboard.source = Sha256Hex(texts_);
    return dashboard;
  }

  /// A dashboard made of a template; `use` says which, and overrides its head.
  Result<Dashboard> Expand(const ConfigNode& use, const ConfigNode& template_name, const std::string& name) {
    SMELT_TRY(AllowOnly(use, internal::kTemplateUseKeys));
    SMELT_ASSIGN(const std::string text, ReadPart(template_name));
    SMELT_ASSIGN(const std::string path, PathBeside(template_name, folder_));
    SMELT_ASSIGN(const ConfigNode parameters, ConfigNode::ParseYaml(internal::SectionOf(text, "parameters"), path));
    SMELT_ASSIGN(TemplateValues values, GivenValues(use));
    SMELT_TRY(TakeParameters(use, parameters.Find("parameters"), values));
    SMELT_ASSIGN(const std::string filled, internal::FillIn(internal::SectionOf(text, "dashboard"), values, path));
    SMELT_ASSIGN(const ConfigNode node, ConfigNode::ParseYaml(filled, path));
    SMELT_ASSIGN(const ConfigNode body, node.Require("dashboard"));
    SMELT_ASSIGN(Dashboard dashboard, Read(body, name));
    SMELT_TRY(ReadHead(use, name, dashboard));
    dashboard.file = use.file();
    dashboard.line = use.line();
    return dashboard;
  }

 private:
  /// Name, title, description, owner and tags: what is given takes the place of what is there.
  static Status ReadHead(const ConfigNode& node, const std::string& name, Dashboard& dashboard) {
    if (dashboard.name.empty()) dashboard.name = name;
    if (const auto given = node.Find("name")) {
      SMELT_ASSIGN(dashboard.name, internal::ReadName(*given, "dashboard"));
    } else if (!IsDashboardName(dashboard.name)) {
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("'{}', the name of the file, cannot name a dashboard", dashboard.name))
                      .Hint("write 'name: …' with lower-case letters, digits, '_' and '-'"));
    }
    SMELT_ASSIGN(dashboard.title, node.StringOr("title", dashboard.title));
    SMELT_ASSIGN(dashboard.description, node.StringOr("description", dashboard.description));
    SMELT_ASSIGN(dashboard.owner, node.StringOr("owner", dashboard.owner));
    if (const auto tags = node.Find("tags")) {
      SMELT_ASSIGN(dashboard.tags, tags->AsStringList());
    }
    return {};
  }

  static Status ReadTimes(const ConfigNode& node, Dashboard& dashboard) {
    if (const auto fresh_for = node.Find("fresh_for")) {
      SMELT_ASSIGN(dashboard.fresh_for_ms, fresh_for->AsDurationMs());
    }
    const auto grains = node.Find("grains");
    if (!grains) return {};
    for (const ConfigNode& item : grains->items()) {
      SMELT_ASSIGN(std::string grain,
                   internal::ReadWord(item, "grain", {internal::kGrains.begin(), internal::kGrains.end()}));
      dashboard.grains.push_back(std::move(grain));
    }
    return {};
  }

  static Status AddFilter(const ConfigNode& node, Filter filter, Dashboard& dashboard) {
    for (const Filter& other : dashboard.filters) {
      if (other.name != filter.name && other.url != filter.url) continue;
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("the filter '{}' comes twice, or its parameter does", filter.name)));
    }
    dashboard.filters.push_back(std::move(filter));
    return {};
  }

  Status AddPage(const ConfigNode& node, Dashboard& dashboard) {
    SMELT_TRY(AllowOnly(node, internal::kPageKeys));
    DashboardPage page{.name = {}};
    SMELT_ASSIGN(const ConfigNode name, node.Require("name"));
    SMELT_ASSIGN(page.name, internal::ReadName(name, "page"));
    SMELT_ASSIGN(page.title, node.StringOr("title", page.name));
    SMELT_ASSIGN(page.description, node.StringOr("description", ""));
    const bool twice = std::any_of(dashboard.pages.begin(), dashboard.pages.end(),
                                   [&page](const DashboardPage& other) { return other.name == page.name; });
    if (twice) {
      return Fail(name.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the page '{}' comes twice", page.name)));
    }
    dashboard.pages.push_back(std::move(page));
    SMELT_ASSIGN(const ConfigNode tiles, node.Require("tiles"));
    return ForEach(tiles, [&dashboard](const ConfigNode& item) -> Status {
      SMELT_ASSIGN(Tile tile, internal::ReadTile(item));
      if (dashboard.FindTile(tile.name) != nullptr) {
        return Fail(item.ErrorHere(ErrorCode::kConfigValueInvalid,
                                   fmt::format("the tile '{}' comes twice in the dashboard", tile.name)));
      }
      dashboard.pages.back().tiles.push_back(std::move(tile));
      return {};
    });
  }

  /// Calls `add` for the entries of a list; entries that include a file stand for what that has.
  Status ForEach(const ConfigNode& list, const std::function<Status(const ConfigNode&)>& add, int depth = 0) {
    if (!list.is_list()) {
      return Fail(list.ErrorHere(ErrorCode::kConfigValueInvalid, "expected a list").Hint("begin each entry with '- '"));
    }
    for (const ConfigNode& item : list.items()) {
      const auto include = item.Find("include");
      if (!include) {
        SMELT_TRY(add(item));
        continue;
      }
      SMELT_TRY(AllowOnly(item, internal::kIncludeKeys));
      if (depth >= kIncludesDeepest) {
        return Fail(include->ErrorHere(ErrorCode::kConfigValueInvalid, "files include each other too deeply"));
      }
      SMELT_ASSIGN(const std::string text, ReadPart(*include));
      SMELT_ASSIGN(const std::string path, PathBeside(*include, folder_));
      SMELT_ASSIGN(const TemplateValues values, GivenValues(item));
      SMELT_ASSIGN(const std::string filled, internal::FillIn(text, values, path));
      SMELT_ASSIGN(const ConfigNode node, ConfigNode::ParseYaml(filled, path));
      if (node.is_list()) {
        SMELT_TRY(ForEach(node, add, depth + 1));
      } else {
        SMELT_TRY(add(node));
      }
    }
    return {};
  }

  /// Completes what a use gives with the defaults of the template's parameters, and refuses what it does not know.
  static Status TakeParameters(const ConfigNode& use, const std::optional<ConfigNode>& parameters,
                               TemplateValues& values) {
    const std::vector<std::string> names = parameters ? parameters->keys() : std::vector<std::string>();
    if (const auto with = use.Find("with")) {
      SMELT_TRY(with->AllowKeys(Words(names.begin(), names.end())));
    }
    for (const std::string& name : names) {
      const ConfigNode parameter = *parameters->Find(name);
      if (!parameter.is_null()) SMELT_TRY(AllowOnly(parameter, internal::kTemplateParameterKeys));
      if (values.contains(name)) continue;
      const auto fallback = parameter.Find("default");
      if (!fallback) {
        return Fail(
            use.ErrorHere(ErrorCode::kConfigKeyMissing, fmt::format("the template needs a value for '{}'", name))
                .Hint(fmt::format("write 'with: {{{}: …}}'", name)));
      }
      Json value = fallback->ToJson();
      if (value.is_string()) {
        SMELT_ASSIGN(std::string filled, internal::FillIn(value.get<std::string>(), values, parameter.file()));
        filled.pop_back();  // the end of its last line
        value = std::move(filled);
      }
      values[name] = std::move(value);
    }
    return {};
  }

  Result<std::string> ReadPart(const ConfigNode& name) {
    SMELT_ASSIGN(const std::string path, PathBeside(name, folder_));
    auto text = ReadWholeFile(path);
    if (!text) {
      return Fail(Error(text.error().code(), fmt::format("cannot read '{}': {}", path, text.error().message()))
                      .At(name.file(), name.line()));
    }
    texts_ += *text;
    return text;
  }

  std::string folder_;
  std::string texts_;  ///< of all files that were read
};

Status CheckDrill(const Gallery& gallery, const Tile& tile) {
  if (!tile.drill) return {};
  const auto wrong = [&tile](std::string message) {
    return Fail(Error(ErrorCode::kConfigValueInvalid, std::move(message)).At(tile.file, tile.line));
  };
  const DashboardPtr target = gallery.Find(tile.drill->dashboard);
  if (!target) {
    return wrong(
        fmt::format("tile '{}' leads to the dashboard '{}', which there is not", tile.name, tile.drill->dashboard));
  }
  for (const auto& [filter, column] : tile.drill->filters) {
    if (target->FindFilter(filter) != nullptr) continue;
    return wrong(fmt::format("tile '{}' leads to the dashboard '{}' with the filter '{}', which it does not have",
                             tile.name, target->name, filter));
  }
  const bool has_page =
      tile.drill->page.empty() || std::any_of(target->pages.begin(), target->pages.end(),
                                              [&tile](const auto& page) { return page.name == tile.drill->page; });
  if (has_page) return {};
  return wrong(fmt::format("tile '{}' leads to the page '{}' of the dashboard '{}', which there is not", tile.name,
                           tile.drill->page, target->name));
}

void AddFile(const std::string& path, Gallery& gallery) {
  auto dashboards = ReadDashboards(path);
  if (!dashboards) {
    gallery.faults.push_back({path, std::move(dashboards.error())});
    return;
  }
  for (Dashboard& dashboard : *dashboards) {
    const auto known = gallery.dashboards.find(dashboard.name);
    if (known != gallery.dashboards.end()) {
      gallery.faults.push_back(
          {path, Error(ErrorCode::kConfigValueInvalid,
                       fmt::format("there is a dashboard '{}' in {} already", dashboard.name, known->second->file))
                     .Hint("give one of them another 'name'")
                     .At(path, dashboard.line)});
      continue;
    }
    std::string name = dashboard.name;
    gallery.dashboards.emplace(std::move(name), std::make_shared<const Dashboard>(std::move(dashboard)));
  }
}

}  // namespace

bool IsDashboardName(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::vector<const Tile*> Dashboard::tiles() const {
  std::vector<const Tile*> all;
  for (const DashboardPage& page : pages) {
    for (const Tile& tile : page.tiles) all.push_back(&tile);
  }
  return all;
}

const Tile* Dashboard::FindTile(std::string_view tile) const {
  for (const Tile* one : tiles()) {
    if (one->name == tile) return one;
  }
  return nullptr;
}

const Filter* Dashboard::FindFilter(std::string_view filter) const {
  for (const Filter& one : filters) {
    if (one.name == filter) return &one;
  }
  return nullptr;
}

DashboardPtr Gallery::Find(std::string_view name) const {
  const auto found = dashboards.find(std::string(name));
  return found == dashboards.end() ? nullptr : found->second;
}

Result<std::vector<Dashboard>> ReadDashboards(const std::string& path) {
  SMELT_ASSIGN(const std::string text, ReadWholeFile(path));
  SMELT_ASSIGN(const ConfigNode node, ConfigNode::ParseYaml(text, path));
  const std::filesystem::path place(path);
  DefinitionReader reader(place.parent_path().string(), text);
  std::vector<Dashboard> dashboards;
  const auto template_name = node.Find("template");
  const auto list = node.Find("dashboards");
  if (!template_name) {
    SMELT_ASSIGN(Dashboard dashboard, reader.Read(node, place.stem().string()));
    dashboards.push_back(std::move(dashboard));
  } else if (!list) {
    SMELT_ASSIGN(Dashboard dashboard, reader.Expand(node, *template_name, place.stem().string()));
    dashboards.push_back(std::move(dashboard));
  } else {
    SMELT_TRY(AllowOnly(node, internal::kTemplatedFileKeys));
    for (const ConfigNode& use : list->items()) {
      SMELT_ASSIGN(const ConfigNode name_node, use.Require("name"));
      SMELT_ASSIGN(const std::string name, internal::ReadName(name_node, "dashboard"));
      SMELT_ASSIGN(Dashboard dashboard, reader.Expand(use, *template_name, name));
      dashboards.push_back(std::move(dashboard));
    }
  }
  return dashboards;
}

Gallery ReadGallery(const std::string& folder) {
  Gallery gallery;
  std::set<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() == ".yml" || path.extension() == ".yaml") paths.insert(path.string());
  }
  for (const std::string& path : paths) AddFile(path, gallery);
  for (const auto& [name, dashboard] : gallery.dashboards) {
    for (const Tile* tile : dashboard->tiles()) {
      if (auto checked = CheckDrill(gallery, *tile); !checked) {
        gallery.faults.push_back({dashboard->file, std::move(checked.error())});
      }
    }
  }
  return gallery;
}

}  // namespace smelt::serve
