#include "engine/internal/arrow_ipc/ipc_rows.h"

#include <duckdb/common/arrow/arrow_converter.hpp>
#include <duckdb/common/type_visitor.hpp>
#include <utility>

#include "engine/internal/arrow_ipc/ipc_batch.h"
#include "engine/internal/arrow_ipc/ipc_schema.h"

namespace smelt::engine {
namespace {

constexpr duckdb::idx_t kBatchRows = 16 * 1024;

duckdb::LogicalType SentAs(const duckdb::LogicalType& type) {
  return duckdb::TypeVisitor::VisitReplace(type, [](const duckdb::LogicalType& part) -> duckdb::LogicalType {
    if (part.IsJSONType()) return duckdb::LogicalType::VARCHAR;
    switch (part.id()) {
      case duckdb::LogicalTypeId::SQLNULL: return duckdb::LogicalType::INTEGER;
      case duckdb::LogicalTypeId::HUGEINT:
      case duckdb::LogicalTypeId::UHUGEINT: return duckdb::LogicalType::DECIMAL(duckdb::DecimalType::MaxWidth(), 0);
      case duckdb::LogicalTypeId::ENUM:
      case duckdb::LogicalTypeId::UUID:
      case duckdb::LogicalTypeId::BIT:
      case duckdb::LogicalTypeId::BIGNUM:
      case duckdb::LogicalTypeId::TIME_TZ:
      case duckdb::LogicalTypeId::UNION:
      case duckdb::LogicalTypeId::VARIANT: return duckdb::LogicalType::VARCHAR;
      default: return part;
    }
  });
}

struct ArrayOwner {
  ArrowArray array{};
  ~ArrayOwner() {
    if (array.release != nullptr) array.release(&array);
  }
};

}  // namespace

struct IpcRows::SchemaOwner {
  ArrowSchema schema{};
  ~SchemaOwner() {
    if (schema.release != nullptr) schema.release(&schema);
  }
};

IpcRows::IpcRows(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
                 duckdb::vector<std::string> names)
    : context_(context),
      properties_("UTC", duckdb::ArrowOffsetSize::REGULAR, false, false, false, duckdb::ArrowFormatVersion::V1_0,
                  &context),
      schema_(std::make_unique<SchemaOwner>()) {
  for (const auto& type : types) types_.push_back(SentAs(type));
  duckdb::ArrowConverter::ToArrowSchema(&schema_->schema, types_, names, properties_);
}

IpcRows::~IpcRows() = default;

std::string IpcRows::Schema() const {
  return IpcSchema(schema_->schema);
}

void IpcRows::Append(duckdb::DataChunk& chunk, duckdb::idx_t from, duckdb::idx_t to) {
  duckdb::DataChunk sent;
  sent.InitializeEmpty(types_);
  for (duckdb::idx_t column = 0; column < types_.size(); ++column) {
    if (chunk.data[column].GetType() == types_[column]) {
      sent.data[column].Reference(chunk.data[column]);
      continue;
    }
    duckdb::Vector cast(types_[column], chunk.size());
    duckdb::VectorOperations::Cast(context_, chunk.data[column], cast, chunk.size());
    sent.data[column].Reference(cast);
  }
  sent.SetCardinality(chunk.size());
  if (!appender_) {
    appender_ = std::make_unique<duckdb::ArrowAppender>(
        types_, kBatchRows, properties_,
        duckdb::unordered_map<duckdb::idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>());
  }
  appender_->Append(sent, from, to, chunk.size());
  bytes_ += chunk.GetAllocationSize() * (to - from) / std::max<duckdb::idx_t>(chunk.size(), 1);
}

std::string IpcRows::TakeBatch() {
  if (!appender_) return "";
  ArrayOwner rows;
  rows.array = appender_->Finalize();
  appender_.reset();
  bytes_ = 0;
  return IpcBatch(schema_->schema, rows.array);
}

}  // namespace smelt::engine
