#include "engine/internal/postgres_functions/value_functions.h"

#include <algorithm>
#include <array>
#include <duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp>
#include <duckdb/function/function_binder.hpp>
#include <duckdb/parser/keyword_helper.hpp>

namespace smelt::engine::postgres {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using duckdb::Vector;

using ValueArguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

// ---- encode and decode ----------------------------------------------------------------------------------------------

constexpr std::string_view kBase64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// What is written may be four times as long.
constexpr idx_t kEncodedBytesMax = idx_t{1} << 28;
constexpr std::size_t kBase64LineMax = 76;
constexpr std::string_view kHexLetters = "0123456789abcdef";

std::string HexOf(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHexLetters[byte >> 4];
    text += kHexLetters[byte & 15];
  }
  return text;
}

/// Lines of 76 characters, as of mails.
std::string Base64Of(std::string_view bytes) {
  std::string text;
  std::size_t line = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = (bits << 8) | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0);
    if (line == kBase64LineMax) {
      text += '\n';
      line = 0;
    }
    for (std::size_t k = 0; k < 4; ++k) text += k <= group.size() ? kBase64Letters[(bits >> (18 - 6 * k)) & 63] : '=';
    line += 4;
  }
  return text;
}

/// Bytes beyond ASCII and zeros as octal numbers.
std::string EscapedOf(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0 || byte >= 0x80) {
      text += '\\';
      for (const int shift : {6, 3, 0}) text += static_cast<char>('0' + ((byte >> shift) & 7));
    } else {
      if (c == '\\') text += '\\';
      text += c;
    }
  }
  return text;
}

[[noreturn]] void RefuseBytes(const char* format, std::string_view text) {
  throw duckdb::InvalidInputException("decode: '%s' is not %s", std::string(text.substr(0, 200)), format);
}

std::string BytesOfHex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (high >= 0) RefuseBytes("hex", text);
      continue;
    }
    const std::size_t digit = kHexLetters.find(static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c));
    if (digit == std::string_view::npos) RefuseBytes("hex", text);
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      bytes += static_cast<char>(high * 16 + static_cast<int>(digit));
      high = -1;
    }
  }
  if (high >= 0) RefuseBytes("hex: it has an odd number of digits", text);
  return bytes;
}

std::string BytesOfBase64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int letters = 0;
  int ends = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
    if (c == '=') {
      if (ends == 0 && letters < 2) RefuseBytes("base64", text);
      ++ends;
      bits <<= 6;
    } else {
      const std::size_t letter = kBase64Letters.find(c);
      if (letter == std::string_view::npos || ends > 0) RefuseBytes("base64", text);
      bits = (bits << 6) | static_cast<std::uint32_t>(letter);
    }
    if (++letters < 4) continue;
    bytes += static_cast<char>((bits >> 16) & 255);
    if (ends < 2) bytes += static_cast<char>((bits >> 8) & 255);
    if (ends < 1) bytes += static_cast<char>(bits & 255);
    if (ends > 2) RefuseBytes("base64", text);
    bits = 0;
    letters = 0;
  }
  if (letters != 0) RefuseBytes("base64: it ends too early", text);
  return bytes;
}

std::string BytesOfEscaped(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    const std::string_view octal = text.substr(i + 1, 3);
    const bool is_octal = octal.size() == 3 && octal[0] >= '0' && octal[0] <= '3' &&
                          std::ranges::all_of(octal, [](char c) { return c >= '0' && c <= '7'; });
    if (is_octal) {
      bytes += static_cast<char>((octal[0] - '0') * 64 + (octal[1] - '0') * 8 + (octal[2] - '0'));
      i += 3;
    } else if (octal.starts_with('\\')) {
      bytes += '\\';
      ++i;
    } else {
      RefuseBytes("escape", text);
    }
  }
  return bytes;
}

struct ByteFormat {
  std::string_view name;
  std::string (*encode)(std::string_view bytes);
  std::string (*decode)(std::string_view text);
};
constexpr std::array<ByteFormat, 3> kByteFormats = {{
    {"hex", HexOf, BytesOfHex},
    {"base64", Base64Of, BytesOfBase64},
    {"escape", EscapedOf, BytesOfEscaped},
}};

