#include "app/internal/exports/sheet_column.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace smelt::app {
namespace {

using engine::TypeKind;

SheetColumnPlan Plan(const std::string& type, TypeKind kind, const Json& shown = Json::object()) {
  return PlanColumn({.name = "a", .type = type, .kind = kind}, shown);
}

std::string FormatOf(TypeKind kind, const Json& shown, const std::string& type = "DECIMAL(10,2)") {
  return Plan(type, kind, shown).format;
}

double SerialDays(const SheetColumnPlan& plan, const std::string& text) {
  std::int64_t kept_as_text = 0;
  const engine::Cell cell = text;
  const workbook::CellValue value = CellOf(plan, cell, kept_as_text);
  const auto* serial = std::get_if<workbook::Serial>(&value);
  return serial != nullptr ? serial->days : -1;
}

/// Whether a value comes as text, which is counted.
bool IsKeptAsText(const SheetColumnPlan& plan, const std::string& text) {
  std::int64_t kept_as_text = 0;
  const engine::Cell cell = text;
  const workbook::CellValue value = CellOf(plan, cell, kept_as_text);
  return kept_as_text == 1 && std::get<std::string_view>(value) == text;
}

TEST(SheetColumn, FormatsFollowTheTypes) {
  EXPECT_EQ(Plan("BIGINT", TypeKind::kInteger).format, "0");
  EXPECT_EQ(Plan("DECIMAL(10,2)", TypeKind::kDecimal).format, "0.00");
  EXPECT_EQ(Plan("DECIMAL(18,0)", TypeKind::kDecimal).format, "0");
  EXPECT_EQ(Plan("DOUBLE", TypeKind::kFloat).format, "");
  EXPECT_EQ(Plan("DATE", TypeKind::kDate).format, "yyyy-mm-dd");
  EXPECT_EQ(Plan("TIMESTAMP", TypeKind::kTimestamp).format, "yyyy-mm-dd hh:mm:ss");
  EXPECT_EQ(Plan("TIME", TypeKind::kTime).format, "hh:mm:ss");
  EXPECT_EQ(Plan("TIME WITH TIME ZONE", TypeKind::kTime).form, CellForm::kText);
  EXPECT_EQ(Plan("INTEGER[]", TypeKind::kNested).form, CellForm::kText);
}

TEST(SheetColumn, FormatsOfDashboardsAreThoseOfExcel) {
  EXPECT_EQ(FormatOf(TypeKind::kDecimal, {{"format", "currency"}, {"currency", "BRL"}}), "\"R$ \"#,##0.00");
  EXPECT_EQ(FormatOf(TypeKind::kDecimal, {{"format", "currency"}, {"currency", "EUR"}, {"decimals", 0}}), "\"€\"#,##0");
  EXPECT_EQ(FormatOf(TypeKind::kFloat, {{"format", "percent"}}, "DOUBLE"), "0.0%");
  EXPECT_EQ(FormatOf(TypeKind::kDecimal, {{"format", "number"}}), "#,##0.00");
  EXPECT_EQ(FormatOf(TypeKind::kInteger, {{"format", "integer"}, {"unit", "pieces"}}, "BIGINT"), "#,##0\" pieces\"");
  EXPECT_EQ(FormatOf(TypeKind::kFloat, {{"format", "duration_days"}}, "DOUBLE"), "#,##0.0\" days\"");
  EXPECT_EQ(FormatOf(TypeKind::kDate, {{"format", "month"}}, "DATE"), "mmm yyyy");
  EXPECT_EQ(FormatOf(TypeKind::kTimestamp, {{"format", "date"}}, "TIMESTAMP"), "yyyy-mm-dd");
  EXPECT_EQ(FormatOf(TypeKind::kInteger, {{"unit", "\"=1"}}, "BIGINT"), "#,##0\" =1\"");
}

TEST(SheetColumn, AFormatForOtherValuesIsLeftAside) {
  EXPECT_EQ(Plan("VARCHAR", TypeKind::kText, {{"format", "currency"}, {"currency", "BRL"}}).format, "");
  EXPECT_EQ(FormatOf(TypeKind::kInteger, {{"format", "date"}}, "BIGINT"), "0");
  EXPECT_EQ(Plan("BIGINT", TypeKind::kInteger, {{"format", "text"}}).form, CellForm::kText);
}

TEST(SheetColumn, TitlesAreLabels) {
  EXPECT_EQ(Plan("BIGINT", TypeKind::kInteger).title, "a");
  EXPECT_EQ(Plan("BIGINT", TypeKind::kInteger, {{"label", "Orders"}}).title, "Orders");
  EXPECT_TRUE(Plan("BIGINT", TypeKind::kInteger, {{"hidden", true}}).hidden);
}

TEST(SheetColumn, InstantsAreRead) {
  const auto timestamp = Plan("TIMESTAMP WITH TIME ZONE", TypeKind::kTimestamp);
  EXPECT_EQ(SerialDays(timestamp, "2018-05-24 06:00:00+00"), 43244.25);
  EXPECT_EQ(SerialDays(timestamp, "2018-05-24 06:00:00"), 43244.25);
  EXPECT_EQ(SerialDays(timestamp, "2018-05-24 06:00:00.000000000"), 43244.25);
  EXPECT_EQ(SerialDays(Plan("DATE", TypeKind::kDate), "2018-05-24"), 43244);
  EXPECT_EQ(SerialDays(Plan("TIME", TypeKind::kTime), "06:00:00"), 0.25);
}

TEST(SheetColumn, WhatExcelCannotHoldIsText) {
  const auto date = Plan("DATE", TypeKind::kDate);
  for (const char* text : {"infinity", "-infinity", "0044-03-15 (BC)", "12345-01-01", "1899-12-31"}) {
    EXPECT_TRUE(IsKeptAsText(date, text)) << text;
  }
  EXPECT_TRUE(IsKeptAsText(Plan("BIGINT", TypeKind::kInteger), "9007199254740993"));
  EXPECT_TRUE(IsKeptAsText(Plan("DECIMAL(20,2)", TypeKind::kDecimal), "12345678901234.56"));
  EXPECT_TRUE(IsKeptAsText(Plan("DOUBLE", TypeKind::kFloat), "nan"));
  EXPECT_TRUE(IsKeptAsText(Plan("TIME", TypeKind::kTime), "24:00:00"));
}

TEST(SheetColumn, NullIsAnEmptyCell) {
  std::int64_t kept_as_text = 0;
  EXPECT_TRUE(
      std::holds_alternative<std::monostate>(CellOf(Plan("DATE", TypeKind::kDate), std::nullopt, kept_as_text)));
  EXPECT_EQ(kept_as_text, 0);
}

}  // namespace
}  // namespace smelt::app
