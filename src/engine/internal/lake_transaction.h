#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "delta/clustering.h"
#include "delta/transaction.h"
#include "engine/internal/lake.h"
#include "engine/internal/operation_metrics.h"

namespace smelt::engine {

/// What a transaction did to one table so far.
struct TableWork {
  TableStatePtr base;     ///< pinned at the first touch; null when the table did not exist
  bool created = false;   ///< by this transaction, or replaced: `protocol` and `metadata` hold the new definition
  bool replaced = false;  ///< the files of `base` are gone
  bool dropped = false;
  bool redefined = false;  ///< `protocol` or `metadata` differ from the base
  int scans = 0;           ///< how often rows were read, so that the writes may depend on them
  int row_changes = 0;     ///< how many of them were for a DELETE or an UPDATE, which judge each row by itself
  delta::Protocol protocol;
  delta::Metadata metadata;
  TableShape shape;
  std::vector<std::shared_ptr<const DataFile>> added;
  std::map<std::shared_ptr<const DataFile>, std::shared_ptr<delta::RowSet>> deleted;
  /// Of the rows in `deleted`, those that an update replaced, and of the files in `added`, those that hold what
  /// replaced them.
  std::map<std::shared_ptr<const DataFile>, std::shared_ptr<delta::RowSet>> preimages;
  std::set<std::shared_ptr<const DataFile>> postimages;
  std::string operation;
  std::string redefinition;                         ///< the operation that last changed the definition
  std::optional<delta::DomainMetadata> clustering;  ///< as it is to be said anew
  Json operation_parameters = Json::object();
  /// Operation and parameters that a DELETE took the place of; empty without one.
  std::pair<std::string, Json> before_delete;
  RowCounts rows;                       ///< what the statements handed over; `deleted` is counted at the end
  std::vector<std::string> written;     ///< store keys of new files, deleted unless they are committed
  std::vector<std::string> superseded;  ///< those of `written` whose rows the commit holds in other files
  std::set<std::string> writers;        ///< marks in the names of files that are being written
  TableStatePtr view;                   ///< what the transaction sees now; null: to be built

  /// Forgets what was done to the rows, as when the table is defined anew.
  void ForgetRows();
  bool exists() const { return !dropped && (base || created); }
  bool writes_rows() const { return !dropped && (!added.empty() || !deleted.empty()); }
  bool changed() const { return created || dropped || redefined || !added.empty() || !deleted.empty(); }
};

/// What a session is told of a commit; the version is not known yet.
CommitReport ReportOf(const TableKey& key, const delta::Proposal& proposal);

/// Deletes the files of a table whose names contain one of the marks, as far as that is possible: what stays is
/// unreferenced, and VACUUM removes it.
void DeleteMarkedFiles(Lake& lake, const TableKey& key, const std::set<std::string>& marks);

/// A transaction over the lake: snapshot isolation per table, its own writes visible, one Delta commit per table at the
/// end. Thread-safe, because the sinks of one statement run in parallel.
class LakeTransaction : public duckdb::Transaction {
 public:
  LakeTransaction(duckdb::TransactionManager& manager, duckdb::ClientContext& context, Lake& lake);

  static LakeTransaction& Get(duckdb::ClientContext& context, duckdb::Catalog& catalog) {
    return Transaction::Get(context, catalog).Cast<LakeTransaction>();
  }

