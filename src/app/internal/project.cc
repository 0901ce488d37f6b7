#include "app/internal/project.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "app/internal/dbt/profile_choice.h"
#include "base/config.h"
#include "base/environment.h"
#include "base/id.h"
#include "engine/table_property.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

std::string Absolute(const fs::path& base, const std::string& path) {
  return (base / path).lexically_normal().string();
}

fs::path StateHome() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') return state;
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') return fs::path(home) / ".local/state";
  return fs::temp_directory_path();
}

/// Of all tables, or of those of a schema, whose keys then have its name in front: "silver/delta.appendOnly".
Status ReadTableProperties(const ConfigNode& map, const std::string& schema,
                           std::map<std::string, std::string>& properties) {
  for (const std::string& key : map.keys()) {
    const ConfigNode value = *map.Find(key);
    if (value.is_map() && schema.empty()) {
      SMELT_TRY(ReadTableProperties(value, key + "/", properties));
      continue;
    }
    SMELT_ASSIGN(const std::string text, value.AsString());
    const Status known = engine::CheckTableProperty(key, text);
    if (!known) {
      const bool is_unknown = known.error().code() == ErrorCode::kDeltaUnsupported;
      return Fail(value
                      .ErrorHere(is_unknown ? ErrorCode::kConfigKeyUnknown : ErrorCode::kConfigValueInvalid,
                                 "table_properties: " + known.error().message())
                      .Hint(known.error().hint()));
    }
    properties[schema + key] = text;
  }
  return {};
}

Result<std::map<std::string, std::string>> TableProperties(const ConfigNode& node) {
  std::map<std::string, std::string> properties;
  const auto map = node.Find("table_properties");
  if (!map || map->is_null()) return properties;
  if (!map->is_map()) return Fail(map->ErrorHere(ErrorCode::kConfigValueInvalid, "table_properties wants a map"));
  SMELT_TRY(ReadTableProperties(*map, "", properties));
  return properties;
}

/// `pools: {warehouse: 4}`.
Result<std::map<std::string, int>> ReadPools(const ConfigNode& node) {
  std::map<std::string, int> pools;
  const auto map = node.Find("pools");
  if (!map || map->is_null()) return pools;
  if (!map->is_map()) {
    return Fail(map->ErrorHere(ErrorCode::kConfigValueInvalid, "'pools' must be a map of names and slots")
                    .Hint("write it as `pools: {warehouse: 4}`"));
  }
  constexpr std::int64_t kSlotsMax = 10'000;
  for (const std::string& name : map->keys()) {
    const ConfigNode value = *map->Find(name);
    const bool plain = !name.empty() && name.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_-.") == std::string::npos;
    if (!plain) {
      return Fail(
          value.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' cannot be the name of a pool", name))
              .Hint("use letters, digits, '_', '-' and '.'"));
    }
    SMELT_ASSIGN(const std::int64_t slots, value.AsInt());
    if (slots < 1 || slots > kSlotsMax) {
      return Fail(
          value
              .ErrorHere(ErrorCode::kConfigValueInvalid,
                         fmt::format("the pool '{}' must have between 1 and {} slots, not {}", name, kSlotsMax, slots))
              .Hint(fmt::format("write `{}: 4`, say", name)));
    }
    pools[name] = static_cast<int>(slots);
  }
  return pools;
}

/// A lake as smelt.yml names it: folders are relative to the project's.
std::string LakeAddress(const fs::path& base, const std::string& written) {
  const std::string lake = WithoutFileScheme(written);
  return lake.empty() || lake.find("://") != std::string::npos ? lake : Absolute(base, lake);
}

/// `lakes: {dev: lakes/dev, prod: s3://lakes/shop}`.
Status ReadLakes(const ConfigNode& node, const fs::path& base, ProjectConfig& project) {
  SMELT_ASSIGN(const std::string lake, node.StringOr("lake", ""));
  project.lake = LakeAddress(base, lake);
  const auto map = node.Find("lakes");
  if (!map || map->is_null()) return {};
  if (!map->is_map()) {
    return Fail(map->ErrorHere(ErrorCode::kConfigValueInvalid, "'lakes' must be a map of targets and lakes")
                    .Hint("write it as `lakes: {dev: lakes/dev, prod: s3://bucket/lake}`"));
  }
  for (const std::string& target : map->keys()) {
    const ConfigNode value = *map->Find(target);
    SMELT_ASSIGN(const std::string address, value.AsString());
    if (address.empty()) {
      return Fail(value.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the lake of '{}' is empty", target)));
    }
    project.lakes[target] = LakeAddress(base, address);
  }
  return {};
}

/// Where `lakes` has one for the target of the dbt profile, that is the lake. A profile that cannot be read chooses
/// none: commands that need it say what is wrong with it.
void ChooseLake(ProjectConfig& project) {
  if (project.lakes.empty()) return;
  std::string target = EnvironmentVariable("DBT_TARGET");
  if (target.empty()) {
    if (const auto chosen = TargetOfTasks(project.dbt, "", Json::object())) target = chosen->name;
  }
  const auto found = project.lakes.find(target);
  if (found != project.lakes.end()) project.lake = found->second;
}

/// `contracts: contracts`, or `contracts: {folder: contracts, mode: loose}`.
Status ReadContracts(const ConfigNode& node, const fs::path& base, ProjectConfig& project) {
  project.contracts = Absolute(base, "contracts");
  const auto setting = node.Find("contracts");
  if (!setting || setting->is_null()) return {};
  if (!setting->is_map()) {
    SMELT_ASSIGN(const std::string folder, setting->AsString());
    project.contracts = Absolute(base, folder);
    return {};
  }
  SMELT_TRY(setting->AllowKeys({"folder", "mode"}));
  SMELT_ASSIGN(const std::string folder, setting->StringOr("folder", "contracts"));
  project.contracts = Absolute(base, folder);
  SMELT_ASSIGN(const std::string mode, setting->StringOr("mode", "strict"));
  if (mode != "strict" && mode != "loose") {
    return Fail(setting->Find("mode")
                    ->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no mode of contracts", mode))
                    .Hint("use strict, or loose: further columns and other types of a family are allowed"));
  }
  if (mode == "loose") project.contract_strictness = quality::ContractStrictness::kLoose;
  return {};
}

}  // namespace

