#include "serve/postgres/client_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/ascii.h"
#include "base/time_zone.h"

namespace smelt::serve::postgres {
namespace {

enum class Take : std::uint8_t { kAny, kBoolean, kMillis, kFixed, kUtf8, kPostgresOnly };

struct KnownSetting {
  std::string_view name;
  std::string_view value;
  Take take = Take::kAny;
  bool reported = false;
};

/// What clients set and ask for; the values are those of a PostgreSQL 15 that was just made.
constexpr std::array kSettings = {
    KnownSetting{"application_name", "", Take::kAny, true},
    KnownSetting{"bytea_output", "hex", Take::kAny},
    KnownSetting{"check_function_bodies", "on", Take::kBoolean},
    KnownSetting{"client_encoding", "UTF8", Take::kUtf8, true},
    KnownSetting{"client_min_messages", "notice", Take::kAny},
    KnownSetting{"DateStyle", "ISO, MDY", Take::kAny, true},
    KnownSetting{"default_table_access_method", "heap", Take::kAny},
    KnownSetting{"default_tablespace", "", Take::kAny},
    KnownSetting{"default_transaction_deferrable", "off", Take::kBoolean},
    KnownSetting{"default_transaction_isolation", "read committed", Take::kAny},
    KnownSetting{"default_transaction_read_only", "off", Take::kBoolean, true},
    KnownSetting{"enable_seqscan", "on", Take::kBoolean},
    KnownSetting{"extra_float_digits", "1", Take::kAny},
    KnownSetting{"geqo", "on", Take::kBoolean},
    KnownSetting{"idle_in_transaction_session_timeout", "0", Take::kMillis},
    KnownSetting{"in_hot_standby", "off", Take::kFixed, true},
    KnownSetting{"integer_datetimes", "on", Take::kFixed, true},
    KnownSetting{"IntervalStyle", "postgres", Take::kPostgresOnly, true},
    KnownSetting{"is_superuser", "off", Take::kFixed, true},
    KnownSetting{"jit", "off", Take::kBoolean},
    KnownSetting{"lc_collate", "C", Take::kFixed},
    KnownSetting{"lc_ctype", "C.UTF-8", Take::kFixed},
    KnownSetting{"lc_messages", "C", Take::kAny},
    KnownSetting{"lc_monetary", "C", Take::kAny},
    KnownSetting{"lc_numeric", "C", Take::kAny},
    KnownSetting{"lc_time", "C", Take::kAny},
    KnownSetting{"lock_timeout", "0", Take::kMillis},
    KnownSetting{"max_identifier_length", "63", Take::kFixed},
    KnownSetting{"max_index_keys", "32", Take::kFixed},
    KnownSetting{"role", "none", Take::kAny},
    KnownSetting{"row_security", "on", Take::kBoolean},
    KnownSetting{"search_path", "\"$user\", public", Take::kAny},
    KnownSetting{"server_encoding", "UTF8", Take::kFixed, true},
    KnownSetting{"server_version", "15.0", Take::kFixed, true},
    KnownSetting{"server_version_num", "150000", Take::kFixed},
    KnownSetting{"session_authorization", "", Take::kFixed, true},
    KnownSetting{"standard_conforming_strings", "on", Take::kBoolean, true},
    KnownSetting{"statement_timeout", "0", Take::kMillis},
    KnownSetting{"synchronous_commit", "on", Take::kAny},
    KnownSetting{"TimeZone", "UTC", Take::kAny, true},
    KnownSetting{"transaction_deferrable", "off", Take::kBoolean},
    KnownSetting{"transaction_isolation", "read committed", Take::kAny},
    KnownSetting{"transaction_read_only", "off", Take::kBoolean},
    KnownSetting{"wal_level", "replica", Take::kFixed},
    KnownSetting{"xmloption", "content", Take::kAny},
};

/// Names of encodings are compared without quotes, dashes and the like.
std::string LettersOf(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) letters += c;
  }
  return letters;
}

const KnownSetting* FindSetting(std::string_view name) {
  const auto* const found = std::ranges::find_if(
      kSettings, [&](const KnownSetting& setting) { return EqualsIgnoringCase(setting.name, name); });
  return found == kSettings.end() ? nullptr : &*found;
}

Error BadValue(const KnownSetting& setting, std::string_view value) {
  return Error(ErrorCode::kUsage, fmt::format("invalid value for parameter \"{}\": \"{}\"", setting.name, value));
}