const ByteFormat* FindByteFormat(const std::string& name) {
  const auto* found = std::ranges::find_if(kByteFormats, [&](const ByteFormat& format) {
    return duckdb::StringUtil::CIEquals(std::string(format.name), name);
  });
  return found == kByteFormats.end() ? nullptr : found;
}

template <auto Convert>
void ConvertBytes(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, Vector& result) {
  duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [&](string_t value, string_t name) {
        const ByteFormat* format = FindByteFormat(name.GetString());
        if (format == nullptr) {
          throw duckdb::InvalidInputException("'%s' is not hex, base64 or escape", name.GetString().substr(0, 200));
        }
        if (value.GetSize() > kEncodedBytesMax) {
          throw duckdb::OutOfRangeException("a value of %llu bytes is longer than %llu", value.GetSize(),
                                            kEncodedBytesMax);
        }
        const std::string converted = (format->*Convert)({value.GetData(), value.GetSize()});
        return duckdb::StringVector::AddStringOrBlob(result, converted);
      });
}

/// DuckDB's own function of bytes and a word for what to do with wrong ones: texts have been taken for bytes there.
duckdb::unique_ptr<duckdb::Expression> BindDecode(duckdb::FunctionBindExpressionInput& input) {
  const duckdb::Expression& format = *input.children[1];
  if (format.HasParameter() || !format.IsFoldable()) return nullptr;
  const duckdb::Value name = duckdb::ExpressionExecutor::EvaluateScalar(input.context, format);
  if (name.IsNull() || FindByteFormat(name.ToString()) != nullptr) return nullptr;
  ValueArguments children;
  children.push_back(
      duckdb::BoundCastExpression::AddCastToType(input.context, input.children[0]->Copy(), LogicalType::BLOB));
  children.push_back(format.Copy());
  duckdb::ErrorData error;
  auto bound =
      duckdb::FunctionBinder(input.context).BindScalarFunction(DEFAULT_SCHEMA, "decode", std::move(children), error);
  if (!bound) error.Throw();
  return bound;
}

