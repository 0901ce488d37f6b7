#include "serve/query_service.h"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/digest.h"
#include "engine/release.h"
#include "serve/internal/deadlines.h"
#include "serve/internal/question_run.h"
#include "serve/internal/result_cache.h"

namespace smelt::serve {
namespace {

/// One statement at work, and those who wait for it.
struct Flight {
  std::condition_variable_any done;
  std::optional<Result<AnswerPtr>> answer{};  ///< when it is there
  int waiting = 1;
  bool abandoned = false;  ///< nobody waits any more: it is ending, without an answer for newcomers
  std::stop_source stop{};
};
using FlightPtr = std::shared_ptr<Flight>;

Error Cancelled() {
  return {ErrorCode::kCancelled, "nobody waits for the answer any more"};
}

/// Texts one behind the other, so that no two lists give the same.
void AppendPart(std::string_view part, std::string& key) {
  key += fmt::format("{}:", part.size());
  key += part;
}

std::string KeyOf(const Question& question, const std::vector<engine::TablePin>& pins,
                  const std::vector<std::string>& views) {
  std::string key;
  AppendPart(question.sql, key);
  for (const engine::Cell& value : question.parameters) {
    key += value ? 'v' : 'n';
    AppendPart(value.value_or(std::string()), key);
  }
  for (const engine::TablePin& pin : pins) {
    AppendPart(fmt::format("{}.{}@{}#{}", pin.schema, pin.table, pin.table_id, pin.version), key);
  }
  for (const std::string& view : views) AppendPart(view, key);
  return key;
}

}  // namespace

struct QueryService::Impl {
  Impl(engine::Engine& engine_p, const Authority& authority_p, const QuerySettings& settings_p)
      : engine(engine_p), authority(authority_p), settings(settings_p), cache(settings_p.cache_bytes_max) {}

  engine::Engine& engine;
  const Authority& authority;
  const QuerySettings settings;
  internal::Deadlines deadlines;

  mutable std::mutex mutex;
  internal::ResultCache cache;
  std::map<std::string, FlightPtr> flights;
  QueryCounts counts;
  std::vector<std::unique_ptr<engine::Session>> idle;  ///< for looking at statements
  std::size_t at_work = 0;
  std::size_t waiting = 0;
  std::condition_variable_any freed;

  Result<std::unique_ptr<engine::Session>> TakeSession();
  void GiveBackSession(std::unique_ptr<engine::Session> session);
  /// All that a question is about is of one release of the lake.
  Result<engine::StatementInfo> Describe(const std::string& sql, const engine::ReleasePtr& release);
  Result<std::vector<engine::TablePin>> PinTables(const Question& question, const engine::StatementInfo& info,
                                                  const engine::ReleasePtr& release);
  Result<std::vector<std::string>> ViewTexts(const engine::StatementInfo& info, const engine::ReleasePtr& release);
  /// Waits for one of the places for statements; the caller gives it back.
  Status TakePlace(const std::stop_token& stop);
  void GiveBackPlace();
  /// Runs something in one of the places, and ends it by `ending` when it takes too long.
  template <typename T>
  Result<T> AtWork(std::stop_source& ending, const std::function<Result<T>()>& run);
  Result<AnswerPtr> Compute(const Reading& reading, std::stop_source& ending);
  Result<AnswerPtr> Lead(const Reading& reading, const FlightPtr& flight, const std::stop_token& stop);
  Result<AnswerPtr> Follow(const std::string& key, const FlightPtr& flight, const std::stop_token& stop);
  void Leave(const std::string& key, Flight& flight);
};

Result<std::unique_ptr<engine::Session>> QueryService::Impl::TakeSession() {
  {
    const std::lock_guard guard(mutex);
    if (!idle.empty()) {
      auto session = std::move(idle.back());
      idle.pop_back();
      return session;
    }
  }
  return engine.Connect();
}

void QueryService::Impl::GiveBackSession(std::unique_ptr<engine::Session> session) {
  const std::lock_guard guard(mutex);
  if (idle.size() < settings.statements_max) idle.push_back(std::move(session));
}

Result<engine::StatementInfo> QueryService::Impl::Describe(const std::string& sql, const engine::ReleasePtr& release) {
  SMELT_ASSIGN(auto session, TakeSession());
  session->ReadAt({}, release);
  auto info = engine::DescribeStatement(*session, sql);
  GiveBackSession(std::move(session));
  return info;
}

Result<std::vector<engine::TablePin>> QueryService::Impl::PinTables(const Question& question,
                                                                    const engine::StatementInfo& info,
                                                                    const engine::ReleasePtr& release) {
  std::vector<engine::TablePin> pins;
  if (question.as_of.version && info.reads.size() != 1) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("a version is asked for, and {} tables are read", info.reads.size()))
            .Hint("ask for a time instead: 2018-05-24T06:00:00Z"));
  }
  for (const engine::RelationName& name : info.reads) {
    SMELT_ASSIGN(auto pin, engine.Pin(name.schema, name.name, question.as_of, release));
    if (pin) pins.push_back(std::move(*pin));
  }
  return pins;
}

