#include "engine/internal/quantile_function.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "engine/internal/ordered_values.h"

namespace smelt::engine {
namespace {

using duckdb::AggregateInputData;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;

constexpr const char* kQuantileFunction = "smelt_quantiles";
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

struct BoundShares : public duckdb::FunctionData {
  explicit BoundShares(std::vector<double> shares_p) : shares(std::move(shares_p)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<BoundShares>(*this); }
  bool Equals(const FunctionData& other) const override { return shares == other.Cast<BoundShares>().shares; }

  std::vector<double> shares;
};

/// Memory of DuckDB's, which moves it as it likes.
struct State {
  OrderedValues* values;
};

/// A number whose order among unsigned ones is that of the values; not-a-number comes last.
std::uint64_t KeyOf(std::int64_t value) {
  return static_cast<std::uint64_t>(value) ^ kSign;
}
std::uint64_t KeyOf(double value) {
  if (std::isnan(value)) return UINT64_MAX;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

void ValueOf(std::uint64_t key, std::int64_t& value) {
  value = static_cast<std::int64_t>(key ^ kSign);
}
void ValueOf(std::uint64_t key, double& value) {
  if (key == UINT64_MAX) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    value = std::bit_cast<double>((key & kSign) != 0 ? key ^ kSign : ~key);
  }
}

OrderedValues& ValuesOf(State& state) {
  if (state.values == nullptr) state.values = new OrderedValues();  // NOLINT: Destroy deletes it
  return *state.values;
}

void Initialize(const duckdb::AggregateFunction& /*function*/, duckdb::data_ptr_t state) {
  new (state) State{nullptr};
}

idx_t StateSize(const duckdb::AggregateFunction& /*function*/) {
  return sizeof(State);
}

template <typename T>
void UpdateOne(Vector inputs[], AggregateInputData& /*aggregate*/, idx_t /*input_count*/, duckdb::data_ptr_t state,
               idx_t count) {
  duckdb::UnifiedVectorFormat format;
  inputs[0].ToUnifiedFormat(count, format);
  const T* data = duckdb::UnifiedVectorFormat::GetData<T>(format);
  OrderedValues& values = ValuesOf(*reinterpret_cast<State*>(state));
  for (idx_t row = 0; row < count; ++row) {
    const idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) values.Add(KeyOf(data[at]));
  }
}

template <typename T>
void UpdateMany(Vector inputs[], AggregateInputData& /*aggregate*/, idx_t /*input_count*/, Vector& states,
                idx_t count) {
  duckdb::UnifiedVectorFormat format, state_format;
  inputs[0].ToUnifiedFormat(count, format);
  states.ToUnifiedFormat(count, state_format);
  const T* data = duckdb::UnifiedVectorFormat::GetData<T>(format);
  State* const* pointers = duckdb::UnifiedVectorFormat::GetData<State*>(state_format);
  for (idx_t row = 0; row < count; ++row) {
    const idx_t at = format.sel->get_index(row);
    if (!format.validity.RowIsValid(at)) continue;
    ValuesOf(*pointers[state_format.sel->get_index(row)]).Add(KeyOf(data[at]));
  }
}

void Combine(Vector& sources, Vector& targets, AggregateInputData& aggregate, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  sources.ToUnifiedFormat(count, format);
  State* const* from = duckdb::UnifiedVectorFormat::GetData<State*>(format);
  auto* to = duckdb::FlatVector::GetData<State*>(targets);
  for (idx_t row = 0; row < count; ++row) {
    State& source = *from[format.sel->get_index(row)];
    if (source.values == nullptr) continue;
    if (to[row]->values == nullptr && aggregate.combine_type == duckdb::AggregateCombineType::ALLOW_DESTRUCTIVE) {
      std::swap(to[row]->values, source.values);
    } else {
      ValuesOf(*to[row]).AddAll(*source.values);
    }
  }
}

/// The place that quantile_disc takes for a share.
std::uint64_t PlaceOf(double share, std::uint64_t size) {
  const auto all = static_cast<double>(size);
  const auto above = static_cast<std::uint64_t>(std::floor(all - all * share));
  return std::max<std::uint64_t>(1, size - above) - 1;
}

template <typename T>
void AppendQuantiles(OrderedValues& values, const std::vector<double>& shares, Vector& result, idx_t row) {
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return shares[i]; });
  std::vector<std::uint64_t> places;
  for (const std::size_t i : order) places.push_back(PlaceOf(shares[i], values.size()));
  const std::vector<std::uint64_t> keys = values.At(places);
  const idx_t begin = duckdb::ListVector::GetListSize(result);
  duckdb::ListVector::Reserve(result, begin + shares.size());
  T* entries = duckdb::FlatVector::GetData<T>(duckdb::ListVector::GetEntry(result));
  for (std::size_t i = 0; i < order.size(); ++i) ValueOf(keys[i], entries[begin + order[i]]);
  duckdb::ListVector::SetListSize(result, begin + shares.size());
  duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {begin, shares.size()};
}

template <typename T>
void Finalize(Vector& states, AggregateInputData& aggregate, Vector& result, idx_t count, idx_t offset) {
  const auto& bound = aggregate.bind_data->Cast<BoundShares>();
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  State* const* pointers = duckdb::UnifiedVectorFormat::GetData<State*>(format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    const State& state = *pointers[format.sel->get_index(row)];
    if (state.values == nullptr || state.values->size() == 0) {
      duckdb::FlatVector::SetNull(result, row + offset, true);
    } else {
      AppendQuantiles<T>(*state.values, bound.shares, result, row + offset);
    }
  }
}

void Destroy(Vector& states, AggregateInputData& /*aggregate*/, idx_t count) {
  auto* pointers = duckdb::FlatVector::GetData<State*>(states);
  for (idx_t row = 0; row < count; ++row) delete std::exchange(pointers[row]->values, nullptr);
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context, duckdb::AggregateFunction& function,
                                              duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  if (!arguments[1]->IsFoldable()) throw duckdb::BinderException("{}: the shares are no constant", kQuantileFunction);
  const duckdb::Value list = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
  std::vector<double> shares;
  if (!list.IsNull()) {
    for (const duckdb::Value& share : duckdb::ListValue::GetChildren(list)) {
      shares.push_back(share.IsNull() ? -1 : share.GetValue<double>());
    }
  }
  if (shares.empty() || !std::ranges::all_of(shares, [](double share) { return share >= 0 && share <= 1; })) {
    throw duckdb::BinderException("{}: shares are numbers from 0 to 1", kQuantileFunction);
  }
  duckdb::Function::EraseArgument(function, arguments, 1);
  return duckdb::make_uniq<BoundShares>(std::move(shares));
}

template <typename T>
duckdb::AggregateFunction FunctionOf(const LogicalType& type) {
  return {kQuantileFunction,
          {type, LogicalType::LIST(LogicalType::DOUBLE)},
          LogicalType::LIST(type),
          StateSize,
          Initialize,
          UpdateMany<T>,
          Combine,
          Finalize<T>,
          UpdateOne<T>,
          Bind,
          Destroy};
}

}  // namespace

void RegisterQuantileFunction(duckdb::DatabaseInstance& db) {
  duckdb::AggregateFunctionSet set(kQuantileFunction);
  set.AddFunction(FunctionOf<double>(LogicalType::DOUBLE));
  set.AddFunction(FunctionOf<std::int64_t>(LogicalType::BIGINT));
  duckdb::ExtensionLoader(db, "smelt").RegisterFunction(set);
}

}  // namespace smelt::engine
