#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::transform {

/// How templates reach the database: the statements of one session. Confined to one thread.
class DatabaseAccess {
 public:
  explicit DatabaseAccess(engine::Session& session) : session_(session) {}

  engine::Session& session() { return session_; }
  /// Lets statements begin a transaction, which the caller must end; `on_begin` is called whenever one has begun;
  /// what it refuses, does not run. `before_commit` is called before one is committed; what it refuses is rolled back.
  void AllowTransactions(std::function<Status()> on_begin, std::function<Status()> before_commit) {
    on_begin_ = std::move(on_begin);
    before_commit_ = std::move(before_commit);
  }

  /// Runs one or several statements and returns the last one's answer. With `begins`, they are part of a transaction
  /// where those are allowed; else each is lasting at once, unless a transaction is open. Errors: the session's.
  Result<engine::ResultTable> Execute(const std::string& sql, bool begins);
  /// Makes lasting what the open transaction did; without one, nothing. Errors: those of the session.
  Status Commit();
  void Rollback();

  /// Whether anything was made lasting: then the work cannot simply be done again.
  bool has_lasting_effects() const { return has_lasting_effects_; }
  /// The last statement that failed.
  struct Failure {
    std::string sql;
    Error error;  ///< with line and column within `sql`
  };
  const std::optional<Failure>& failure() const { return failure_; }

 private:
  Status Begin();

  engine::Session& session_;
  std::function<Status()> on_begin_, before_commit_;
  bool has_lasting_effects_ = false;
  std::optional<Failure> failure_;
};

}  // namespace smelt::transform
