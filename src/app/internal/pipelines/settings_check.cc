#include "app/internal/pipelines/settings_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "app/internal/contract_task.h"
#include "app/internal/refresh_plan.h"
#include "base/config.h"
#include "ingest/source.h"
#include "pipeline/tasks.h"
#include "quality/suite.h"

namespace smelt::app {
namespace {

bool IsWorkedOut(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

/// The names of a setting and where each stands; one alone need not be a list.
std::vector<ConfigNode> ItemsOf(const ConfigNode& node) {
  return node.is_list() ? node.items() : std::vector{node};
}

/// `wanted` is among `known`; "*_ending" where `endings` may stand for several.
Status CheckName(const ConfigNode& node, std::string_view what, const std::vector<std::string>& known,
                 bool endings = false) {
  SMELT_ASSIGN(const std::string wanted, node.AsString());
  if (IsWorkedOut(wanted)) return {};
  const bool is_known = std::ranges::any_of(known, [&](const std::string& name) {
    return endings && wanted.starts_with('*') ? name.ends_with(wanted.substr(1)) : name == wanted;
  });
  if (is_known) return {};
  const std::string near = NearestWord(wanted, {known.begin(), known.end()});
  const std::string hint = !near.empty()   ? fmt::format("did you mean '{}'?", near)
                           : known.empty() ? fmt::format("the project has no {}", what)
                                           : fmt::format("there are: {}", fmt::join(known, ", "));
  return Fail(
      node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("there is no {} '{}'", what, wanted)).Hint(hint));
}

Status CheckAddress(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string url, node.AsString());
  if (IsWorkedOut(url) || url.starts_with("http://") || url.starts_with("https://")) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no address of HTTP", url))
                  .Hint("begin it with https:// or http://"));
}

Status CheckSize(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  if (IsWorkedOut(text) || pipeline::ParseByteCount(text)) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no number of bytes", text))
                  .Hint("write it as 512MiB or 2GB"));
}

}  // namespace

Status SettingsCheck::CheckSources(const ConfigNode& names) {
  if (!sources_) {
    SMELT_ASSIGN(const auto sources, ingest::LoadSources(project_.dir, project_.sources));
    sources_.emplace();
    for (const ingest::Source& source : sources) sources_->push_back(source.name);
  }
  for (const ConfigNode& name : ItemsOf(names)) SMELT_TRY(CheckName(name, "source", *sources_));
  return {};
}

Status SettingsCheck::CheckSuites(const ConfigNode& names) {
  if (!suites_) {
    SMELT_ASSIGN(const auto suites, quality::LoadSuites(project_.suites));
    suites_.emplace();
    for (const quality::Suite& suite : suites) suites_->push_back(suite.name);
  }
  for (const ConfigNode& name : ItemsOf(names)) SMELT_TRY(CheckName(name, "suite", *suites_, true));
  return {};
}

Status SettingsCheck::CheckTables(const ConfigNode& names) const {
  SMELT_ASSIGN(const std::vector<std::string> texts, names.AsStringList());
  if (std::ranges::any_of(texts, IsWorkedOut)) return {};
  SMELT_TRY(PlanRefresh(project_, names, Json::object()));
  return {};
}

Status SettingsCheck::CheckChannels(const ConfigNode& names) const {
  std::vector<std::string> known;
  for (const notify::Channel& channel : project_.notifications.channels) known.push_back(channel.name);
  for (const ConfigNode& name : ItemsOf(names)) SMELT_TRY(CheckName(name, "channel", known));
  return {};
}

Status SettingsCheck::Check(const pipeline::Pipeline& definition) {
  for (const pipeline::TaskDefinition& task : definition.tasks) {
    const auto source = task.with.Find("source");
    if (source && (task.type == "ingest" || task.type == "inputs")) SMELT_TRY(CheckSources(*source));
    const auto suites = task.with.Find("suites");
    if (suites && task.type == "validate") SMELT_TRY(CheckSuites(*suites));
    const auto tables = task.with.Find("tables");
    if (tables && task.type == "refresh") SMELT_TRY(CheckTables(*tables));
    if (task.type == "contract") SMELT_TRY(ChooseContracts(project_, task.with.Find("contracts")));
    const auto channels = task.with.Find("channels");
    if (channels && task.type == "notify") SMELT_TRY(CheckChannels(*channels));
    const auto url = task.with.Find("url");
    if (url && task.type == "http") SMELT_TRY(CheckAddress(*url));
    for (const char* key : {"memory", "output_max"}) {
      const auto size = task.with.Find(key);
      if (size && (task.type == "shell" || task.type == "python")) SMELT_TRY(CheckSize(*size));
    }
  }
  return {};
}

}  // namespace smelt::app
