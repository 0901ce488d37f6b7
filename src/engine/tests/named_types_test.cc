#include "engine/named_types.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/statement.h"

namespace smelt::engine {
namespace {

class NamedTypesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Engine::OpenWithoutLake(1, "256MiB");
    ASSERT_TRUE(opened) << opened.error().message();
    engine_ = std::move(*opened);
    const std::array<NamedType, 2> types = {{{"label", "VARCHAR"}, {"number", "UINTEGER"}}};
    ASSERT_TRUE(NameTypes(*engine_, types));
    session_ = *engine_->Connect();
    Run("use memory");
    Run("create table t(l label, n number, many number[])");
    Run("insert into t values ('a', 1, [1, 2])");
    Run("create view v as select l, n from t");
  }

  void Run(std::string_view sql) {
    const Status done = session_->Execute(sql);
    ASSERT_TRUE(done) << done.error().message();
  }

  /// The types of the columns that a query answers with.
  std::string TypesOf(std::string_view sql) {
    auto statement = session_->Prepare(sql);
    if (!statement) return statement.error().message();
    auto rows = (*statement)->Run({});
    if (!rows) return rows.error().message();
    std::string types;
    for (const TypedColumnInfo& column : (*rows)->columns()) types += column.type.sql_name + " ";
    return types;
  }

  std::string TextOf(std::string_view sql) {
    auto table = session_->Query(sql);
    if (!table) return table.error().message();
    return table->Text().value_or("NULL");
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(NamedTypesTest, NamesStayWithValues) {
  EXPECT_EQ(TypesOf("select l, n, many, many[1] as first from t"), "label number number[] number ");
  EXPECT_EQ(TypesOf("select l, n from v union all select l, n from t"), "label number ");
  EXPECT_EQ(TypesOf("select max(l) as l, min(n) as n, coalesce(max(l), 'x') as c from t"), "label number label ");
  EXPECT_EQ(TypesOf("select 'x'::label as l, 7::number as n, unnest(many) as m from t"), "label number number ");
}

TEST_F(NamedTypesTest, ValuesAreWhatTheyAreStoredAs) {
  EXPECT_EQ(TypesOf("select upper(l) as u, l || '-' as c, n + 1 as p from t"), "VARCHAR VARCHAR BIGINT ");
  EXPECT_EQ(TextOf("select count(*) from t where l = 'a' and l like 'a%' and n = 1 and n in (1, 2) and n < 5::bigint"),
            "1");
  EXPECT_EQ(TextOf("select 'no ' || n || l from t"), "no 1a");
  EXPECT_EQ(TextOf("select list_contains(many, n) and len(many) = 2 and 2 = any(many) from t"), "true");
  EXPECT_EQ(TextOf("select count(*) from t a join v b using (n) where a.l = b.l"), "1");
}

TEST_F(NamedTypesTest, OnlySimpleTypesAreNamed) {
  const std::array<NamedType, 1> nested = {{{"more", "STRUCT"}}};
  EXPECT_FALSE(NameTypes(*engine_, nested));
  const std::array<NamedType, 1> unknown = {{{"more", "no_such_type"}}};
  EXPECT_FALSE(NameTypes(*engine_, unknown));
}

}  // namespace
}  // namespace smelt::engine