void RegisterEncodings(duckdb::ExtensionLoader& loader) {
  duckdb::ScalarFunctionSet encode("encode");
  for (const LogicalType type : {LogicalType::VARCHAR, LogicalType::BLOB}) {
    duckdb::ScalarFunction function({type, LogicalType::VARCHAR}, LogicalType::VARCHAR,
                                    ConvertBytes<&ByteFormat::encode>);
    function.SetFallible();
    encode.AddFunction(function);
  }
  loader.AddFunctionOverload(encode);
  duckdb::ScalarFunction decode("decode", {LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::BLOB,
                                ConvertBytes<&ByteFormat::decode>);
  decode.SetFallible();
  decode.SetBindExpressionCallback(BindDecode);
  loader.AddFunctionOverload(decode);
}

// ---- others ---------------------------------------------------------------------------------------------------------

std::string QuotedName(const std::string& name) {
  const auto is_first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto is_next = [&](char c) { return is_first(c) || (c >= '0' && c <= '9'); };
  const bool plain = !name.empty() && is_first(name[0]) && std::ranges::all_of(name, is_next);
  const auto category = duckdb::KeywordHelper::KeywordCategoryType(name);
  const bool free =
      category == duckdb::KeywordCategory::KEYWORD_NONE || category == duckdb::KeywordCategory::KEYWORD_UNRESERVED;
  return plain && free ? name : duckdb::KeywordHelper::WriteQuoted(name, '"');
}

void QuoteIdent(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, string_t>(arguments.data[0], result, arguments.size(), [&](string_t name) {
    return duckdb::StringVector::AddString(result, QuotedName(name.GetString()));
  });
}

template <bool kNulls>
void CountNulls(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, Vector& result) {
  const idx_t count = arguments.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* numbers = duckdb::FlatVector::GetData<std::int32_t>(result);
  std::fill_n(numbers, count, 0);
  for (Vector& column : arguments.data) {
    duckdb::UnifiedVectorFormat format;
    column.ToUnifiedFormat(count, format);
    for (idx_t row = 0; row < count; ++row) {
      numbers[row] += static_cast<std::int32_t>(format.validity.RowIsValid(format.sel->get_index(row)) != kNulls);
    }
  }
  if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

duckdb::ScalarFunction NullCounter(const char* name,
                                   void (*execute)(duckdb::DataChunk&, duckdb::ExpressionState&, Vector&)) {
  duckdb::ScalarFunction function(name, {LogicalType::ANY}, LogicalType::INTEGER, execute);
  function.varargs = LogicalType::ANY;
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  return function;
}

/// A decimal has the scale of its type.
duckdb::unique_ptr<duckdb::FunctionData> BindScale(duckdb::ClientContext& /*context*/, duckdb::ScalarFunction& function,
                                                   ValueArguments& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  return nullptr;
}

void Scale(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, Vector& result) {
  Vector digits(LogicalType::VARCHAR, arguments.size());
  duckdb::VectorOperations::DefaultCast(arguments.data[0], digits, arguments.size());
  const LogicalType& type = arguments.data[0].GetType();
  const int scale = type.id() == LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0;
  duckdb::UnaryExecutor::Execute<string_t, std::int32_t>(digits, result, arguments.size(),
                                                         [&](string_t /*value*/) { return scale; });
}

/// The entries of a list, and of lists in it at any depth.
std::int64_t EntriesOf(const duckdb::RecursiveUnifiedVectorFormat& lists, idx_t row) {
  const idx_t at = lists.unified.sel->get_index(row);
  if (!lists.unified.validity.RowIsValid(at)) return 0;
  const auto entry = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(lists.unified)[at];
  const auto& child = lists.children[0];
  if (child.logical_type.id() != LogicalTypeId::LIST) return static_cast<std::int64_t>(entry.length);
  std::int64_t entries = 0;
  for (idx_t i = 0; i < entry.length; ++i) entries += EntriesOf(child, entry.offset + i);
  return entries;
}

void Cardinality(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, Vector& result) {
  duckdb::RecursiveUnifiedVectorFormat lists;
  Vector::RecursiveToUnifiedFormat(arguments.data[0], arguments.size(), lists);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* numbers = duckdb::FlatVector::GetData<std::int32_t>(result);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    if (lists.unified.validity.RowIsValid(lists.unified.sel->get_index(row))) {
      numbers[row] = static_cast<std::int32_t>(EntriesOf(lists, row));
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void ClockTimestamp(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, Vector& result) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* points = duckdb::FlatVector::GetData<duckdb::timestamp_t>(result);
  for (idx_t row = 0; row < arguments.size(); ++row) points[row] = duckdb::Timestamp::GetCurrentTimestamp();
}

}  // namespace

void RegisterValueFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  RegisterEncodings(loader);
  loader.RegisterFunction(
      duckdb::ScalarFunction("quote_ident", {LogicalType::VARCHAR}, LogicalType::VARCHAR, QuoteIdent));
  loader.RegisterFunction(NullCounter("num_nulls", CountNulls<true>));
  loader.RegisterFunction(NullCounter("num_nonnulls", CountNulls<false>));
  loader.RegisterFunction(
      duckdb::ScalarFunction("scale", {LogicalType(LogicalTypeId::DECIMAL)}, LogicalType::INTEGER, Scale, BindScale));
  loader.AddFunctionOverload(
      duckdb::ScalarFunction("cardinality", {LogicalType::LIST(LogicalType::ANY)}, LogicalType::INTEGER, Cardinality));
  duckdb::ScalarFunction clock("clock_timestamp", {}, LogicalType::TIMESTAMP_TZ, ClockTimestamp);
  clock.SetVolatile();
  loader.RegisterFunction(clock);

  const auto bool_and = loader.TryGetFunction("bool_and");
  if (!bool_and) throw duckdb::InternalException("there is no bool_and");
  duckdb::AggregateFunctionSet every("every");
  for (duckdb::AggregateFunction function :
       bool_and->Cast<duckdb::AggregateFunctionCatalogEntry>().functions.functions) {
    function.name = every.name;
    every.AddFunction(std::move(function));
  }
  loader.RegisterFunction(every);
}

}  // namespace smelt::engine::postgres
