#include "delta/type_widening.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/ascii.h"
#include "delta/features.h"
#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

constexpr const char* kTypeChangesKey = "delta.typeChanges";

struct Decimal {
  int precision = 0, scale = 0;
};

/// The digits of a decimal type, which ParseSchema has checked; nothing for other types.
std::optional<Decimal> DecimalOf(const std::string& type) {
  constexpr std::string_view kPrefix = "decimal(";
  if (!type.starts_with(kPrefix)) return std::nullopt;
  Decimal decimal;
  const char* end = type.data() + type.size();
  const auto precision = std::from_chars(type.data() + kPrefix.size(), end, decimal.precision);
  if (precision.ptr == end) return std::nullopt;
  std::from_chars(precision.ptr + 1, end, decimal.scale);
  return decimal;
}

/// The decimal digits that whole numbers of a type have at most, as the protocol counts them.
std::optional<int> DigitsOf(const std::string& type) {
  if (type == "byte" || type == "short" || type == "integer") return 10;
  if (type == "long") return 20;
  return std::nullopt;
}

bool IsWidenedPrimitive(const std::string& from, const std::string& to) {
  static const std::map<std::string_view, int> kWholeNumbers = {{"byte", 0}, {"short", 1}, {"integer", 2}, {"long", 3}};
  const auto narrow = kWholeNumbers.find(from);
  const auto wide = kWholeNumbers.find(to);
  if (narrow != kWholeNumbers.end() && wide != kWholeNumbers.end()) return narrow->second < wide->second;
  if (to == "double") return from == "float" || (narrow != kWholeNumbers.end() && from != "long");
  if (from == "date") return to == "timestamp_ntz";
  const auto target = DecimalOf(to);
  if (!target) return false;
  const auto digits = DigitsOf(from);
  const auto source = digits ? Decimal{*digits, 0} : DecimalOf(from).value_or(Decimal{99, 0});
  return target->scale >= source.scale && target->precision - target->scale >= source.precision - source.scale;
}

class Widening {
 public:
  Result<bool> Field(delta::Field& field, const DataType& wanted) {
    Json changes = Json::array();
    bool changed = false;
    SMELT_ASSIGN(field.type, Type(field.type, wanted, "", changes, changed));
    if (changes.empty()) return changed;
    Json& recorded = field.metadata[kTypeChangesKey];
    if (!recorded.is_array()) recorded = Json::array();
    for (Json& change : changes) recorded.push_back(std::move(change));
    return true;
  }

 private:
  /// `path` leads from the field whose metadata keeps the changes to this type: "element", "key", "value.element".
  Result<DataType> Type(const DataType& from, const DataType& to, const std::string& path, Json& changes,
                        bool& changed) {
    if (from.kind != to.kind) return Refuse(from, to);
    DataType result = from;
    switch (from.kind) {
      case DataType::Kind::kPrimitive:
        if (from.primitive == to.primitive) return result;
        if (!IsWidening(from, to)) return Refuse(from, to);
        changes.push_back({{"fromType", from.primitive}, {"toType", to.primitive}});
        if (!path.empty()) changes.back()["fieldPath"] = path;
        return to;
      case DataType::Kind::kStruct: {
        if (from.fields.size() != to.fields.size()) return Refuse(from, to);
        for (std::size_t i = 0; i < from.fields.size(); ++i) {
          if (!EqualsIgnoringCase(from.fields[i].name, to.fields[i].name)) return Refuse(from, to);
          SMELT_ASSIGN(const bool inner, Field(result.fields[i], to.fields[i].type));
          changed |= inner;
        }
        return result;
      }
      case DataType::Kind::kArray:
      case DataType::Kind::kMap: {
        if (from.key) {
          SMELT_ASSIGN(result.key, Inner(*from.key, *to.key, path, "key", changes, changed));
        }
        SMELT_ASSIGN(result.element, Inner(*from.element, *to.element, path,
                                           from.kind == DataType::Kind::kMap ? "value" : "element", changes, changed));
        return result;
      }
    }
    return result;
  }

  Result<std::shared_ptr<const DataType>> Inner(const DataType& from, const DataType& to, const std::string& path,
                                                const char* name, Json& changes, bool& changed) {
    SMELT_ASSIGN(DataType type, Type(from, to, path.empty() ? name : path + "." + name, changes, changed));
    return std::make_shared<const DataType>(std::move(type));
  }

  static std::string Name(const DataType& type) {
    switch (type.kind) {
      case DataType::Kind::kPrimitive: return type.primitive;
      case DataType::Kind::kStruct: return "a struct";
      case DataType::Kind::kArray: return "an array";
      case DataType::Kind::kMap: return "a map";
    }
    return "";
  }

  static std::unexpected<Error> Refuse(const DataType& from, const DataType& to) {
    const bool is_struct = from.kind == DataType::Kind::kStruct && to.kind == from.kind;
    return Fail(Error(ErrorCode::kDeltaUnsupported,
                      is_struct ? "the fields of a struct cannot change together with types"
                                : fmt::format("{} is no wider type than {}", Name(to), Name(from)))
                    .Hint("for other changes of a type, CREATE OR REPLACE TABLE … AS SELECT"));
  }
};

}  // namespace

bool AllowsTypeWidening(const Protocol& protocol, const Metadata& metadata) {
  return (HasFeature(protocol, "typeWidening") || HasFeature(protocol, "typeWidening-preview")) &&
         PropertyIsTrue(metadata, "delta.enableTypeWidening");
}

bool IsWidening(const DataType& from, const DataType& to) {
  return from.kind == DataType::Kind::kPrimitive && to.kind == from.kind &&
         IsWidenedPrimitive(from.primitive, to.primitive);
}

Result<bool> WidenField(Field& field, const DataType& wanted) {
  return Widening().Field(field, wanted);
}

}  // namespace smelt::delta
