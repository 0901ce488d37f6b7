#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "engine/internal/file_rewrite.h"
#include "engine/internal/lake_catalog.h"
#include "engine/internal/row_ids.h"
#include "engine/internal/row_rules.h"
#include "engine/internal/table_definition.h"

namespace smelt::engine {

/// What becomes of a row that a statement takes away.
enum class RowFate { kDeleted, kReplaced };

/// Rows that one statement deletes, gathered by all of its branches and threads. Thread-safe.
class DeletedRowSet {
 public:
  /// Adds the row identifiers of a chunk, which stand at `column` and `column + 1`. With `once`, a row that is there
  /// already is an error: two source rows for one target row.
  void Add(duckdb::DataChunk& chunk, duckdb::idx_t column, bool once, RowFate fate);
  /// Hands the rows to the transaction.
  void Flush(LakeTransaction& transaction, const LakeTable& table);
  /// The table's state with these rows alone.
  TableStatePtr Restrict(const TableState& state);
  std::int64_t count() const { return count_; }

 private:
  std::mutex lock_;
  std::map<std::uint64_t, delta::RowSet> rows_;      ///< by file id
  std::map<std::uint64_t, delta::RowSet> replaced_;  ///< those of them that an update replaces
  std::atomic<std::int64_t> count_ = 0;
};

/// Base of the statements' sinks: when the sink is finished it is a source of one row, the number of rows changed, or
/// of the rows themselves, for RETURNING.
class LakeSink : public duckdb::PhysicalOperator {
 public:
  LakeSink(duckdb::PhysicalPlan& plan, duckdb::Catalog& catalog)
      : PhysicalOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, {duckdb::LogicalType::BIGINT}, 1),
        catalog_(catalog) {}

  bool IsSink() const override { return true; }
  bool IsSource() const override { return true; }
  bool ParallelSink() const override { return true; }
  duckdb::unique_ptr<duckdb::GlobalSourceState> GetGlobalSourceState(duckdb::ClientContext& context) const override;
  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                                           duckdb::OperatorSourceInput& input) const override;

  /// Makes this answer with the rows that it writes or deletes, whole and in the order of the table's columns.
  void SetReturning(const duckdb::vector<duckdb::LogicalType>& row_types) {
    types = row_types;
    returns_rows_ = true;
  }

 protected:
  /// The global state of all sinks.
  struct Returned : public duckdb::GlobalSinkState {
    std::mutex lock;
    duckdb::unique_ptr<duckdb::ColumnDataCollection> rows;  ///< for RETURNING, else null
  };
  /// Null without RETURNING.
  duckdb::unique_ptr<duckdb::ColumnDataCollection> MakeReturned(duckdb::ClientContext& context) const;
  bool returns_rows() const { return returns_rows_; }
  virtual std::int64_t Count() const = 0;
  duckdb::Catalog& catalog_;

 private:
  bool returns_rows_ = false;
};

/// Writes rows into a table: INSERT, CREATE TABLE AS, UPDATE, and those branches of MERGE.
class LakeWrite : public LakeSink {
 public:
  struct Target {
    TableKey key;
    TableShape shape;   ///< of the rows that come in
    TableShape stored;  ///< the same columns as files have them
    std::string folder_address;
    /// The partition of all rows, when the plan tells; else each row brings its own.
    std::optional<delta::PartitionValues> partition;
  };

  LakeWrite(duckdb::PhysicalPlan& plan, duckdb::Catalog& catalog, Target target, duckdb::PhysicalCopyToFile& copy)
      : LakeSink(plan, catalog), target_(std::move(target)), copy_(copy) {}

