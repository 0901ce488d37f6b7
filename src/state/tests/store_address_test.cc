#include "state/store_address.h"

#include <gtest/gtest.h>

#include "state/internal/postgres_connection.h"

namespace smelt::state {
namespace {

TEST(StoreAddress, KeepsThePasswordApart) {
  const auto address =
      ParsePostgresUrl("postgres://ana:p%40ss:word@db.example:5433/ops?sslmode=require&password=other");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->url, "postgresql://ana@db.example:5433/ops?sslmode=require");
  EXPECT_EQ(address->password.Reveal(), "other") << "the last one counts";
  EXPECT_EQ(ParsePostgresUrl("postgresql://ana:p%40ss@h/d")->password.Reveal(), "p@ss");
  EXPECT_EQ(address->Describe(), "postgresql://ana@db.example:5433/ops, schema smelt");
  EXPECT_TRUE(ParsePostgresUrl("postgresql:///ops?host=/run/postgresql")->password.empty());
}

TEST(StoreAddress, ComplaintsRepeatNothing) {
  for (const char* text : {"mysql://ana:secret@h/d", "postgresql://ana:secret%zz@h/d", "secret"}) {
    const auto address = ParsePostgresUrl(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code(), ErrorCode::kConfigValueInvalid);
    EXPECT_EQ(address.error().ToString().find("secret"), std::string::npos);
  }
}

TEST(StoreAddress, NamesOfSchemas) {
  EXPECT_TRUE(CheckSchemaName("smelt_shop2"));
  for (const char* name : {"", "Shop", "2shop", "pg_shop", "a\"b", "a-b"}) EXPECT_FALSE(CheckSchemaName(name)) << name;
}

TEST(PostgresConnection, TranslatesParameters) {
  EXPECT_EQ(internal::WithPostgresParameters("a = ? AND b = '?' AND c = ?"), "a = $1 AND b = '?' AND c = $2");
  EXPECT_EQ(internal::WithPostgresParameters("?1 = '' OR a = ?1 LIMIT ?2"), "$1 = '' OR a = $1 LIMIT $2");
}

TEST(PostgresConnection, RepairsTexts) {
  EXPECT_EQ(internal::WithSoundCharacters("Größe"), "Größe");
  EXPECT_EQ(internal::WithSoundCharacters("caf\xc3"), "caf\uFFFD");
  EXPECT_EQ(internal::WithSoundCharacters(std::string_view("a\0b", 3)), "a\uFFFDb");
}

}  // namespace
}  // namespace smelt::state
