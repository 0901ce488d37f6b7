#include "ingest/internal/load_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/config.h"

namespace smelt::ingest {
namespace {

/// Names that the caller asked for and the project has not.
Error Unknown(std::string_view what, const std::string& name, const std::vector<std::string_view>& known) {
  Error error(ErrorCode::kIngestSourceUnknown, fmt::format("the project has no {} '{}'", what, name));
  const std::string nearest = NearestWord(name, known);
  return std::move(error).Hint(nearest.empty() ? fmt::format("it has: {}", fmt::join(known, ", "))
                                               : fmt::format("did you mean '{}'?", nearest));
}

Status KeepWantedSources(const std::vector<std::string>& wanted, std::vector<Source>& sources) {
  if (wanted.empty()) return {};
  std::vector<std::string_view> known;
  for (const Source& source : sources) known.push_back(source.name);
  for (const std::string& name : wanted) {
    if (std::ranges::find(known, name) == known.end()) return Fail(Unknown("source", name, known));
  }
  std::erase_if(sources, [&](const Source& source) { return std::ranges::find(wanted, source.name) == wanted.end(); });
  return {};
}

bool IsNamed(const SourceTable& table, const std::string& name) {
  return name == table.name || name == table.QualifiedName();
}

Status CheckWantedTables(const std::vector<std::string>& wanted, const std::vector<Source>& sources) {
  std::vector<const SourceTable*> tables;
  std::vector<std::string_view> known;
  for (const Source& source : sources) {
    for (const SourceTable& table : source.tables) {
      tables.push_back(&table);
      known.push_back(table.name);
    }
  }
  for (const std::string& name : wanted) {
    if (std::ranges::none_of(tables, [&](const SourceTable* table) { return IsNamed(*table, name); })) {
      return Fail(Unknown("source table", name, known));
    }
  }
  return {};
}

/// Builds the plan, source by source.
class Planner {
 public:
  Planner(engine::Engine& engine, const IngestOptions& options, const std::stop_token& stop)
      : engine_(engine), options_(options), stop_(stop) {}

  Result<LoadPlan> Execute() {
    SMELT_ASSIGN(plan_.sources, LoadSources(options_.project_dir, options_.sources_folder));
    if (!options_.data_dir.empty()) {
      for (Source& source : plan_.sources) {
        source.zones.archive.clear();
        source.zones.rejected.clear();
      }
    }
    if (options_.sharpen) SMELT_TRY(options_.sharpen(plan_.sources));
    SMELT_TRY(KeepWantedSources(options_.sources, plan_.sources));
    SMELT_TRY(CheckWantedTables(options_.tables, plan_.sources));
    for (const Source& source : plan_.sources) {
      const bool wanted = std::ranges::any_of(source.tables, [&](const SourceTable& table) { return IsWanted(table); });
      if (wanted) SMELT_TRY(PlanSource(source));
    }
    return std::move(plan_);
  }

 private:
  bool IsWanted(const SourceTable& table) const {
    return options_.tables.empty() ||
           std::ranges::any_of(options_.tables, [&](const std::string& name) { return IsNamed(table, name); });
  }

  Status PlanSource(const Source& source) {
    const std::string& location = options_.data_dir.empty() ? source.location : options_.data_dir;
    if (options_.data_dir.empty()) SMELT_TRY(CheckZones(source));
    auto folder = OpenDropFolder(location);
    if (!folder) return Fail(std::move(folder).error().At(source.file));
    DropFolder& files_of = *(plan_.folders[&source] = std::move(*folder));
    auto files = files_of.Find(stop_);
    if (!files) return Fail(std::move(files).error().Context(fmt::format("the source '{}'", source.name)));
    if (source.zones.any()) {
      SMELT_ASSIGN(std::vector<std::string> waiting, files_of.AwaitSettled(*files, source.zones.settle_ms, stop_));
      for (std::string& name : waiting) plan_.files_waiting.push_back(std::move(name));
    }
    std::map<std::string, const SourceTable*> owners;
    for (const SourceTable& table : source.tables) {
      PlannedTable planned{&source, &table, {}};
      for (const FoundFile& file : *files) {
        if (!Claims(table, file.name)) continue;
        const auto [owner, inserted] = owners.emplace(file.name, &table);
        if (!inserted) return Fail(TwoOwners(file.name, *owner->second, table));
        planned.files.push_back(file);
      }
      if (!IsWanted(table)) continue;
      if (planned.files.empty() && !source.zones.any()) SMELT_TRY(CheckMayBeMissing(table, location));
      plan_.tables.push_back(std::move(planned));
    }
    for (const FoundFile& file : *files) {
      if (!owners.contains(file.name)) plan_.files_unclaimed.push_back(file.name);
    }
    if (!owners.empty() || source.zones.any()) return {};
    return Fail(
        Error(ErrorCode::kIngestFileMissing, fmt::format("no file of the source '{}' is in {}", source.name, location))
            .At(source.file)
            .Hint("check the folder: --data names another one"));
  }

  /// Files are not moved between a folder and a bucket, and those of a bucket are moved in any case: what stays would
  /// be brought here and read by every run.
  static Status CheckZones(const Source& source) {
    const std::string& location = source.location;
    const bool is_bucket = IsBucketAddress(location);
    for (const std::string* zone : {&source.zones.archive, &source.zones.rejected}) {
      if (zone->empty() || IsBucketAddress(*zone) == is_bucket) continue;
      return Fail(Error(ErrorCode::kConfigValueInvalid,
                        fmt::format("the files are in {}, but their zone is {}", location, *zone))
                      .At(source.file)
                      .Hint("keep both in folders, or both in buckets (s3://bucket/prefix)"));
    }
    if (!is_bucket || !source.zones.archive.empty()) return {};
    return Fail(Error(ErrorCode::kConfigKeyMissing,
                      fmt::format("the source '{}' reads a bucket, but has no archive", source.name))
                    .At(source.file)
                    .Hint("say where files go once they are loaded: zones: {archive: s3://bucket/archive}"));
  }

  static Error TwoOwners(const std::string& file, const SourceTable& first, const SourceTable& second) {
    return Error(ErrorCode::kConfigValueInvalid,
                 fmt::format("the file {} belongs to two tables, {} and {}", file, first.name, second.name))
        .At(second.file, second.line)
        .Hint("make the globs under `files` more exact");
  }

  /// A required table must have a file, or rows from earlier runs.
  Status CheckMayBeMissing(const SourceTable& table, const std::string& location) {
    if (!table.required) return {};
    SMELT_ASSIGN(const auto version, engine_.TableVersion(table.schema, table.name));
    if (version) return {};
    return Fail(
        Error(ErrorCode::kIngestFileMissing, fmt::format("no file for {} in {}: looked for {}", table.QualifiedName(),
                                                         location, fmt::join(table.files, ", ")))
            .At(table.file, table.line)
            .Hint(
                "add the file, name another folder with --data, or set `required: false` if the table may be absent"));
  }

  engine::Engine& engine_;
  const IngestOptions& options_;
  const std::stop_token& stop_;
  LoadPlan plan_;
};

}  // namespace

Result<LoadPlan> PlanLoad(engine::Engine& engine, const IngestOptions& options, const std::stop_token& stop) {
  return Planner(engine, options, stop).Execute();
}

}  // namespace smelt::ingest
