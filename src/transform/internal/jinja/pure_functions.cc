#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/json.h"
#include "base/yaml_1_1.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/iterables.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/set_object.h"
#include "transform/internal/jinja/standard_globals.h"
#include "transform/internal/jinja/unicode.h"
#include "transform/internal/jinja/yaml_text.h"
#include "transform/internal/jinja/yaml_values.h"

namespace smelt::transform::jinja {
namespace {

/// `default` when it was given, else none: what dbt's functions answer instead of failing.
Value Fallback(const Value& given) {
  return given.is_undefined() ? Value::None() : given;
}

Result<Value> MakeSet(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("set", {"value", "default"}, 1));
  auto made = Set::Make(bound[0]);
  return made ? *std::move(made) : Fallback(bound[1]);
}

Result<Value> MakeSetStrictly(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("set_strict", {"value"}, 1));
  return Set::Make(bound[0]);
}

Result<Value> ZipAll(const List& iterables) {
  std::vector<List> lists;
  std::size_t shortest = iterables.empty() ? 0 : static_cast<std::size_t>(-1);
  for (const Value& value : iterables) {
    SMELT_ASSIGN(List list, Iterate(value));
    shortest = std::min(shortest, list.size());
    lists.push_back(std::move(list));
  }
  List rows;
  for (std::size_t i = 0; i < shortest; ++i) {
    List row;
    for (const List& list : lists) row.push_back(list[i]);
    rows.push_back(Value::MakeTuple(std::move(row)));
  }
  return Iterator::Make("zip object", std::move(rows));
}

Result<Value> Zip(Interpreter&, Arguments arguments) {
  Value fallback = arguments.TakeNamed("default").value_or(Value::None());
  if (!arguments.named.empty()) return Fail(ErrorCode::kJinjaType, "zip() takes no such named argument");
  auto zipped = ZipAll(arguments.positional);
  return zipped ? *std::move(zipped) : fallback;
}

Result<Value> ZipStrictly(Interpreter&, Arguments arguments) {
  if (!arguments.named.empty()) return Fail(ErrorCode::kJinjaType, "zip_strict() takes no named arguments");
  return ZipAll(arguments.positional);
}

Result<Value> FromJsonText(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("fromjson", {"string", "default"}, 1));
  if (!bound[0].is_text()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("fromjson() needs a string, not '{}'", bound[0].type_name()));
  }
  auto json = ParseJson(bound[0].text(), "fromjson()");
  return json ? Value::FromJson(*json) : Fallback(bound[1]);
}

Result<Value> ToJsonText(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("tojson", {"value", "default", "sort_keys"}, 1));
  SMELT_ASSIGN(Json json, ToJson(bound[0]));
  return Value(PythonJson(json, bound[2].Truthy()));
}

Result<Value> FromYamlText(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("fromyaml", {"value", "default"}, 1));
  if (!bound[0].is_text()) return Fallback(bound[1]);
  const auto node = ParseYaml11(bound[0].text(), "fromyaml()");
  if (!node) return Fallback(bound[1]);
  auto value = YamlValue(*node);
  return value ? *std::move(value) : Fallback(bound[1]);
}

Result<Value> ToYamlText(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("toyaml", {"value", "default", "sort_keys"}, 1));
  auto json = ToJson(bound[0]);
  return json ? Value(YamlText(*json, bound[2].Truthy())) : Fallback(bound[1]);
}

Result<Value> LocalMd5(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("local_md5", {"value"}, 1));
  if (!bound[0].is_text()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("local_md5() needs a string, not '{}'", bound[0].type_name()));
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const std::string& text = bound[0].text();
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr) != 1) {
    return Fail(ErrorCode::kJinjaType, "local_md5(): this system's cryptography library refuses MD5");
  }
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return Value(std::move(hex));
}

/// The texts of each list of the first dict that the second one does not have under the same key, without regard to
/// case.
Result<Value> DiffOfTwoDicts(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("diff_of_two_dicts", {"dict_a", "dict_b"}, 2));
  SMELT_ASSIGN(Dict left, DictFrom(bound[0]));
  SMELT_ASSIGN(Dict right, DictFrom(bound[1]));
  Dict folded, difference;
  for (const auto& [key, texts] : right.entries()) {
    SMELT_ASSIGN(List items, Iterate(texts));
    for (Value& item : items) item = Value(ToLower(item.ToText()));
    folded.Set(ToLower(key.ToText()), Value::MakeList(std::move(items)));
  }
  for (const auto& [key, texts] : left.entries()) {
    const Value* others = folded.Find(Value(ToLower(key.ToText())));
    if (others == nullptr) {
      difference.Set(key, texts);
      continue;
    }
    SMELT_ASSIGN(List kept, Iterate(texts));
    std::erase_if(kept, [others](const Value& item) {
      Value lower(ToLower(item.ToText()));
      return std::ranges::any_of(others->items(), [&lower](const Value& other) { return other.Equals(lower); });
    });
    if (!kept.empty()) difference.Set(key, Value::MakeList(std::move(kept)));
  }
  return Value::MakeDict(std::move(difference));
}

}  // namespace

void AddPureFunctions(GlobalTable& table) {
  auto add = [&table](const char* name, Result<Value> (*body)(Interpreter&, Arguments)) {
    table.Set(name, Function::Make(name, body));
  };
  add("set", MakeSet);
  add("set_strict", MakeSetStrictly);
  add("zip", Zip);
  add("zip_strict", ZipStrictly);
  add("fromjson", FromJsonText);
  add("tojson", ToJsonText);
  add("fromyaml", FromYamlText);
  add("toyaml", ToYamlText);
  add("local_md5", LocalMd5);
  add("diff_of_two_dicts", DiffOfTwoDicts);
}

}  // namespace smelt::transform::jinja
