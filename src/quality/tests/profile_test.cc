#include "quality/profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "quality/internal/personal_data.h"
#include "quality/internal/value_shape.h"
#include "quality/suite.h"
#include "quality/tests/lake_fixture.h"
#include "quality/validate.h"

namespace smelt::quality {
namespace {

class ProfileTest : public LakeFixture {
 protected:
  DataSource Find(const std::string& name) {
    auto source = FindData(*engine_, *session_, name);
    EXPECT_TRUE(source) << source.error().ToString();
    return source ? *std::move(source) : DataSource();
  }
  TableProfile ProfileOf(const std::string& name) {
    auto profile = Profile(*session_, Find(name));
    EXPECT_TRUE(profile) << profile.error().ToString();
    return profile ? *std::move(profile) : TableProfile();
  }
  static const ColumnProfile& ColumnOf(const TableProfile& profile, std::string_view name) {
    const auto found = std::ranges::find(profile.columns, name, &ColumnProfile::name);
    EXPECT_NE(found, profile.columns.end()) << name;
    return *found;
  }
};

TEST_F(ProfileTest, MissingValuesAreNoPartOfASample) {
  Must(
      "create schema t; create table t.n as select case when range % 3 > 0 then 'v' || range end as name, case when "
      "range % 2 > 0 then range end as number from range(1000)");
  const TableProfile profile = ProfileOf("t.n");
  EXPECT_EQ(ColumnOf(profile, "name").nulls, 334);
  EXPECT_EQ(ColumnOf(profile, "number").nulls, 500);
}

TEST_F(ProfileTest, FiguresOfNumbersAreThoseOfTheRows) {
  Must(
      "create schema t; create table t.n as select range::integer as id, (range % 1000)::double as amount, "
      "case when range % 4 = 0 then null else range % 2 end as flag from range(20000)");
  const TableProfile profile = ProfileOf("t.n");
  EXPECT_EQ(profile.rows, 20'000);
  const ColumnProfile& id = ColumnOf(profile, "id");
  EXPECT_TRUE(id.unique);
  EXPECT_EQ(id.distinct, 20'000);
  EXPECT_TRUE(id.distinct_exact);
  EXPECT_EQ(id.min, "0");
  EXPECT_EQ(id.max, "19999");
  EXPECT_EQ(id.zeros, 1);
  const ColumnProfile& amount = ColumnOf(profile, "amount");
  EXPECT_NEAR(amount.mean.value_or(0), 499.5, 1e-9);
  ASSERT_EQ(amount.quantiles.size(), kProfileQuantiles.size());
  EXPECT_NEAR(amount.quantiles[3], 499.5, 10);
  EXPECT_NEAR(static_cast<double>(amount.distinct), 1000, 100);
  std::int64_t in_bins = 0;
  for (const HistogramBin& bin : amount.histogram) in_bins += bin.count;
  EXPECT_EQ(in_bins, 20'000);
  EXPECT_EQ(amount.histogram.size(), 20U);
  for (const HistogramBin& bin : amount.histogram) EXPECT_NEAR(static_cast<double>(bin.count), 1000, 60);
  const ColumnProfile& flag = ColumnOf(profile, "flag");
  EXPECT_EQ(flag.nulls, 5'000);
  EXPECT_TRUE(flag.top_is_all);
  ASSERT_EQ(flag.top.size(), 2U);
  EXPECT_EQ(flag.top[0].value, "1");
  EXPECT_EQ(flag.top[0].count, 10'000);
  ASSERT_EQ(profile.keys.size(), 1U);
  EXPECT_EQ(profile.keys[0], std::vector<std::string>{"id"});
}

TEST_F(ProfileTest, AFarOutlierLeavesTheOtherBinsToTheRest) {
  Must(
      "create schema t; create table t.n as select case when range = 0 then 1e9 else range % 500 end as x from "
      "range(10000)");
  const TableProfile profile = ProfileOf("t.n");
  const ColumnProfile& x = ColumnOf(profile, "x");
  ASSERT_EQ(x.histogram.size(), 20U);
  EXPECT_EQ(x.histogram.back().to, 1e9);
  EXPECT_LT(x.histogram.front().count, 2'000) << "all values are in the first bin";
}

TEST_F(ProfileTest, FrequentValuesOfManyAreCountedExactly) {
  Must(
      "create schema t; create table t.n as select case when range % 3 = 0 then 'often' when range % 7 = 0 then '' "
      "else 'v' || range end as word from range(21000)");
  const TableProfile profile = ProfileOf("t.n");
  const ColumnProfile& word = ColumnOf(profile, "word");
  EXPECT_FALSE(word.top_is_all);
  ASSERT_FALSE(word.top.empty());
  EXPECT_EQ(word.top[0].value, "often");
  EXPECT_EQ(word.top[0].count, 7'000);
  EXPECT_EQ(word.blank, 2'000);
}

TEST_F(ProfileTest, APairIsAKeyWhereNoColumnIsOne) {
  Must(
      "create schema t; create table t.items as select range // 3 as order_id, range % 3 as line, 'x' as note from "
      "range(3000)");
  const TableProfile profile = ProfileOf("t.items");
  ASSERT_EQ(profile.keys.size(), 1U);
  EXPECT_EQ(profile.keys[0], (std::vector<std::string>{"order_id", "line"}));
}

TEST_F(ProfileTest, KeysAreFoundWhereTheirEstimateIsFarOff) {
  // Texts whose number the sketch underestimates: each of these columns is a key.
  Must("create schema t; create table t.keys as select " + [] {
    std::string columns;
    for (int i = 0; i < 12; ++i) {
      columns += (i == 0 ? "" : ", ") + ("md5(concat(range, '/" + std::to_string(i) + "')) as k" + std::to_string(i));
    }
    return columns;
  }() + " from range(4972)");
  const TableProfile profile = ProfileOf("t.keys");
  EXPECT_EQ(profile.keys.size(), 12U);
  for (const auto& key : profile.keys) EXPECT_EQ(key.size(), 1U);
}

TEST_F(ProfileTest, CorrelatedColumnsAreFoundWithTheirSign) {
  Must(
      "create schema t; create table t.n as select range as a, -2 * range as b, hash(range) % 1000 as c from "
      "range(1000)");
  const TableProfile profile = ProfileOf("t.n");
  ASSERT_EQ(profile.correlations.size(), 1U);
  EXPECT_NEAR(profile.correlations[0].coefficient, -1, 1e-9);
}

TEST_F(ProfileTest, OddTablesHaveProfiles) {
  Must(R"(create schema t;
    create table t.empty (a integer, b varchar, c timestamp);
    create table t.nulls as select null::varchar as a, null::double as b from range(5);
    create table t.odd as select 'nan'::double as x, 'inf'::double as y, 1e300 as z, [1, 2] as l, {'k': 'v"é😀'} as s,
      'o''clock "😀' as "na""me", 'a'::blob as raw, date '2018-05-24' as d, true as yes, uuid() as u from range(40))");
  EXPECT_EQ(ProfileOf("t.empty").rows, 0);
  const TableProfile nulls = ProfileOf("t.nulls");
  EXPECT_EQ(nulls.columns[0].nulls, 5);
  EXPECT_EQ(nulls.columns[1].distinct, 0);
  const TableProfile odd = ProfileOf("t.odd");
  EXPECT_EQ(ColumnOf(odd, "x").not_finite, 40);
  EXPECT_EQ(ColumnOf(odd, "y").not_finite, 40);
  EXPECT_EQ(ColumnOf(odd, "na\"me").top.at(0).value, "o'clock \"😀");
  EXPECT_EQ(ColumnOf(odd, "yes").mean, 1.0);
  EXPECT_FALSE(JsonText(ProfileToJson(odd)).empty());
}

TEST_F(ProfileTest, FormatsOfTextsAreNamedOrShaped) {
  Must(R"(create schema t; create table t.n as select 'AB-' || lpad(range::varchar, 4, '0') as code,
    'user' || range || '@example.com' as contact, uuid()::varchar as id from range(500))");
  const TableProfile profile = ProfileOf("t.n");
  EXPECT_EQ(ColumnOf(profile, "code").patterns.at(0).value, "A{2}-9{4}");
  EXPECT_EQ(ColumnOf(profile, "id").patterns.at(0).value, "uuid");
  const ColumnProfile& contact = ColumnOf(profile, "contact");
  ASSERT_EQ(contact.personal.size(), 1U);
  EXPECT_EQ(contact.personal[0].kind, "e-mail");
  EXPECT_EQ(contact.personal[0].share, 1);
}

TEST_F(ProfileTest, VersionsAndFilesAreNamedAsUsersNameThem) {
  Must("create schema t; create table t.n as select 1 as a");
  Must("insert into t.n values (2)");
  EXPECT_EQ(ProfileOf("t.n").rows, 2);
  EXPECT_EQ(ProfileOf("t.n").version, 1);
  EXPECT_EQ(ProfileOf("t.n@0").rows, 1);
  EXPECT_EQ(ProfileOf(folder_ + "/t/n").rows, 2);
  const std::string file = folder_ + "/rows of it.csv";
  std::ofstream(file) << "a,b\n1,x\n2,y\n";
  EXPECT_EQ(ProfileOf(file).rows, 2);
  const auto error_of = [&](const std::string& name) {
    const auto source = FindData(*engine_, *session_, name);
    return source ? std::string() : CodeText(source.error().code());
  };
  EXPECT_EQ(error_of("t.missing"), CodeText(ErrorCode::kSqlCatalog));
  EXPECT_EQ(error_of("orders"), CodeText(ErrorCode::kUsage));
  EXPECT_EQ(error_of("t.n@"), CodeText(ErrorCode::kUsage));
  EXPECT_EQ(error_of("missing.csv"), CodeText(ErrorCode::kStoreNotFound));
  EXPECT_EQ(error_of("t.n@2999-01-01"), CodeText(ErrorCode::kDeltaVersionMissing));
  EXPECT_EQ(error_of("t.n@1990-01-01"), CodeText(ErrorCode::kDeltaVersionMissing));
}

TEST_F(ProfileTest, ASuggestedSuiteHoldsOnTheRowsItCameFromAndNotOnOthers) {
  Must(R"(create schema t; create table t.n as select range as id, ['new', 'paid', 'sent'][range % 3 + 1] as state,
    'AB-' || lpad(range::varchar, 4, '0') as code, (range * 1.5)::decimal(12,2) as amount,
    case when range % 50 = 0 then null else date '2018-05-24' + (range % 90)::integer end as day from range(3000))");
  const DataSource source = Find("t.n");
  const auto suite = SuggestSuite(*session_, ProfileOf("t.n"), source, "n_suite");
  ASSERT_TRUE(suite) << suite.error().ToString();
  const auto parsed = ParseSuite(JsonText(*suite), "n_suite.json");
  ASSERT_TRUE(parsed) << parsed.error().ToString();
  EXPECT_EQ(parsed->table, "t.n");
  EXPECT_GE(parsed->expectations.size(), 14U) << JsonText(*suite, 1);
  const auto holds = Validate(*session_, *parsed, {.table = "t.n"}, {});
  ASSERT_TRUE(holds) << holds.error().ToString();
  EXPECT_EQ(holds->verdict(), Verdict::kPass);
  Must("insert into t.n values (1, 'lost', 'ab-1', -5, null)");
  const auto broken = Validate(*session_, *parsed, {.table = "t.n"}, {});
  ASSERT_TRUE(broken) << broken.error().ToString();
  std::vector<std::string> failed;
  for (const ExpectationResult& one : broken->results) {
    if (!one.success) failed.push_back(one.config.type);
  }
  std::ranges::sort(failed);
  EXPECT_EQ(failed,
            (std::vector<std::string>{"expect_column_values_to_be_between", "expect_column_values_to_be_in_set",
                                      "expect_column_values_to_be_unique", "expect_column_values_to_match_regex"}));
}

TEST(ValueShapeTest, ShapesAreReadAndWrittenAsExpressions) {
  EXPECT_EQ(ShapeOf("AB-2018"), "A{2}-9{4}");
  EXPECT_EQ(ShapeOf("Zoë 1"), "Aa{2} 9");
  EXPECT_EQ(LooseShapeOf("Anna-Lena"), "A+a+-A+a+");
  EXPECT_EQ(RegexOfShape("A{2}-9{4}.a"), R"(^[A-Z]{2}-[0-9]{4}\.[a-z]$)");
  EXPECT_EQ(NamedFormat("2018-05-24"), "date");
  EXPECT_EQ(NamedFormat("2018-13-24"), "");
  EXPECT_EQ(RegexOfFormat("word"), "");
}

TEST(PersonalDataTest, NumbersAreToldByTheirChecksums) {
  EXPECT_TRUE(IsPaymentCard("4539 1488 0343 6467"));
  EXPECT_FALSE(IsPaymentCard("4539 1488 0343 6468"));
  EXPECT_TRUE(IsIban("DE89 3704 0044 0532 0130 00"));
  EXPECT_FALSE(IsIban("DE88 3704 0044 0532 0130 00"));
  EXPECT_TRUE(IsCpf("529.982.247-25"));
  EXPECT_FALSE(IsCpf("529.982.247-24"));
  EXPECT_FALSE(IsCpf("111.111.111-11"));
}

TEST(PersonalDataTest, NamesOfColumnsCountWithoutValues) {
  const auto kind_of = [](std::string_view column) {
    const auto hints = FindPersonalData(column, {});
    return hints.empty() ? std::string() : hints.front().kind;
  };
  EXPECT_EQ(kind_of("customerEmail"), "e-mail");
  EXPECT_EQ(kind_of("Birth Date"), "birth date");
  EXPECT_EQ(kind_of("customer_zip_code_prefix"), "postal code");
  EXPECT_EQ(kind_of("product_name_length"), "");
  EXPECT_EQ(kind_of("email_count_total"), "e-mail");
  EXPECT_EQ(kind_of("order_id"), "");
}

}  // namespace
}  // namespace smelt::quality
