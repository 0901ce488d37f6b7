#include "engine/internal/find_regex_function.h"

#include <algorithm>
#include <array>

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

/// Collects rows until there are enough to look at together; a last group is filled up with its first text.
class Lanes {
 public:
  Lanes(const AsciiRegex& regex, bool* found, duckdb::ValidityMask& validity)
      : regex_(regex), found_(found), validity_(validity) {}

  void Add(std::string_view text, duckdb::idx_t row) {
    texts_[count_] = text;
    rows_[count_++] = row;
    if (count_ == AsciiRegex::kTogether) Flush();
  }

  void Flush() {
    if (count_ == 0) return;
    std::fill(texts_.begin() + static_cast<std::ptrdiff_t>(count_), texts_.end(), texts_[0]);
    const auto answers = regex_.FindEach(texts_);
    for (std::size_t i = 0; i < count_; ++i) {
      found_[rows_[i]] = answers[i].value_or(false);
      if (!answers[i]) validity_.SetInvalid(rows_[i]);
    }
    count_ = 0;
  }

 private:
  const AsciiRegex& regex_;
  bool* found_;
  duckdb::ValidityMask& validity_;
  std::array<std::string_view, AsciiRegex::kTogether> texts_;
  std::array<duckdb::idx_t, AsciiRegex::kTogether> rows_{};
  std::size_t count_ = 0;
};

void FindRegex(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& bound = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<BoundRegex>();
  duckdb::Vector& input = arguments.data[0];
  const bool is_constant = input.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  result.SetVectorType(is_constant ? duckdb::VectorType::CONSTANT_VECTOR : duckdb::VectorType::FLAT_VECTOR);
  if (!*bound.regex) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
    duckdb::ConstantVector::SetNull(result, true);
    return;
  }
  const duckdb::idx_t count = is_constant ? 1 : arguments.size();
  duckdb::UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  const auto* texts = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  duckdb::ValidityMask& validity =
      is_constant ? duckdb::ConstantVector::Validity(result) : duckdb::FlatVector::Validity(result);
  Lanes lanes(**bound.regex,
              is_constant ? duckdb::ConstantVector::GetData<bool>(result) : duckdb::FlatVector::GetData<bool>(result),
              validity);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const duckdb::idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) {
      lanes.Add({texts[at].GetData(), texts[at].GetSize()}, row);
    } else {
      validity.SetInvalid(row);
    }
  }
  lanes.Flush();
}

}  // namespace

void RegisterFindRegexFunction(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  loader.RegisterFunction(duckdb::ScalarFunction(std::string(kFindRegexFunction),
                                                 {LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::BOOLEAN,
                                                 FindRegex, BindRegex));
}

}  // namespace smelt::engine
