#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "generate/data_set.h"

namespace smelt::generate {
namespace {

namespace fs = std::filesystem;

/// A mistake: what stands in the description in place of something, and what is said of it.
struct Mistake {
  std::string name;
  std::string in_place_of, written;
  int line;
  std::string said, cure;
};

constexpr const char* kShop = R"yml(period: {from: 2024-01-01, to: 2024-12-31}
seasons: {weekdays: [1, 1, 1, 1, 1, 2, 2]}
lists:
  colours: [red, green]
tables:
  goods:
    rows: 20
    columns:
      good_id: {id: "G###"}
      colour: {text: colours}
      price: {number: {uniform: [1, 90], decimals: 2}}
  sales:
    daily: 500
    time: sold_at
    columns:
      sale_id: {id: "S{day}-###"}
      sold_at: {time: {on: this_day, hours: {9: 1, 10: 2}}}
      good: {reference: goods}
      total: {sum: parts.amount, type: "DECIMAL(12, 2)"}
  parts:
    each: sales
    count: {1: 2, 2: 1}
    columns:
      sale_id: {sql: sales.sale_id}
      amount: {sql: sales.good.price * 2}
      kind: {pick: {a: 1, b: 2}}
)yml";

class DataSetMistakesTest : public testing::TestWithParam<Mistake> {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("smelt-mistakes-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result<GenerateReport> Generate(const std::string& description, DataSetOptions options = {}) {
    options.description = (folder_ / "shop.yml").string();
    options.out_dir = (folder_ / "out").string();
    std::ofstream(options.description) << description;
    return GenerateDataSet(options);
  }

