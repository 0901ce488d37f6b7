#include "engine/named_types.h"

#include <fmt/format.h>

#include <duckdb/function/cast/default_casts.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/main/extension/extension_loader.hpp>

#include "engine/internal/engine_impl.h"
#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

using duckdb::BoundCastInfo;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

/// What a conversion costs the binder, which takes the cheapest: what is no conversion at all, then numbers, then
/// texts.
constexpr std::int64_t kSame = 1, kWider = 2, kText = 20;

struct Conversion {
  LogicalType to;
  std::int64_t cost;
};

/// Types that values of a stored type turn into by themselves, beside the stored one.
std::vector<Conversion> ConversionsOf(const LogicalType& stored) {
  if (stored.id() == LogicalTypeId::VARCHAR) return {};
  if (stored.id() == LogicalTypeId::BIGINT) return {{LogicalType::VARCHAR, kText}};
  return {{LogicalType::BIGINT, kWider}, {LogicalType::VARCHAR, kText}};
}

void Register(duckdb::DatabaseInstance& database, const NamedType& type, const LogicalType& stored) {
  duckdb::ExtensionLoader loader(database, "smelt");
  LogicalType named = stored;
  named.SetAlias(type.name);
  loader.RegisterType(type.name, named);
  loader.RegisterCastFunction(named, stored, BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast), kSame);
  duckdb::BindCastInput input(duckdb::CastFunctionSet::Get(database), nullptr, nullptr);
  for (const auto& [to, cost] : ConversionsOf(stored)) {
    loader.RegisterCastFunction(named, to, duckdb::DefaultCasts::GetDefaultCastFunction(input, stored, to), cost);
  }
}

}  // namespace

Status NameTypes(Engine& engine, std::span<const NamedType> types) {
  try {
    for (const NamedType& type : types) {
      const LogicalTypeId stored = duckdb::TransformStringToLogicalTypeId(type.stored_as);
      const bool simple = stored == LogicalTypeId::VARCHAR || LogicalType(stored).IsIntegral();
      if (!simple) {
        return Fail(ErrorCode::kSqlCatalog, fmt::format("there is no type {}", type.stored_as));
      }
      Register(*engine.impl_->database->instance, type, LogicalType(stored));
    }
    return {};
  } catch (const std::exception&) {
    return std::unexpected(FromCurrentException());
  }
}

}  // namespace smelt::engine
