#include "workbook/sheet_name.h"

#include <gtest/gtest.h>

#include <string>

namespace smelt::workbook {
namespace {

TEST(SheetName, OrdinaryNamesAreTaken) {
  for (const char* name :
       {"Sales", "Sales by month", "São Paulo (2018)", "a.b", "it's", "1234567890123456789012345678901"}) {
    EXPECT_EQ(SheetNameFault(name), "") << name;
  }
}

TEST(SheetName, WhatExcelDoesNotTakeIsSaid) {
  EXPECT_EQ(SheetNameFault(""), "is empty");
  EXPECT_NE(SheetNameFault("12345678901234567890123456789012").find("31 characters"), std::string::npos);
  for (const char c : std::string("[]:*?/\\")) {
    EXPECT_NE(SheetNameFault(std::string("a") + c).find(std::string("has a '") + c + "'"), std::string::npos) << c;
  }
  EXPECT_NE(SheetNameFault("'a").find("apostrophe"), std::string::npos);
  EXPECT_NE(SheetNameFault("a'").find("apostrophe"), std::string::npos);
  EXPECT_NE(SheetNameFault("a\nb").find("control"), std::string::npos);
  EXPECT_NE(SheetNameFault("HISTORY").find("keeps"), std::string::npos);
}

TEST(SheetName, CharactersAreCountedAsExcelCountsThem) {
  std::string accents, faces;
  for (int i = 0; i < 31; ++i) accents += "ã";
  for (int i = 0; i < 16; ++i) faces += "😀";
  EXPECT_EQ(SheetNameFault(accents), "");
  EXPECT_NE(SheetNameFault(faces), "") << "each is two";
}

TEST(SheetName, CaseMakesNoDifference) {
  EXPECT_EQ(FoldSheetName("SÃO Paulo ÄŽΣЖЁ×"), FoldSheetName("são PAULO äžσжё×"));
  EXPECT_NE(FoldSheetName("a"), FoldSheetName("b"));
}

TEST(SheetName, NamesAreMadeFit) {
  EXPECT_EQ(FitSheetName("orders", {}), "orders");
  EXPECT_EQ(FitSheetName("a/b:c", {}), "a_b_c");
  EXPECT_EQ(FitSheetName("'a'", {}), "_a_");
  EXPECT_EQ(FitSheetName("", {}), "_");
  EXPECT_EQ(FitSheetName("history", {}), "history_");
  EXPECT_EQ(FitSheetName(std::string(40, 'x'), {}), std::string(31, 'x'));
}

TEST(SheetName, NamesThatAreTakenGetANumber) {
  EXPECT_EQ(FitSheetName("Orders", {"orders"}), "Orders~2");
  EXPECT_EQ(FitSheetName("Orders", {"orders", "orders~2"}), "Orders~3");
  const std::string full(31, 'x');
  EXPECT_EQ(FitSheetName(full + "y", {full}), std::string(29, 'x') + "~2");
}

}  // namespace
}  // namespace smelt::workbook
