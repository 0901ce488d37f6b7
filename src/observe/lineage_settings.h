#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace smelt::observe {

enum class LineageTransport : std::uint8_t { kFile, kHttp, kKafka, kConsole };

/// One place that events go to.
struct LineageTarget {
  LineageTransport transport = LineageTransport::kFile;
  std::string path = {};  ///< of a file; one JSON object per line
  bool append = true;     ///< false: each event gets a file of its own, `path`-<time>.json
  std::string url = {};   ///< with the endpoint
  Secret api_key = {};    ///< sent as a bearer token; empty: none
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::int64_t timeout_ms = 5'000;
  std::string topic = {};        ///< of Kafka
  std::string message_key = {};  ///< empty: the job at the root of a run, which keeps its events in order
  std::vector<std::pair<std::string, std::string>> properties = {};  ///< of librdkafka
};

/// Where events go, and the namespace of jobs.
struct LineageSettings {
  std::vector<LineageTarget> targets = {};  ///< empty: nowhere
  std::string name_space = {};              ///< OPENLINEAGE_NAMESPACE; empty: not said
};

/// Finds the settings as OpenLineage's clients do: OPENLINEAGE_DISABLED switches off; else the file that
/// OPENLINEAGE_CONFIG names, `folder`/openlineage.yml or ~/.openlineage/openlineage.yml, if it has a `transport`; else
/// OPENLINEAGE_URL, with OPENLINEAGE_ENDPOINT and OPENLINEAGE_API_KEY. Relative paths of a file count from its folder.
/// Errors, with file and line: kConfigSyntax, kConfigKeyMissing, kConfigValueInvalid (a transport that is not known,
/// a bad address, a property that Kafka's client refuses), kStoreUnknown (no librdkafka), kStoreNotFound (the file of
/// OPENLINEAGE_CONFIG).
Result<LineageSettings> FindLineageSettings(const std::string& folder);

}  // namespace smelt::observe
