#include "app/internal/sql_script.h"

#include <gtest/gtest.h>

namespace smelt::app {
namespace {

TEST(IsComplete, WantsASemicolonOutsideQuotesAndComments) {
  EXPECT_TRUE(IsComplete(""));
  EXPECT_TRUE(IsComplete(" \n"));
  EXPECT_TRUE(IsComplete("-- only a remark\n"));
  EXPECT_TRUE(IsComplete("select 1;"));
  EXPECT_TRUE(IsComplete("select 1; -- one's own\n"));
  EXPECT_TRUE(IsComplete("select ';' /* ' */ ;\n"));
  EXPECT_TRUE(IsComplete("select $$;'$$;"));
  EXPECT_TRUE(IsComplete(R"(select e'it\'s';)"));
  EXPECT_TRUE(IsComplete(R"(select 'c:\';)"));
  EXPECT_TRUE(IsComplete("select /* a /* b */ ; */ 1;"));
  EXPECT_FALSE(IsComplete("select 1"));
  EXPECT_FALSE(IsComplete("select 1; select 2"));
  EXPECT_FALSE(IsComplete("select ';"));
  EXPECT_FALSE(IsComplete("select \"a;"));
  EXPECT_FALSE(IsComplete("select 1 -- ;\n"));
  EXPECT_FALSE(IsComplete("select 1 /* ;"));
  EXPECT_FALSE(IsComplete("select $body$ $$ ;"));
  EXPECT_FALSE(IsComplete("select ';'"));
}

TEST(OnOneLine, DropsCommentsAndKeepsQuotes) {
  EXPECT_EQ(OnOneLine("select 1, -- one\n       2;\n"), "select 1, 2;");
  EXPECT_EQ(OnOneLine("select 'a  -- b' /* c */ ;"), "select 'a  -- b' ;");
  EXPECT_EQ(OnOneLine("-- nothing\n"), "");
}

TEST(InScript, MovesThePlaceToTheScript) {
  const std::string script = "select 1;\nselect 2;\nselect x;";
  const std::string message = "no column \"x\"\n\nLINE 1: select x\n               ^";
  const Error error = InScript(Error(ErrorCode::kSqlBinding, message).Hint("look").At("SQL", 1), script, 20);
  EXPECT_EQ(error.line(), 3);
  EXPECT_EQ(error.hint(), "look");
  EXPECT_EQ(error.message(), "no column \"x\"\n\nLINE 3: select x\n               ^");
}

TEST(InScript, KeepsTheCaretBelowItsWordWhenTheNumberGrows) {
  const std::string script = std::string(9, '\n') + "select x;";
  const Error error =
      InScript(Error(ErrorCode::kSqlBinding, "no\nLINE 1: select x\n               ^").At("SQL", 1), script, 9);
  EXPECT_EQ(error.message(), "no\nLINE 10: select x\n                ^");
}

TEST(InScript, LeavesOtherErrorsAlone) {
  const Error error = InScript(Error(ErrorCode::kStoreIo, "disk\nLINE 1: x").At("a.yml", 1), "\n\n", 2);
  EXPECT_EQ(error.line(), 1);
  EXPECT_EQ(error.message(), "disk\nLINE 1: x");
}

}  // namespace
}  // namespace smelt::app
