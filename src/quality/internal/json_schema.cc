#include "quality/internal/json_schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>
#include <re2/re2.h>

#include "quality/internal/python_regex.h"

namespace smelt::quality {
namespace {

constexpr int kDepthMax = 200;

/// What one recursion works on: a schema, the value it is held against, and how deep it is.
struct SchemaPlace {
  const Json& schema;
  const Json& value;
  int depth;
};

Error Unusable(std::string what) {
  return Error(ErrorCode::kQualityNotApplicable, "the json_schema cannot be used: " + std::move(what));
}

/// Whole numbers are integers, however they are written.
bool HasType(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type != "integer") return false;
  return value.is_number_integer() ||
         (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
}

bool SameValue(const Json& a, const Json& b) {
  if (a.is_object() && b.is_object()) {
    if (a.size() != b.size()) return false;
    return std::ranges::all_of(a.items(), [&](const auto& item) {
      const auto other = b.find(item.key());
      return other != b.end() && SameValue(item.value(), *other);
    });
  }
  if (a.is_array() && b.is_array()) return std::ranges::equal(a, b, SameValue);
  if (a.is_boolean() != b.is_boolean()) return false;
  return a == b;
}

std::size_t CodePoints(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool IsMultiple(double value, double divisor) {
  const double ratio = value / divisor;
  return std::isfinite(ratio) && std::abs(ratio - std::round(ratio)) < 1e-9;
}

class CompiledSchema : public JsonSchema {
 public:
  explicit CompiledSchema(Json schema) : schema_(std::move(schema)) {}

  Status Prepare() { return PrepareIn(schema_, 0); }

  Result<bool> Fits(const Json& document) const override { return Check({schema_, document, 0}); }

 private:
  /// Compiles the patterns, and refuses what would be passed over.
  Status PrepareIn(const Json& schema, int depth) {
    if (depth > kDepthMax) return Fail(Unusable("it is nested too deeply"));
    if (schema.is_array()) {
      for (const Json& part : schema) SMELT_TRY(PrepareIn(part, depth + 1));
    }
    if (!schema.is_object()) return {};
    for (const auto& [key, part] : schema.items()) {
      if (key == "pattern" && part.is_string()) SMELT_TRY(AddPattern(part.get<std::string>()));
      if (key == "patternProperties" && part.is_object()) {
        for (const auto& item : part.items()) SMELT_TRY(AddPattern(item.key()));
      }
      if (key == "$ref" && part.is_string() && Referred(part.get<std::string>()) == nullptr) {
        return Fail(Unusable(fmt::format("\"{}\" refers to nothing within it", part.get<std::string>())));
      }
      if (key == "$dynamicRef" || key.starts_with("unevaluated")) return Fail(Unusable(key + " is not understood"));
      if (key != "enum" && key != "const" && key != "default" && key != "examples") {
        SMELT_TRY(PrepareIn(part, depth + 1));
      }
    }
    return {};
  }

  Status AddPattern(const std::string& pattern) {
    if (patterns_.contains(pattern)) return {};
    SMELT_ASSIGN(const std::string translated, Re2Pattern(pattern));
    auto compiled = std::make_unique<re2::RE2>(translated, re2::RE2::Quiet);
    if (!compiled->ok()) return Fail(Unusable(fmt::format("the pattern `{}`: {}", pattern, compiled->error())));
    patterns_.emplace(pattern, std::move(compiled));
    return {};
  }

  bool Matches(const std::string& pattern, const std::string& text) const {
    return re2::RE2::PartialMatch(text, *patterns_.at(pattern));
  }

  /// "#", "#/$defs/name" and the like; null when there is nothing there.
  const Json* Referred(const std::string& reference) const {
    if (reference == "#") return &schema_;
    if (!reference.starts_with("#/")) return nullptr;
    try {
      const Json::json_pointer pointer(reference.substr(1));
      return schema_.contains(pointer) ? &schema_.at(pointer) : nullptr;
    } catch (const Json::exception&) {
      return nullptr;
    }
  }

  Result<bool> Check(const SchemaPlace& at) const {
    if (at.depth > kDepthMax) return Fail(Unusable("a document is nested too deeply"));
    if (at.schema.is_boolean()) return at.schema.get<bool>();
    if (!at.schema.is_object()) return true;
    using Part = Result<bool> (CompiledSchema::*)(const SchemaPlace&) const;
    static constexpr std::array<Part, 6> kParts = {&CompiledSchema::CheckValue, &CompiledSchema::CheckNumber,
                                                   &CompiledSchema::CheckText,  &CompiledSchema::CheckObject,
                                                   &CompiledSchema::CheckArray, &CompiledSchema::CheckCombined};
    for (const Part part : kParts) {
      SMELT_ASSIGN(const bool fits, (this->*part)(at));
      if (!fits) return false;
    }
    return true;
  }

  const Json* Find(const SchemaPlace& at, const char* keyword) const {
    const auto found = at.schema.find(keyword);
    return found == at.schema.end() ? nullptr : &*found;
  }

  Result<bool> Sub(const SchemaPlace& at, const Json& schema, const Json& value) const {
    return Check({schema, value, at.depth + 1});
  }

  Result<bool> CheckValue(const SchemaPlace& at) const {
    if (const Json* type = Find(at, "type")) {
      const auto has = [&](const Json& name) { return name.is_string() && HasType(at.value, name.get<std::string>()); };
      if (type->is_array() ? std::none_of(type->begin(), type->end(), has) : !has(*type)) return false;
    }
    if (const Json* values = Find(at, "enum")) {
      if (std::none_of(values->begin(), values->end(), [&](const Json& one) { return SameValue(one, at.value); })) {
        return false;
      }
    }
    const Json* constant = Find(at, "const");
    return constant == nullptr || SameValue(*constant, at.value);
  }

  Result<bool> CheckNumber(const SchemaPlace& at) const {
    if (!at.value.is_number()) return true;
    const auto limit = [&](const char* keyword) {
      const Json* found = Find(at, keyword);
      return found != nullptr && found->is_number() ? found : nullptr;
    };
    const auto excluded = [&](const char* keyword) {  // a flag beside the bound in draft 4
      const Json* found = Find(at, keyword);
      return found != nullptr && *found == true;
    };
    const Json* low = limit("minimum");
    const Json* high = limit("maximum");
    if (low != nullptr && (at.value < *low || (excluded("exclusiveMinimum") && at.value == *low))) return false;
    if (high != nullptr && (at.value > *high || (excluded("exclusiveMaximum") && at.value == *high))) return false;
    if (const Json* above = limit("exclusiveMinimum"); above != nullptr && at.value <= *above) return false;
    if (const Json* below = limit("exclusiveMaximum"); below != nullptr && at.value >= *below) return false;
    const Json* divisor = limit("multipleOf");
    return divisor == nullptr || IsMultiple(at.value.get<double>(), divisor->get<double>());
  }

  /// Whether a size is within two keywords.
  bool InLimits(const SchemaPlace& at, std::size_t size, const char* least, const char* most) const {
    const Json* low = Find(at, least);
    const Json* high = Find(at, most);
    return (low == nullptr || Json(size) >= *low) && (high == nullptr || Json(size) <= *high);
  }

  Result<bool> CheckText(const SchemaPlace& at) const {
    if (!at.value.is_string()) return true;
    const auto text = at.value.get<std::string>();
    if (!InLimits(at, CodePoints(text), "minLength", "maxLength")) return false;
    const Json* pattern = Find(at, "pattern");
    return pattern == nullptr || !pattern->is_string() || Matches(pattern->get<std::string>(), text);
  }

  Result<bool> CheckObject(const SchemaPlace& at) const {
    if (!at.value.is_object()) return true;
    if (!InLimits(at, at.value.size(), "minProperties", "maxProperties")) return false;
    if (const Json* required = Find(at, "required"); required != nullptr && required->is_array()) {
      for (const Json& name : *required) {
        if (!at.value.contains(name.get<std::string>())) return false;
      }
    }
    SMELT_ASSIGN(const bool dependencies_met, CheckDependencies(at));
    if (!dependencies_met) return false;
    for (const auto& [name, value] : at.value.items()) {
      SMELT_ASSIGN(const bool fits, CheckProperty(at, name, value));
      if (!fits) return false;
    }
    return true;
  }

  Result<bool> CheckDependencies(const SchemaPlace& at) const {
    for (const char* keyword : {"dependentRequired", "dependentSchemas", "dependencies"}) {
      const Json* dependencies = Find(at, keyword);
      if (dependencies == nullptr) continue;
      for (const auto& [name, needs] : dependencies->items()) {
        if (!at.value.contains(name)) continue;
        if (needs.is_array()) {
          for (const Json& other : needs) {
            if (!at.value.contains(other.get<std::string>())) return false;
          }
          continue;
        }
        SMELT_ASSIGN(const bool fits, Sub(at, needs, at.value));
        if (!fits) return false;
      }
    }
    return true;
  }

  Result<bool> CheckProperty(const SchemaPlace& at, const std::string& name, const Json& value) const {
    bool named = false;
    if (const Json* names = Find(at, "propertyNames")) {
      SMELT_ASSIGN(const bool fits, Sub(at, *names, Json(name)));
      if (!fits) return false;
    }
    if (const Json* properties = Find(at, "properties"); properties != nullptr && properties->contains(name)) {
      named = true;
      SMELT_ASSIGN(const bool fits, Sub(at, (*properties)[name], value));
      if (!fits) return false;
    }
    if (const Json* patterns = Find(at, "patternProperties")) {
      for (const auto& [pattern, schema] : patterns->items()) {
        if (!Matches(pattern, name)) continue;
        named = true;
        SMELT_ASSIGN(const bool fits, Sub(at, schema, value));
        if (!fits) return false;
      }
    }
    const Json* others = Find(at, "additionalProperties");
    if (named || others == nullptr) return true;
    return Sub(at, *others, value);
  }

  Result<bool> CheckArray(const SchemaPlace& at) const {
    if (!at.value.is_array()) return true;
    if (!InLimits(at, at.value.size(), "minItems", "maxItems")) return false;
    if (const Json* unique = Find(at, "uniqueItems"); unique != nullptr && *unique == true) {
      for (auto one = at.value.begin(); one != at.value.end(); ++one) {
        if (std::any_of(std::next(one), at.value.end(), [&](const Json& other) { return SameValue(*one, other); })) {
          return false;
        }
      }
    }
    SMELT_ASSIGN(const bool items_fit, CheckItems(at));
    return items_fit ? CheckContains(at) : Result<bool>(false);
  }

  /// The first items have schemas of their own: prefixItems, or items where it is a list.
  Result<bool> CheckItems(const SchemaPlace& at) const {
    const Json* items = Find(at, "items");
    const Json* first = Find(at, "prefixItems");
    const Json* rest = items;
    if (items != nullptr && items->is_array()) {
      first = items;
      rest = Find(at, "additionalItems");
    }
    for (std::size_t i = 0; i < at.value.size(); ++i) {
      const Json* schema = first != nullptr && i < first->size() ? &(*first)[i] : rest;
      if (schema == nullptr) continue;
      SMELT_ASSIGN(const bool fits, Sub(at, *schema, at.value[i]));
      if (!fits) return false;
    }
    return true;
  }

  Result<bool> CheckContains(const SchemaPlace& at) const {
    const Json* schema = Find(at, "contains");
    if (schema == nullptr) return true;
    std::size_t found = 0;
    for (const Json& item : at.value) {
      SMELT_ASSIGN(const bool fits, Sub(at, *schema, item));
      if (fits) ++found;
    }
    if (Find(at, "minContains") == nullptr && found == 0) return false;
    return InLimits(at, found, "minContains", "maxContains");
  }

  Result<bool> CheckCombined(const SchemaPlace& at) const {
    if (const Json* reference = Find(at, "$ref"); reference != nullptr && reference->is_string()) {
      SMELT_ASSIGN(const bool fits, Sub(at, *Referred(reference->get<std::string>()), at.value));
      if (!fits) return false;
    }
    if (const Json* refused = Find(at, "not")) {
      SMELT_ASSIGN(const bool fits, Sub(at, *refused, at.value));
      if (fits) return false;
    }
    for (const auto& [keyword, accepts] : Combinations()) {
      const Json* schemas = Find(at, keyword);
      if (schemas == nullptr) continue;
      std::size_t fitting = 0;
      for (const Json& schema : *schemas) {
        SMELT_ASSIGN(const bool fits, Sub(at, schema, at.value));
        if (fits) ++fitting;
      }
      if (!accepts(fitting, schemas->size())) return false;
    }
    const Json* condition = Find(at, "if");
    if (condition == nullptr) return true;
    SMELT_ASSIGN(const bool holds, Sub(at, *condition, at.value));
    const Json* consequence = Find(at, holds ? "then" : "else");
    return consequence == nullptr ? Result<bool>(true) : Sub(at, *consequence, at.value);
  }

  using Accepts = bool (*)(std::size_t fitting, std::size_t all);
  static std::array<std::pair<const char*, Accepts>, 3> Combinations() {
    return {{{"allOf", [](std::size_t fitting, std::size_t all) { return fitting == all; }},
             {"anyOf", [](std::size_t fitting, std::size_t) { return fitting > 0; }},
             {"oneOf", [](std::size_t fitting, std::size_t) { return fitting == 1; }}}};
  }

  Json schema_;
  std::map<std::string, std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace

Result<std::shared_ptr<const JsonSchema>> JsonSchema::Compile(Json schema) {
  auto compiled = std::make_shared<CompiledSchema>(std::move(schema));
  SMELT_TRY(compiled->Prepare());
  return std::shared_ptr<const JsonSchema>(std::move(compiled));
}

}  // namespace smelt::quality