Result<std::vector<std::string>> QueryService::Impl::ViewTexts(const engine::StatementInfo& info,
                                                               const engine::ReleasePtr& release) {
  std::vector<std::string> texts;
  if (info.views.empty()) return texts;
  SMELT_ASSIGN(auto session, TakeSession());
  session->ReadAt({}, release);
  for (const engine::RelationName& view : info.views) {
    const auto text = session->Query(fmt::format(
        "select sql from duckdb_views() where database_name = 'lake' and schema_name = {} and view_name = {}",
        engine::QuoteLiteral(view.schema), engine::QuoteLiteral(view.name)));
    if (!text) return Fail(text.error());
    texts.push_back(view.Text() + " " + text->Text().value_or(std::string()));
  }
  GiveBackSession(std::move(session));
  return texts;
}

Status QueryService::Impl::TakePlace(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  if (at_work >= settings.statements_max) {
    if (waiting >= settings.waiting_max) {
      return Fail(Error(ErrorCode::kServeBusy, fmt::format("{} statements wait already", waiting))
                      .Hint("ask again in a moment"));
    }
    ++waiting;
    const bool free = freed.wait(lock, stop, [this] { return at_work < settings.statements_max; });
    --waiting;
    if (!free) return Fail(Cancelled());
  }
  ++at_work;
  return {};
}

void QueryService::Impl::GiveBackPlace() {
  const std::lock_guard guard(mutex);
  --at_work;
  freed.notify_one();
}

template <typename T>
Result<T> QueryService::Impl::AtWork(std::stop_source& ending, const std::function<Result<T>()>& run) {
  SMELT_TRY(TakePlace(ending.get_token()));
  auto late = std::make_shared<std::atomic<bool>>(false);
  const auto deadline = deadlines.Set(settings.ms_max, [late, ending]() mutable {
    *late = true;
    ending.request_stop();
  });
  Result<T> result = run();
  deadlines.Cancel(deadline);
  GiveBackPlace();
  if (result || !*late) return result;
  constexpr double kMillis = 1000;
  return Fail(Error(ErrorCode::kServeTimeout,
                    fmt::format("the statement took longer than {} s", static_cast<double>(settings.ms_max) / kMillis))
                  .Hint("ask for less, or let a model compute it beforehand"));
}

Result<AnswerPtr> QueryService::Impl::Compute(const Reading& reading, std::stop_source& ending) {
  const RowLimits limits{.rows_max = settings.rows_max, .bytes_max = settings.bytes_max};
  double begin = 0;
  SMELT_ASSIGN(Answer answer, AtWork<Answer>(ending, [&] {
                 {
                   const std::lock_guard guard(mutex);
                   ++counts.computed;
                 }
                 begin = MonotonicSeconds();
                 return internal::RunQuestion(engine, reading.question, reading.pins, limits, ending.get_token());
               }));
  constexpr double kMillis = 1000;
  answer.ms = (MonotonicSeconds() - begin) * kMillis;
  answer.computed_at_us = NowMicros();
  if (!reading.key.empty()) answer.etag = Sha256Hex(reading.key).substr(0, 32);
  for (const engine::TablePin& pin : reading.pins) {
    answer.tables.push_back({pin.schema, pin.table, pin.version, pin.committed_at_ms});
  }
  return std::make_shared<const Answer>(std::move(answer));
}

void QueryService::Impl::Leave(const std::string& key, Flight& flight) {
  const std::lock_guard guard(mutex);
  if (--flight.waiting > 0 || flight.answer) return;
  flight.abandoned = true;
  const auto found = flights.find(key);
  if (found != flights.end() && found->second.get() == &flight) flights.erase(found);
  flight.stop.request_stop();
}

