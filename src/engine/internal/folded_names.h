#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "storage/object_store.h"

namespace smelt::engine {

/// Finds tables by names of another case: `select … from ORDERS` means the table orders. A schema's folder is listed
/// for that, which takes long where it has thousands of tables; so the list is kept for a second, and tables that this
/// process makes are added to it. A table that another process made within that second is found by its exact name
/// only. Thread-safe.
class FoldedNames {
 public:
  explicit FoldedNames(storage::ObjectStore& store) : store_(store) {}

  /// A table of the schema whose name differs from `name` in the case of letters only, the first in order; none.
  /// Errors: those of listing the schema's folder.
  Result<std::optional<std::string>> Find(const std::string& schema, const std::string& name);
  /// There is such a table now.
  void Add(const std::string& schema, const std::string& name);

 private:
  struct Names {
    std::chrono::steady_clock::time_point listed;
    std::unordered_map<std::string, std::set<std::string>> by_lower;
  };

  storage::ObjectStore& store_;
  std::mutex lock_;
  std::map<std::string, Names> schemas_;
};

}  // namespace smelt::engine
