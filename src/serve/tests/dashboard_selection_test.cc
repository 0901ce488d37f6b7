#include "serve/dashboards/selection.h"

#include <gtest/gtest.h>

namespace smelt::serve {
namespace {

Dashboard Sales() {
  Dashboard dashboard{.name = "sales", .grains = {"day", "month"}};
  dashboard.filters = {
      {.name = "state", .url = "s", .type = FilterType::kSelect, .multiple = true, .values = {"SP"}},
      {.name = "city", .url = "city", .type = FilterType::kText},
      {.name = "price", .url = "price", .type = FilterType::kNumberRange},
      {.name = "period", .url = "period", .type = FilterType::kDateRange, .period = "last_2_months", .until_sql = "x"},
  };
  return dashboard;
}

Result<std::string> LastDay(const Filter& /*filter*/) {
  return std::string("2018-08-31");
}

Selection Choose(const AddressParameters& parameters) {
  auto selection = ReadSelection(Sales(), parameters, LastDay);
  EXPECT_TRUE(selection) << selection.error().ToString();
  return selection ? *selection : Selection{};
}

std::string Complaint(const AddressParameters& parameters) {
  const auto selection = ReadSelection(Sales(), parameters, LastDay);
  return selection ? "" : selection.error().ToString();
}

Question Bind(const std::string& sql, const Selection& selection) {
  Tile tile{.name = "t"};
  auto parsed = TileSql::Parse(sql, "sales.yml", 1);
  EXPECT_TRUE(parsed) << parsed.error().ToString();
  tile.sql = std::move(*parsed);
  auto question = BindTile(tile, Sales(), selection);
  EXPECT_TRUE(question) << question.error().ToString();
  return question ? *question : Question{};
}

TEST(DashboardSelection, DefaultsHoldUntilAnAddressSaysMore) {
  Selection selection = Choose({});
  EXPECT_EQ(selection.grain, "day");
  EXPECT_EQ(selection.filters["state"].values, std::vector<std::string>{"SP"});
  EXPECT_EQ(selection.filters["period"].range, (ChosenRange{.from = "2018-07-01", .to = "2018-08-31"}));
  selection = Choose({{"s", ""}, {"grain", "month"}, {"period", "2017-01-01.."}});
  EXPECT_EQ(selection.grain, "month");
  EXPECT_TRUE(selection.filters["state"].values.empty());
  EXPECT_EQ(selection.filters["period"].range, (ChosenRange{.from = "2017-01-01", .to = {}}));
  selection = Choose({{"s", "RJ"}, {"s", "MG"}, {"s", "RJ"}});
  EXPECT_EQ(selection.filters["state"].values, (std::vector<std::string>{"MG", "RJ"}));
}

TEST(DashboardSelection, WhatDoesNotFitIsNamed) {
  EXPECT_NE(Complaint({{"stat", "SP"}}).find("no filter of this name"), std::string::npos);
  EXPECT_NE(Complaint({{"citi", "x"}}).find("did you mean 'city'?"), std::string::npos);
  EXPECT_NE(Complaint({{"period", "2018-02-30..2018-03-01"}}).find("'2018-02-30' is no day"), std::string::npos);
  EXPECT_NE(Complaint({{"period", "yesterday"}}).find("is no range"), std::string::npos);
  EXPECT_NE(Complaint({{"price", "1..1e3"}}).find("is no number"), std::string::npos);
  EXPECT_NE(Complaint({{"city", "a"}, {"city", "b"}}).find("takes one value"), std::string::npos);
  EXPECT_NE(Complaint({{"grain", "day'); drop"}}).find("choose one of: day, month"), std::string::npos);
  EXPECT_NE(Complaint({{"as_of", "soon"}}).find("neither a version nor a time"), std::string::npos);
  EXPECT_NE(Complaint({{"s", "S\xff"}}).find("not UTF-8"), std::string::npos);
  EXPECT_NE(Complaint({{"s", std::string(1001, 'x')}}).find("too long"), std::string::npos);
}

TEST(DashboardSelection, ValuesAreParametersWhateverTheySay) {
  const std::string evil = "') or 1=1; drop table gold.sales; --";
  const Selection selection = Choose({{"s", evil}, {"s", "{{ value('city') }}"}, {"city", "$1"}});
  const Question question = Bind(
      "select {{ value('city') }} from gold.sales where {{ filter('state', 'state') }} and {{ filter('city', 'city') "
      "}}",
      selection);
  EXPECT_EQ(question.sql,
            "select cast($1 as varchar) from gold.sales where ((state) in ($2, $3)) and "
            "contains(lower(city), lower(cast($1 as varchar)))");
  EXPECT_EQ(question.parameters, (std::vector<engine::Cell>{"$1", evil, "{{ value('city') }}"}));
}

TEST(DashboardSelection, ConditionsAreTrueWhenNothingIsChosen) {
  const Question all = Bind(
      "select 1 where {{ filter('state', 's') }} and {{ filter('city', 'c') }} and {{ filter('price', 'p') }} "
      "and {{ filter('period', 'd') }}",
      Choose({{"s", ""}, {"period", ".."}}));
  EXPECT_EQ(all.sql, "select 1 where true and true and true and true");
  EXPECT_TRUE(all.parameters.empty());
  const Question none = Bind("select {{ value('city') }}, {{ value('price.to') }}", Choose({}));
  EXPECT_EQ(none.sql, "select cast($1 as varchar), cast($2 as double)");
  EXPECT_EQ(none.parameters, (std::vector<engine::Cell>{std::nullopt, std::nullopt}));
}

TEST(DashboardSelection, RangesIncludeTheirLastDay) {
  const Question question =
      Bind("where {{ filter('period', 'at') }} or {{ previous('period', 'at') }} {{ grain('at') }}",
           Choose({{"period", "2018-03-01..2018-03-31"}, {"grain", "month"}}));
  EXPECT_EQ(question.sql,
            "where ((at) >= cast($1 as date) and (at) < cast($2 as date) + 1) or "
            "((at) >= cast($3 as date) and (at) < cast($4 as date) + 1) cast(date_trunc('month', at) as date)");
  EXPECT_EQ(question.parameters, (std::vector<engine::Cell>{"2018-03-01", "2018-03-31", "2018-02-01", "2018-02-28"}));
}

TEST(DashboardSelection, PeriodsEndWithTheLastDayOfTheData) {
  const auto period = [](std::string_view name, std::string_view last) {
    const auto range = PeriodOf(name, last);
    return range ? range->from.value_or("") + ".." + range->to.value_or("") : "none";
  };
  EXPECT_EQ(period("last_7_days", "2018-03-03"), "2018-02-25..2018-03-03");
  EXPECT_EQ(period("last_1_month", "2018-03-30"), "2018-02-28..2018-03-30");
  EXPECT_EQ(period("last_12_months", "2018-08-31"), "2017-09-01..2018-08-31");
  EXPECT_EQ(period("last_1_year", "2020-02-29"), "2019-03-01..2020-02-29");
  EXPECT_EQ(period("this_week", "2018-08-29"), "2018-08-27..2018-08-29");
  EXPECT_EQ(period("this_quarter", "2018-08-29"), "2018-07-01..2018-08-29");
  EXPECT_EQ(period("previous_month", "2018-03-31"), "2018-02-01..2018-02-28");
  EXPECT_EQ(period("previous_quarter", "2018-02-01"), "2017-10-01..2017-12-31");
  EXPECT_EQ(period("previous_year", "2018-02-01"), "2017-01-01..2017-12-31");
  EXPECT_EQ(period("previous_week", "2018-08-29"), "2018-08-20..2018-08-26");
  EXPECT_EQ(period("yesterday", "2018-01-01"), "2017-12-31..2017-12-31");
  EXPECT_EQ(period("all", "2018-01-01"), "..");
  for (const char* none : {"last_0_days", "last_x_days", "last_3_moons", "this_moon", "tomorrow", "last_", ""}) {
    EXPECT_EQ(period(none, "2018-01-01"), "none") << none;
  }
}

TEST(DashboardSelection, ThePeriodBeforeIsWholeMonthsWhereTheseAre) {
  const auto before = [](const char* from, const char* to) {
    const auto range = PeriodBefore({.from = from, .to = to});
    return range ? *range->from + ".." + *range->to : "none";
  };
  EXPECT_EQ(before("2018-03-01", "2018-03-31"), "2018-02-01..2018-02-28");
  EXPECT_EQ(before("2018-01-01", "2018-12-31"), "2017-01-01..2017-12-31");
  EXPECT_EQ(before("2018-03-10", "2018-03-16"), "2018-03-03..2018-03-09");
  EXPECT_EQ(before("2018-03-10", "2018-03-01"), "none");
  EXPECT_FALSE(PeriodBefore({.from = "2018-01-01", .to = {}}));
}

}  // namespace
}  // namespace smelt::serve