Result<AnswerPtr> QueryService::Impl::Lead(const Reading& reading, const FlightPtr& flight,
                                           const std::stop_token& stop) {
  Result<AnswerPtr> answer;
  {
    const std::stop_callback left(stop, [&] { Leave(reading.key, *flight); });
    answer = Compute(reading, flight->stop);
  }
  const std::lock_guard guard(mutex);
  flight->answer = answer;
  if (!flight->abandoned) flights.erase(reading.key);
  if (answer) counts.evicted += static_cast<std::int64_t>(cache.Put(reading.key, *answer));
  flight->done.notify_all();
  return answer;
}

Result<AnswerPtr> QueryService::Impl::Follow(const std::string& key, const FlightPtr& flight,
                                             const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex);
    if (flight->done.wait(lock, stop, [&flight] { return flight->answer.has_value(); })) return *flight->answer;
  }
  Leave(key, *flight);
  return Fail(Cancelled());
}

QueryService::QueryService(engine::Engine& engine, const Authority& authority, const QuerySettings& settings)
    : impl_(std::make_unique<Impl>(engine, authority, settings)) {}
QueryService::~QueryService() = default;

Result<Reading> QueryService::Look(const Identity& identity, const Question& question) {
  Reading reading{.question = question, .info = {}, .pins = {}, .key = {}};
  SMELT_ASSIGN(const engine::ReleasePtr release, engine::Releases(impl_->engine).Current());
  SMELT_ASSIGN(reading.info, impl_->Describe(question.sql, release));
  SMELT_TRY(impl_->authority.Authorize(identity.Reading(), reading.info));
  if (reading.info.kind != engine::StatementKind::kSelect) {
    return Fail(Error(ErrorCode::kAccessReadOnly, "only a SELECT is taken here"));
  }
  SMELT_ASSIGN(reading.pins, impl_->PinTables(question, reading.info, release));
  SMELT_ASSIGN(const std::vector<std::string> views, impl_->ViewTexts(reading.info, release));
  const engine::StatementInfo& info = reading.info;
  const bool kept = info.repeatable && !info.reads_catalog && !info.reads_temporary && info.unknown.empty() &&
                    info.outside.empty() && reading.pins.size() == info.reads.size();
  if (kept) reading.key = KeyOf(question, reading.pins, views);
  return reading;
}

Result<AnswerPtr> QueryService::Run(const Reading& reading, const std::stop_token& stop) {
  FlightPtr flight;
  bool leads = false;
  {
    const std::lock_guard guard(impl_->mutex);
    ++impl_->counts.asked;
    if (!reading.key.empty()) {
      if (AnswerPtr kept = impl_->cache.Find(reading.key)) {
        ++impl_->counts.hits;
        return kept;
      }
      FlightPtr& slot = impl_->flights[reading.key];
      leads = slot == nullptr;
      if (leads) {
        slot = std::make_shared<Flight>();
      } else {
        ++slot->waiting;
        ++impl_->counts.shared;
      }
      flight = slot;
    }
  }
  if (leads) return impl_->Lead(reading, flight, stop);
  if (flight) return impl_->Follow(reading.key, flight, stop);
  std::stop_source ending;
  const std::stop_callback left(stop, [&ending] { ending.request_stop(); });
  return impl_->Compute(reading, ending);
}

Result<std::string> QueryService::Csv(const Reading& reading, const RowLimits& limits, const std::stop_token& stop) {
  std::stop_source ending;
  const std::stop_callback left(stop, [&ending] { ending.request_stop(); });
  return impl_->AtWork<std::string>(ending, [&] {
    return internal::RunToCsv(impl_->engine, reading.question, reading.pins, limits, ending.get_token());
  });
}

Result<AnswerPtr> QueryService::Ask(const Identity& identity, const Question& question, const std::stop_token& stop) {
  SMELT_ASSIGN(const Reading reading, Look(identity, question));
  return Run(reading, stop);
}

QueryCounts QueryService::counts() const {
  const std::lock_guard guard(impl_->mutex);
  QueryCounts counts = impl_->counts;
  counts.cached_bytes = impl_->cache.bytes();
  return counts;
}

}  // namespace smelt::serve
