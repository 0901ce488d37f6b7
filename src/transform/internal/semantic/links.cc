#include "transform/internal/semantic/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"

namespace smelt::transform {
namespace {

std::string NameIn(const Json& input) {
  return input.is_object() ? input.value("name", "") : std::string();
}

class Linker {
 public:
  explicit Linker(Manifest& manifest) : manifest_(manifest) {
    for (const auto& [id, described] : manifest.described) {
      if (described.type == "metric") metrics_.emplace(described.name, id);
      if (described.type != "semantic_model") continue;
      for (const Json& measure : described.body["measures"]) measures_.emplace(NameIn(measure), id);
    }
  }

  Status Link() {
    for (auto& [id, described] : manifest_.described) {
      if (described.type == "metric") SMELT_TRY(LinkMetric(described));
      if (described.type == "saved_query") SMELT_TRY(LinkSavedQuery(described));
      if (described.type == "exposure") SMELT_TRY(LinkExposure(described));
    }
    return {};
  }

 private:
  Status LinkMetric(Described& metric) {
    if (linked_.contains(metric.unique_id)) return {};
    if (!open_.insert(metric.unique_id).second) {
      return Fail(Error(ErrorCode::kDbtCycle, fmt::format("the metric '{}' is made of itself", metric.name))
                      .At(metric.file, metric.line));
    }
    const std::string type = metric.body.value("type", "");
    SMELT_TRY(type == "derived" || type == "ratio" ? LinkToMetrics(metric, type) : LinkToMeasures(metric, type));
    linked_.insert(metric.unique_id);
    return {};
  }

  Status LinkToMeasures(Described& metric, const std::string& type) {
    Json& params = metric.body["type_params"];
    std::vector<Json> inputs = {params["measure"]};
    if (type == "conversion") {
      const Json& conversion = params["conversion_type_params"];
      inputs = {conversion.value("base_measure", Json()), conversion.value("conversion_measure", Json())};
    }
    for (Json& input : inputs) {
      const std::string name = NameIn(input);
      if (name.empty()) {
        return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("the metric '{}' names no measure", metric.name))
                        .At(metric.file, metric.line));
      }
      const auto model = measures_.find(name);
      if (model == measures_.end()) return Fail(Missing(metric, "measure", name, measures_));
      AddInput(metric, model->second);
      params["input_measures"].push_back(std::move(input));
    }
    return {};
  }

  Status LinkToMetrics(Described& metric, const std::string& type) {
    Json& params = metric.body["type_params"];
    const Json inputs = type == "ratio" ? Json::array({params["numerator"], params["denominator"]}) : params["metrics"];
    for (const Json& input : inputs) {
      SMELT_ASSIGN(const std::string id, MetricOf(metric, NameIn(input)));
      Described& other = manifest_.described.at(id);
      SMELT_TRY(LinkMetric(other));
      for (const Json& measure : other.body["type_params"]["input_measures"]) {
        Json& all = params["input_measures"];
        if (std::ranges::find(all, measure) == all.end()) all.push_back(measure);
      }
      AddInput(metric, id);
    }
    return {};
  }

  Status LinkSavedQuery(Described& query) {
    for (const Json& name : query.body["query_params"]["metrics"]) {
      SMELT_ASSIGN(std::string id, MetricOf(query, name.is_string() ? name.get<std::string>() : ""));
      AddInput(query, id);
    }
    return {};
  }

  /// "metric('revenue')" among what an exposure depends on.
  Status LinkExposure(Described& exposure) {
    std::vector<std::string> found;
    Json names = Json::array();
    const auto inputs = exposure.body.find("depends_on");
    if (inputs == exposure.body.end() || !inputs->is_array()) return {};
    for (const Json& input : *inputs) {
      const std::string call = input.is_string() ? input.get<std::string>() : "";
      if (!call.starts_with("metric(")) continue;
      const std::size_t end = call.find_last_of("'\"");
      const std::size_t begin = end == std::string::npos || end == 0 ? end : call.find_last_of("'\"", end - 1);
      const std::string name = begin == std::string::npos ? call : call.substr(begin + 1, end - begin - 1);
      SMELT_ASSIGN(std::string id, MetricOf(exposure, name));
      found.push_back(std::move(id));
      names.push_back(Json::array({name}));
    }
    exposure.body["metrics"] = std::move(names);
    exposure.depends_on.insert(exposure.depends_on.end(), found.begin(), found.end());
    return {};
  }

  Result<std::string> MetricOf(const Described& user, const std::string& name) const {
    const auto metric = metrics_.find(name);
    if (metric == metrics_.end()) return Fail(Missing(user, "metric", name, metrics_));
    return metric->second;
  }

  static void AddInput(Described& user, const std::string& id) {
    if (std::ranges::find(user.depends_on, id) == user.depends_on.end()) user.depends_on.push_back(id);
  }

  static Error Missing(const Described& user, std::string_view kind, const std::string& name,
                       const std::map<std::string, std::string>& known) {
    std::vector<std::string_view> names;
    for (const auto& [other, id] : known) names.push_back(other);
    const std::string near = NearestWord(name, names);
    return Error(ErrorCode::kDbtRefMissing, fmt::format("'{}': there is no {} '{}'", user.name, kind, name))
        .Hint(near.empty() ? fmt::format("define the {}", kind) : fmt::format("did you mean '{}'?", near))
        .At(user.file, user.line);
  }

  Manifest& manifest_;
  std::map<std::string, std::string> metrics_, measures_;  ///< name → unique id of the metric, of the semantic model
  std::set<std::string> linked_, open_;
};

}  // namespace

Status LinkSemanticLayer(Manifest& manifest) {
  return Linker(manifest).Link();
}

}  // namespace smelt::transform
