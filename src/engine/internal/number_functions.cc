#include "engine/internal/number_functions.h"

#include <cmath>

#include "engine/internal/random_functions.h"

namespace smelt::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

/// Whether a number among the rows may be none; a row without a value may count, too.
template <typename T>
bool HasNan(const duckdb::UnifiedVectorFormat& format, idx_t count) {
  const T* data = duckdb::UnifiedVectorFormat::GetData<T>(format);
  bool found = false;
  if (format.sel->IsSet()) {
    for (idx_t row = 0; row < count; ++row) found |= std::isnan(data[format.sel->get_index(row)]);
  } else {
    for (idx_t row = 0; row < count; ++row) found |= std::isnan(data[row]);
  }
  return found;
}

template <typename T>
void Present(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  duckdb::Vector& input = arguments.data[0];
  duckdb::UnifiedVectorFormat format;
  input.ToUnifiedFormat(arguments.size(), format);
  if (!HasNan<T>(format, arguments.size())) return result.Reference(input);
  duckdb::UnaryExecutor::ExecuteWithNulls<T, T>(input, result, arguments.size(),
                                                [](T value, duckdb::ValidityMask& validity, idx_t row) {
                                                  if (std::isnan(value)) validity.SetInvalid(row);
                                                  return value;
                                                });
}

struct Bounds : public duckdb::FunctionData {
  Bounds(double low_p, double high_p) : low(low_p), high(high_p) {}
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<Bounds>(*this); }
  bool Equals(const FunctionData& other) const override {
    const auto& bounds = other.Cast<Bounds>();
    return low == bounds.low && high == bounds.high;
  }

  double low;
  double high;
};

duckdb::unique_ptr<duckdb::FunctionData> BindBounds(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  double bounds[2] = {};
  for (const std::size_t place : {2U, 1U}) {
    if (!arguments[place]->IsFoldable()) throw duckdb::BinderException("{}: a bound is not a constant", function.name);
    const duckdb::Value value = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[place]);
    bounds[place - 1] = value.DefaultCastAs(LogicalType::DOUBLE).GetValue<double>();
    duckdb::Function::EraseArgument(function, arguments, place);
  }
  return duckdb::make_uniq<Bounds>(bounds[0], bounds[1]);
}

void Within(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& bounds = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<Bounds>();
  duckdb::UnaryExecutor::Execute<double, bool>(
      arguments.data[0], result, arguments.size(),
      [low = bounds.low, high = bounds.high](double value) { return (value >= low) & (value <= high); });
}

}  // namespace

void RegisterNumberFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  duckdb::ScalarFunctionSet present("smelt_present");
  present.AddFunction({{LogicalType::DOUBLE}, LogicalType::DOUBLE, Present<double>});
  present.AddFunction({{LogicalType::FLOAT}, LogicalType::FLOAT, Present<float>});
  loader.RegisterFunction(present);
  loader.RegisterFunction(duckdb::ScalarFunction("smelt_within",
                                                 {LogicalType::DOUBLE, LogicalType::DOUBLE, LogicalType::DOUBLE},
                                                 LogicalType::BOOLEAN, Within, BindBounds));
  RegisterRandomFunctions(db);
}

}  // namespace smelt::engine
