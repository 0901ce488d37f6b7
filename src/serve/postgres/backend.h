#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/session.h"
#include "serve/access/authority.h"
#include "serve/door_counters.h"
#include "serve/postgres/catalog_source.h"
#include "serve/postgres/client_settings.h"
#include "serve/postgres/copy_in.h"
#include "serve/postgres/copy_out.h"
#include "serve/postgres/portal.h"

namespace smelt::serve::postgres {

/// A message of a client's.
struct Message {
  char type = 0;
  std::string body{};
};

/// What all backends of a server share, and what each may use.
struct BackendPlace {
  engine::Engine& engine;
  const Authority& authority;
  DoorCounters& counters;
  CatalogSource* catalog = nullptr;       ///< may be absent
  std::int64_t statement_ms_max = 0;      ///< of a client that says nothing of it; 0: as long as it takes
  std::size_t output_bytes = 256 * 1024;  ///< after which what was made is sent before more is made
  std::size_t statements_max = 1'000;     ///< prepared at a time
  std::size_t copy_bytes_max = std::size_t{4} * 1024 * 1024 * 1024;
};

/// Why a statement was ended from outside.
enum class InterruptReason : std::uint8_t { kNone, kRequest, kTimeout, kShutdown };

/// The work for one client: takes its messages, and writes what it is answered. Works in pieces, so that a client that
/// reads slowly holds neither a thread nor rows. Confined to one thread at a time; but for Interrupt and deadline.
class Backend {
 public:
  enum class Progress : std::uint8_t {
    kWaits,  ///< for messages
    kMore,   ///< send what was written, and go on
    kEnds,   ///< send what was written, and close
  };

  Backend(const BackendPlace& place, Identity identity, std::vector<std::pair<std::string, std::string>> startup,
          std::int32_t process, std::int32_t secret);
  ~Backend();

  /// Opens the session and writes the greeting. Errors: of the engine; kServeProtocol and others for parameters of the
  /// client's that cannot be.
  WireStatus Open(WireBuffer& out);
  void Push(Message message) { messages_.push_back(std::move(message)); }
  /// Works until there is nothing to do, or enough to send.
  Progress Work(WireBuffer& out);
  /// Ends what is running, from any thread.
  void Interrupt(InterruptReason reason);
  /// When the running statement has to be ended, in seconds of the monotonic clock; 0 for never. From any thread.
  double deadline() const { return deadline_; }
  /// Whether a statement is running or a transaction is open.
  bool busy() const { return busy_; }

 private:
  enum class Block : std::uint8_t { kNone, kOpen, kFailed };
  enum class Mode : std::uint8_t { kScript, kExecute };

  /// A savepoint: its name, and how many statements had changed something before it.
  struct Mark {
    std::string name;
    std::size_t changes = 0;
  };

  /// Rows that are being sent.
  struct Run {
    Portal* portal = nullptr;
    std::unique_ptr<Portal> own{};   ///< of scripts
    std::shared_ptr<Portal> held{};  ///< of Execute: a statement that ends the transaction closes its own portal
    Mode mode = Mode::kScript;
    std::int64_t rows_max = 0;  ///< 0: all
    std::int64_t sent = 0;
    std::string tag{};
    std::unique_ptr<CopyOut> copy{};
  };

  // backend.cc: the loop
  void Handle(const Message& message, WireBuffer& out);
  void StepRows(WireBuffer& out);
  void StepCopyRows(Run& run, WireBuffer& out);
  WireResult<bool> NextBatch(Portal& portal);
  void FinishRun(bool suspended, WireBuffer& out);
  void StepScript(WireBuffer& out);
  void Fail(WireError error, WireBuffer& out);
  void FinishScript(WireBuffer& out);
  void Ready(WireBuffer& out);
  WireError Converted(const Error& error, const PreparedText* prepared);

  // extended_query.cc: its messages
  WireStatus HandleExtended(const Message& message, WireBuffer& out);
  WireStatus ParseMessage(const std::string& body, WireBuffer& out);
  WireStatus BindMessage(const std::string& body, WireBuffer& out);
  WireStatus DescribeMessage(const std::string& body, WireBuffer& out);
  WireStatus ExecuteMessage(const std::string& body, WireBuffer& out);
  WireStatus CloseMessage(const std::string& body, WireBuffer& out);
  WireStatus DescribeStatement(PreparedText& prepared, WireBuffer& out);
  WireStatus DescribePortal(Portal& portal, std::string_view name, WireBuffer& out);
  /// Whether another Execute follows before Sync: both are then one transaction.
  bool MoreFollows(std::optional<std::string_view> described) const;

