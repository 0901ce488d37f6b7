#include "transform/internal/run/difference_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>

#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

/// Of tests that found nothing, no more than what has changed since is read: they say what they say of all rows.
class DifferenceTest : public RunTest {
 protected:
  void SetUp() override {
    LakeTest::SetUp();
    Make("true");
  }

  void Make(const std::string& vectors) {
    for (const char* table :
         {"parent (k bigint, kind varchar)", "child (id bigint, k bigint, name varchar, n bigint)"}) {
      Must(fmt::format("create table main.{} with ('delta.enableDeletionVectors' = '{}')", table, vectors));
    }
    Must("insert into main.parent select range, 'kind ' || range % 3 from range(60)");
    Must("insert into main.child select range, range % 50, 'name ' || range, range % 7 from range(300)");
  }

  void Must(const std::string& sql) {
    const Status done = Execute(sql);
    ASSERT_TRUE(done) << sql << ": " << done.error().ToString();
  }

  Results Test(bool skip_unchanged) {
    InvokeOptions options = folder_.Options();
    options.command = Command::kTest;
    options.skip_unchanged = skip_unchanged;
    return Run(options);
  }

  static bool IsByDifferences(const NodeResult& result) {
    return result.step.details.value("scope", "") == "differences";
  }

  /// Asks all tests both ways. How many were told by differences.
  std::int64_t AskBothWays(const std::string& history) {
    Results quick = Test(true), whole = Test(false);
    EXPECT_EQ(quick.size(), whole.size());
    for (const auto& [name, result] : whole) {
      EXPECT_EQ(quick[name].failures, result.failures) << history << name;
      EXPECT_FALSE(result.error) << result.error->ToString();
      EXPECT_FALSE(IsByDifferences(result)) << name;
    }
    return std::ranges::count_if(quick, [](const auto& one) { return IsByDifferences(one.second); });
  }

  /// Whether the test is told by differences after the statement.
  bool TellsByDifferences(const std::string& test, const std::string& sql) {
    Must(sql);
    const bool is_one = IsByDifferences(Test(true)[test]);
    AskBothWays(sql);
    return is_one;
  }

  const ProjectFolder folder_{{
      {"models/sources.yml",
       "sources:\n"
       "  - name: main\n"
       "    tables:\n"
       "      - name: parent\n"
       "        columns:\n"
       "          - name: k\n"
       "            data_tests: [{unique: {name: parent_unique}}]\n"
       "          - name: kind\n"
       "            data_tests: [{accepted_values: {name: kinds, values: ['kind 0', 'kind 1', 'kind 2']}}]\n"
       "      - name: child\n"
       "        columns:\n"
       "          - name: id\n"
       "            data_tests: [{unique: {name: child_unique}}, {not_null: {name: child_not_null}},\n"
       "              {unique: {name: few_unique, where: n > 3}}, {unique: {name: not_two, error_if: '> 2', warn_if: "
       "'> 2'}}]\n"
       "          - name: k\n"
       "            data_tests:\n"
       "              - relationships: {name: has_parent, to: \"source('main', 'parent')\", field: k}\n"},
      {"tests/joined.sql",
       "select c.id from {{ source('main', 'child') }} c join {{ source('main', 'parent') }} p on c.k = p.k "
       "where p.kind = 'kind 1' and c.n > 6"},
      {"tests/either.sql",
       "select id from {{ source('main', 'child') }} where n < 0 union all "
       "select k from {{ source('main', 'parent') }} where k < 0"},
      {"tests/alone.sql",
       "select name, n from {{ source('main', 'child') }} anti join "
       "(select kind as name, k as n from {{ source('main', 'parent') }}) using (name, n) where n > 8"},
      {"tests/without.sql",
       "with p as (select k as key from {{ source('main', 'parent') }}) "
       "select * from {{ source('main', 'child') }} c anti join p on c.k = p.key"},
      {"tests/pairs.sql",
       "select k, name, count(*) from {{ source('main', 'child') }} group by k, name having count(*) > 1"},
      {"tests/all_groups.sql",
       "select 'child' as what, k % 40 as key, name || '!' as called, count(*) from {{ source('main', 'child') }} "
       "group by all having count(*) > 1"},
      {"tests/rarely.sql", "select k from {{ source('main', 'child') }} group by 1 having count(*) < 2"},
      {"tests/grouped.sql",
       "with sums as (select k, sum(n) as n from {{ source('main', 'child') }} group by k) "
       "select * from sums join {{ source('main', 'parent') }} using (k) where n > 60"},
      {"tests/semi.sql",
       "select * from {{ source('main', 'child') }} semi join {{ source('main', 'parent') }} using (k) where n > 7"},
      {"tests/distinct_ones.sql", "select distinct name from {{ source('main', 'child') }} where name = '' order by 1"},
      {"tests/whole.sql", "select count(*) from {{ source('main', 'child') }} having count(*) > 350"},
      {"tests/whole_sum.sql", "select * from (select sum(n) as n from {{ source('main', 'child') }}) where n > 1100"},
      {"tests/sides.sql",
       "select id from {{ source('main', 'child') }} where n < 0 union all "
       "select n from (select sum(n) as n from {{ source('main', 'child') }}) where n > 905 union all "
       "select k from {{ source('main', 'parent') }} group by k having count(*) > 1"},
      {"tests/windowed.sql",
       "select * from (select id, row_number() over (partition by k, name) as place from {{ source('main', 'child') "
       "}}) "
       "where place > 1"},
      {"tests/outer.sql",
       "select * from {{ source('main', 'child') }} c full join {{ source('main', 'parent') }} p on c.k = p.k "
       "where p.k is null"},
      {"tests/matched.sql",
       "select * from {{ source('main', 'child') }} c left join {{ source('main', 'parent') }} p on c.k = p.k "
       "where p.kind = 'kind 2' and c.n > 6"},
  }};
};

