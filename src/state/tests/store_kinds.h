#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/id.h"
#include "state/store_address.h"
#include "state/tests/scratch_folder.h"

namespace smelt::state {

/// The kinds of stores that there are here: SQLite, and PostgreSQL where SMELT_TEST_POSTGRES names a server.
inline std::vector<std::string> StoreKinds() {
  std::vector<std::string> kinds = {"Sqlite"};
  if (std::getenv("SMELT_TEST_POSTGRES") != nullptr) kinds.emplace_back("Postgres");
  return kinds;
}

/// The address of an empty store on the test server; without one, of nothing.
inline StoreAddress FreshPostgres() {
  const char* server = std::getenv("SMELT_TEST_POSTGRES");
  if (server == nullptr) return {};
  StoreAddress address = ParsePostgresUrl(server).value();
  address.schema = "t_" + ContentHash(NewUuid());
  address.lake = "/lake";
  return address;
}

/// A test that runs on an empty store of each kind.
class EachStore : public testing::TestWithParam<std::string> {
 protected:
  EachStore() : address_(GetParam() == "Sqlite" ? StoreAddress(folder_ / "_smelt/state.db") : FreshPostgres()) {}

  const ScratchFolder folder_;
  const StoreAddress address_;
};

/// Names the cases "On/<suite>.<test>/<kind>".
#define SMELT_ON_EACH_STORE(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(On, suite, testing::ValuesIn(::smelt::state::StoreKinds()), \
                           [](const auto& kind) { return kind.param; })

}  // namespace smelt::state