  // statement_work.cc: preparing and starting statements
  WireResult<std::shared_ptr<PreparedText>> Prepare(std::string text, std::vector<std::uint32_t> parameters);
  WireStatus PrepareEngine(PreparedText& prepared);
  WireStatus PrepareCatalog(PreparedText& prepared);
  engine::Session& SessionOf(const PreparedText& prepared);
  WireStatus PrepareShow(PreparedText& prepared);
  WireStatus FindParameters(PreparedText& prepared);
  WireResult<const engine::StatementShape*> Shape(PreparedText& prepared);
  WireStatus Start(Portal& portal, bool one_of_many, WireBuffer& out);
  WireStatus StartEngine(Portal& portal, bool one_of_many);
  WireStatus CheckBlock(const PreparedText& prepared) const;
  Identity CurrentIdentity() const;

  // transaction_work.cc
  WireStatus BeginBlock(const PreparedText& prepared, WireBuffer& out);
  WireStatus CommitBlock(PreparedText& prepared, WireBuffer& out);
  WireStatus RollbackBlock(WireBuffer& out);
  WireStatus Savepoint(const PreparedText& prepared);
  WireStatus ReturnTo(const Mark& mark);
  WireStatus CommitEngine();
  void RollbackEngine();
  void ClosePortals();
  WireStatus ReadModes(const std::vector<SqlToken>& tokens, bool of_session);

  // door_commands.cc: what the engine does not do
  WireStatus RunCommand(Portal& portal, WireBuffer& out);
  WireStatus Set(const PreparedText& prepared);
  WireStatus Assign(const std::string& name, const std::string& value, bool local);
  void ApplyToEngine(const std::string& name);
  WireStatus Reset(const PreparedText& prepared);
  WireStatus Discard(const PreparedText& prepared);
  WireStatus PrepareText(const PreparedText& prepared);
  WireStatus ExecuteText(Portal& portal, WireBuffer& out);
  WireStatus Deallocate(const PreparedText& prepared);
  WireStatus Declare(const PreparedText& prepared);
  WireStatus Fetch(Portal& portal, WireBuffer& out);
  WireStatus CloseCursor(const PreparedText& prepared);

  // copy_work.cc
  WireStatus BeginCopyOut(Portal& portal, WireBuffer& out);
  WireStatus BeginCopyIn(Portal& portal, WireBuffer& out);
  WireStatus HandleCopy(const Message& message, WireBuffer& out);
  WireStatus FinishCopyIn(WireBuffer& out);

  void SetActive(engine::Session* session);
  /// Counts a statement that ended.
  void Count(std::string_view state);

  const BackendPlace& place_;
  const Identity identity_;
  const std::vector<std::pair<std::string, std::string>> startup_;
  const std::int32_t process_;
  const std::int32_t secret_;
  ClientSettings settings_;
  TimeZone zone_;
  std::unique_ptr<engine::Session> session_;
  std::unique_ptr<CatalogView> catalog_;  ///< when it was asked for

  std::deque<Message> messages_;
  std::vector<std::string> script_;  ///< texts of what is left of a simple query, the next one last
  std::size_t script_statements_ = 0;
  bool in_script_ = false;
  bool skips_to_sync_ = false;
  bool ends_ = false;
  Block block_ = Block::kNone;
  bool implicit_ = false;         ///< a transaction of the engine's is open that the client did not ask for
  std::vector<Mark> savepoints_;  ///< of the open transaction, the newest last
  std::size_t changes_ = 0;       ///< statements of the transaction that changed something
  std::map<std::string, std::shared_ptr<PreparedText>, std::less<>> statements_;
  std::map<std::string, std::shared_ptr<Portal>, std::less<>> portals_;
  std::optional<Run> run_;
  std::unique_ptr<CopyIn> copy_in_;
  Mode copy_mode_ = Mode::kScript;

  std::atomic<double> deadline_ = 0;
  std::atomic<bool> busy_ = false;
  std::atomic<InterruptReason> reason_ = InterruptReason::kNone;
  double began_ = 0;  ///< when the statement at work did; 0 when none is
  std::mutex active_lock_;
  engine::Session* active_ = nullptr;  ///< the session whose statement runs
};

}  // namespace smelt::serve::postgres
