#pragma once

#include "base/error.h"
#include "engine/statement_info.h"
#include "serve/access/identity.h"

namespace smelt::serve {

/// What a server allows beside the roles of its users.
struct AuthoritySettings {
  bool read_only = false;      ///< nobody changes the lake
  bool outside_files = false;  ///< operators may read and write files of the machine and reach other hosts by SQL
};

/// The one place that decides whether a caller may run a statement. Every statement of every door passes it after
/// DescribeStatement and before it is bound. Immutable: thread-safe.
class Authority {
 public:
  explicit Authority(const AuthoritySettings& settings) : settings_(settings) {}

  /// Whether `identity` may run `statement` now.
  /// Errors: kAccessReadOnly for changes where nothing may be changed, kAccessDenied for everything else that it may
  /// not.
  Status Authorize(const Identity& identity, const engine::StatementInfo& statement) const;

 private:
  Status CheckReach(const Identity& identity, const engine::StatementInfo& statement) const;
  Status CheckChanges(const Identity& identity, const engine::StatementInfo& statement) const;

  AuthoritySettings settings_;
};

}  // namespace smelt::serve
