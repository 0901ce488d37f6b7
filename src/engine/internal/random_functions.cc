#include "engine/internal/random_functions.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace smelt::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::string_t;

/// Mixes so that every bit of the result depends on every bit of the value (the finalizer of splitmix64).
std::uint64_t MixBits(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

std::uint64_t DrawBits(std::int64_t salt, std::int64_t row) {
  return MixBits(static_cast<std::uint64_t>(salt) + MixBits(static_cast<std::uint64_t>(row) + 0x9E3779B97F4A7C15U));
}

void Uniform(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<std::int64_t, std::int64_t, double>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](std::int64_t salt, std::int64_t row) { return static_cast<double>(DrawBits(salt, row) >> 11) * 0x1p-53; });
}

/// The sum of eight uniform numbers of 16 bits each, brought to mean 0 and deviation 1.
double NormalOf(std::uint64_t bits) {
  std::int64_t sum = 0;
  for (const std::uint64_t word : {bits, MixBits(bits + 1)}) {
    for (int shift = 0; shift < 64; shift += 16) sum += static_cast<std::int64_t>((word >> shift) & 0xFFFF);
  }
  constexpr double kMean = 8 * 32767.5, kDeviation = 53510.0;  // sqrt(8 / 12) * 65536
  return (static_cast<double>(sum) - kMean) / kDeviation;
}

void Normal(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<std::int64_t, std::int64_t, double>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](std::int64_t salt, std::int64_t row) { return NormalOf(DrawBits(salt, row)); });
}

/// Weighted values with a table of where to begin looking for a share.
struct PickTable : public duckdb::FunctionData {
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<PickTable>(*this); }
  bool Equals(const FunctionData& other) const override {
    const auto& table = other.Cast<PickTable>();
    return shares == table.shares && texts == table.texts && numbers == table.numbers;
  }
  std::size_t PlaceOf(double uniform) const {
    const double slot = std::clamp(uniform, 0.0, 1.0) * static_cast<double>(first.size());
    std::size_t place = first[std::min(static_cast<std::size_t>(slot), first.size() - 1)];
    while (place + 1 < shares.size() && shares[place] <= uniform) ++place;
    return place;
  }

  std::vector<double> shares;  ///< running sums, the last is 1
  std::array<std::uint32_t, 256> first = {};
  std::vector<std::string> texts;     ///< either these
  std::vector<std::int64_t> numbers;  ///< or these
};

std::vector<duckdb::Value> ConstantList(duckdb::ClientContext& context, const duckdb::Expression& argument,
                                        const std::string& function) {
  if (!argument.IsFoldable()) throw duckdb::BinderException("{}: a list is not a constant", function);
  const duckdb::Value list = duckdb::ExpressionExecutor::EvaluateScalar(context, argument);
  if (list.IsNull()) throw duckdb::BinderException("{}: a list is null", function);
  return duckdb::ListValue::GetChildren(list);
}

duckdb::unique_ptr<duckdb::FunctionData> BindPick(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const auto values = ConstantList(context, *arguments[1], function.name);
  const auto weights = ConstantList(context, *arguments[2], function.name);
  if (values.empty() || values.size() != weights.size()) {
    throw duckdb::BinderException("{}: {} values and {} weights", function.name, values.size(), weights.size());
  }
  const bool texts = function.return_type == LogicalType::VARCHAR;
  auto table = duckdb::make_uniq<PickTable>();
  double total = 0;
  for (const duckdb::Value& weight : weights) total += weight.DefaultCastAs(LogicalType::DOUBLE).GetValue<double>();
  if (!(total > 0)) throw duckdb::BinderException("{}: the weights add up to nothing", function.name);
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weights[i].DefaultCastAs(LogicalType::DOUBLE).GetValue<double>();
    table->shares.push_back(sum / total);
    if (texts) {
      table->texts.push_back(values[i].ToString());
    } else {
      table->numbers.push_back(values[i].DefaultCastAs(LogicalType::BIGINT).GetValue<std::int64_t>());
    }
  }
  for (std::size_t slot = 0; slot < table->first.size(); ++slot) {
    const double begin = static_cast<double>(slot) / static_cast<double>(table->first.size());
    const auto place = std::ranges::upper_bound(table->shares, begin) - table->shares.begin();
    table->first[slot] = static_cast<std::uint32_t>(place);
  }
  duckdb::Function::EraseArgument(function, arguments, 2);
  duckdb::Function::EraseArgument(function, arguments, 1);
  return table;
}

