#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "engine/session.h"
#include "quality/internal/expectation.h"
#include "quality/internal/frame.h"
#include "quality/result.h"
#include "quality/validate.h"

/// What a validation keeps of its figures, so that the next one need only read the rows that were added since.
namespace smelt::quality {

/// The figures of one expectation over the rows of a table at a version.
struct KeptFigures {
  /// Of a check of rows: how many there were, were judged, and held. Of a check of figures: its parts as texts, null
  /// without a value.
  std::vector<Json> figures = {};
  Json sample = Json::array();  ///< the first unexpected rows, as UnexpectedRowSql has them
};

/// The earlier validations that a new one of the same table can go on from.
struct Baseline {
  std::int64_t from = 0;
  std::optional<std::int64_t> to = {};
  Frame added;                              ///< the rows that came since
  std::optional<Frame> removed = {};        ///< those that went; nothing when none did
  bool rearranged = false;                  ///< rows of before are in another order by now
  std::map<std::string, KeptFigures> kept;  ///< by KeptKey; never empty
};

/// What the figures of a validation are of, and what they can go on from.
struct Standing {
  KeptOf of;
  std::string settings;  ///< the settings of the session that values and comparisons depend on
  std::optional<Baseline> baseline = {};
};

/// Identity of what the figures of an expectation depend on beside the rows: its kwargs, the detail of the result, the
/// session's settings, and this program.
std::string KeptKey(const ExpectationConfig& config, const ResultOptions& options, std::string_view settings);

/// Finds out where a table stands and what is kept of an earlier version. Nothing for files and views, and whenever
/// something cannot be found out: then all rows have to be read. `uses_kept`: else there is no baseline.
std::optional<Standing> FindStanding(engine::Engine& engine, engine::Session& session, std::string_view suite,
                                     const Target& target, const Frame& frame, bool uses_kept);

/// The kept figures as quality.results has them, under `meta.smelt.kept` of `details`: {"of": KeptKey, "figures": […],
/// "sample": […]}. Null when they are too large to be kept.
Json KeptJson(std::string key, KeptFigures figures);

/// Completes what was kept within a transaction that has been committed since: which commit it was. What cannot be
/// completed is not kept.
void CompleteKept(engine::Session& session, SuiteResult& result);

/// The marks by which kept figures are found, for the commit of quality.results that holds them: the version of the
/// table that they are of, and what tells them from those of another table, commit or validation. Empty without
/// figures.
std::vector<engine::TxnMark> KeptMarks(const SuiteResult& result);

/// SQL of an aggregate over all rows, given its value over those of before.
std::string Continued(const Part& part, const Json& kept);

}  // namespace smelt::quality
