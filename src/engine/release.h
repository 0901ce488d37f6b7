#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "engine/statement_info.h"

/// Releases: states of several tables and views of a lake that readers get all at once, made by promotion from another
/// lake (docs/decisions/0021-releases-of-a-lake.md).
namespace smelt::engine {

/// A table in a release.
struct ReleasedTable {
  std::string table_id;  ///< by which a table that was dropped and made anew is told
  std::int64_t version = -1;
  std::string source_table_id;  ///< of the table that it was promoted from; empty for none
  std::int64_t source_version = -1;
  bool operator==(const ReleasedTable&) const = default;
};

/// What made a release.
enum class ReleaseKind {
  kPromotion,
  kRollback,
  kHold,  ///< shows what readers saw before, while a promotion brings tables that were in no release
  kOff,   ///< ends releases: readers see every table as it is
};
/// "promotion", "rollback", "hold", "off".
std::string_view ReleaseKindText(ReleaseKind kind);

/// What readers of a lake see: these tables at these versions, these views with these texts; of what is hidden,
/// nothing; everything else as it is. Immutable once it is written.
struct Release {
  std::int64_t number = 0;  ///< from 1 on, without gaps; 0: there is none
  std::string id;
  std::int64_t created_us = 0;  ///< since the epoch
  ReleaseKind kind = ReleaseKind::kPromotion;
  std::string source;          ///< address of the lake that was promoted
  std::int64_t before = 0;     ///< the release to which a rollback of this one leads; 0: none
  std::int64_t restores = 0;   ///< of a rollback: the release whose state it brought back
  Json note = Json::object();  ///< what the caller wanted to be remembered
  std::map<RelationName, ReleasedTable> tables;
  std::map<RelationName, std::string> views;  ///< the statements that make them
  std::set<RelationName> hidden;

  /// Whether the release says anything of a name: then it is not for statements to change.
  bool Owns(const RelationName& name) const {
    return tables.contains(name) || views.contains(name) || hidden.contains(name);
  }
};

/// What of a lake is promoted.
struct PromotionOrder {
  std::vector<std::string> schemas;  ///< all of these; with `tables` empty, too: all but the operational ones
  std::vector<std::string> tables;   ///< and these tables and views, "schema.name"
  Json note = Json::object();        ///< see Release::note
  bool dry_run = false;              ///< tell what would be done, and do nothing
  std::function<void(const std::string& table)> on_commit = nullptr;
  std::stop_token stop = {};
};

/// What happened, or would, to one table or view.
struct ReleaseChange {
  RelationName name;
  std::string change;  ///< "new", "changed", "unchanged", "gone"
  bool is_view = false;
  std::int64_t version = -1;         ///< of the table in the release; of a dry run, before it
  std::int64_t source_version = -1;  ///< of the table that it comes from; -1: none
  std::int64_t files_added = 0;
  std::int64_t files_removed = 0;
  std::int64_t bytes_added = 0;
  bool log_is_ahead = false;  ///< its log keeps later rows than the release shows: the table takes appends only
};

struct ReleaseReport {
  ReleasePtr release;                  ///< that is current afterwards
  bool published = false;              ///< false: nothing was to be done, or it was a dry run
  std::vector<ReleaseChange> changes;  ///< by name
  std::int64_t files_linked = 0;
  std::int64_t files_copied = 0;
  std::int64_t bytes_copied = 0;
};

/// The releases of a lake. Thread-safe; the engine outlives it.
class Releases {
 public:
  explicit Releases(Engine& engine) : engine_(engine) {}

  /// The one that readers see from now on, never null; number 0 when there is none. Cheap. Errors: kStore…,
  /// kDeltaCorrupt for a file that cannot be read.
  Result<ReleasePtr> Current() const;
  /// All, newest first. Errors: as Current.
  Result<std::vector<ReleasePtr>> List() const;

  /// Makes the newest state of tables and views of another lake the release of this one. All are taken at one instant.
  /// Each table becomes a commit with the difference to what it was, which readers of the lake see all at once, when
  /// the release is written. Tables that are gone at the source leave the release. Killed anywhere, readers have the
  /// old or the new release, and calling it again finishes. Errors: kUsage (a table that is not there), kDeltaConflict
  /// (somebody else promotes, or the source does not stand still), kDeltaUnsupported, kStore…, kCancelled.
  Result<ReleaseReport> Promote(Engine& source, const PromotionOrder& order) const;
  /// Brings back the state of an earlier release; without a number, that of the one before. Each table becomes a commit
  /// that restores it, readers of the lake see all at once.
  /// Errors: kUsage (there is no such release), kDeltaFileMissing, kDeltaVersionMissing (vacuumed, or the log does not
  /// reach back), kDeltaConflict, kStore….
  Result<ReleaseReport> RollBack(std::optional<std::int64_t> to, Json note) const;
  /// Ends releases: every table is what its log says, and may be written to. Readers see what they saw, and what was
  /// hidden. Errors: as RollBack.
  Result<ReleaseReport> End(Json note) const;

 private:
  Engine& engine_;
};

}  // namespace smelt::engine