void PickText(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& table = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<PickTable>();
  duckdb::UnaryExecutor::Execute<double, string_t>(arguments.data[0], result, arguments.size(), [&](double uniform) {
    return duckdb::StringVector::AddString(result, table.texts[table.PlaceOf(uniform)]);
  });
}

void PickNumber(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& table = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<PickTable>();
  duckdb::UnaryExecutor::Execute<double, std::int64_t>(
      arguments.data[0], result, arguments.size(),
      [&](double uniform) { return table.numbers[table.PlaceOf(uniform)]; });
}

/// `number` with at least `digits` digits.
void AppendPadded(std::string& out, std::int64_t number, std::size_t digits) {
  std::array<char, 24> text = {};
  std::size_t count = 0;
  for (auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)); rest != 0 || count < digits;) {
    text[count++] = static_cast<char>('0' + rest % 10);
    rest /= 10;
    if (count == text.size()) break;
  }
  while (count > 0) out += text[--count];
}

void FillId(std::string& out, std::string_view pattern, std::int64_t number, duckdb::date_t day) {
  constexpr std::string_view kDayMark = "{day}";
  for (std::size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '#') {
      const std::size_t end = std::min(pattern.find_first_not_of('#', i), pattern.size());
      AppendPadded(out, number, end - i);
      i = end;
    } else if (pattern.substr(i).starts_with(kDayMark)) {
      std::int32_t year = 0, month = 0, of_month = 0;
      duckdb::Date::Convert(day, year, month, of_month);
      AppendPadded(out, std::int64_t{year} * 10000 + month * 100 + of_month, 8);
      i += kDayMark.size();
    } else {
      out += pattern[i++];
    }
  }
}

void IdOfNumber(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  std::string text;
  duckdb::BinaryExecutor::Execute<string_t, std::int64_t, string_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [&](string_t pattern, std::int64_t number) {
        text.clear();
        FillId(text, {pattern.GetData(), pattern.GetSize()}, number, duckdb::date_t(0));
        return duckdb::StringVector::AddString(result, text);
      });
}

void IdOfDay(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  std::string text;
  duckdb::TernaryExecutor::Execute<string_t, std::int64_t, duckdb::date_t, string_t>(
      arguments.data[0], arguments.data[1], arguments.data[2], result, arguments.size(),
      [&](string_t pattern, std::int64_t number, duckdb::date_t day) {
        text.clear();
        FillId(text, {pattern.GetData(), pattern.GetSize()}, number, day);
        return duckdb::StringVector::AddString(result, text);
      });
}

void Digits(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  std::string text;
  duckdb::TernaryExecutor::Execute<std::int64_t, std::int64_t, string_t, string_t>(
      arguments.data[0], arguments.data[1], arguments.data[2], result, arguments.size(),
      [&](std::int64_t salt, std::int64_t row, string_t pattern) {
        text.assign(pattern.GetData(), pattern.GetSize());
        std::uint64_t bits = DrawBits(salt, row);
        for (char& c : text) {
          if (c != '#' && c != '%') continue;
          c = static_cast<char>(c == '#' ? '0' + (bits >> 32) % 10 : '1' + (bits >> 32) % 9);
          bits = MixBits(bits + 1);
        }
        return duckdb::StringVector::AddString(result, text);
      });
}

}  // namespace

void RegisterRandomFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  const LogicalType text = LogicalType::VARCHAR, whole = LogicalType::BIGINT, real = LogicalType::DOUBLE;
  loader.RegisterFunction(duckdb::ScalarFunction("smelt_uniform", {whole, whole}, real, Uniform));
  loader.RegisterFunction(duckdb::ScalarFunction("smelt_normal", {whole, whole}, real, Normal));
  duckdb::ScalarFunctionSet pick("smelt_pick");
  pick.AddFunction({{real, LogicalType::LIST(whole), LogicalType::LIST(real)}, whole, PickNumber, BindPick});
  pick.AddFunction({{real, LogicalType::LIST(text), LogicalType::LIST(real)}, text, PickText, BindPick});
  loader.RegisterFunction(pick);
  duckdb::ScalarFunctionSet id("smelt_id");
  id.AddFunction({{text, whole}, text, IdOfNumber});
  id.AddFunction({{text, whole, LogicalType::DATE}, text, IdOfDay});
  loader.RegisterFunction(id);
  loader.RegisterFunction(duckdb::ScalarFunction("smelt_digits", {whole, whole, text}, text, Digits));
}

}  // namespace smelt::engine
