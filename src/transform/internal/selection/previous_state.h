#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/json.h"

namespace smelt::transform {

/// A manifest that an earlier run left behind, of smelt or of dbt: what there was, by unique id, as it is written
/// there. Immutable; thread-safe.
class PreviousManifest {
 public:
  /// Reads a manifest.json. Errors: kUsage when it is not there; kConfigValueInvalid when it is no manifest, or one
  /// of a form too old.
  static Result<PreviousManifest> Read(const std::string& path);

  /// A node, source, unit test or anything else that selections can pick, or null.
  const Json* Find(std::string_view unique_id) const;
  /// The text of a macro; nothing when it was not there.
  std::optional<std::string_view> MacroText(std::string_view unique_id) const;
  /// All that Find finds.
  const std::unordered_map<std::string_view, const Json*>& entries() const { return entries_; }

 private:
  void Index();

  std::unique_ptr<const Json> document_;
  std::unordered_map<std::string_view, const Json*> entries_;
  std::unordered_map<std::string_view, std::string_view> macros_;
};

/// The artefacts of an earlier run, in the folder of --state, read when they are first asked for. Confined to one
/// thread.
class PreviousState {
 public:
  /// `directory`: empty when there is none. `target_directory`: where the artefacts of this project go.
  PreviousState(std::string directory, std::string target_directory)
      : directory_(std::move(directory)), target_directory_(std::move(target_directory)) {}

  bool is_given() const { return !directory_.empty(); }
  /// Errors: kUsage when no folder is given; those of reading.
  Result<const PreviousManifest*> Manifest() const;
  /// Unique id → status of run_results.json. Errors: as Manifest.
  Result<std::map<std::string, std::string, std::less<>>> Statuses() const;
  /// Unique id → when its newest rows were loaded, of the sources of sources.json that could be asked.
  /// Errors: as Manifest.
  Result<std::map<std::string, std::string, std::less<>>> Loads() const;
  /// The same of the sources.json of this project.
  Result<std::map<std::string, std::string, std::less<>>> CurrentLoads() const;

 private:
  Result<std::string> Path(std::string_view file) const;

  std::string directory_, target_directory_;
  mutable std::unique_ptr<const PreviousManifest> manifest_;
};

}  // namespace smelt::transform
