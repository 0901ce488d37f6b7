#include "delta/internal/path_sieve.h"

#include <gtest/gtest.h>

#include <string>

#include "base/id.h"

namespace smelt::delta {
namespace {

TEST(PathSieve, NeverDeniesWhatItHolds) {
  PathSieve sieve;
  for (const std::string path : {"", "a", "1234567", "12345678", "p=1/part-00000.parquet"}) {
    sieve.Insert(path);
    EXPECT_TRUE(sieve.MayHold(path)) << path;
  }
}

TEST(PathSieve, TellsFilesApartThatDifferInTheirRandomPart) {
  PathSieve sieve;
  sieve.Insert("part-00000-" + NewUuid() + "-c000.snappy.parquet");
  sieve.Insert("part-" + NewUuid() + "-" + NewUuid() + ".parquet");
  int held = 0;
  for (int i = 0; i < 1000; ++i) {
    held += sieve.MayHold("part-00000-" + NewUuid() + "-c000.snappy.parquet") ? 1 : 0;
    held += sieve.MayHold("part-" + NewUuid() + "-" + NewUuid() + ".parquet") ? 1 : 0;
  }
  EXPECT_LT(held, 100) << "about one in two thousand is expected";
}

}  // namespace
}  // namespace smelt::delta
