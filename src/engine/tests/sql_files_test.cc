// Runs every tests/sql/**/*.test file against a fresh lake. A file is a sequence of blocks separated by blank lines:
//
//   run                     the statements succeed
//   <sql>
//
//   query [sorted]          the last statement's rows are those below the dashes, cells separated by tabs, NULL as NULL
//   <sql>
//   ----
//   <rows>
//
//   error SMELT-SQL-0004    the statements fail with this code, and the message holds the text below the dashes
//   <sql>
//   ----
//   <part of the message>
//
//   reopen                  the engine is closed and opened again on the same lake
//
// `{lake}` stands for the lake's folder.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/id.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

struct Block {
  int line = 0;
  std::string command;
  std::string sql;
  std::vector<std::string> expected;
};

std::vector<Block> ReadBlocks(const fs::path& path) {
  std::ifstream in(path);
  std::vector<Block> blocks;
  Block block;
  bool in_expected = false;
  int number = 0;
  auto flush = [&] {
    if (!block.command.empty()) blocks.push_back(block);
    block = {};
    in_expected = false;
  };
  for (std::string text; std::getline(in, text);) {
    ++number;
    if (text.empty()) {
      flush();
    } else if (block.command.empty()) {
      if (text[0] == '#') continue;
      block.command = text;
      block.line = number;
    } else if (text == "----") {
      in_expected = true;
    } else if (in_expected) {
      block.expected.push_back(text);
    } else {
      block.sql += text + "\n";
    }
  }
  flush();
  return blocks;
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> RowTexts(const ResultTable& table) {
  std::vector<std::string> rows;
  for (const auto& row : table.rows) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += '\t';
      text += row[i] ? *row[i] : "NULL";
    }
    rows.push_back(std::move(text));
  }
  return rows;
}

class SqlFile : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const char* elsewhere = std::getenv("SMELT_TEST_LAKES");
    lake_ = elsewhere != nullptr ? elsewhere + ("/" + NewUuid())
                                 : (fs::temp_directory_path() / ("smelt-sql-" + NewUuid())).string();
    Open();
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    if (!lake_.contains("://")) fs::remove_all(lake_);
  }

  void Open() {
    session_.reset();
    engine_.reset();
    LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    auto session = engine_->Connect();
    ASSERT_TRUE(session) << session.error().ToString();
    session_ = std::move(*session);
  }

  void RunBlock(const Block& block) {
    std::string sql = Replace(block.sql, "{lake}", lake_);
    if (block.command == "reopen") return Open();
    if (block.command.starts_with("error ")) return ExpectError(block, sql);
    auto result = session_->Query(sql);
    ASSERT_TRUE(result) << result.error().ToString();
    if (!block.command.starts_with("query")) {
      ASSERT_EQ(block.command, "run") << "unknown block";
      return;
    }
    auto rows = RowTexts(*result);
    auto expected = block.expected;
    if (block.command == "query sorted") {
      std::sort(rows.begin(), rows.end());
      std::sort(expected.begin(), expected.end());
    }
    EXPECT_EQ(rows, expected);
  }

  void ExpectError(const Block& block, const std::string& sql) {
    auto result = session_->Query(sql);
    ASSERT_FALSE(result) << "succeeded, but was to fail";
    EXPECT_EQ(CodeText(result.error().code()), block.command.substr(6)) << result.error().ToString();
    for (const std::string& part : block.expected) {
      EXPECT_NE(result.error().ToString().find(Replace(part, "{lake}", lake_)), std::string::npos)
          << result.error().ToString();
    }
  }

  std::string lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_P(SqlFile, Runs) {
  fs::path path = fs::path(SMELT_SOURCE_DIR) / "tests" / "sql" / GetParam();
  auto blocks = ReadBlocks(path);
  ASSERT_FALSE(blocks.empty()) << path;
  for (const Block& block : blocks) {
    SCOPED_TRACE(path.string() + ":" + std::to_string(block.line) + ": " + block.sql);
    RunBlock(block);
    if (HasFatalFailure()) return;
  }
}

std::vector<std::string> FindFiles() {
  fs::path root = fs::path(SMELT_SOURCE_DIR) / "tests" / "sql";
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".test") files.push_back(fs::relative(entry.path(), root).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Sql, SqlFile, testing::ValuesIn(FindFiles()), TestName);

}  // namespace
}  // namespace smelt::engine
