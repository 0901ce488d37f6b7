#include "base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace smelt {
namespace {

constexpr ErrorCode kAll[] = {
#define SMELT_ERROR(name, ...) ErrorCode::name,
#include "base/errors.def"
#undef SMELT_ERROR
};

TEST(ErrorCatalogue, NumbersAreUniqueWithinTheirArea) {
  std::set<std::string> texts;
  for (const ErrorCode code : kAll) EXPECT_TRUE(texts.insert(CodeText(code)).second) << CodeText(code);
}

TEST(ErrorCatalogue, EntriesAreComplete) {
  for (const ErrorCode code : kAll) {
    const ErrorCodeInfo& info = Describe(code);
    EXPECT_FALSE(info.area.empty()) << CodeText(code);
    EXPECT_FALSE(info.meaning.empty()) << CodeText(code);
    EXPECT_EQ(info.sqlstate.size(), 5u) << CodeText(code);
    EXPECT_GE(info.http_status, 400) << CodeText(code);
    EXPECT_TRUE(std::set<int>({1, 2, 3, 130}).contains(info.exit_code)) << CodeText(code);
  }
}

TEST(Error, PrintsPlaceMessageAndHint) {
  const Error error = Error(ErrorCode::kConfigKeyUnknown, "the key 'tabel' is not known here")
                          .At("a.yml", 3, 5)
                          .Hint("did you mean 'table'?");
  EXPECT_EQ(error.ToString(),
            "SMELT-CONFIG-0002: a.yml:3:5: the key 'tabel' is not known here\n  hint: did you mean 'table'?");
  EXPECT_EQ(Error(ErrorCode::kUsage, "m").At("f").ToString(), "SMELT-USAGE-0001: f: m");
  EXPECT_EQ(Error(ErrorCode::kUsage, "m").Context("load orders").message(), "load orders: m");
}

Result<int> Half(int value) {
  if (value % 2 != 0) return Fail(ErrorCode::kUsage, "odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  SMELT_ASSIGN(const int half, Half(value));
  SMELT_TRY(Half(half));
  return half / 2;
}

TEST(Result, MacrosPassErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(7).error().message(), "odd");
  EXPECT_EQ(Quarter(6).error().message(), "odd");
}

}  // namespace
}  // namespace smelt
