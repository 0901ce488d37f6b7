#include "engine/internal/find_regex_function.h"

#include "engine/ascii_regex.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;

struct BoundRegex : public duckdb::FunctionData {
  explicit BoundRegex(std::string pattern_p)
      : pattern(std::move(pattern_p)),
        regex(std::make_shared<std::optional<AsciiRegex>>(AsciiRegex::Compile(pattern))) {}

  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<BoundRegex>(*this); }
  bool Equals(const FunctionData& other) const override { return pattern == other.Cast<BoundRegex>().pattern; }

  std::string pattern;
  std::shared_ptr<const std::optional<AsciiRegex>> regex;
};

duckdb::unique_ptr<duckdb::FunctionData> BindRegex(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                   duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  if (!arguments[1]->IsFoldable()) throw duckdb::BinderException("{}: the pattern is not a constant", function.name);
  const duckdb::Value pattern = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
  if (pattern.IsNull()) throw duckdb::BinderException("{}: the pattern is null", function.name);
  // With one argument left, texts of a dictionary are looked at once each.
  duckdb::Function::EraseArgument(function, arguments, 1);
  return duckdb::make_uniq<BoundRegex>(pattern.ToString());
}

void FindRegex(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& bound = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<BoundRegex>();
  const std::optional<AsciiRegex>& regex = *bound.regex;
  duckdb::UnaryExecutor::ExecuteWithNulls<duckdb::string_t, bool>(
      arguments.data[0], result, arguments.size(),
      [&](const duckdb::string_t& text, duckdb::ValidityMask& validity, duckdb::idx_t row) {
        const auto found = regex ? regex->Find({text.GetData(), text.GetSize()}) : std::nullopt;
        if (!found) validity.SetInvalid(row);
        return found.value_or(false);
      });
}

}  // namespace

void RegisterFindRegexFunction(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  loader.RegisterFunction(duckdb::ScalarFunction(std::string(kFindRegexFunction),
                                                 {LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::BOOLEAN,
                                                 FindRegex, BindRegex));
}

}  // namespace smelt::engine
