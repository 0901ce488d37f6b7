// Semantic models, metrics and saved queries: the shape that manifests have, and what they are made of.

#include "base/json.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/semantic/semantic_manifest.h"
#include "transform/internal/semantic/shape.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

const ProjectFolder::Files kSemanticShop = {{"models/orders.sql", "select 1 as id"},
                                            {"models/days.sql", "select 1 as day"},
                                            {"models/semantic.yml",
                                             R"(
models:
  - name: days
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
semantic_models:
  - name: orders
    model: ref('orders')
    config: {meta: {owner: Someone}}
    entities: [{name: order, type: primary, expr: id}]
    measures:
      - {name: revenue, agg: sum, expr: 2, create_metric: true}
      - {name: orders, agg: count, expr: "id > {{ var('least', 3) }}", config: {meta: {unit: piece}}}
metrics:
  - {name: average, label: Average, type: ratio, type_params: {numerator: revenue, denominator: {name: made}}}
  - {name: made, label: Made, type: simple, filter: "a = 1", type_params: {measure: {name: orders, alias: o}}}
  - name: recent
    label: Recent
    type: cumulative
    type_params: {measure: orders, window: 7 Days}
saved_queries:
  - name: monthly
    config: {schema: reports}
    query_params: {metrics: [average], where: ["x", "y"]}
    exports: [{name: out, config: {export_as: table}}]
exposures:
  - {name: board, type: dashboard, owner: {name: Someone}, depends_on: [metric('average'), ref('orders')]}
)"}};

TEST(SemanticLayer, ShortFormsAreSpelledOut) {
  const auto project = LoadGood(ProjectFolder(kSemanticShop));
  const auto& described = project->manifest().described;
  const Json& made = described.at("metric.shop.made").body;
  EXPECT_EQ(made["filter"], Json::parse(R"({"where_filters": [{"where_sql_template": "a = 1"}]})"));
  EXPECT_EQ(made["type_params"]["measure"],
            Json::parse(R"({"name": "orders", "filter": null, "alias": "o", "join_to_timespine": false,
                            "fill_nulls_with": null})"));
  const Json& recent = described.at("metric.shop.recent").body["type_params"];
  EXPECT_EQ(recent["cumulative_type_params"]["window"], Json::parse(R"({"count": 7, "granularity": "day"})"));
  EXPECT_EQ(recent["cumulative_type_params"]["period_agg"], "first");
  const Json& model = described.at("semantic_model.shop.orders").body;
  EXPECT_EQ(model["node_relation"]["relation_name"], R"("lake"."main"."orders")");
  EXPECT_EQ(model["measures"][0]["expr"], "2");
  EXPECT_EQ(model["measures"][1]["expr"], "id > 3");
  EXPECT_EQ(model["measures"][1]["config"]["meta"], Json::parse(R"({"owner": "Someone", "unit": "piece"})"));
  const Json& exported = described.at("saved_query.shop.monthly").body["exports"][0]["config"];
  EXPECT_EQ(exported, Json::parse(R"({"export_as": "table", "schema_name": "reports", "alias": "out",
                                      "database": "lake"})"));
}

TEST(SemanticLayer, MetricsKnowWhatTheyAreMadeOf) {
  const auto project = LoadGood(ProjectFolder(kSemanticShop));
  const auto& described = project->manifest().described;
  // The measure `revenue` asks for a metric of its own.
  EXPECT_EQ(described.at("metric.shop.revenue").depends_on, std::vector<std::string>{"semantic_model.shop.orders"});
  const Described& average = described.at("metric.shop.average");
  EXPECT_EQ(average.depends_on, (std::vector<std::string>{"metric.shop.revenue", "metric.shop.made"}));
  EXPECT_EQ(average.body["type_params"]["input_measures"].size(), 2);
  EXPECT_EQ(described.at("saved_query.shop.monthly").depends_on, std::vector<std::string>{"metric.shop.average"});
  EXPECT_EQ(described.at("exposure.shop.board").depends_on,
            (std::vector<std::string>{"model.shop.orders", "metric.shop.average"}));
}

TEST(SemanticLayer, TheSemanticManifestHoldsAllOfIt) {
  const auto project = LoadGood(ProjectFolder(kSemanticShop));
  const Json manifest = SemanticManifest(project->state());
  EXPECT_EQ(manifest["semantic_models"].size(), 1);
  std::vector<std::string> metrics;
  for (const Json& metric : manifest["metrics"]) metrics.push_back(metric["name"]);
  EXPECT_EQ(metrics, (std::vector<std::string>{"average", "made", "recent", "revenue"}));
  EXPECT_EQ(manifest["saved_queries"][0]["query_params"]["metrics"], Json::array({"average"}));
  const Json& spine = manifest["project_configuration"]["time_spines"][0];
  EXPECT_EQ(spine["primary_column"], Json::parse(R"({"name": "day", "time_granularity": "day"})"));
}

TEST(SemanticLayer, RefusesWhatIsNotThere) {
  const auto error_of = [](const std::string& metric) {
    ProjectFolder::Files files = kSemanticShop;
    files["models/more.yml"] = "metrics:\n  - " + metric + "\n";
    return LoadError(files);
  };
  const Error measure = error_of("{name: m, label: M, type: simple, type_params: {measure: revenu}}");
  EXPECT_EQ(measure.code(), ErrorCode::kDbtRefMissing);
  EXPECT_NE(measure.ToString().find("did you mean 'revenue'"), std::string::npos) << measure.ToString();
  EXPECT_NE(measure.ToString().find("models/more.yml:2"), std::string::npos) << measure.ToString();
  EXPECT_EQ(error_of("{name: m, label: M, type: derived, type_params: {expr: a, metrics: [nowhere]}}").code(),
            ErrorCode::kDbtRefMissing);
  EXPECT_EQ(error_of("{name: m, label: M, type: derived, type_params: {expr: m, metrics: [m]}}").code(),
            ErrorCode::kDbtCycle);
  EXPECT_EQ(error_of("{name: m, label: M, type: cumulative, type_params: {measure: orders, window: soon}}").code(),
            ErrorCode::kDbtConfigInvalid);
  EXPECT_EQ(error_of("{name: m, label: M, type: simple, type_params: {}}").code(), ErrorCode::kDbtConfigInvalid);
}

}  // namespace
}  // namespace smelt::transform
