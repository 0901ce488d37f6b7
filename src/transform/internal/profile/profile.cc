#include "transform/profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/config.h"
#include "base/file.h"
#include "base/yaml_1_1.h"
#include "transform/internal/profile/yaml_renderer.h"

namespace smelt::transform {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFileName = "profiles.yml";

/// Keys of a duckdb output that ask for what smelt does not have. Without effect, and said so.
constexpr std::array<std::string_view, 7> kWithoutEffect = {
    "plugins", "filesystems", "remote", "secrets", "motherduck", "use_credential_provider", "module_paths"};
/// Those that templates see even where the output does not say them.
constexpr std::array<std::string_view, 8> kAlwaysShown = {
    "config_options", "extensions",  "settings", "use_credential_provider",
    "attach",         "filesystems", "remote",   "plugins"};

/// The profiles.yml to read; empty: there is none.
Result<std::string> FindFile(const ProfileRequest& request) {
  std::error_code ignored;
  if (!request.profiles_dir.empty()) {
    const fs::path file = fs::path(request.profiles_dir) / kFileName;
    if (fs::exists(file, ignored)) return file.string();
    return Fail(Error(ErrorCode::kStoreNotFound, fmt::format("there is no profiles.yml in '{}'", request.profiles_dir))
                    .Hint("--profiles-dir and DBT_PROFILES_DIR name the folder that holds it"));
  }
  std::vector<fs::path> folders = {request.project_dir};
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    folders.push_back(fs::path(home) / ".dbt");
  for (const fs::path& folder : folders) {
    if (fs::exists(folder / kFileName, ignored)) return (folder / kFileName).string();
  }
  return std::string();
}

/// The child of a map, or an error that lists the children.
Result<ConfigNode> FindNamed(const ConfigNode& map, const std::string& name, std::string_view what,
                             std::string_view option, ErrorCode missing) {
  if (auto found = map.Find(name)) return *found;
  const std::vector<std::string> keys = map.keys();
  const std::string near = NearestWord(name, {keys.begin(), keys.end()});
  return Fail(map.ErrorHere(missing, fmt::format("there is no {} '{}'", what, name))
                  .Hint(near.empty() ? fmt::format("there are: {}; choose one with {}", fmt::join(keys, ", "), option)
                                     : fmt::format("did you mean '{}'? {} chooses", near, option)));
}

/// What the lake is called in SQL that was written for the profile's file: its name without folders and extension.
std::string DatabaseOf(const Json& output) {
  if (const auto named = output.find("database"); named != output.end() && named->is_string()) return *named;
  const auto path = output.find("path");
  if (path == output.end() || !path->is_string() || *path == ":memory:") return "memory";
  std::string text = path->get<std::string>();
  if (text.starts_with("md:")) text = text.substr(3);
  text = text.substr(0, text.find('?'));
  return fs::path(text).stem().string();
}

Status ReadAttachments(const ConfigNode& place, const Json& list, Profile& profile) {
  for (const Json& item : list) {
    Attachment attachment;
    if (item.is_object()) {
      attachment.path = item.value("path", "");
      attachment.alias = item.value("alias", "");
      attachment.type = item.value("type", "");
      attachment.read_only = item.value("read_only", false);
    }
    if (attachment.path.empty()) {
      return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, "an entry of attach wants a path"));
    }
    if (attachment.alias.empty()) attachment.alias = fs::path(attachment.path).stem().string();
    profile.attachments.push_back(std::move(attachment));
  }
  return {};
}

std::string SettingText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

Status ReadEngineFields(const ConfigNode& place, const Json& output, Profile& profile) {
  for (const std::string_view key : {"settings", "config_options"}) {
    const auto settings = output.find(key);
    if (settings == output.end() || !settings->is_object()) continue;
    for (const auto& [name, value] : settings->items()) profile.settings.emplace_back(name, SettingText(value));
  }
  if (const auto list = output.find("extensions"); list != output.end() && list->is_array()) {
    for (const Json& item : *list) {
      profile.extensions.push_back(item.is_object() ? item.value("name", "") : SettingText(item));
    }
  }
  if (const auto list = output.find("attach"); list != output.end() && list->is_array()) {
    SMELT_TRY(ReadAttachments(place, *list, profile));
  }
  for (const std::string_view key : kWithoutEffect) {
    const auto value = output.find(key);
    const bool asks = value != output.end() && !value->is_null() && !value->empty() && *value != false;
    if (asks) profile.notes.push_back(fmt::format("{} of the profile has no effect here", key));
  }
  return {};
}

