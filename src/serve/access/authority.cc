#include "serve/access/authority.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>

namespace smelt::serve {
namespace {

using engine::StatementInfo;
using engine::StatementKind;

/// Settings that change nothing but how the session's own statements read and write text, and where they look for
/// names.
bool IsOwnSetting(const std::string& name) {
  static const std::set<std::string> kOwn = {"calendar",
                                             "default_collation",
                                             "default_null_order",
                                             "default_order",
                                             "enable_progress_bar",
                                             "errors_as_json",
                                             "ieee_floating_point_ops",
                                             "integer_division",
                                             "null_order",
                                             "schema",
                                             "search_path",
                                             "smelt_schema_evolution",
                                             "timezone"};
  return kOwn.contains(name);
}

}  // namespace

std::string_view RoleText(Role role) {
  switch (role) {
    case Role::kReader: return "reader";
    case Role::kWriter: return "writer";
    case Role::kOperator: return "operator";
  }
  return "";
}

std::optional<Role> RoleOf(std::string_view text) {
  for (const Role role : {Role::kReader, Role::kWriter, Role::kOperator}) {
    if (RoleText(role) == text) return role;
  }
  return std::nullopt;
}

Status Authority::CheckReach(const Identity& identity, const StatementInfo& statement) const {
  const auto foreign = std::ranges::find_if_not(statement.settings, IsOwnSetting);
  const bool reaches_out = !statement.outside.empty() || foreign != statement.settings.end();
  if (!reaches_out && statement.kind != StatementKind::kOther) return {};
  std::string what = fmt::format("{}", fmt::join(statement.outside, ", "));
  if (what.empty()) {
    what = foreign != statement.settings.end() ? "SET " + *foreign
                                               : std::string(engine::StatementKindText(statement.kind));
  }
  if (identity.role != Role::kOperator || identity.reads_only) {
    return Fail(Error(ErrorCode::kAccessDenied, fmt::format("{} reaches out of the lake", what))
                    .Hint("load files with a pipeline, or with smelt sql on the server's machine"));
  }
  if (!settings_.outside_files) {
    return Fail(Error(ErrorCode::kAccessDenied, fmt::format("{} reaches out of the lake", what))
                    .Hint("an operator may where the server was started with --allow-outside-files"));
  }
  return {};
}

Status Authority::CheckChanges(const Identity& identity, const StatementInfo& statement) const {
  if (!statement.changes_lake) return {};
  const std::string what = statement.writes.empty() ? std::string(engine::StatementKindText(statement.kind))
                                                    : fmt::format("{} of {}", engine::StatementKindText(statement.kind),
                                                                  statement.writes.front().Text());
  if (settings_.read_only) {
    return Fail(Error(ErrorCode::kAccessReadOnly, fmt::format("{}: the server takes statements that read", what))
                    .Hint("it was started with --read-only"));
  }
  if (identity.reads_only) {
    return Fail(Error(ErrorCode::kAccessReadOnly, fmt::format("{}: only statements that read are taken here", what))
                    .Hint("dashboards, tiles and reports show data and change none"));
  }
  if (identity.role == Role::kReader) {
    return Fail(Error(ErrorCode::kAccessDenied, fmt::format("{}: {} may read only", what, identity.name))
                    .Hint("an operator can change that: smelt users role NAME writer"));
  }
  return {};
}

Status Authority::Authorize(const Identity& identity, const StatementInfo& statement) const {
  SMELT_TRY(CheckReach(identity, statement));
  SMELT_TRY(CheckChanges(identity, statement));
  if (identity.reads_only && statement.changes_session) {
    return Fail(Error(ErrorCode::kAccessReadOnly, fmt::format("{} changes the session: only queries are taken here",
                                                              engine::StatementKindText(statement.kind)))
                    .Hint("write one query; dashboards, tiles and reports have no sessions"));
  }
  return {};
}

}  // namespace smelt::serve