  /// Makes this the write of CREATE TABLE AS.
  void SetCreate(duckdb::unique_ptr<duckdb::BoundCreateTableInfo> create, TableDefinition definition) {
    create_ = std::move(create);
    definition_ = std::move(definition);
  }
  /// Makes this the write of an update: `expressions` yield the new row, in table order, and the replaced rows, whose
  /// identifiers stand at `row_id` (counted from the chunk's end when invalid), go to `deleted`. With `ids`, the writer
  /// takes the ids of these rows as one more column.
  void SetUpdate(LakeTable& table, duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> expressions,
                 duckdb::optional_idx row_id, std::shared_ptr<DeletedRowSet> deleted, std::shared_ptr<RowIdLookup> ids);

  /// Sets what rows must obey, and the identity columns that the statement leaves to the table.
  void SetRules(std::shared_ptr<const BoundRules> rules, std::vector<IdentityColumn> numbered) {
    rules_ = std::move(rules);
    numbered_ = std::move(numbered);
  }

  std::string GetName() const override { return "LAKE_WRITE"; }
  bool ParallelSink() const override { return copy_.ParallelSink(); }
  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(duckdb::ClientContext& context) const override;
  duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(duckdb::ExecutionContext& context) const override;
  duckdb::SinkResultType Sink(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override;
  duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext& context,
                                        duckdb::OperatorSinkCombineInput& input) const override;
  duckdb::SinkFinalizeType Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event, duckdb::ClientContext& context,
                                    duckdb::OperatorSinkFinalizeInput& input) const override;

 protected:
  std::int64_t Count() const override;

 private:
  struct Global;
  struct Local;
  void FillColumns(duckdb::ClientContext& context, Local& local, duckdb::DataChunk& rows) const;
  void CheckNotNull(duckdb::DataChunk& chunk) const;
  duckdb::DataChunk& AsStored(Local& local, duckdb::DataChunk& rows) const;
  /// Hands rows to the writer.
  duckdb::SinkResultType Write(duckdb::ExecutionContext& context, duckdb::DataChunk& rows,
                               duckdb::OperatorSinkInput& input) const;
  std::vector<WrittenFile> CloseFiles(duckdb::Pipeline& pipeline, duckdb::Event& event, duckdb::ClientContext& context,
                                      duckdb::OperatorSinkFinalizeInput& input) const;

  Target target_;
  duckdb::PhysicalCopyToFile& copy_;  ///< not a child: this operator calls it
  duckdb::unique_ptr<duckdb::BoundCreateTableInfo> create_;
  TableDefinition definition_;  ///< of the table that CREATE TABLE AS makes
  LakeTable* updated_ = nullptr;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> expressions_;
  duckdb::optional_idx row_id_;
  std::shared_ptr<DeletedRowSet> deleted_;
  std::shared_ptr<RowIdLookup> ids_;
  std::shared_ptr<const BoundRules> rules_;
  std::vector<IdentityColumn> numbered_;
};

/// Deletes rows: DELETE and that branch of MERGE.
class LakeDelete : public LakeSink {
 public:
  /// `deleted` may be shared with other branches of a statement.
  LakeDelete(duckdb::PhysicalPlan& plan, LakeTable& table, duckdb::idx_t row_id, bool once,
             std::shared_ptr<DeletedRowSet> deleted)
      : LakeSink(plan, table.catalog), table_(table), row_id_(row_id), once_(once), deleted_(std::move(deleted)) {}

  std::string GetName() const override { return "LAKE_DELETE"; }
  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(duckdb::ClientContext& context) const override;
  duckdb::SinkResultType Sink(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override;
  duckdb::SinkFinalizeType Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event, duckdb::ClientContext& context,
                                    duckdb::OperatorSinkFinalizeInput& input) const override;

 protected:
  std::int64_t Count() const override { return deleted_->count(); }

 private:
  /// Reads what was deleted out of the table's files.
  void ReadDeleted(Returned& returned) const;

  LakeTable& table_;
  duckdb::idx_t row_id_;
  bool once_;
  std::shared_ptr<DeletedRowSet> deleted_;
  mutable DeletedRowSet own_;  ///< those that this operator itself deleted, where they are to be returned
};

}  // namespace smelt::engine