Status CheckType(const ConfigNode& output, const Json& fields, const ProfileRequest& request) {
  const std::string type = fields.value("type", "");
  if (type == "duckdb") return {};
  if (type.empty()) return Fail(output.ErrorHere(ErrorCode::kConfigKeyMissing, "the output names no type"));
  return Fail(
      output
          .ErrorHere(ErrorCode::kDbtUnsupported,
                     fmt::format("the profile '{}' is for {}; smelt runs a project on its own engine and lake",
                                 request.profile, type))
          .Hint("add an output {type: duckdb, schema: …} to the profile and choose it with --target, or name another "
                "profile with --profile"));
}

Result<Profile> ReadOutput(const ConfigNode& output, const YamlRenderer& renderer, const ProfileRequest& request,
                           Profile profile) {
  if (!output.is_map()) return Fail(output.ErrorHere(ErrorCode::kConfigValueInvalid, "an output wants a map"));
  // The type first: an output of another type may want variables that are not set here.
  Json fields = Json::object();
  if (const auto type = output.Find("type")) {
    SMELT_ASSIGN(fields["type"], renderer.Render(*type));
  }
  SMELT_TRY(CheckType(output, fields, request));
  SMELT_ASSIGN(fields, renderer.Render(output));
  if (fields.contains("schema")) profile.target.schema = SettingText(fields["schema"]);
  if (const auto threads = output.Find("threads"); threads && fields["threads"].is_number_integer()) {
    profile.threads = fields["threads"].get<int>();
    if (profile.threads < 1) return Fail(threads->ErrorHere(ErrorCode::kConfigValueInvalid, "threads wants 1 or more"));
  }
  profile.target.database_alias = DatabaseOf(fields);
  SMELT_TRY(ReadEngineFields(output, fields, profile));
  for (const std::string_view key : kAlwaysShown) {
    if (!fields.contains(key)) fields[std::string(key)] = nullptr;
  }
  if (!fields.contains("path")) fields["path"] = ":memory:";
  if (!fields.contains("external_root")) fields["external_root"] = ".";
  if (!fields.contains("disable_transactions")) fields["disable_transactions"] = false;
  if (!fields.contains("threads")) fields["threads"] = 1;
  profile.target.fields = std::move(fields);
  return profile;
}

}  // namespace

Result<Profile> ReadProfile(const ProfileRequest& request) {
  Profile profile;
  profile.target.profile = request.profile;
  if (!request.target.empty()) profile.target.name = request.target;
  SMELT_ASSIGN(profile.file, FindFile(request));
  if (profile.file.empty()) return profile;
  SMELT_ASSIGN(const std::string text, ReadWholeFile(profile.file));
  SMELT_ASSIGN(ConfigNode root, ParseYaml11(text, profile.file));
  const YamlRenderer renderer(request.vars);
  SMELT_ASSIGN(ConfigNode named,
               FindNamed(root, request.profile, "profile", "--profile", ErrorCode::kConfigKeyMissing));
  profile.target.name = request.target;
  if (const auto target = named.Find("target"); request.target.empty() && target) {
    SMELT_ASSIGN(profile.target.name, renderer.RenderText(*target));
  }
  if (profile.target.name.empty()) profile.target.name = "default";
  SMELT_ASSIGN(ConfigNode outputs, named.Require("outputs"));
  SMELT_ASSIGN(ConfigNode output,
               FindNamed(outputs, profile.target.name, "target", "--target", ErrorCode::kConfigValueInvalid));
  return ReadOutput(output, renderer, request, std::move(profile));
}

}  // namespace smelt::transform
