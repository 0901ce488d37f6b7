#include <fmt/format.h>

#include <algorithm>

#include "serve/postgres/backend.h"

/// Transactions as PostgreSQL has them, by those of the engine.
namespace smelt::serve::postgres {
namespace {

void PutWarning(std::string_view state, std::string message, WireBuffer& out) {
  WireError warning = WireErrorOf(state, std::move(message));
  warning.severity = "WARNING";
  PutNotice(warning, out);
}

}  // namespace

WireStatus Backend::ReadModes(const std::vector<SqlToken>& tokens, bool of_session) {
  const std::string prefix = of_session ? "default_transaction_" : "transaction_";
  auto set = [&](const std::string& name, std::string_view value) {
    if (!of_session) settings_.SetLocal(prefix + name);
    (void)settings_.Set(prefix + name, value);
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].Is("read") && IsWordAt(tokens, i + 1, "only")) set("read_only", "on");
    if (tokens[i].Is("read") && IsWordAt(tokens, i + 1, "write")) set("read_only", "off");
    if (tokens[i].Is("deferrable")) set("deferrable", IsWordAt(tokens, i - 1, "not") ? "off" : "on");
    if (!tokens[i].Is("level")) continue;
    if (IsWordAt(tokens, i + 1, "serializable")) set("isolation", "serializable");
    if (IsWordAt(tokens, i + 1, "repeatable")) set("isolation", "repeatable read");
    if (IsWordAt(tokens, i + 1, "read") && IsWordAt(tokens, i + 2, "committed")) set("isolation", "read committed");
    if (IsWordAt(tokens, i + 1, "read") && IsWordAt(tokens, i + 2, "uncommitted")) set("isolation", "read uncommitted");
  }
  return {};
}

WireStatus Backend::BeginBlock(const PreparedText& prepared, WireBuffer& out) {
  if (block_ == Block::kOpen) {
    PutWarning("25001", "there is already a transaction in progress", out);
    return {};
  }
  if (!implicit_) {
    if (const Status begun = session_->Execute("begin"); !begun)
      return std::unexpected(Converted(begun.error(), nullptr));
  }
  implicit_ = false;
  block_ = Block::kOpen;
  savepoints_.clear();
  changes_ = 0;
  settings_.BeginTransaction();
  for (const std::string name : {"read_only", "isolation", "deferrable"}) {
    settings_.SetLocal("transaction_" + name);
    (void)settings_.Set("transaction_" + name, settings_.Find("default_transaction_" + name).value_or("off"));
  }
  return ReadModes(prepared.part.tokens, false);
}

WireStatus Backend::CommitEngine() {
  ClosePortals();
  implicit_ = false;
  block_ = Block::kNone;
  if (!session_->in_transaction()) return {};
  SetActive(session_.get());
  const Status committed = session_->Execute("commit");
  SetActive(nullptr);
  if (committed) return {};
  WireError error = Converted(committed.error(), nullptr);
  if (session_->in_transaction()) (void)session_->Execute("rollback");
  return std::unexpected(std::move(error));
}

void Backend::RollbackEngine() {
  ClosePortals();
  implicit_ = false;
  if (session_->in_transaction()) (void)session_->Execute("rollback");
}

void Backend::ClosePortals() {
  if (run_ && !run_->own) run_.reset();
  portals_.clear();
}

WireStatus Backend::Savepoint(const PreparedText& prepared) {
  const auto& tokens = prepared.part.tokens;
  const bool sets = tokens[0].Is("savepoint");
  const bool releases = tokens[0].Is("release");
  if (block_ == Block::kNone) {
    return std::unexpected(WireErrorOf(
        "25P01", fmt::format("{} can only be used in transaction blocks", sets       ? "SAVEPOINT"
                                                                          : releases ? "RELEASE SAVEPOINT"
                                                                                     : "ROLLBACK TO SAVEPOINT")));
  }
  const std::string name = tokens.back().Value();
  if (sets) {
    savepoints_.push_back({name, changes_});
    return {};
  }
  const auto found = std::ranges::find(savepoints_.rbegin(), savepoints_.rend(), name, &Mark::name);
  if (found == savepoints_.rend()) {
    return std::unexpected(WireErrorOf("3B001", fmt::format("savepoint \"{}\" does not exist", name)));
  }
  const auto mark = found.base() - 1;
  if (!releases) {
    if (auto back = ReturnTo(*mark); !back) return back;
  }
  savepoints_.erase(releases ? mark : mark + 1, savepoints_.end());
  return {};
}

/// Where nothing was changed since, nothing is to be undone. A statement that failed has undone all that was changed.
WireStatus Backend::ReturnTo(const Mark& mark) {
  const bool same = block_ == Block::kFailed ? changes_ == 0 : changes_ == mark.changes;
  if (!same) {
    return std::unexpected(WireErrorOf("0A000", "the changes of a transaction cannot be undone in part",
                                       "end it with ROLLBACK, and run it again without the statements that fail"));
  }
  if (block_ == Block::kOpen) return {};
  if (const Status begun = session_->Execute("begin"); !begun) {
    return std::unexpected(Converted(begun.error(), nullptr));
  }
  block_ = Block::kOpen;
  return {};
}

WireStatus Backend::CommitBlock(PreparedText& prepared, WireBuffer& out) {
  if (block_ == Block::kFailed) {
    prepared.tag = "ROLLBACK";
    return RollbackBlock(out);
  }
  prepared.tag = "COMMIT";
  if (block_ == Block::kNone) PutWarning("25P01", "there is no transaction in progress", out);
  if (auto committed = CommitEngine(); !committed) {
    settings_.Rollback();
    return committed;
  }
  settings_.Commit();
  return {};
}

WireStatus Backend::RollbackBlock(WireBuffer& out) {
  if (block_ == Block::kNone) PutWarning("25P01", "there is no transaction in progress", out);
  RollbackEngine();
  block_ = Block::kNone;
  settings_.Rollback();
  ApplyToEngine("timezone");
  return {};
}

}  // namespace smelt::serve::postgres
