#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "serve/dashboards/definition.h"
#include "serve/dashboards/selection.h"
#include "serve/query_service.h"

namespace smelt::serve {

/// Makes a question of what a tile asks of the semantic layer.
using CompileMetric = std::function<Result<Question>(const Dashboard&, const Tile&, const Selection&)>;

/// A tile's question under a selection, looked at.
struct TileReading {
  DashboardPtr dashboard;
  const Tile* tile = nullptr;  ///< of `dashboard`
  Selection selection;
  Reading reading;
};

/// The dashboards of a project, and what their tiles say. Thread-safe.
class DashboardService {
 public:
  /// Engine and queries must outlive it. `folder` is that of the files, which are read again when they change;
  /// `compile_metric` may be empty: tiles of metrics then answer that there is no semantic layer.
  DashboardService(engine::Engine& engine, QueryService& queries, std::string folder, CompileMetric compile_metric);
  ~DashboardService();

  /// As the files are now; within 200 ms as they were looked at last.
  std::shared_ptr<const Gallery> gallery();
  /// As the files are now, after something told that they changed.
  std::shared_ptr<const Gallery> ReadAgain();
  /// The folder of the files and those within it: where changes are to be watched for.
  std::set<std::string> Folders() const;

  /// Errors: kUsage for a dashboard that there is not, with the nearest; as HTTP, 404.
  Result<DashboardPtr> Find(const std::string& name);
  /// What the parameters of an address choose. Errors: those of ReadSelection and of the queries of defaults.
  Result<Selection> Select(const Identity& identity, const Dashboard& dashboard, const AddressParameters& parameters,
                           const std::stop_token& stop);
  /// Looks at a tile's question. Errors: those of BindTile, of compiling metrics, and of QueryService::Look.
  Result<TileReading> Look(const Identity& identity, const DashboardPtr& dashboard, const Tile& tile,
                           const Selection& selection);
  /// The quality of the tables that were read.
  Result<Json> QualityOf(const Reading& reading, const std::stop_token& stop);
  /// A tile as pages get it. Errors: those of QueryService::Run.
  Result<std::string> Show(const TileReading& tile, const Json& quality, const std::stop_token& stop);

  /// All dashboards, with their freshness and quality, and the faults of the files.
  Result<Json> ListJson(const Identity& identity, const std::stop_token& stop);
  /// One dashboard, with the options of its filters. Errors: those of the queries of options.
  Result<Json> DefinitionJson(const Identity& identity, const Dashboard& dashboard, const std::stop_token& stop);

  QueryService& queries() { return queries_; }

 private:
  struct Known;
  Json OptionsOf(const Identity& identity, const Filter& filter, const std::stop_token& stop, Json& problems);
  Json DashboardEntry(const Known& known, const Dashboard& dashboard);
  std::shared_ptr<const Known> Learn(const Identity& identity);
  std::string Signature() const;

  engine::Engine& engine_;
  QueryService& queries_;
  const std::string folder_;
  const CompileMetric compile_metric_;
  std::mutex mutex_;
  std::shared_ptr<const Gallery> gallery_;
  std::string signature_;  ///< of the files that `gallery_` is of
  std::int64_t looked_at_ms_ = 0;
  std::shared_ptr<const Known> known_;
};

}  // namespace smelt::serve
