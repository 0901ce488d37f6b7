#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/retry.h"
#include "base/secret.h"
#include "base/smtp.h"
#include "base/time_zone.h"

namespace smelt::notify {

/// How bad something is, in PagerDuty's words; in ascending order.
enum class Severity : std::uint8_t { kInfo, kWarning, kError, kCritical };

/// "info", "warning", "error", "critical".
std::string_view SeverityText(Severity severity);
/// Reads the texts above; nothing for any other word.
std::optional<Severity> ParseSeverity(std::string_view text);

/// Where a secret comes from. It is read when it is needed, so that files and commands which send nothing work without.
struct SecretSource {
  std::string environment = {};  ///< the name of a variable
  std::string file = {};         ///< a file whose content, without the line end, is the secret
  ConfigNode place;              ///< for errors

  /// Errors: kAlertSecretMissing, naming variable or file and the place in smelt.yml.
  Result<Secret> Read() const;
};

enum class ChannelKind : std::uint8_t { kEmail, kSlack, kPagerDuty, kWebhook };

/// "email", "slack", "pagerduty", "webhook".
std::string_view ChannelKindText(ChannelKind kind);

/// One receiver of alerts.
struct Channel {
  std::string name = {};
  ChannelKind kind = ChannelKind::kWebhook;
  RetryPolicy retries{.attempts_max = 4, .delay_ms = 1'000, .delay_max_ms = 60'000};
  std::int64_t timeout_ms = 30'000;  ///< of one attempt

  MailServer server = {};                  ///< email: all but the password
  std::string from = {};                   ///< email: "smelt <alerts@example.com>"
  std::vector<std::string> to = {};        ///< email
  std::optional<SecretSource> login = {};  ///< email: the password

  std::string url = {};                                            ///< pagerduty, webhook: may be in plain sight
  std::optional<SecretSource> secret_url = {};                     ///< slack, webhook: the address is a secret itself
  std::optional<SecretSource> key = {};                            ///< pagerduty: routing key; webhook: signing key
  std::vector<std::pair<std::string, SecretSource>> headers = {};  ///< webhook: further headers
};

/// Times at which alerts wait.
struct QuietHours {
  int from_minute = 0;  ///< of the local day
  int to_minute = 0;    ///< may be less than from_minute: then it is on the next day
  std::string timezone = "UTC";
  TimeZone zone;
  std::vector<bool> weekdays = std::vector<bool>(7, true);        ///< on which they begin; 0 is Sunday
  std::optional<Severity> unless_at_least = Severity::kCritical;  ///< these alerts do not wait; nothing: all wait
};

/// What belongs into one alert.
enum class GroupBy : std::uint8_t {
  kPipeline,  ///< everything that is wrong with a pipeline
  kTask,      ///< everything that is wrong with a task
  kProblem,   ///< each suite, model or test by itself
};

/// Which problems go where. Patterns are names in which `*` stands for any text; empty lists match everything.
struct Route {
  std::string name = {};
  std::vector<std::string> pipelines = {}, tasks = {}, suites = {};
  Severity severity = Severity::kWarning;  ///< at least
  std::vector<std::string> channels = {};
  GroupBy group_by = GroupBy::kPipeline;
  std::int64_t repeat_ms = 0;  ///< tell again after so long, as long as it lasts; 0: never
  bool resolve = true;         ///< tell when it is over
  bool go_on = false;          ///< what matches is offered to the routes behind, too
  std::optional<QuietHours> quiet_hours = {};
};

/// How much of failing values an alert may show.
enum class Masking : std::uint8_t {
  kAll,   ///< nothing: every value is masked
  kText,  ///< numbers, dates and truth values; texts are masked
  kNone,  ///< everything
};

struct SampleSettings {
  int rows = 5;  ///< 0: no samples
  Masking mask = Masking::kText;
  std::vector<std::string> columns_shown = {};  ///< never masked
};

/// `notifications:` of smelt.yml. The schema for editors is docs/schemas/project.schema.json. Immutable once loaded.
struct Settings {
  std::string link = {};  ///< the address of a run, with {run_id}, {pipeline} and {project} in it; empty: none
  std::vector<Channel> channels = {};
  std::vector<Route> routes = {};
  SampleSettings samples = {};

  /// The channel of that name, or null.
  const Channel* Find(std::string_view name) const;
};

/// Reads `notifications:` and checks all of it; secrets are not read. Files are relative to `folder`.
/// Errors, with file, line and cure: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid.
Result<Settings> ParseSettings(const ConfigNode& node, const std::string& folder);

}  // namespace smelt::notify
