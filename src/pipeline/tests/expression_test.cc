#include "pipeline/expression.h"

#include <gtest/gtest.h>

#include <string>

#include "pipeline/definition.h"
#include "pipeline/params.h"

namespace smelt::pipeline {
namespace {

const Json kScope = {{"vars", {{"full", false}, {"n", 3}, {"day", "2018-05-24"}, {"list", {1, 2}}}},
                     {"tasks", {{"load-all", {{"rows_out", 7}, {"status", "done"}}}, {"a.b", {{"x", 1}}}}}};

std::string Value(const std::string& text) {
  const auto expression = Expression::Parse(text);
  if (!expression) return expression.error().message();
  const auto value = expression->Evaluate(kScope);
  return value ? JsonText(*value) : value.error().message();
}

TEST(Expression, Calculates) {
  EXPECT_EQ(Value("1 + 2 * 3"), "7");
  EXPECT_EQ(Value("(1 + 2) * -3"), "-9");
  EXPECT_EQ(Value("7 / 2"), "3.5");
  EXPECT_EQ(Value("'a' + \"b\""), "\"ab\"");
  EXPECT_EQ(Value("1 / 0"), "'/' does not work on 1 and 0");
  EXPECT_EQ(Value("'a' < 1"), "'<' does not work on \"a\" and 1");
}

TEST(Expression, ComparesAndCombines) {
  EXPECT_EQ(Value("vars.n >= 3 and not vars.full"), "true");
  EXPECT_EQ(Value("vars.missing"), "null");
  EXPECT_EQ(Value("vars.missing or 'x'"), "\"x\"");
  EXPECT_EQ(Value("2 in vars.list"), "true");
  EXPECT_EQ(Value("'05' in vars.day"), "true");
  EXPECT_EQ(Value("vars.day == '2018-05-24'"), "true");
  EXPECT_EQ(Value("vars.n in [1, 2]"), "false");
  EXPECT_EQ(Value("not vars.n == 3"), "false");
  EXPECT_EQ(Value("tasks.load-all.rows_out > 5"), "true");
  EXPECT_EQ(Value("tasks.a.b.x"), "1");
  EXPECT_EQ(Value("order_1 == null"), "true");  // not 'or'
}

TEST(Expression, SaysWhereItCannotBeUnderstood) {
  for (const std::string text : {"", "1 +", "(1", "'open", "1 2", "a ==", "[1", "1..2", "$x", "a and"}) {
    const auto expression = Expression::Parse(text);
    ASSERT_FALSE(expression) << text;
    EXPECT_EQ(expression.error().code(), ErrorCode::kConfigValueInvalid);
  }
  EXPECT_FALSE(Expression::Parse(std::string(100'000, '(')));
}

TEST(Expression, FillsTexts) {
  EXPECT_EQ(RenderText("day={{ vars.day }} n={{vars.n + 1}} {{ vars.missing }}!", kScope), "day=2018-05-24 n=4 !");
  EXPECT_FALSE(RenderText("{{ vars.day", kScope));
}

TEST(Params, FitTheirTypes) {
  const Param day{.name = "day", .type = ParamType::kDate};
  EXPECT_EQ(FitParam(day, "2018-05-24"), Json("2018-05-24"));
  EXPECT_FALSE(FitParam(day, "24.5.2018"));
  EXPECT_EQ(FitParam({.name = "n", .type = ParamType::kInteger}, "7"), Json(7));
  EXPECT_FALSE(FitParam({.name = "n", .type = ParamType::kInteger}, 1.5));
  EXPECT_EQ(FitParam({.name = "t"}, 7), Json("7"));
  const Param mode{.name = "mode", .choices = {"a", "b"}};
  EXPECT_TRUE(FitParam(mode, "a"));
  EXPECT_FALSE(FitParam(mode, "c"));
  EXPECT_FALSE(BindParams({day}, Json::object()));
  EXPECT_EQ(BindParams({day}, {{"day", "2018-05-24"}, {"other", 1}}), (Json{{"day", "2018-05-24"}, {"other", 1}}));
}

std::string Mistake(const std::string& yaml) {
  const auto pipeline = ParsePipeline("name: p\n" + yaml, "p.yml");
  return pipeline ? "" : pipeline.error().ToString();
}

void ExpectMistake(const std::string& yaml, const std::string& place, const std::string& text) {
  const std::string mistake = Mistake(yaml);
  EXPECT_NE(mistake.find(place), std::string::npos) << mistake;
  EXPECT_NE(mistake.find(text), std::string::npos) << mistake;
}

TEST(Names, AreCheckedBeforeAnythingRuns) {
  EXPECT_EQ(Mistake("params: {day: {type: date}}\ntasks:\n  - {name: a, type: t}\n"
                    "  - {name: b, type: t, needs: a, when: tasks.a.rows_out > 0, with: {x: '{{ params.day }}'}}\n"),
            "");
  ExpectMistake("params: {day: {type: date}}\ntasks:\n  - {name: a, type: t, when: params.dya}\n", "p.yml:4", "'day'");
  ExpectMistake("tasks:\n  - {name: a, type: t}\n  - {name: b, type: t, when: tasks.a.commits}\n", "p.yml:4",
                "add 'a' to its 'needs'");
  ExpectMistake("tasks:\n  - {name: a, type: t, with: {x: ['{{ vers.x }}']}}\n", "p.yml:3", "did you mean 'vars'?");
  ExpectMistake("tasks:\n  - {name: a, type: t, when: 1 +}\n", "p.yml:3", "a value is missing");
  ExpectMistake("params: {n: {type: integer, default: x}}\ntasks: [{name: a, type: t}]\n", "p.yml:2", "integer");
  ExpectMistake("params: {n: {type: int}}\ntasks: [{name: a, type: t}]\n", "p.yml:2", "use one of: text, integer");
}

TEST(Times, AreCheckedBeforeAnythingRuns) {
  const std::string task = "\ntasks: [{name: a, type: t}]\n";
  EXPECT_EQ(Mistake("every: 15m\nstart: 2018-05-24\nend: 2018-06-01T00:00:00Z\ncatchup: true\n"
                    "on: [{file: landing/*.csv}, {table: a.b}, {pipeline: q, status: any}]" +
                    task),
            "");
  ExpectMistake("every: 15m\nschedule: '@daily'" + task, "p.yml:2", "keep one of them");
  ExpectMistake("every: 0s" + task, "p.yml:2", "'every' is shorter");
  ExpectMistake("every: 1h\nstart: tomorrow" + task, "p.yml:3", "is no date or time");
  ExpectMistake("every: 1h\nstart: 2018-05-24\nend: 2018-05-24" + task, "p.yml:4", "does not come after");
  ExpectMistake("on: [{file: '*/x.csv'}]" + task, "p.yml:2", "wildcard in its folder");
  ExpectMistake("on: [{file: 's3://b/x.csv'}]" + task, "p.yml:2", "not a local path");
  ExpectMistake("on: [{table: orders}]" + task, "p.yml:2", "schema.table");
  ExpectMistake("on: [{pipeline: p}]" + task, "p.yml:2", "begin the same pipeline");
  ExpectMistake("on: [{table: a.b, status: any}]" + task, "p.yml:2", "'status' belongs");
  ExpectMistake("on: [{pipelin: q}]" + task, "p.yml:2", "'pipeline'");
  ExpectMistake("timezone: Europe/Belrin\nevery: 1h" + task, "p.yml:2", "no time zone");
}

TEST(Times, WithoutAZoneAreThoseOfTheClocks) {
  const auto pipeline = ParsePipeline(
      "name: p\nevery: 1h\ntimezone: America/Sao_Paulo\nstart: 2018-05-24\n"
      "tasks: [{name: a, type: t}]\n",
      "p.yml");
  ASSERT_TRUE(pipeline);
  EXPECT_EQ(pipeline->start_us, 1'527'130'800LL * 1'000'000);  // 03:00 UTC
}

}  // namespace
}  // namespace smelt::pipeline
