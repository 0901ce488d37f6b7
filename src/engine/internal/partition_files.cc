#include "engine/internal/partition_files.h"

#include <duckdb/parallel/task_scheduler.hpp>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::FunctionData;
using duckdb::GlobalFunctionData;

/// The files that the writers of a connection have open. Thread-safe.
class OpenFiles : public duckdb::ClientContextState {
 public:
  static constexpr const char* kName = "smelt-partition-files";
  using Files = std::set<GlobalFunctionData*>;

  static OpenFiles& Of(ClientContext& context) { return *context.registered_state->GetOrCreate<OpenFiles>(kName); }

  void Add(const FunctionData& writer, GlobalFunctionData& file) {
    const std::lock_guard guard(lock_);
    files_[&writer].insert(&file);
  }
  /// Whether the file was open.
  bool Remove(const FunctionData& writer, GlobalFunctionData& file) {
    const std::lock_guard guard(lock_);
    const auto found = files_.find(&writer);
    return found != files_.end() && found->second.erase(&file) > 0;
  }
  Files Take(const FunctionData& writer) {
    const std::lock_guard guard(lock_);
    const auto found = files_.find(&writer);
    if (found == files_.end()) return {};
    Files files = std::move(found->second);
    files_.erase(found);
    return files;
  }

  duckdb::copy_to_initialize_global_t open = nullptr;  ///< what DuckDB does; the same for all writers
  duckdb::copy_to_finalize_t close = nullptr;

 private:
  std::mutex lock_;
  std::map<const FunctionData*, Files> files_;
};

duckdb::unique_ptr<GlobalFunctionData> OpenFile(ClientContext& context, FunctionData& writer, const std::string& path) {
  OpenFiles& files = OpenFiles::Of(context);
  auto file = files.open(context, writer, path);
  files.Add(writer, *file);
  return file;
}

void CloseFile(ClientContext& context, FunctionData& writer, GlobalFunctionData& file) {
  OpenFiles& files = OpenFiles::Of(context);
  if (files.Remove(writer, file)) files.close(context, writer, file);
}

}  // namespace

void RememberFiles(ClientContext& context, duckdb::CopyFunction& function) {
  OpenFiles& files = OpenFiles::Of(context);
  files.open = std::exchange(function.copy_to_initialize_global, OpenFile);
  files.close = std::exchange(function.copy_to_finalize, CloseFile);
}

void ForgetFiles(ClientContext& context, const FunctionData& writer) {
  OpenFiles::Of(context).Take(writer);
}

void CloseFiles(ClientContext& context, FunctionData& writer) {
  OpenFiles& files = OpenFiles::Of(context);
  const OpenFiles::Files open = files.Take(writer);
  const std::vector<GlobalFunctionData*> all(open.begin(), open.end());
  const auto threads = static_cast<std::size_t>(duckdb::TaskScheduler::GetScheduler(context).NumberOfThreads());
  Unwrap(ForEachParallel(all.size(), threads, [&](std::size_t i) -> Status {
    try {
      files.close(context, writer, *all[i]);
    } catch (const std::exception&) {
      return Fail(FromCurrentException());
    }
    return {};
  }));
}

}  // namespace smelt::engine
