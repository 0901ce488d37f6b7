#include "engine/internal/lookup/lookup.h"

#include <algorithm>
#include <duckdb/catalog/catalog_entry_retriever.hpp>
#include <duckdb/planner/filter/constant_filter.hpp>
#include <functional>
#include <utility>

#include "engine/internal/lake_catalog.h"
#include "engine/internal/lookup/kept_files.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

/// What a question is about: a table of the lake, and positions of columns in it.
struct Target {
  const LakeTable* table = nullptr;  ///< of the transaction
  TableStatePtr state;
  std::vector<std::size_t> columns;
  std::vector<std::size_t> keys;
};

/// Types whose values are equal when they are the same.
bool IsPlain(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIMESTAMP: return !type.HasAlias();
    default: return false;
  }
}

/// Runs within a transaction of the session. Whatever is wrong, the statement itself is to say.
template <typename Answer>
std::optional<Answer> InTransaction(Session::Impl& session, const std::function<std::optional<Answer>()>& body) {
  std::optional<Answer> answer;
  try {
    session.connection->context->RunFunctionInTransaction([&] { answer = body(); });
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return answer;
}

std::optional<Target> FindTarget(duckdb::ClientContext& context, const LookupQuestion& question) {
  duckdb::CatalogEntryRetriever retriever(context);
  const duckdb::EntryLookupInfo lookup(duckdb::CatalogType::TABLE_ENTRY, question.table);
  auto entry = retriever.GetEntry(question.catalog, question.schema, lookup, duckdb::OnEntryNotFound::RETURN_NULL);
  const auto* table = entry ? dynamic_cast<const LakeTable*>(entry.get()) : nullptr;
  if (table == nullptr) return std::nullopt;
  Target target{.table = table, .state = table->state(), .columns = {}, .keys = {}};
  const TableShape& shape = target.state->shape;
  for (const auto& column : question.columns) {
    const auto found = shape.Find(column.name);
    if (!found) return std::nullopt;
    target.columns.push_back(*found);
  }
  if (question.columns.empty()) {
    for (std::size_t i = 0; i < shape.names.size(); ++i) target.columns.push_back(i);
  }
  for (const auto& key : question.keys) {
    const auto found = shape.Find(key.column);
    if (!found || !IsPlain(shape.types[*found])) return std::nullopt;
    target.keys.push_back(*found);
  }
  return target;
}

/// A value as the column has it, when the engine would compare in the column's type or could as well. NULL stays NULL.
std::optional<Value> Comparable(Value value, const LogicalType& cast, const LogicalType& column) {
  if (cast != LogicalType::INVALID && value.type() != cast) {
    Value converted;
    const bool is_simple = IsPlain(cast) && (value.type().id() == LogicalTypeId::VARCHAR || value.type().IsIntegral());
    if (!is_simple || !value.DefaultTryCastAs(cast, converted, nullptr)) return std::nullopt;
    value = std::move(converted);
  }
  if (value.type() == column) return value;
  // A text that nothing gives a type takes that of the column; of two integers, the wider type holds both.
  const bool is_text = value.type().id() == LogicalTypeId::VARCHAR && cast == LogicalType::INVALID;
  const bool is_integer = value.type().IsIntegral() && column.IsIntegral();
  const bool is_null = value.IsNull() && value.type().id() == LogicalTypeId::SQLNULL;
  if (!is_text && !is_integer && !is_null) return std::nullopt;
  Value converted;
  if (!value.DefaultTryCastAs(column, converted, nullptr)) return std::nullopt;
  return converted;
}

std::optional<std::vector<Value>> KeyValues(const LookupQuestion& question, const Target& target,
                                            const std::vector<Value>& parameters) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < question.keys.size(); ++i) {
    const LookupQuestion::Key& key = question.keys[i];
    auto value = Comparable(key.parameter ? parameters.at(*key.parameter) : key.constant, key.cast,
                            target.state->shape.types[target.keys[i]]);
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  return values;
}

bool MayHave(const Target& target, const LiveFile& file, const std::vector<Value>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const duckdb::ConstantFilter filter(duckdb::ExpressionType::COMPARE_EQUAL, values[i]);
    if (!file.file->MayMatch(target.state->shape, target.keys[i], filter)) return false;
  }
  return true;
}

bool ComparesOtherwise(duckdb::ClientContext& context) {
  Value collation;
  return context.TryGetCurrentSetting("default_collation", collation) && !collation.IsNull() &&
         !collation.ToString().empty();
}