  fs::path folder_;
};

TEST_P(DataSetMistakesTest, IsToldWithItsPlaceAndCure) {
  std::string description = kShop;
  const std::size_t at = description.find(GetParam().in_place_of);
  ASSERT_NE(at, std::string::npos);
  description.replace(at, GetParam().in_place_of.size(), GetParam().written);
  const auto report = Generate(description);
  ASSERT_FALSE(report);
  const std::string text = report.error().ToString();
  EXPECT_NE(text.find("shop.yml:" + std::to_string(GetParam().line)), std::string::npos) << text;
  EXPECT_NE(text.find(GetParam().said), std::string::npos) << text;
  EXPECT_NE(text.find(GetParam().cure), std::string::npos) << text;
  EXPECT_FALSE(fs::exists(folder_ / "out/goods.csv"));
}

INSTANTIATE_TEST_SUITE_P(
    All, DataSetMistakesTest,
    testing::Values(
        Mistake{"UnknownKey", "daily: 500", "daly: 500", 13, "daly", "daily"},
        Mistake{"UnknownColumnKey", "{reference: goods}", "{refrence: goods}", 18, "refrence", "reference"},
        Mistake{"NoKind", "{reference: goods}", "{skew: 2}", 18, "column 'good' has no kind", "give one of id, pick"},
        Mistake{"TwoKinds", "{reference: goods}", "{reference: goods, sql: 1}", 18, "two kinds", "leave one"},
        Mistake{"NoMap", "{reference: goods}", "goods", 18, "column 'good' is no map", "write for example"},
        Mistake{"NoRows", "    rows: 20\n", "", 7, "table 'goods' does not say which rows", "rows, daily and each"},
        Mistake{"RowsOutOfRange", "rows: 20", "rows: 0", 7, "0 is out of range", "from 1"},
        Mistake{"BadName", "good: {reference: goods}", "Good: {reference: goods}", 18, "'Good' is no name",
                "small letters"},
        Mistake{"NoDay", "2024-12-31", "2024-02-30", 1, "'2024-02-30' is no day", "write it as"},
        Mistake{"PeriodBackwards", "2024-12-31", "2023-12-31", 1, "the period has no days", "on or after"},
        Mistake{"SixWeekdays", "[1, 1, 1, 1, 1, 2, 2]", "[1, 1, 1, 1, 1, 2]", 2, "weekdays has 6 weights", "give 7"},
        Mistake{"UnknownTable", "{reference: goods}", "{reference: godos}", 18, "refers to 'godos', which is no table",
                "did you mean 'goods'?"},
        Mistake{"NoId", "{id: \"G###\"}", "{sql: this_number}", 18, "cannot be referred to: it has no id",
                "give it a column"},
        Mistake{"ReferenceToDaily", "kind: {pick: {a: 1, b: 2}}", "kind: {reference: sales}", 26,
                "cannot be picked at random", "refer to a table with rows:"},
        Mistake{"OfNothing", "{reference: goods}", "{reference: goods, of: sold_at}", 18, "does not lead to a row",
                "name a column of 'sales'"},
        Mistake{"IdWithoutNumber", "\"G###\"", "\"G\"", 9, "has no place for the number", "mark its digits with #"},
        Mistake{"IdWithoutDay", "\"G###\"", "\"G{day}-#\"", 9, "rows of 'goods' have no day", "leave {day} out"},
        Mistake{"UnknownList", "{text: colours}", "{text: colors}", 10, "there is no list of texts 'colors'",
                "did you mean 'colours'?"},
        Mistake{"NoLocale", "{text: colours}", "{text: first_names}", 10, "has no locale ''",
                "one of de_DE, en_US, pt_BR"},
        Mistake{"NoPart", "{text: colours}", "{text: places.town, locale: de_DE}", 10, "have no part 'town'", "city"},
        Mistake{"EmptyList", "[red, green]", "[]", 4, "a list of texts is empty", "give it entries"},
        Mistake{"NoDistribution", "{uniform: [1, 90], decimals: 2}", "{decimals: 2}", 11, "has no distribution",
                "give uniform, normal"},
        Mistake{"OneParameter", "[1, 90]", "[1]", 11, "takes two parameters", "uniform: [1, 10]"},
        Mistake{"ManyDecimals", "decimals: 2", "decimals: 9", 11, "9 decimals", "give 0 to 6"},
        Mistake{"NothingToPick", "{pick: {a: 1, b: 2}}", "{pick: []}", 26, "nothing to pick from",
                "give a list of values"},
        Mistake{"NegativeWeight", "{pick: {a: 1, b: 2}}", "{pick: {a: 1, b: -2}}", 26, "-2 is out of range", "from 0"},
        Mistake{"CountOfWords", "{1: 2, 2: 1}", "{one: 2}", 22, "'one' is no number of rows", "from 0 to 63"},
        Mistake{"NoCount", "    count: {1: 2, 2: 1}\n", "", 21, "how many rows each of sales has", "count or chance"},
        Mistake{"ParentBelow", "each: sales", "each: parts", 21, "which is no table before it", "further up"},
        Mistake{"NoTimeColumn", "time: sold_at", "time: sold", 14, "table 'sales' has no column 'sold'",
                "name the column"},
        Mistake{"ChangesOfDaily", "daily: 500", "daily: 500\n    change_every_days: 9", 14,
                "rows of table 'sales' cannot change", "only those of tables with rows:"},
        Mistake{"ChangesWithoutDays", "{text: colours}", "{text: colours, changes: true}", 10,
                "changes, but rows of 'goods' do not", "change_every_days"},
        Mistake{"SumOfNothing", "{sum: parts.amount", "{sum: amount", 19, "is no column of children of 'sales'",
                "write TABLE.COLUMN"},
        Mistake{"SumOfUnknown", "{sum: parts.amount", "{sum: parts.amuont", 19, "table 'parts' has no column 'amuont'",
                "did you mean 'amount'?"},
        Mistake{"Circle", "sales.good.price * 2", "sales.total * 2", 25, "needs itself", "do without the other"},
        Mistake{"UnknownPath", "sales.good.price * 2", "sales.good.prize * 2", 25,
                "table 'goods' has no column 'prize'", "did you mean 'price'?"},
        Mistake{"PathThroughText", "sales.good.price * 2", "kind.price * 2", 25,
                "column 'kind' of 'parts' refers to no table", "only columns of kind reference"},
        Mistake{"DrawWithoutName", "sales.good.price * 2", "draw() * 2", 25, "draw() has no name", "write draw(1)"},
        Mistake{"UnknownName", "sales.good.price * 2", "prise * 2", 25, "column 'amount'", "correct the expression"},
        Mistake{"BrokenSql", "sales.good.price * 2", "sales.good.price * ", 25, "column 'amount'",
                "correct the expression"},
        Mistake{"WrongType", "sales.good.price * 2", "kind - 2 * DATE '2024-01-01'", 25, "column 'amount'",
                "correct the expression"},
        Mistake{"AfterWithoutLead", "kind: {pick: {a: 1, b: 2}}", "kind: {after: sales.sold_at}", 26,
                "does not say how long after", "give one of hours and days"}),
    [](const auto& info) { return info.param.name; });

TEST_F(DataSetMistakesTest, TheDescriptionItselfIsSound) {
  const auto report = Generate(kShop);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->files.size(), 3U);
}

TEST_F(DataSetMistakesTest, OptionsOutOfRangeAreRefused) {
  const DataSetOptions wrong[] = {{.scale = 0},       {.scale = 1e6},
                                  {.dirt = -1},       {.first_extra_day = 0},
                                  {.extra_days = -1}, {.first_extra_day = 3000, .extra_days = 1000}};
  for (const DataSetOptions& options : wrong) {
    const auto report = Generate(kShop, options);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code(), ErrorCode::kUsage);
  }
  const auto unknown = GenerateDataSet({.built_in = "no_such", .out_dir = folder_.string()});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), ErrorCode::kUsage);
  const auto missing = GenerateDataSet({.description = "/no/such.yml", .out_dir = folder_.string()});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kStoreNotFound);
}

TEST_F(DataSetMistakesTest, AStoppedRunLeavesNoFiles) {
  std::stop_source source;
  source.request_stop();
  const auto report = GenerateDataSet({.built_in = "physical", .scale = 0.01, .out_dir = (folder_ / "out").string()},
                                      source.get_token());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kCancelled);
  for (const auto& entry : fs::recursive_directory_iterator(folder_))
    EXPECT_FALSE(entry.is_regular_file()) << entry.path();
}

}  // namespace
}  // namespace smelt::generate
