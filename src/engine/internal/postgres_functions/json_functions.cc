#include "engine/internal/postgres_functions/json_functions.h"

#include <duckdb/function/function_binder.hpp>
#include <utility>

namespace smelt::engine::postgres {
namespace {

using duckdb::AggregateInputData;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::Vector;

using JsonArguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

duckdb::unique_ptr<duckdb::Expression> BindCall(duckdb::ClientContext& context, const char* name,
                                                JsonArguments children) {
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(context).BindScalarFunction(DEFAULT_SCHEMA, name, std::move(children), error);
  if (!bound) error.Throw();
  return bound;
}

void NeverExecuted(duckdb::DataChunk& /*arguments*/, duckdb::ExpressionState& /*state*/, Vector& /*result*/) {
  throw duckdb::InternalException("a function was not replaced when it was bound");
}

// ---- building -------------------------------------------------------------------------------------------------------

/// Keys may be of any type in PostgreSQL.
duckdb::unique_ptr<duckdb::Expression> BindBuildObject(duckdb::FunctionBindExpressionInput& input) {
  if (input.children.size() % 2 != 0) {
    throw duckdb::BinderException("json_build_object takes keys and values in pairs");
  }
  JsonArguments children;
  for (idx_t i = 0; i < input.children.size(); ++i) {
    auto child = input.children[i]->Copy();
    if (i % 2 == 0) {
      child = duckdb::BoundCastExpression::AddCastToType(input.context, std::move(child), LogicalType::VARCHAR);
    }
    children.push_back(std::move(child));
  }
  return BindCall(input.context, "json_object", std::move(children));
}

// ---- paths ----------------------------------------------------------------------------------------------------------

/// A pointer of RFC 6901 made of the names and places on the way.
void JsonPointer(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, Vector& result) {
  const idx_t count = arguments.size();
  duckdb::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (idx_t i = 0; i < formats.size(); ++i) arguments.data[i].ToUnifiedFormat(count, formats[i]);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* pointers = duckdb::FlatVector::GetData<string_t>(result);
  std::string pointer;
  for (idx_t row = 0; row < count; ++row) {
    pointer.clear();
    bool valid = true;
    for (const auto& format : formats) {
      const idx_t at = format.sel->get_index(row);
      valid = valid && format.validity.RowIsValid(at);
      if (!valid) break;
      pointer += '/';
      const string_t& step = duckdb::UnifiedVectorFormat::GetData<string_t>(format)[at];
      for (const char c : std::string_view(step.GetData(), step.GetSize())) {
        if (c == '~') {
          pointer += "~0";
        } else if (c == '/') {
          pointer += "~1";
        } else {
          pointer += c;
        }
      }
    }
    if (valid) {
      pointers[row] = duckdb::StringVector::AddString(result, pointer);
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

template <bool kText>
duckdb::unique_ptr<duckdb::Expression> BindExtractPath(duckdb::FunctionBindExpressionInput& input) {
  JsonArguments steps;
  for (idx_t i = 1; i < input.children.size(); ++i) steps.push_back(input.children[i]->Copy());
  JsonArguments children;
  children.push_back(input.children[0]->Copy());
  children.push_back(BindCall(input.context, "smelt_json_pointer", std::move(steps)));
  return BindCall(input.context, kText ? "json_extract_string" : "json_extract", std::move(children));
}

/// With so many steps of the path, and any more.
template <bool kText>
duckdb::ScalarFunctionSet ExtractPath(const char* name, std::size_t steps) {
  duckdb::ScalarFunctionSet set(name);
  for (const LogicalType& type : {LogicalType(LogicalType::VARCHAR), LogicalType::JSON()}) {
    duckdb::vector<LogicalType> arguments(steps + 1, LogicalType::VARCHAR);
    arguments[0] = type;
    duckdb::ScalarFunction function(arguments, kText ? LogicalType::VARCHAR : LogicalType::JSON(), NeverExecuted);
    function.varargs = LogicalType::VARCHAR;
    function.SetBindExpressionCallback(BindExtractPath<kText>);
    set.AddFunction(function);
  }
  return set;
}

// ---- aggregates -----------------------------------------------------------------------------------------------------

constexpr std::size_t kJsonBytesMax = std::size_t{1} << 30;

/// Memory of DuckDB's, which moves it as it likes.
struct JsonTextState {
  std::string* text;
};

void InitializeJsonText(const duckdb::AggregateFunction& /*function*/, duckdb::data_ptr_t state) {
  new (state) JsonTextState{nullptr};
}

idx_t JsonTextStateSize(const duckdb::AggregateFunction& /*function*/) {
  return sizeof(JsonTextState);
}

void AppendMember(JsonTextState& state, std::string_view member) {
  if (state.text == nullptr) {
    state.text = new std::string();  // NOLINT: DestroyJsonText deletes it
  } else {
    *state.text += ',';
  }
  if (state.text->size() + member.size() > kJsonBytesMax) {
    throw duckdb::OutOfRangeException("a JSON text of more than %llu bytes", kJsonBytesMax);
  }
  *state.text += member;
}

std::string_view JsonOrNull(const duckdb::UnifiedVectorFormat& format, idx_t row) {
  const idx_t at = format.sel->get_index(row);
  if (!format.validity.RowIsValid(at)) return "null";
  const string_t& text = duckdb::UnifiedVectorFormat::GetData<string_t>(format)[at];
  return {text.GetData(), text.GetSize()};
}

template <bool kObject>
void UpdateJsonText(Vector inputs[], AggregateInputData& /*aggregate*/, idx_t /*input_count*/, Vector& states,
                    idx_t count) {
  duckdb::UnifiedVectorFormat formats[2];
  for (idx_t i = 0; i < (kObject ? 2 : 1); ++i) inputs[i].ToUnifiedFormat(count, formats[i]);
  duckdb::UnifiedVectorFormat state_format;
  states.ToUnifiedFormat(count, state_format);
  JsonTextState* const* pointers = duckdb::UnifiedVectorFormat::GetData<JsonTextState*>(state_format);
  std::string member;
  for (idx_t row = 0; row < count; ++row) {
    JsonTextState& state = *pointers[state_format.sel->get_index(row)];
    if constexpr (!kObject) {
      AppendMember(state, JsonOrNull(formats[0], row));
    } else {
      if (!formats[0].validity.RowIsValid(formats[0].sel->get_index(row))) {
        throw duckdb::InvalidInputException("json_object_agg: a key is null");
      }
      member = JsonOrNull(formats[0], row);
      member += ':';
      member += JsonOrNull(formats[1], row);
      AppendMember(state, member);
    }
  }
}

void CombineJsonText(Vector& from, Vector& into, AggregateInputData& /*aggregate*/, idx_t count) {
  duckdb::UnifiedVectorFormat from_format;
  from.ToUnifiedFormat(count, from_format);
  JsonTextState* const* sources = duckdb::UnifiedVectorFormat::GetData<JsonTextState*>(from_format);
  auto* targets = duckdb::FlatVector::GetData<JsonTextState*>(into);
  for (idx_t row = 0; row < count; ++row) {
    const JsonTextState& source = *sources[from_format.sel->get_index(row)];
    if (source.text != nullptr) AppendMember(*targets[row], *source.text);
  }
}

template <bool kObject>
void FinalizeJsonText(Vector& states, AggregateInputData& /*aggregate*/, Vector& result, idx_t count, idx_t offset) {
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  JsonTextState* const* pointers = duckdb::UnifiedVectorFormat::GetData<JsonTextState*>(format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* texts = duckdb::FlatVector::GetData<string_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    const JsonTextState& state = *pointers[format.sel->get_index(row)];
    if (state.text == nullptr) {
      duckdb::FlatVector::SetNull(result, row + offset, true);
    } else {
      const std::string text = (kObject ? "{" : "[") + *state.text + (kObject ? "}" : "]");
      texts[row + offset] = duckdb::StringVector::AddString(result, text);
    }
  }
}

void DestroyJsonText(Vector& states, AggregateInputData& /*aggregate*/, idx_t count) {
  auto* pointers = duckdb::FlatVector::GetData<JsonTextState*>(states);
  for (idx_t row = 0; row < count; ++row) delete std::exchange(pointers[row]->text, nullptr);
}

duckdb::unique_ptr<duckdb::Expression> AsJson(duckdb::ClientContext& context,
                                              duckdb::unique_ptr<duckdb::Expression> value) {
  JsonArguments children;
  children.push_back(std::move(value));
  return BindCall(context, "to_json", std::move(children));
}

template <bool kObject>
duckdb::unique_ptr<duckdb::FunctionData> BindJsonText(duckdb::ClientContext& context,
                                                      duckdb::AggregateFunction& function, JsonArguments& arguments) {
  if constexpr (kObject) {
    arguments[0] = duckdb::BoundCastExpression::AddCastToType(context, std::move(arguments[0]), LogicalType::VARCHAR);
  }
  for (idx_t i = 0; i < arguments.size(); ++i) {
    arguments[i] = AsJson(context, std::move(arguments[i]));
    function.arguments[i] = arguments[i]->return_type;
  }
  return nullptr;
}

template <bool kObject>
duckdb::AggregateFunction JsonAggregate(const char* name) {
  duckdb::vector<LogicalType> arguments(kObject ? 2 : 1, LogicalType::ANY);
  return {name,
          arguments,
          LogicalType::JSON(),
          JsonTextStateSize,
          InitializeJsonText,
          UpdateJsonText<kObject>,
          CombineJsonText,
          FinalizeJsonText<kObject>,
          duckdb::FunctionNullHandling::SPECIAL_HANDLING,
          nullptr,
          BindJsonText<kObject>,
          DestroyJsonText};
}

/// The functions of a name under another.
duckdb::ScalarFunctionSet JsonAlias(duckdb::ExtensionLoader& loader, const char* of, const char* name) {
  duckdb::ScalarFunctionSet set(name);
  for (duckdb::ScalarFunction function : loader.GetFunction(of).functions.functions) {
    function.name = name;
    set.AddFunction(std::move(function));
  }
  return set;
}

}  // namespace

void RegisterJsonFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  for (const char* name : {"json_build_object", "jsonb_build_object"}) {
    duckdb::ScalarFunction build(name, {}, LogicalType::JSON(), NeverExecuted);
    build.varargs = LogicalType::ANY;
    build.SetBindExpressionCallback(BindBuildObject);
    build.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    loader.RegisterFunction(build);
  }
  for (const char* name : {"json_build_array", "jsonb_build_array"}) {
    loader.RegisterFunction(JsonAlias(loader, "json_array", name));
  }
  loader.RegisterFunction(JsonAlias(loader, "to_json", "to_jsonb"));
  loader.RegisterFunction(JsonAlias(loader, "json_array_length", "jsonb_array_length"));

  duckdb::ScalarFunction pointer("smelt_json_pointer", {}, LogicalType::VARCHAR, JsonPointer);
  pointer.varargs = LogicalType::VARCHAR;
  loader.RegisterFunction(pointer);
  loader.RegisterFunction(ExtractPath<true>("jsonb_extract_path_text", 1));
  loader.RegisterFunction(ExtractPath<false>("jsonb_extract_path", 1));
  loader.AddFunctionOverload(ExtractPath<true>("json_extract_path_text", 2));
  loader.AddFunctionOverload(ExtractPath<false>("json_extract_path", 2));

  for (const char* name : {"json_agg", "jsonb_agg"}) loader.RegisterFunction(JsonAggregate<false>(name));
  for (const char* name : {"json_object_agg", "jsonb_object_agg"}) loader.RegisterFunction(JsonAggregate<true>(name));
}

}  // namespace smelt::engine::postgres
