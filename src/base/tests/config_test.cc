#include "base/config.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <random>

#include "base/file.h"
#include "base/id.h"

namespace smelt {
namespace {

ConfigNode Yaml(std::string_view text) {
  auto node = ConfigNode::ParseYaml(text, "x.yml");
  EXPECT_TRUE(node) << node.error().ToString();
  return *node;
}

ConfigNode OfJsonText(std::string_view text) {
  auto node = ConfigNode::ParseJsonText(text, "x.json");
  EXPECT_TRUE(node) << node.error().ToString();
  return *node;
}

/// The error of a text that must not parse.
Error YamlError(std::string_view text) {
  auto node = ConfigNode::ParseYaml(text, "x.yml");
  EXPECT_FALSE(node) << "parsed as " << JsonText(node->ToJson());
  return node ? Error(ErrorCode::kInternal, "parsed") : node.error();
}

Error JsonError(std::string_view text) {
  auto node = ConfigNode::ParseJsonText(text, "x.json");
  EXPECT_FALSE(node) << "parsed as " << JsonText(node->ToJson());
  return node ? Error(ErrorCode::kInternal, "parsed") : node.error();
}

TEST(ConfigJson, CountsCharactersOfOneLongLine) {
  const auto root = ConfigNode::ParseJsonText("{\"é😀\": [1, \"ü\",\n  2], \"b\": {\"c\": 3}}", "one.json");
  ASSERT_TRUE(root) << root.error().ToString();
  const auto items = root->Find("é😀")->items();
  EXPECT_EQ(std::pair(items[0].line(), items[0].column()), std::pair(std::int64_t{1}, std::int64_t{9}));
  EXPECT_EQ(items[1].column(), 12);
  EXPECT_EQ(std::pair(items[2].line(), items[2].column()), std::pair(std::int64_t{2}, std::int64_t{3}));
  EXPECT_EQ(root->Find("b")->Find("c")->column(), 18);
}

TEST(ConfigYaml, KeepsOrderAndPlaces) {
  const ConfigNode root = Yaml("name: olist\nstreams:\n  - table: orders\n    key: [a, b]\n  - table: items\n");
  EXPECT_EQ(root.keys(), (std::vector<std::string>{"name", "streams"}));
  EXPECT_EQ(root.line(), 1);
  const ConfigNode streams = *root.Find("streams");
  ASSERT_EQ(streams.items().size(), 2u);
  const ConfigNode key = *streams.items()[0].Find("key");
  EXPECT_EQ(key.line(), 4);
  EXPECT_EQ(key.column(), 10);
  EXPECT_EQ(*key.AsStringList(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(streams.items()[1].line(), 5);
  EXPECT_EQ(streams.file(), "x.yml");
}

TEST(ConfigYaml, EmptyDocumentsAreNull) {
  for (const std::string_view text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    EXPECT_TRUE(Yaml(text).is_null()) << text;
    EXPECT_EQ(Yaml(text).file(), "x.yml");
  }
}

TEST(ConfigYaml, SkipsByteOrderMark) {
  EXPECT_EQ(*Yaml("\xEF\xBB\xBFname: a\n").Find("name")->AsString(), "a");
}

TEST(ConfigYaml, FollowsTheCoreSchema) {
  const ConfigNode root = Yaml(
      "[1, -2, +3, 0x10, 0o17, 1.5, 1e3, .5, true, False, null, ~, '1', \"true\", yes, 1_000, 1.2.3, .inf, 007, +-1]");
  const Json expected = Json::parse(
      R"([1, -2, 3, 16, 15, 1.5, 1000.0, 0.5, true, false, null, null, "1", "true", "yes", "1_000", "1.2.3", ".inf", 7,
          "+-1"])");
  EXPECT_EQ(root.ToJson(), expected);
}

TEST(ConfigYaml, IntegersKeepAllTheirDigits) {
  EXPECT_EQ(*Yaml("9223372036854775807").AsInt(), INT64_MAX);
  EXPECT_EQ(*Yaml("-9223372036854775808").AsInt(), INT64_MIN);
  EXPECT_EQ(Yaml("18446744073709551615").ToJson(), Json(UINT64_MAX));
  const auto beyond = Yaml("9223372036854775808").AsInt();
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_NE(beyond.error().message().find("9223372036854775808"), std::string::npos);
}

TEST(ConfigYaml, DuplicateKeysNameBothLines) {
  const Error error = YamlError("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(error.code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(error.line(), 3);
  EXPECT_EQ(error.message(), "the key 'a' stands twice in this map, on lines 1 and 3");
}

TEST(ConfigYaml, TabIndentationNamesTheLine) {
  for (const char* text : {"a:\n  b: 1\n\tc: 2\n", "a: 1\nb:\n\tc: 2\n", "a:\n  b: 1\n \t c: 2\n"}) {
    const Error error = YamlError(text);
    EXPECT_EQ(error.code(), ErrorCode::kConfigSyntax);
    EXPECT_EQ(error.line(), 3);
    EXPECT_EQ(error.message(), "not valid YAML: the line is indented by a tab");
    EXPECT_EQ(error.hint(), "indent by spaces");
  }
}

TEST(ConfigYaml, AnEmptyFileIsCalledByItsFirstLine) {
  for (const char* text : {"", "\n\n", "# a comment\n\n", "---\n"}) {
    const Error error = Yaml(text).Require("name").error();
    EXPECT_EQ(error.line(), 1) << text;
    EXPECT_EQ(error.message(), "expected a map with the key 'name', found nothing");
    EXPECT_EQ(error.hint(), "write `name: …` here");
  }
}

TEST(ConfigYaml, RefusesWhatCannotBeMeant) {
  EXPECT_EQ(YamlError("a: [1, 2\nb: 3\n").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(YamlError("a: 'open\n").message(), "a quoted text is not closed before the end of the document");
  EXPECT_EQ(YamlError("a: \"open\nb: 2").message(), "a quoted text is not closed before the end of the document");
  EXPECT_EQ(YamlError("a: *nobody\n").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(YamlError("a: &me [*me]\n").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(YamlError("[a, b]: 1\n").message(), "a key must be text");
  EXPECT_EQ(YamlError("a: !vault x\n").message(), "the tag !vault is not supported");
  EXPECT_EQ(YamlError("a: 1\n---\nb: 2\n").message(), "a second document begins here; one file holds one document");
  const Error latin = YamlError("a: 1\nb: caf\xE9\n");
  EXPECT_EQ(latin.message(), "the text is not valid UTF-8");
  EXPECT_EQ(latin.line(), 2);
}

TEST(ConfigYaml, RefusesDeepNesting) {
  EXPECT_EQ(YamlError(std::string(5'000, '[')).code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(YamlError(std::string(300, '[') + std::string(300, ']')).code(), ErrorCode::kConfigSyntax);
}

TEST(ConfigYaml, AliasesStandForTheirValue) {
  const ConfigNode root = Yaml("base: &b {x: 1, y: 2}\nother: *b\nmerged:\n  <<: *b\n  y: 3\n");
  EXPECT_EQ(root.ToJson(), Json::parse(R"({"base":{"x":1,"y":2},"other":{"x":1,"y":2},"merged":{"y":3,"x":1}})"));
  EXPECT_EQ(YamlError("a:\n  <<: text\n").message(), "the value of << must be a map or a list of maps");
}

TEST(ConfigYaml, AliasesCannotMultiplyWithoutBound) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j ? ", *a" : "*a") + std::to_string(i - 1);
    text += "]\n";
  }
  EXPECT_EQ(YamlError(text).message(), "the aliases of this file stand for too many values");
}

TEST(ConfigYaml, BlockTextKeepsItsLines) {
  EXPECT_EQ(*Yaml("sql: |\n  select 1\n  from t\n").Find("sql")->AsString(), "select 1\nfrom t\n");
}

TEST(ConfigJson, ValuesKnowTheirLines) {
  const ConfigNode root =
      OfJsonText("{\n  \"a\": [1,\n    {\"b\\u00e9\": \"x\\ny\"}],\n  \"c\": null, \"d\": \"7\"\n}\n");
  EXPECT_EQ(root.keys(), (std::vector<std::string>{"a", "c", "d"}));
  const ConfigNode list = *root.Find("a");
  EXPECT_EQ(list.line(), 2);
  EXPECT_EQ(list.column(), 8);
  EXPECT_EQ(list.items()[1].line(), 3);
  EXPECT_EQ(list.items()[1].column(), 5);
  EXPECT_EQ(*list.items()[1].Find("b\u00e9")->AsString(), "x\ny");
  EXPECT_TRUE(root.Find("c")->is_null());
  EXPECT_EQ(root.Find("c")->column(), 8);
  EXPECT_EQ(root.ToJson(), Json::parse(R"({"a":[1,{"bé":"x\ny"}],"c":null,"d":"7"})"));
}

TEST(ConfigJson, IsStrict) {
  EXPECT_EQ(JsonError("{\"a\": 1,}").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(JsonError("{\"a\": 1} // note").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(JsonError("{a: 1}").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(JsonError("").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(JsonError("\"caf\xE9\"").code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(JsonError(std::string(100'000, '[')).code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(JsonError(std::string(300, '[') + std::string(300, ']')).code(), ErrorCode::kConfigSyntax);
  const Error error = JsonError("{\n  \"a\": 1\n  \"b\": 2\n}");
  EXPECT_EQ(error.line(), 3);
  EXPECT_NE(error.message().find("expected '}'"), std::string::npos) << error.message();
}

TEST(ConfigJson, DuplicateKeysNameBothLines) {
  const Error error = JsonError("{\n\"a\": 1,\n\"b\": {\"a\": 2},\n\"\\u0061\": 3}");
  EXPECT_EQ(error.message(), "the key 'a' stands twice in this map, on lines 2 and 4");
  EXPECT_EQ(error.line(), 4);
}

TEST(ConfigJson, EmptyContainersAndByteOrderMark) {
  EXPECT_EQ(OfJsonText("\xEF\xBB\xBF [ { } , [ ] , \"\" , -1.5e3 ] ").ToJson(), Json::parse("[{},[],\"\",-1500.0]"));
}

TEST(ConfigNode, DamagedTextIsRefusedOrReadButNeverHarms) {
  const std::string yaml = "a: &x [1, 'two', {b: \"c\"}]\n? d\n: |\n  text\n  <<: *x\ne: !!str 5 # note\n...\n";
  const std::string json = R"({"a": [1, -2.5e3, "t\u00e9\n"], "b": {"c": null, "d": true}})";
  constexpr std::string_view kBytes = "{}[]:,'\"\\&*!|>#%-?\n\t\0\xFF\xE9 a1<.";
  std::mt19937_64 random(20181017);
  int refused = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::string text = round % 2 == 0 ? yaml : json;
    for (int edit = 0; edit < 1 + round % 5; ++edit) {
      const std::size_t at = random() % text.size();
      const char byte = kBytes[random() % kBytes.size()];
      if (random() % 3 == 0) {
        text.erase(at, 1 + random() % 4);
        if (text.empty()) text = " ";
      } else {
        text.insert(at, 1 + random() % 3, byte);
      }
    }
    const auto node = round % 2 == 0 ? ConfigNode::ParseYaml(text, "x") : ConfigNode::ParseJsonText(text, "x");
    if (node) {
      node->ToJson();
    } else {
      ++refused;
      ASSERT_EQ(node.error().code(), ErrorCode::kConfigSyntax) << text;
      ASSERT_GE(node.error().line(), 1) << text;
    }
  }
  EXPECT_GT(refused, 1'000);
}

TEST(ConfigNode, WrongTypesNamePlaceAndValue) {
  const ConfigNode root = Yaml("threads: many\nname: [1]\nflag: 'true'\n");
  const auto threads = root.IntOr("threads", 4);
  ASSERT_FALSE(threads);
  EXPECT_EQ(threads.error().ToString(),
            "SMELT-CONFIG-0003: x.yml:1:10: expected a whole number, found 'many'\n  hint: write digits without "
            "quotes, like 3");
  EXPECT_EQ(root.StringOr("name", "").error().message(), "expected text, found a list");
  EXPECT_EQ(root.BoolOr("flag", false).error().message(), "expected true or false, found 'true'");
  EXPECT_FALSE(Yaml("1.5").AsInt());
  EXPECT_FALSE(Yaml("~").AsString());
  EXPECT_FALSE(Yaml("a: 1").AsStringList());
  EXPECT_FALSE(Yaml("[[1]]").AsStringList());
}

TEST(ConfigNode, DefaultsOnlyForAbsentKeys) {
  const ConfigNode root = Yaml("a: 1\nb: true\nc: x\n");
  EXPECT_EQ(*root.IntOr("a", 9), 1);
  EXPECT_EQ(*root.IntOr("z", 9), 9);
  EXPECT_EQ(*root.BoolOr("b", false), true);
  EXPECT_EQ(*root.BoolOr("z", true), true);
  EXPECT_EQ(*root.StringOr("c", "y"), "x");
  EXPECT_EQ(*root.StringOr("z", "y"), "y");
  EXPECT_EQ(*root.StringOr("a", "y"), "1");
  EXPECT_EQ(*Yaml("one").AsStringList(), std::vector<std::string>{"one"});
}

TEST(ConfigNode, RequireNamesTheMissingKey) {
  const auto missing = Yaml("a:\n  b: 1\n").Find("a")->Require("table");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kConfigKeyMissing);
  EXPECT_EQ(missing.error().line(), 2);
  EXPECT_NE(missing.error().message().find("'table'"), std::string::npos);
  EXPECT_EQ(Yaml("[1]").Require("table").error().message(), "expected a map with the key 'table', found a list");
}

TEST(ConfigNode, UnknownKeysGetASuggestion) {
  const Status status = Yaml("tabel: orders\n").AllowKeys({"table", "key", "schema"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kConfigKeyUnknown);
  EXPECT_EQ(status.error().line(), 1);
  EXPECT_EQ(status.error().hint(), "did you mean 'table'?");
  EXPECT_EQ(Yaml("zzz: 1\n").AllowKeys({"table", "key"}).error().hint(), "known keys: table, key");
  EXPECT_TRUE(Yaml("key: 1\n").AllowKeys({"table", "key"}));
}

TEST(ConfigNode, Durations) {
  const auto ms = [](std::string_view text) { return Yaml(text).AsDurationMs(); };
  EXPECT_EQ(*ms("250ms"), 250);
  EXPECT_EQ(*ms("30s"), 30'000);
  EXPECT_EQ(*ms("5m"), 300'000);
  EXPECT_EQ(*ms("2h"), 7'200'000);
  EXPECT_EQ(*ms("7d"), 604'800'000);
  EXPECT_EQ(*ms("1.5h"), 5'400'000);
  EXPECT_EQ(*ms("45"), 45'000);
  EXPECT_EQ(*ms("0.25"), 250);
  EXPECT_EQ(*ms("'10s'"), 10'000);
  for (const std::string_view text : {"-1s", "5 m", "5min", "s", "1e3s", "inf", "nan", "99999999999999d", "[1]", "~"}) {
    EXPECT_FALSE(ms(text)) << text;
  }
}

TEST(ConfigNode, ReadFileChoosesTheFormatByName) {
  const std::string folder = ::testing::TempDir() + "config_" + NewUuid();
  ASSERT_TRUE(WriteWholeFile(folder + "/a.json", "{\"a\": 1}"));
  ASSERT_TRUE(WriteWholeFile(folder + "/b.json", "a: 1"));
  ASSERT_TRUE(WriteWholeFile(folder + "/c.yml", "a: 1"));
  EXPECT_TRUE(ConfigNode::ReadFile(folder + "/a.json"));
  EXPECT_EQ(ConfigNode::ReadFile(folder + "/b.json").error().code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(ConfigNode::ReadFile(folder + "/c.yml")->file(), folder + "/c.yml");
  EXPECT_EQ(ConfigNode::ReadFile(folder + "/none.yml").error().code(), ErrorCode::kStoreNotFound);
  std::filesystem::remove_all(folder);
}

TEST(NearestWord, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string_view> known{"materialized", "unique_key", "schema", "id"};
  EXPECT_EQ(NearestWord("materialised", known), "materialized");
  EXPECT_EQ(NearestWord("uniqe_kye", known), "unique_key");
  EXPECT_EQ(NearestWord("unique-key", known), "unique_key");
  EXPECT_EQ(NearestWord("Schema", known), "schema");
  EXPECT_EQ(NearestWord("shcema", known), "schema");
  EXPECT_EQ(NearestWord("owner", known), "");
  EXPECT_EQ(NearestWord("", known), "");
  EXPECT_EQ(NearestWord("x", {"y"}), "");
  const std::string endless(1'000'000, 'x');
  EXPECT_EQ(NearestWord(endless, known), "");
  EXPECT_EQ(NearestWord("owner", {endless}), "");
}

}  // namespace
}  // namespace smelt
