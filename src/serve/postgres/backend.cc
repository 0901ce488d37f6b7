#include "serve/postgres/backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "serve/postgres/startup_options.h"

namespace smelt::serve::postgres {
namespace {

/// The longest that PostgreSQL has a number for.
constexpr std::int64_t kTimeoutMsMax = 2'147'483'647;
constexpr std::size_t kKeptBytes = 64 * 1024;

void PutComplete(const std::string& tag, std::int64_t rows, WireBuffer& out) {
  const std::size_t message = out.Begin('C');
  if (!TagHasRows(tag)) {
    out.PutText(tag);
  } else if (tag == "INSERT") {
    out.PutText(fmt::format("INSERT 0 {}", rows));
  } else {
    out.PutText(fmt::format("{} {}", tag, rows));
  }
  out.End(message);
}

}  // namespace

Backend::Backend(const BackendPlace& place, Identity identity, std::vector<std::pair<std::string, std::string>> startup,
                 std::int32_t process, std::int32_t secret)
    : place_(place), identity_(std::move(identity)), startup_(std::move(startup)), process_(process), secret_(secret) {}

Backend::~Backend() = default;

WireStatus Backend::Open(WireBuffer& out) {
  auto session = place_.engine.Connect();
  if (!session) return std::unexpected(ToWire(session.error()));
  session_ = std::move(*session);
  // The engine counts rows that are ready by their width without what texts hold: of long ones it would keep much.
  (void)session_->Execute("set streaming_buffer_size = '128KiB'");
  (void)settings_.Set("session_authorization", identity_.name);
  (void)settings_.Set("statement_timeout", std::to_string(std::min(place_.statement_ms_max, kTimeoutMsMax)));
  ApplyToEngine("search_path");
  for (const auto& [name, value] : startup_) {
    if (name == "user" || name == "database" || name == "replication") continue;
    if (name == "options") {
      auto options = ReadStartupOptions(value);
      if (!options) return std::unexpected(std::move(options.error()));
      for (const auto& [option, given] : *options) {
        if (auto set = Assign(option, given, false); !set) return set;
      }
    } else if (auto set = Assign(name, value, false); !set) {
      return set;
    }
  }
  settings_.KeepAsStart();
  const std::size_t authenticated = out.Begin('R');
  out.PutInt<std::int32_t>(0);
  out.End(authenticated);
  const std::size_t key = out.Begin('K');
  out.PutInt(process_);
  out.PutInt(secret_);
  out.End(key);
  Ready(out);
  return {};
}

void Backend::SetActive(engine::Session* session) {
  const std::lock_guard guard(active_lock_);
  active_ = session;
  if (session == nullptr) {
    deadline_ = 0;
    return;
  }
  if (began_ == 0) began_ = MonotonicSeconds();
  reason_ = InterruptReason::kNone;
  constexpr double kMillis = 1e-3;
  const std::int64_t timeout_ms = settings_.statement_timeout_ms();
  deadline_ = timeout_ms == 0 ? 0 : MonotonicSeconds() + static_cast<double>(timeout_ms) * kMillis;
}

void Backend::Count(std::string_view state) {
  const double began = std::exchange(began_, 0);
  place_.counters.Finish("statement", state, began > 0 ? MonotonicSeconds() - began : 0);
}

void Backend::Interrupt(InterruptReason reason) {
  const std::lock_guard guard(active_lock_);
  if (active_ == nullptr) return;
  reason_ = reason;
  active_->Interrupt();
}

Backend::Progress Backend::Work(WireBuffer& out) {
  out.Shrink(place_.output_bytes * 4);
  while (!ends_) {
    if (out.size() >= place_.output_bytes) return Progress::kMore;
    if (run_) {
      StepRows(out);
    } else if (copy_in_ == nullptr && in_script_) {
      StepScript(out);
    } else if (messages_.empty()) {
      busy_ = block_ != Block::kNone || copy_in_ != nullptr;
      if (!busy_ && out.empty()) out.Shrink(kKeptBytes);
      return Progress::kWaits;
    } else {
      busy_ = true;
      const Message message = std::move(messages_.front());
      messages_.pop_front();
      Handle(message, out);
    }
  }
  return Progress::kEnds;
}

void Backend::Handle(const Message& message, WireBuffer& out) {
  if (message.type == 'X') {
    ends_ = true;
    return;
  }
  if (copy_in_ != nullptr) {
    if (auto done = HandleCopy(message, out); !done) Fail(std::move(done.error()), out);
    return;
  }
  if (skips_to_sync_ && message.type != 'S') return;
  switch (message.type) {
    case 'Q': {
      WireReader in(message.body);
      const std::string text(in.Text());
      in_script_ = true;
      if (!in.Whole()) return Fail(WireErrorOf("08P01", "invalid message format"), out);
      portals_.erase("");
      const auto parts = SplitScript(text);
      script_statements_ = parts.size();
      for (auto part = parts.rbegin(); part != parts.rend(); ++part) script_.emplace_back(part->text);
      if (parts.empty()) out.PutEmpty('I');
      if (parts.size() > 1 && block_ != Block::kFailed) {
        for (const ScriptPart& part : parts) {
          if (CommandOf(part) != Command::kEngine) continue;
          // All of a script is read before any of it is run.
          const auto split = session_->Split(part.text);
          if (!split && split.error().code() == ErrorCode::kSqlSyntax) {
            WireError error = ToWire(split.error(), part.text);
            if (error.position > 0) error.position += part.at;
            return Fail(std::move(error), out);
          }
        }
      }
      return;
    }
    case 'S':
      skips_to_sync_ = false;
      if (implicit_) {
        if (auto committed = CommitEngine(); !committed) Fail(std::move(committed.error()), out);
        skips_to_sync_ = false;
      }
      if (block_ == Block::kNone) ClosePortals();
      return Ready(out);
    case 'H': return;
    case 'd':
    case 'c':
    case 'f': return;  // of a COPY that has failed
    default:
      if (auto done = HandleExtended(message, out); !done) Fail(std::move(done.error()), out);
  }
}

WireError Backend::Converted(const Error& error, const PreparedText* prepared) {
  if (error.code() == ErrorCode::kCancelled) {
    switch (reason_.exchange(InterruptReason::kNone)) {
      case InterruptReason::kTimeout:
        return WireErrorOf(Describe(ErrorCode::kServeTimeout).sqlstate, "canceling statement due to statement timeout");
      case InterruptReason::kShutdown: {
        WireError ended = WireErrorOf("57P01", "terminating connection due to administrator command");
        ended.severity = "FATAL";
        ends_ = true;
        return ended;
      }
      default: return WireErrorOf("57014", "canceling statement due to user request");
    }
  }
  if (error.code() == ErrorCode::kInternal || Describe(error.code()).http_status >= 500) {
    Log(LogLevel::kWarn, "postgres.statement.failed",
        {{"user", identity_.name}, {"code", CodeText(error.code())}, {"error", error.message()}});
  }
  // Of a text that was changed on its way, places say little.
  if (prepared == nullptr || prepared->sql != prepared->part.text) return ToWire(error);
  return ToWire(error, prepared->part.text);
}

void Backend::Fail(WireError error, WireBuffer& out) {
  Count(error.state);
  run_.reset();
  copy_in_.reset();
  SetActive(nullptr);
  if (implicit_) {
    RollbackEngine();
  } else if (block_ == Block::kOpen) {
    RollbackEngine();
    block_ = Block::kFailed;
  }
  PutError(error, out);
  if (in_script_) {
    FinishScript(out);
  } else {
    skips_to_sync_ = true;
  }
}

void Backend::FinishScript(WireBuffer& out) {
  script_.clear();
  in_script_ = false;
  if (implicit_) {
    if (auto committed = CommitEngine(); !committed) PutError(committed.error(), out);
  }
  if (block_ == Block::kNone) ClosePortals();
  Ready(out);
}

void Backend::Ready(WireBuffer& out) {
  for (const auto& [name, value] : settings_.TakeReports()) {
    const std::size_t message = out.Begin('S');
    out.PutText(name);
    out.PutText(value);
    out.End(message);
  }
  const std::size_t message = out.Begin('Z');
  out.PutByte(block_ == Block::kNone ? 'I' : block_ == Block::kOpen ? 'T' : 'E');
  out.End(message);
}

void Backend::StepScript(WireBuffer& out) {
  if (script_.empty()) return FinishScript(out);
  std::string text = std::move(script_.back());
  script_.pop_back();
  auto prepared = Prepare(std::move(text), {});
  if (!prepared) return Fail(std::move(prepared.error()), out);
  auto portal = std::make_unique<Portal>();
  portal->prepared = std::move(*prepared);
  if (portal->prepared->statement && portal->prepared->statement->parameter_count() > 0) {
    return Fail(WireErrorOf("42P02", "there is no parameter $1"), out);
  }
  Portal& begun = *portal;
  if (auto started = Start(begun, script_statements_ > 1, out); !started) return Fail(std::move(started.error()), out);
  if (run_) {
    // A cursor or a prepared statement is being read, or a COPY is sent.
    if (!run_->own) run_->own = std::move(portal);
    if (run_->copy == nullptr && run_->portal->rows) {
      PutRowDescription(run_->portal->columns, run_->portal->formats, out);
    }
    return;
  }
  if (copy_in_ != nullptr) return;
  if (begun.rows) PutRowDescription(begun.columns, begun.formats, out);
  run_.emplace(Run{.portal = &begun, .own = std::move(portal), .tag = begun.prepared->tag});
}

WireResult<bool> Backend::NextBatch(Portal& portal) {
  if (!portal.rows || portal.done) return false;
  if (portal.batch != nullptr && portal.row < portal.batch->rows) return true;
  auto batch = portal.rows->Next();
  if (!batch) {
    portal.done = true;
    return std::unexpected(Converted(batch.error(), portal.prepared.get()));
  }
  portal.batch = *batch;
  portal.row = 0;
  portal.done = *batch == nullptr;
  return !portal.done;
}

void Backend::StepRows(WireBuffer& out) {
  Run& run = *run_;
  Portal& portal = *run.portal;
  while (out.size() < place_.output_bytes) {
    auto has_rows = NextBatch(portal);
    if (!has_rows) return Fail(std::move(has_rows.error()), out);
    if (!*has_rows) return FinishRun(false, out);
    if (run.copy != nullptr) {
      StepCopyRows(run, out);
      continue;
    }
    while (portal.row < portal.batch->rows && out.size() < place_.output_bytes) {
      if (run.rows_max > 0 && run.sent == run.rows_max) return FinishRun(true, out);
      portal.format.PutRow(*portal.batch, portal.row, out);
      ++portal.row;
      ++run.sent;
    }
    if (run.rows_max > 0 && run.sent == run.rows_max) return FinishRun(true, out);
  }
}

void Backend::StepCopyRows(Run& run, WireBuffer& out) {
  Portal& portal = *run.portal;
  while (portal.row < portal.batch->rows && out.size() < place_.output_bytes) {
    run.copy->PutRow(portal.format, *portal.batch, portal.row, out);
    ++portal.row;
    ++run.sent;
  }
}

void Backend::FinishRun(bool suspended, WireBuffer& out) {
  Run run = std::move(*run_);
  run_.reset();
  SetActive(nullptr);
  if (run.copy != nullptr) {
    run.copy->PutEnd(out);
    out.PutEmpty('c');
  }
  // A cursor of SQL that still has rows is done with its FETCH.
  if (suspended && run.mode == Mode::kExecute && run.tag == run.portal->prepared->tag) {
    return out.PutEmpty('s');
  }
  Count("00000");
  PutComplete(run.tag, run.portal->changed.value_or(run.sent), out);
  if (!suspended && run.mode == Mode::kExecute) run.portal->rows.reset();
}

}  // namespace smelt::serve::postgres
