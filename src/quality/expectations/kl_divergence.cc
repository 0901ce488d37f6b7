#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/kwargs.h"
#include "quality/internal/literal.h"
#include "quality/internal/value_counts.h"

/// The Kullback-Leibler divergence of a column's values from a partition: shares of single values, or of intervals.
namespace smelt::quality {
namespace {

using Weights = std::vector<double>;

struct Holdouts {
  double tail = 0;      ///< for what lies outside the partition
  double internal = 0;  ///< for intervals of the partition that have no weight
};

Error Unfit(std::string what) {
  return Error(ErrorCode::kQualityNotApplicable, "the partition_object cannot be used: " + std::move(what));
}

double Sum(const Weights& weights) {
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

/// Infinite when something was seen that has no weight; not a number without observations. Both sides are scaled to
/// sum up to one.
double Divergence(const Weights& observed, const Weights& expected) {
  const double observed_sum = Sum(observed);
  const double expected_sum = Sum(expected);
  double divergence = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const double p = observed[i] / observed_sum;
    const double q = expected[i] / expected_sum;
    if (std::isnan(p) || std::isnan(q)) return std::numeric_limits<double>::quiet_NaN();
    if (p > 0) divergence += q > 0 ? p * std::log(p / q) : std::numeric_limits<double>::infinity();
  }
  return divergence;
}

Json FiniteOrNull(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

Json JsonOf(const Weights& weights) {
  Json list = Json::array();
  for (const double weight : weights) list.push_back(FiniteOrNull(weight));
  return list;
}

Judgement Judge(double divergence, const Json& threshold, Json observed, Json expected) {
  const bool success = threshold.is_null() || divergence <= threshold.get<double>();
  return {success,
          {{"observed_value", FiniteOrNull(divergence)},
           {"details", {{"observed_partition", std::move(observed)}, {"expected_partition", std::move(expected)}}}}};
}

/// Values of the partition first, then those that only the column has.
Judgement JudgeValues(const Json& partition, const Json& threshold, double holdout, const Json& counted,
                      double present) {
  Json values = partition["values"];
  auto expected = partition["weights"].get<Weights>();
  Weights observed(expected.size(), 0.0);
  std::size_t unforeseen = 0;
  for (const Json& entry : counted) {
    const auto place = std::find(values.begin(), values.end(), entry[0]);
    const double share = entry[1].get<double>() / present;
    if (place != values.end()) {
      observed[static_cast<std::size_t>(place - values.begin())] = share;
      continue;
    }
    values.push_back(entry[0]);
    observed.push_back(share);
    ++unforeseen;
  }
  if (unforeseen > 0) {
    for (double& weight : expected) weight *= 1 - holdout;
    expected.resize(observed.size(), holdout / static_cast<double>(unforeseen));
  }
  return Judge(Divergence(observed, expected), threshold, {{"values", values}, {"weights", JsonOf(observed)}},
               {{"values", values}, {"weights", JsonOf(expected)}});
}

Result<Check> OfValues(const Call& call, const Column& column, const Holdouts& holdouts) {
  if (holdouts.internal > 0) return Fail(Unfit("internal_weight_holdout is for partitions of bins"));
  const std::string counted =
      fmt::format("(select to_json(list(json_array({}, smelt_count) order by smelt_value)) from {})",
                  JsonSql("smelt_value", column.kind), ValueCounts(call, column));
  FigureCheck check{{call.Over("count(" + column.sql + ")"), counted}, {}};
  check.judge = [partition = call.Value("partition_object"), threshold = call.Value("threshold"),
                 holdout = holdouts.tail](const std::vector<Json>& figures) {
    return JudgeValues(partition, threshold, holdout, figures[1].is_array() ? figures[1] : Json::array(),
                       figures[0].get<double>());
  };
  return check;
}

/// The intervals of a partition and, on both sides, what lies outside.
struct Intervals {
  Weights inner;  ///< of the intervals with two ends
  double left = 0, right = 0;

  Weights All(bool left_side, bool right_side) const {
    Weights all;
    if (left_side) all.push_back(left);
    all.insert(all.end(), inner.begin(), inner.end());
    if (right_side) all.push_back(right);
    return all;
  }
  Json Describe(const Json& bins) const {
    return {{"bins", bins}, {"weights", JsonOf(inner)}, {"tail_weights", JsonOf({left, right})}};
  }
};

/// Outermost intervals that reach to infinity are the tails.
Intervals Folded(Weights weights, double below, double above, bool open_left, bool open_right) {
  Intervals intervals{.inner = std::move(weights), .left = below, .right = above};
  if (open_left) {
    intervals.left = intervals.inner.front();
    intervals.inner.erase(intervals.inner.begin());
  }
  if (open_right) {
    intervals.right = intervals.inner.back();
    intervals.inner.pop_back();
  }
  return intervals;
}

Weights ExpectedWeights(const Json& partition, const Holdouts& holdouts) {
  auto weights = partition["weights"].get<Weights>();
  for (double& weight : weights) weight *= 1 - holdouts.tail - holdouts.internal;
  const auto zeros = std::ranges::count(weights, 0.0);
  for (double& weight : weights) {
    if (weight == 0 && zeros > 0) weight = holdouts.internal / static_cast<double>(zeros);
  }
  return weights;
}

/// `counts`: the values below the first bin, in each bin, above the last.
Judgement JudgeBins(const Json& partition, const Json& threshold, const Holdouts& holdouts, const Weights& counts,
                    double present) {
  Json bins = partition["bins"];
  const bool open_left = std::isinf(bins.front().get<double>());
  const bool open_right = std::isinf(bins.back().get<double>());
  Weights shares(counts.size());
  std::ranges::transform(counts, shares.begin(), [&](double count) { return count / present; });
  const Weights inner(shares.begin() + 1, shares.end() - 1);
  const Intervals observed = Folded(inner, shares.front(), shares.back(), open_left, open_right);
  const bool told = partition.contains("tail_weights");
  const double tail = open_left || open_right ? holdouts.tail : holdouts.tail / 2;
  const Intervals expected =
      Folded(ExpectedWeights(partition, holdouts), told ? partition["tail_weights"][0].get<double>() : tail,
             told ? partition["tail_weights"][1].get<double>() : tail, open_left, open_right);
  if (open_left) bins.erase(bins.begin());
  if (open_right) bins.erase(bins.end() - 1);
  return Judge(Divergence(observed.All(true, true), expected.All(true, true)), threshold, observed.Describe(bins),
               expected.Describe(bins));
}

/// The bins as numbers.
Json WithEdges(Json partition) {
  for (Json& bin : partition["bins"]) bin = BinEdge(bin).value_or(0);
  return partition;
}

Status CheckBins(const Json& partition, const Holdouts& holdouts, bool bucketize) {
  const Json& bins = partition["bins"];
  const bool open = std::isinf(bins.front().get<double>()) || std::isinf(bins.back().get<double>());
  if (!bucketize) return Fail(Unfit("bins need bucketize_data"));
  if (holdouts.tail > 0 && partition.contains("tail_weights")) return Fail(Unfit("tail_weights leave no holdout"));
  if (open && partition.contains("tail_weights"))
    return Fail(Unfit("bins that reach to infinity have no tail_weights"));
  const bool both = std::isinf(bins.front().get<double>()) && std::isinf(bins.back().get<double>());
  if (both && holdouts.tail > 0) return Fail(Unfit("bins that reach to infinity on both sides leave no holdout"));
  for (std::size_t i = 1; i < bins.size(); ++i) {
    if (bins[i] <= bins[i - 1]) return Fail(Unfit("its bins do not rise"));
  }
  return {};
}

Result<Check> OfBins(const Call& call, const Column& column, const Holdouts& holdouts) {
  if (!column.is_number()) return Fail(Unfit(fmt::format("column \"{}\" has no numbers", column.name)));
  const Json partition = WithEdges(call.Value("partition_object"));
  SMELT_TRY(CheckBins(partition, holdouts, call.Flag("bucketize_data", true)));
  const Json& bins = partition["bins"];
  const auto edge = [&](std::size_t i) { return DoubleSql(bins[i].get<double>()); };
  const auto count = [&](const std::string& where) { return call.Over("count(*)", where); };
  const std::size_t last = bins.size() - 1;
  FigureCheck check{{call.Over("count(" + column.sql + ")"), count(column.sql + " < " + edge(0))}, {}};
  for (std::size_t i = 0; i < last; ++i) {
    check.figures.push_back(
        count(fmt::format("{0} >= {1} and {0} {2} {3}", column.sql, edge(i), i + 1 == last ? "<=" : "<", edge(i + 1))));
  }
  check.figures.push_back(count(column.sql + " > " + edge(last)));
  check.judge = [partition, threshold = call.Value("threshold"), holdouts](const std::vector<Json>& figures) {
    Weights counts;
    for (std::size_t i = 1; i < figures.size(); ++i) counts.push_back(figures[i].get<double>());
    return JudgeBins(partition, threshold, holdouts, counts, figures[0].get<double>());
  };
  return check;
}

Result<Check> KlDivergence(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  const auto holdout = [&](std::string_view name) {
    return call.Value(name).is_number() ? call.Value(name).get<double>() : 0.0;
  };
  const Holdouts holdouts{.tail = holdout("tail_weight_holdout"), .internal = holdout("internal_weight_holdout")};
  const Json& partition = call.Value("partition_object");
  double weight = Sum(partition["weights"].get<Weights>());
  if (partition.contains("tail_weights")) weight += Sum(partition["tail_weights"].get<Weights>());
  constexpr double kTolerance = 1e-5;
  if (std::abs(weight - 1) > kTolerance) return Fail(Unfit(fmt::format("its weights add up to {}, not to 1", weight)));
  return partition.contains("values") ? OfValues(call, column, holdouts) : OfBins(call, column, holdouts);
}

}  // namespace

std::vector<Expectation> DivergenceExpectations() {
  return {
      {"expect_column_kl_divergence_to_be_less_than",
       "The relative entropy of the column's values against a partition is at most the threshold: 0 for the same "
       "distribution, infinite when something occurs that has no weight.",
       Domain::kFigures,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"partition_object", KwargKind::kPartition, true,
         "What is expected: the weight of each value, or of each interval between two bins."},
        {"threshold", KwargKind::kNumber, false, "The greatest divergence; without one, it is only told."},
        {"bucketize_data", KwargKind::kFlag, false, "Whether values are sorted into the bins; true by default."},
        {"tail_weight_holdout", KwargKind::kFraction, false,
         "The weight of what the partition does not name; 0 by default."},
        {"internal_weight_holdout", KwargKind::kFraction, false,
         "The weight of the intervals whose own is 0; 0 by default."},
        {"min_value", KwargKind::kIgnored, false, "Has no effect."},
        {"max_value", KwargKind::kIgnored, false, "Has no effect."}},
       R"({"column": "payment_type", "partition_object": {"values": ["credit_card", "boleto"], "weights": [0.8, 0.2]}, "threshold": 0.1, "tail_weight_holdout": 0.01})",
       KlDivergence},
  };
}

}  // namespace smelt::quality