Result<std::string> Checked(const KnownSetting& setting, std::string_view value) {
  const std::string lower = LowerAscii(value);
  switch (setting.take) {
    case Take::kBoolean:
      if (lower == "on" || lower == "true" || lower == "yes" || lower == "1") return std::string("on");
      if (lower == "off" || lower == "false" || lower == "no" || lower == "0") return std::string("off");
      return Fail(BadValue(setting, value));
    case Take::kMillis: {
      const auto millis = ReadMillis(value);
      if (!millis) return Fail(BadValue(setting, value));
      constexpr std::int64_t kSecond = 1'000;
      if (*millis == 0) return std::string("0");
      if (*millis % kSecond == 0) return fmt::format("{}s", *millis / kSecond);
      return fmt::format("{}ms", *millis);
    }
    case Take::kUtf8:
      if (const std::string letters = LettersOf(lower); letters == "utf8" || letters == "unicode") {
        return std::string("UTF8");
      }
      return Fail(Error(ErrorCode::kSqlUnsupported, fmt::format("the encoding \"{}\" is not supported", value))
                      .Hint("set client_encoding to UTF8"));
    case Take::kPostgresOnly:
      if (lower == "postgres") return lower;
      return Fail(Error(ErrorCode::kSqlUnsupported, fmt::format("{} \"{}\" is not supported", setting.name, value))
                      .Hint("intervals are written in the style postgres"));
    case Take::kFixed: return Fail(ErrorCode::kUsage, fmt::format("parameter \"{}\" cannot be changed", setting.name));
    case Take::kAny: break;
  }
  if (setting.name == "TimeZone") {
    SMELT_ASSIGN(const TimeZone zone, TimeZone::Find(lower == "utc" || lower == "gmt" ? "UTC" : value));
    return zone.name();
  }
  if (setting.name == "DateStyle" && !lower.starts_with("iso")) {
    return Fail(Error(ErrorCode::kSqlUnsupported, fmt::format("DateStyle \"{}\" is not supported", value))
                    .Hint("dates are written in the style ISO"));
  }
  if (setting.name == "DateStyle") return std::string("ISO, MDY");
  return std::string(value);
}

}  // namespace

std::optional<std::int64_t> ReadMillis(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number < 0) return std::nullopt;
  std::string_view unit(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kUnits = {
      {{"", 1}, {"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  constexpr std::int64_t kMillisMax = 2'147'483'647;
  for (const auto& [name, factor] : kUnits) {
    if (name == unit) return number > kMillisMax / factor ? std::nullopt : std::optional(number * factor);
  }
  return std::nullopt;
}

ClientSettings::ClientSettings() {
  for (const KnownSetting& setting : kSettings) values_[LowerAscii(setting.name)] = setting.value;
  start_ = values_;
}

std::optional<std::string> ClientSettings::Find(std::string_view name) const {
  const auto found = values_.find(LowerAscii(name));
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

Status ClientSettings::Set(std::string_view name, std::string_view value) {
  const std::string key = LowerAscii(name);
  const KnownSetting* known = FindSetting(key);
  if (known == nullptr && key.find('.') == std::string::npos) {
    return Fail(ErrorCode::kSqlCatalog, fmt::format("unrecognized configuration parameter \"{}\"", name));
  }
  std::string checked(value);
  // The server tells who the client is, by the same way as the client tells of itself.
  if (known != nullptr && (key != "session_authorization" || !values_[key].empty())) {
    SMELT_ASSIGN(checked, Checked(*known, value));
  }
  values_[key] = std::move(checked);
  return {};
}

Status ClientSettings::Reset(std::string_view name) {
  const auto found = start_.find(LowerAscii(name));
  if (found == start_.end()) {
    if (values_.erase(LowerAscii(name)) > 0) return {};
    return Fail(ErrorCode::kSqlCatalog, fmt::format("unrecognized configuration parameter \"{}\"", name));
  }
  values_[found->first] = found->second;
  return {};
}

void ClientSettings::ResetAll() {
  values_ = start_;
}

std::vector<std::pair<std::string, std::string>> ClientSettings::All() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, value] : values_) {
    const KnownSetting* known = FindSetting(key);
    all.emplace_back(known == nullptr ? key : std::string(known->name), value);
  }
  return all;
}

void ClientSettings::SetLocal(std::string_view name) {
  const std::string key = LowerAscii(name);
  local_.try_emplace(key, values_[key]);
}

void ClientSettings::Commit() {
  before_.reset();
  for (auto& [key, value] : local_) values_[key] = value;
  local_.clear();
}

void ClientSettings::Rollback() {
  if (before_) values_ = *std::move(before_);
  before_.reset();
  local_.clear();
}

std::vector<std::pair<std::string, std::string>> ClientSettings::TakeReports() {
  std::vector<std::pair<std::string, std::string>> changed;
  for (const KnownSetting& setting : kSettings) {
    if (!setting.reported) continue;
    const std::string key = LowerAscii(setting.name);
    const std::string& value = values_[key];
    const auto told = reported_.find(key);
    if (told != reported_.end() && told->second == value) continue;
    reported_[key] = value;
    changed.emplace_back(setting.name, value);
  }
  return changed;
}

std::int64_t ClientSettings::statement_timeout_ms() const {
  const auto found = values_.find("statement_timeout");
  return found == values_.end() ? 0 : ReadMillis(found->second).value_or(0);
}

}  // namespace smelt::serve::postgres