void NameColumns(const LookupQuestion& question, const Target& target, duckdb::vector<std::string>& names,
                 duckdb::vector<LogicalType>& types) {
  const TableShape& shape = target.state->shape;
  for (std::size_t i = 0; i < target.columns.size(); ++i) {
    const bool has_alias = !question.columns.empty() && !question.columns[i].alias.empty();
    names.push_back(has_alias ? question.columns[i].alias : shape.names[target.columns[i]]);
    types.push_back(shape.types[target.columns[i]]);
  }
}

/// Rows of one file after the other.
struct FoundRows {
  std::vector<std::pair<std::shared_ptr<KeptFile>, std::vector<KeptRow>>> of_files;
  duckdb::idx_t count = 0;
};

/// Nothing while a file is read by another thread, or when the rows are too many for one chunk.
std::optional<FoundRows> FindRows(Lake& lake, const Target& target, const std::vector<Value>& values,
                                  duckdb::idx_t rows_max) {
  FoundRows found;
  for (const LiveFile& file : target.state->files) {
    if (found.count >= rows_max) break;
    if (!MayHave(target, file, values)) continue;
    auto kept = lake.kept_files().Get(lake, *target.state, file);
    if (!kept) return std::nullopt;
    std::vector<KeptRow> rows = kept->Find(target.keys, values);
    if (rows.size() > rows_max - found.count) rows.resize(rows_max - found.count);
    found.count += rows.size();
    if (found.count > STANDARD_VECTOR_SIZE) return std::nullopt;
    found.of_files.emplace_back(std::move(kept), std::move(rows));
  }
  return found;
}

duckdb::unique_ptr<duckdb::DataChunk> ChunkOf(const FoundRows& found, const Target& target,
                                              const duckdb::vector<LogicalType>& types) {
  auto chunk = duckdb::make_uniq<duckdb::DataChunk>();
  chunk->Initialize(duckdb::Allocator::DefaultAllocator(), types, found.count);
  duckdb::idx_t at = 0;
  for (const auto& [file, rows] : found.of_files) {
    for (const KeptRow& row : rows) {
      const duckdb::DataChunk& source = file->chunk(row.chunk);
      for (std::size_t i = 0; i < target.columns.size(); ++i) {
        duckdb::VectorOperations::Copy(source.data[target.columns[i]], chunk->data[i], row.row + 1, row.row, at);
      }
      ++at;
    }
  }
  chunk->SetCardinality(at);
  return chunk;
}

std::optional<LookupAnswer> Answer(Session::Impl& session, const LookupQuestion& question, const Target& target,
                                   const std::vector<Value>& values) {
  LookupAnswer answer{.names = {}, .types = {}, .rows = nullptr};
  NameColumns(question, target, answer.names, answer.types);
  if (std::ranges::any_of(values, [](const Value& value) { return value.IsNull(); })) return answer;
  const duckdb::idx_t rows_max = question.rows_max.value_or(duckdb::NumericLimits<duckdb::idx_t>::Maximum());
  const auto found = FindRows(*session.lake, target, values, rows_max);
  if (!found) return std::nullopt;
  if (found->count > 0) answer.rows = ChunkOf(*found, target, answer.types);
  return answer;
}

}  // namespace

std::optional<LookupAnswer> Lookup(Session::Impl& session, const LookupQuestion& question,
                                   const std::vector<Value>& parameters) {
  duckdb::ClientContext& context = *session.connection->context;
  return InTransaction<LookupAnswer>(session, [&]() -> std::optional<LookupAnswer> {
    const auto target = FindTarget(context, question);
    if (!target || ComparesOtherwise(context)) return std::nullopt;
    const auto values = KeyValues(question, *target, parameters);
    if (!values || !session.lake->kept_files().IsWorthIt(target->table->key(), *target->state)) return std::nullopt;
    auto answer = Answer(session, question, *target, *values);
    if (answer) target->table->NoteScan(context);
    return answer;
  });
}

std::optional<LookupShape> DescribeLookup(Session::Impl& session, const LookupQuestion& question) {
  return InTransaction<LookupShape>(session, [&]() -> std::optional<LookupShape> {
    const auto target = FindTarget(*session.connection->context, question);
    if (!target) return std::nullopt;
    LookupShape shape;
    NameColumns(question, *target, shape.names, shape.types);
    for (std::size_t i = 0; i < question.keys.size(); ++i) {
      const LookupQuestion::Key& key = question.keys[i];
      if (!key.parameter) continue;
      if (*key.parameter >= shape.parameters.size()) shape.parameters.resize(*key.parameter + 1, LogicalType::INVALID);
      LogicalType& type = shape.parameters[*key.parameter];
      if (type != LogicalType::INVALID) return std::nullopt;  // used twice: the engine finds what suits both
      type = key.cast == LogicalType::INVALID ? target->state->shape.types[target->keys[i]] : key.cast;
    }
    return shape;
  });
}

}  // namespace smelt::engine
