#include "engine/internal/chunk_query.h"

#include <duckdb/execution/operator/helper/physical_result_collector.hpp>
#include <duckdb/main/client_config.hpp>
#include <duckdb/main/prepared_statement_data.hpp>
#include <optional>
#include <utility>

#include "engine/internal/await.h"
#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

/// Who asked for a result, and what came of it.
struct Taker {
  const TakeChunk& take;
  std::optional<Error> error;
};

/// In place of DuckDB's collector of results: hands them on.
class ChunkCollector final : public duckdb::PhysicalResultCollector {
 public:
  ChunkCollector(duckdb::PhysicalPlan& plan, duckdb::PreparedStatementData& data, Taker& taker)
      : PhysicalResultCollector(plan, data), taker_(taker) {}

  /// One thread reads, so that the parts come in their order.
  bool ParallelSink() const override { return false; }
  bool SinkOrderDependent() const override { return true; }

  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(duckdb::ClientContext& context) const override {
    auto state = duckdb::make_uniq<State>();
    state->context = context.shared_from_this();
    return state;
  }

  duckdb::SinkResultType Sink(duckdb::ExecutionContext&, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput&) const override {
    const Status taken = taker_.take(chunk);
    if (taken) return duckdb::SinkResultType::NEED_MORE_INPUT;
    taker_.error = taken.error();
    return duckdb::SinkResultType::FINISHED;
  }

  duckdb::unique_ptr<duckdb::QueryResult> GetResult(duckdb::GlobalSinkState& state) const override {
    auto& context = *state.Cast<State>().context;
    return duckdb::make_uniq<duckdb::MaterializedQueryResult>(statement_type, properties, names,
                                                              CreateCollection(context), context.GetClientProperties());
  }

 private:
  struct State : public duckdb::GlobalSinkState {
    duckdb::shared_ptr<duckdb::ClientContext> context;
  };

  Taker& taker_;
};

}  // namespace

Status RunChunkQuery(duckdb::Connection& connection, const std::string& query, const TakeChunk& take) {
  Taker taker{take, std::nullopt};
  auto& make_collector = duckdb::ClientConfig::GetConfig(*connection.context).get_result_collector;
  make_collector = [&taker](duckdb::ClientContext&, duckdb::PreparedStatementData& data) {
    return duckdb::make_uniq_base<duckdb::PhysicalOperator, ChunkCollector>(*data.physical_plan, data, taker);
  };
  const auto result = Await(*connection.PendingQuery(query, duckdb::QueryParameters(false)));
  make_collector = nullptr;
  if (taker.error) return Fail(*std::move(taker.error));
  if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
  return {};
}

}  // namespace smelt::engine