  /// The release that this transaction sees, from the first time it looks on: all its tables and views are of it.
  const Release& release();
  /// Throws kSqlUnsupported when the release has a say about this name.
  void CheckMayWrite(const TableKey& key);
  /// What this transaction sees of a table; null when it does not exist.
  TableStatePtr View(const TableKey& key);
  void NoteScan(const TableKey& key);
  /// Defines a new table, or replaces an existing one as a whole.
  void Create(const TableKey& key, delta::Protocol protocol, delta::Metadata metadata, std::string operation);
  void Redefine(const TableKey& key, delta::Protocol protocol, delta::Metadata metadata, std::string operation);
  /// Says by which columns the table, as it is defined by now, is clustered.
  void ClusterBy(const TableKey& key, const std::vector<delta::PhysicalPath>& columns);
  void Drop(const TableKey& key);
  /// Announces that files whose names contain `mark`, which no other file's does, are about to be written. Those that
  /// AddFile does not learn of before EndWrite are deleted with the transaction.
  void BeginWrite(const TableKey& key, const std::string& mark);
  void EndWrite(const TableKey& key, const std::string& mark);
  /// Adds a data file that has been written; `updated` when its rows replace others.
  void AddFile(const TableKey& key, delta::Add add, const std::string& address, bool updated);
  /// Marks rows of a file as deleted; those of `replaced`, which are among them, by an update.
  void DeleteRows(const TableKey& key, const std::shared_ptr<const DataFile>& file, const delta::RowSet& rows,
                  const delta::RowSet& replaced);
  /// Counts the rows of a write, for the metrics of the commit.
  void CountRows(const TableKey& key, std::int64_t inserted, std::int64_t updated);
  void SetOperation(const TableKey& key, std::string operation, Json parameters = Json::object());
  /// Takes the next `count` numbers of an identity column and answers with the first; the commit records how far the
  /// numbers were given out. Throws kSqlRuntime when there are not that many left.
  std::int64_t TakeNumbers(const TableKey& key, std::size_t column, std::int64_t count);

  /// Entries live as long as the transaction, one object per state: DuckDB joins its listings on their identity.
  duckdb::CatalogEntry& KeepEntry(const std::string& identity,
                                  const std::function<duckdb::unique_ptr<duckdb::CatalogEntry>()>& make);

  /// Commits table by table. On failure what is left is rolled back.
  Status Commit(duckdb::ClientContext& context);
  void Rollback();

 private:
  const Release& ReleaseUnderLock();
  TableStatePtr Base(const TableKey& key);
  TableWork& Work(const TableKey& key);
  TableStatePtr BuildView(const TableKey& key, const TableWork& work) const;
  Status CommitTable(const TableKey& key, TableWork& work, const std::optional<TxnMark>& mark,
                     ConnectionState& connection);
  Status ProposeFiles(const TableKey& key, TableWork& work, delta::Proposal& proposal);
  Status RewriteBin(const TableKey& key, TableWork& work, const std::vector<LiveFile>& bin, delta::Proposal& proposal);
  Status RecordChanges(const TableKey& key, TableWork& work, delta::Proposal& proposal);
  /// `quarantined`: how many rows the audit of the commit sent to quarantine, or the load never let in.
  Result<delta::Proposal> ProposalOf(const TableKey& key, TableWork& work, std::int64_t quarantined);
  /// Whether the table has the mark of this write already: then its files are deleted, and it is not to be committed.
  bool IsRepeated(const TableKey& key, TableWork& work, const TxnMark& mark);
  void DeleteWrittenFiles();
  void DeleteFilesOf(const TableKey& key, TableWork& work);

  Lake& lake_;
  std::shared_ptr<const std::map<TableKey, TableStatePtr>> pinned_;  ///< by the session; may be null
  std::mutex lock_;
  ReleasePtr release_;  ///< null: nothing was looked at
  std::map<TableKey, TableWork> tables_;
  std::map<std::string, duckdb::unique_ptr<duckdb::CatalogEntry>> entries_;
};

class LakeTransactionManager : public duckdb::TransactionManager {
 public:
  LakeTransactionManager(duckdb::AttachedDatabase& db, Lake& lake) : TransactionManager(db), lake_(lake) {}

  duckdb::Transaction& StartTransaction(duckdb::ClientContext& context) override;
  duckdb::ErrorData CommitTransaction(duckdb::ClientContext& context, duckdb::Transaction& transaction) override;
  void RollbackTransaction(duckdb::Transaction& transaction) override;
  void Checkpoint(duckdb::ClientContext&, bool) override {}

 private:
  void Close(duckdb::Transaction& transaction);

  Lake& lake_;
  std::mutex lock_;
  std::map<duckdb::Transaction*, duckdb::unique_ptr<LakeTransaction>> open_;
};

}  // namespace smelt::engine