Result<ProjectConfig> LoadProject(const std::string& dir) {
  std::error_code ignored;
  fs::path base = fs::absolute(dir, ignored).lexically_normal();
  fs::path file = base / "smelt.yml";
  if (!fs::exists(file, ignored)) {
    return std::unexpected(Error(ErrorCode::kStoreNotFound, fmt::format("there is no smelt.yml in '{}'", dir))
                               .Hint("name the project's folder with --project-dir, or make one with `smelt init`"));
  }
  SMELT_ASSIGN(ConfigNode node, ConfigNode::ReadFile(file.string()));
  SMELT_TRY(node.AllowKeys({"name", "description", "dbt", "sources", "suites", "contracts", "pipelines", "lake",
                            "lakes", "table_properties", "notifications", "costs", "pools", "state"}));
  ProjectConfig project;
  project.dir = base.string();
  SMELT_ASSIGN(ConfigNode name, node.Require("name"));
  SMELT_ASSIGN(project.name, name.AsString());
  SMELT_ASSIGN(std::string dbt, node.StringOr("dbt", "."));
  SMELT_ASSIGN(project.sources, node.StringOr("sources", "sources"));
  SMELT_ASSIGN(std::string suites, node.StringOr("suites", "suites"));
  SMELT_ASSIGN(std::string pipelines, node.StringOr("pipelines", "pipelines"));
  SMELT_TRY(ReadLakes(node, base, project));
  SMELT_TRY(ReadContracts(node, base, project));
  SMELT_ASSIGN(project.table_properties, TableProperties(node));
  if (const auto costs = node.Find("costs")) {
    SMELT_ASSIGN(project.prices, ParsePrices(*costs));
  }
  SMELT_ASSIGN(project.pools, ReadPools(node));
  if (const auto state = node.Find("state")) {
    SMELT_ASSIGN(project.state, ParseStateSetting(*state, project.dir));
  }
  if (const auto notifications = node.Find("notifications")) {
    SMELT_ASSIGN(project.notifications, notify::ParseSettings(*notifications, project.dir));
  }
  project.dbt = Absolute(base, dbt);
  project.suites = Absolute(base, suites);
  project.pipelines = Absolute(base, pipelines);
  ChooseLake(project);
  return project;
}

Result<std::string> FindShippedProject(const std::string& name) {
  std::error_code ignored;
  fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  // Installed: <prefix>/bin. Built: <source>/build/<preset>/bin.
  std::vector<fs::path> places = {program / "../share/smelt/projects" / name, program / "../../../projects" / name};
  for (const fs::path& place : places) {
    if (fs::exists(place / "smelt.yml", ignored)) return fs::canonical(place, ignored).string();
  }
  return Fail(ErrorCode::kStoreNotFound,
              fmt::format("the project '{}' is not beside the program: looked at {} and {}", name,
                          places[0].lexically_normal().string(), places[1].lexically_normal().string()));
}

std::string WithoutFileScheme(const std::string& address) {
  constexpr std::string_view kScheme = "file://";
  return address.starts_with("file:///") ? address.substr(kScheme.size()) : address;
}

std::string StatePath(const std::string& lake) {
  if (lake.find("://") == std::string::npos) return (fs::path(lake) / "_smelt" / "state.db").string();
  return (StateHome() / "smelt" / (ContentHash(lake) + ".db")).string();
}

std::string UsersPath(const std::string& lake) {
  if (lake.find("://") == std::string::npos) return (fs::path(lake) / "_smelt" / "users.json").string();
  return (StateHome() / "smelt" / (ContentHash(lake) + ".users.json")).string();
}

}  // namespace smelt::app
