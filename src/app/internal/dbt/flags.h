#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/internal/dbt/flag_table.h"
#include "base/error.h"
#include "base/json.h"

namespace smelt::app {

/// The flags of one call of a dbt command. The command line wins over the environment, that over `flags:` of
/// dbt_project.yml.
class DbtFlags {
 public:
  /// Adds the flags of `command` (bits of DbtCommandBit) to a command of the program; `hidden` keeps them out of its
  /// help. This must outlive the parsing.
  void AddTo(CLI::App& app, std::uint32_t command, bool hidden);

  /// Takes over what `earlier` knows and this does not: flags written before the command's name.
  void Add(const DbtFlags& earlier);
  /// Takes over what artefacts of an earlier call say of its flags, but for the keys `left_out`. What are no flags of
  /// the command line is left out, too.
  void AddRecorded(const Json& flags, std::span<const std::string_view> left_out);
  /// Takes over the flags of these keys from another call, as far as it has them.
  void Take(const DbtFlags& other, std::span<const std::string_view> keys);
  /// Reads the environment for what the command line does not say. Errors: kUsage for values that do not fit.
  Status AddEnvironment(const std::function<const char*(const char*)>& environment);
  /// Takes over `flags:` of dbt_project.yml for what neither says; keys that are no flags of the command line stay.
  Status AddProject(const Json& flags);
  bool Has(std::string_view key) const { return values_.contains(key); }
  bool On(std::string_view key, bool fallback = false) const;
  std::string Text(std::string_view key) const;  ///< empty: not given
  std::vector<std::string> List(std::string_view key) const;
  std::optional<std::int64_t> Number(std::string_view key) const;
  /// A text that is YAML of a map. Errors: kUsage, kConfigSyntax.
  Result<Json> Map(std::string_view key) const;

  /// Every flag that was given, by dbt's name.
  const std::map<std::string, Json, std::less<>>& values() const { return values_; }

 private:
  Status AddOldNames(const std::function<const char*(const char*)>& environment);
  Status Accept(const FlagRow& row, const std::string& text, const std::string& origin);

  std::map<std::string, Json, std::less<>> values_;
};

}  // namespace smelt::app