TEST_F(DifferenceTest, SaysWhatAllRowsSay) {
  std::int64_t told = 0;
  const std::uint32_t seeds = std::getenv("SMELT_PROPERTY_SEQUENCES") == nullptr ? 3 : 1;  // said: where it takes long
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    std::mt19937 random(seed);
    int next = 1000 * static_cast<int>(seed);
    std::string history = fmt::format("seed {}: ", seed);
    for (int step = 0; step < 14; ++step) {
      for (std::uint32_t commits = 1 + random() % 2; commits-- > 0;) {
        std::string sql;
        ++next;
        switch (random() % 16) {
          case 0:
            sql = fmt::format("insert into main.child select id, k, name, n from main.child where id % 97 = {}",
                              random() % 97);
            break;
          case 1: sql = fmt::format("insert into main.child values ({}, {}, 'new', 3)", next, 58 + random() % 4); break;
          case 2: sql = fmt::format("delete from main.parent where k = {}", random() % 60); break;
          case 3: sql = fmt::format("update main.parent set k = k + 100 where k = {}", random() % 60); break;
          case 4: sql = fmt::format("update main.child set n = n + 1 where id % 41 = {}", random() % 41); break;
          case 5: sql = "insert into main.child values (null, null, null, null), (null, 1, null, 1)"; break;
          case 6: sql = "call optimize('main.child', purge => true)"; break;
          case 7: sql = fmt::format("delete from main.child where k = {} and id > 50", random() % 50); break;
          case 8:
            sql = "delete from main.child where n > 6 or n < 0 or id is null or k not in (select k from main.parent)";
            break;
          case 9: sql = fmt::format("update main.parent set kind = kind where k < {}", random() % 9); break;
          case 10:
            sql = "delete from main.child where id in (select id from main.child group by id having count(*) > 1)";
            break;
          case 11:
            sql = fmt::format(
                "insert into main.parent select range, 'kind 0' from range(60) where range not in (select k from "
                "main.parent)");
            break;
          default:
            sql = fmt::format("insert into main.child select {} * 10 + range, range, 'more ' || {}, 2 from range(3)",
                              next, next);
        }
        history += sql + "; ";
        Must(sql);
      }
      told += AskBothWays(history);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(told, 40 * seeds) << "the other way has to have been taken";
}

TEST_F(DifferenceTest, IsToldOfWhatCanBeFollowed) {
  EXPECT_EQ(AskBothWays("first"), 0);
  Must("insert into main.child values (1001, 2, 'new', 3)");
  const Results results = Test(true);
  for (const char* name : {"child_unique", "few_unique", "has_parent", "joined", "either", "alone", "without", "pairs",
                           "rarely", "grouped", "semi", "distinct_ones", "matched"}) {
    EXPECT_TRUE(IsByDifferences(results.at(name))) << name;
  }
  for (const char* name : {"whole", "whole_sum", "windowed", "outer", "not_two"}) {
    EXPECT_FALSE(IsByDifferences(results.at(name))) << name;
  }
}

TEST_F(DifferenceTest, FollowsRowsThatWereReplaced) {
  Test(true);
  EXPECT_TRUE(TellsByDifferences("child_unique", "update main.child set n = 4 where id = 5"));
  EXPECT_TRUE(TellsByDifferences("has_parent", "update main.parent set kind = 'kind 1' where k = 7"));
  EXPECT_FALSE(TellsByDifferences("has_parent", "delete from main.parent where k = 55"));
  EXPECT_FALSE(TellsByDifferences("has_parent", "delete from main.parent where k = 9"));
  EXPECT_FALSE(TellsByDifferences("has_parent", "insert into main.parent values (9, 'kind 0')")) << "it had failed";
  EXPECT_TRUE(TellsByDifferences("has_parent", "insert into main.parent values (61, 'kind 0')"));
}

TEST_F(DifferenceTest, CountsWhatIsFoundBesideWhatWasFound) {
  Must("insert into main.child values (1001, 70, 'no parent', 3), (1002, 71, 'no parent', 3)");
  Test(true);
  const auto failures = [&](const std::string& sql, bool by_differences) {
    Must(sql);
    const Results results = Test(true);
    EXPECT_EQ(IsByDifferences(results.at("has_parent")), by_differences) << sql;
    EXPECT_EQ(results.at("without").failures, results.at("has_parent").failures) << sql;
    AskBothWays(sql);
    return results.at("has_parent").failures;
  };
  EXPECT_EQ(failures("insert into main.child values (1003, 72, 'no parent', 3), (1004, 3, 'one', 3)", true), 3);
  EXPECT_EQ(failures("insert into main.parent values (80, 'kind 0'), (4, 'kind 0')", true), 3);
  EXPECT_EQ(
      failures("insert into main.parent values (81, 'kind 0'); insert into main.child values (1005, 81, 'one', 3)",
               true),
      3);
  EXPECT_EQ(failures("insert into main.parent values (70, 'kind 0')", false), 2);
  EXPECT_EQ(failures("delete from main.child where id = 1002", false), 1);
}

TEST_F(DifferenceTest, NamesTheRowsThatAreNew) {
  Must("insert into main.child values (1001, 70, 'no parent', 3), (1002, 71, 'no parent', 3)");
  EXPECT_FALSE(Test(true).at("has_parent").step.details.contains("newest"));
  Must("insert into main.child values (1003, 72, 'no parent', 3), (1004, 3, 'one', 3)");
  const Json details = Test(true).at("has_parent").step.details;
  EXPECT_EQ(Rows("select * from (" + details.value("newest", "") + ") as newest"), std::vector<std::string>{"72"});
  EXPECT_FALSE(Test(true).at("has_parent").step.details.contains("newest"));
}

TEST_F(DifferenceTest, AsksOfAllWhereTheTableIsAnotherOne) {
  Test(true);
  EXPECT_FALSE(TellsByDifferences("child_unique", "alter table main.child add column more bigint"));
  EXPECT_TRUE(TellsByDifferences("child_unique", "insert into main.child values (2001, 2, 'new', 3, 0)"));
  EXPECT_FALSE(
      TellsByDifferences("child_unique", "insert into main.child select id + 5000, k, name, n, 0 from main.child"))
      << "so many rows that all may be read as well";
  Must(
      "drop table main.child; create table main.child as select range as id, 1 as k, 'a' as name, 1 as n from "
      "range(9)");
  EXPECT_FALSE(TellsByDifferences("child_unique", "insert into main.child values (2001, 2, 'new', 3)"));
}

TEST_F(DifferenceTest, ReadsAllOfATableWhoseFilesAreWrittenAnew) {
  Must("drop table main.parent; drop table main.child");
  Make("false");
  Test(true);
  EXPECT_TRUE(TellsByDifferences("child_unique", "insert into main.child values (1001, 2, 'new', 3)"));
  EXPECT_FALSE(TellsByDifferences("child_unique", "update main.child set n = 4 where id = 5"));
  EXPECT_TRUE(TellsByDifferences("has_parent", "update main.parent set kind = 'kind 1' where k = 7"))
      << "its keys are those of before";
}

TEST_F(DifferenceTest, FollowsAllGroups) {
  Test(true);
  EXPECT_TRUE(TellsByDifferences("all_groups", "insert into main.child values (1001, 2, 'new', 3)"));
  EXPECT_FALSE(TellsByDifferences("all_groups", "insert into main.child values (1002, 42, 'new', 3)")) << "a pair";
  EXPECT_FALSE(TellsByDifferences("all_groups", "delete from main.child where id = 1002")) << "it had failed";
  EXPECT_TRUE(TellsByDifferences("all_groups", "update main.child set name = 'other' where id = 1001"));
}

TEST_F(DifferenceTest, AsksOneSideOfAUnionWholeBesideOthers) {
  Test(true);
  EXPECT_TRUE(TellsByDifferences("sides", "insert into main.child values (1001, 2, 'new', 3)"));
  EXPECT_FALSE(TellsByDifferences("sides", "insert into main.child values (1002, 2, 'new', 9)"))
      << "the sum is too large";
  EXPECT_FALSE(TellsByDifferences("sides", "insert into main.child values (1003, 2, 'new', 0)")) << "it had failed";
  EXPECT_FALSE(TellsByDifferences("sides", "delete from main.child where id > 1000"));
  EXPECT_TRUE(TellsByDifferences("sides", "insert into main.parent values (90, 'kind 0')"));
  EXPECT_FALSE(TellsByDifferences("sides", "insert into main.parent values (90, 'kind 0')")) << "a key is there twice";
}

TEST_F(DifferenceTest, IsNotAskedByAFullRefresh) {
  Test(true);
  Must("insert into main.child values (1001, 2, 'new', 3)");
  InvokeOptions options = folder_.Options();
  options.command = Command::kTest;
  options.skip_unchanged = options.full_refresh = true;
  EXPECT_FALSE(IsByDifferences(Run(options)["child_unique"]));
  EXPECT_TRUE(TellsByDifferences("child_unique", "insert into main.child values (1002, 2, 'new', 3)"));
}

}  // namespace
}  // namespace smelt::transform
