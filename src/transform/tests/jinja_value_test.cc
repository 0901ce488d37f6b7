#include <gtest/gtest.h>

#include "base/json.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/jinja/sorting.h"
#include "transform/internal/jinja/unicode.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {
namespace {

TEST(JinjaDict, KeepsOrderAndFindsAtEverySize) {
  Dict dict;
  for (int i = 0; i < 50; ++i) dict.Set(Value(i), Value(i * i));
  for (int i = 0; i < 50; i += 2) EXPECT_EQ(dict.Take(Value(i))->integer(), i * i);
  EXPECT_FALSE(dict.Take(Value(2)));
  ASSERT_EQ(dict.size(), 25U);
  for (int i = 1; i < 50; i += 2) ASSERT_EQ(dict.Find(Value(i))->integer(), i * i) << i;
  EXPECT_EQ(dict.Find(Value(4)), nullptr);
  EXPECT_EQ(dict.entries().front().first.integer(), 1);
  EXPECT_EQ(dict.entries().back().first.integer(), 49);
  while (dict.size() > 1) dict.Take(dict.entries().back().first);
  EXPECT_EQ(dict.Find(Value(1))->integer(), 1);
  dict.clear();
  EXPECT_TRUE(dict.empty());
}

TEST(JinjaDict, KeysAreEqualAsInPython) {
  Dict dict;
  dict.Set(Value(1), Value("int"));
  dict.Set(Value(1.0), Value("float"));
  dict.Set(Value(true), Value("bool"));
  dict.Set(Value("1"), Value("text"));
  dict.Set(Value::MakeTuple({1, 2}), Value("tuple"));
  ASSERT_EQ(dict.size(), 3U);
  EXPECT_EQ(dict.Find(Value(1))->text(), "bool");
  EXPECT_EQ(dict.Find("1")->text(), "text");
  EXPECT_EQ(dict.Find(Value::MakeTuple({1.0, 2}))->text(), "tuple");
}

TEST(JinjaValue, ConvertsToJsonAndBack) {
  Json json = Json::parse(R"({"b": [1, 2.5, "x", null, true], "a": {"é": []}})");
  auto back = ToJson(Value::FromJson(json));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, json);
  EXPECT_EQ(back->begin().key(), "b") << "keys keep their order";
  auto undefined = ToJson(Value::MakeList({Value::Undefined("'x' is undefined")}));
  ASSERT_FALSE(undefined);
  EXPECT_EQ(undefined.error().code(), ErrorCode::kJinjaUndefined);
  auto function = ToJson(Function::Make("f", [](Interpreter&, Arguments) { return Result<Value>(1); }));
  ASSERT_FALSE(function);
  EXPECT_EQ(function.error().code(), ErrorCode::kJinjaType);
}

TEST(JinjaValue, DeepContainersAreBounded) {
  auto nested = [](int levels) {
    Value list = Value::MakeList();
    for (int i = 0; i < levels; ++i) list = Value::MakeList({list});
    return list;
  };
  EXPECT_TRUE(nested(50).Equals(nested(50)));
  EXPECT_TRUE(ToJson(nested(50)));
  EXPECT_FALSE(nested(500).Equals(nested(500)));
  EXPECT_NE(nested(500).Repr().find("..."), std::string::npos);
  EXPECT_FALSE(ToJson(nested(500)));
}

TEST(JinjaValue, OrdersWhatHasAnOrder) {
  EXPECT_LT(*Compare(Value(1), Value(1.5)), 0);
  EXPECT_GT(*Compare(Value("b"), Value("abc")), 0);
  EXPECT_LT(*Compare(Value::MakeList({1, 2}), Value::MakeList({1, 2, 0})), 0);
  EXPECT_FALSE(Compare(Value(1), Value("1")));
  EXPECT_FALSE(Compare(Value::None(), Value(1)));
  EXPECT_FALSE(Compare(Value::MakeList({1}), Value::MakeTuple({1})));
}

TEST(JinjaSorting, IsStableAndLeavesTheListAloneOnFailure) {
  List pairs;
  for (int i = 0; i < 20; ++i) pairs.push_back(Value::MakeTuple({i % 3, i}));
  auto by_first = [](const Value& pair) -> Result<Value> { return pair.items()[0]; };
  ASSERT_TRUE(SortValues(pairs, by_first, false));
  for (std::size_t i = 1; i < pairs.size(); ++i) {
    EXPECT_LE(*Compare(pairs[i - 1], pairs[i]), 0) << "equal keys keep their order";
  }
  ASSERT_TRUE(SortValues(pairs, by_first, true));
  EXPECT_EQ(pairs[0].Repr(), "(2, 2)");
  List mixed = {3, "x", 1};
  EXPECT_FALSE(SortValues(mixed, {}, false));
  EXPECT_EQ(Value::MakeList(mixed).Repr(), "[3, 'x', 1]");
}

TEST(JinjaArguments, BindByPositionAndName) {
  Arguments arguments;
  arguments.positional = {1};
  arguments.named = {{"c", 3}};
  auto bound = arguments.Bind("f", {"a", "b", "c"}, 1);
  ASSERT_TRUE(bound);
  EXPECT_EQ((*bound)[0].integer(), 1);
  EXPECT_TRUE((*bound)[1].is_undefined());
  EXPECT_EQ((*bound)[2].integer(), 3);
  EXPECT_FALSE(arguments.Bind("f", {"a", "b"}, 1)) << "unknown name";
  EXPECT_FALSE(arguments.Bind("f", {"c", "a"}, 1)) << "given twice";
  EXPECT_FALSE(arguments.Bind("f", {"a", "b", "c"}, 2)) << "'b' is missing";
  EXPECT_FALSE(Arguments({{1, 2}, {}}).Bind("f", {"a"}, 0)) << "too many";
  EXPECT_EQ(arguments.TakeNamed("c")->integer(), 3);
  EXPECT_TRUE(arguments.named.empty());
}

TEST(JinjaUnicode, WorksOnCharactersAndKeepsInvalidBytes) {
  EXPECT_EQ(CharacterCount("añ€😀"), 4U);
  EXPECT_EQ(ToUpper("straße ñ ÿ Ж ά"), "STRASSE Ñ Ÿ Ж Ά");
  EXPECT_EQ(ToLower("ÀÉŸ ЖΣ İ"), "àéÿ жσ i̇");
  EXPECT_EQ(Capitalize("éCOLE"), "École");
  EXPECT_EQ(StripLeft(StripRight("\u00a0\u2003x \t\u00a0")), "x");
  EXPECT_EQ(StripRight("xéé", "é"), "x");
  std::string broken = "a\xff\xc3z\xe2\x82";
  EXPECT_EQ(CharacterCount(broken), 6U);
  EXPECT_EQ(ToUpper(broken), "A\xff\xc3Z\xe2\x82");
  std::string joined;
  for (std::string_view character : Characters(broken)) joined += character;
  EXPECT_EQ(joined, broken);
}

TEST(JinjaText, ReplacesLikePython) {
  EXPECT_EQ(ReplaceText("aaa", "a", "b", 2), "bba");
  EXPECT_EQ(ReplaceText("abc", "", "-", -1), "-a-b-c-");
  EXPECT_EQ(ReplaceText("abc", "", "-", 2), "-a-bc");
  EXPECT_EQ(ReplaceText("", "", "-", -1), "-");
  EXPECT_EQ(ReplaceText("éa", "", ".", -1), ".é.a.");
}

TEST(JinjaText, PrintsNumbersLikePython) {
  const std::pair<double, const char*> cases[] = {
      {1.0, "1.0"},       {0.1, "0.1"},       {1e16, "1e+16"},        {1e15, "1000000000000000.0"},
      {0.0001, "0.0001"}, {0.00001, "1e-05"}, {-2.5e-10, "-2.5e-10"}, {123456.789, "123456.789"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(PythonReal(value), text);
}

TEST(JinjaLiterals, AreReadWithoutRunningAnything) {
  const std::pair<const char*, const char*> cases[] = {
      {"1", "1"},      {"-1.5", "-1.5"},         {"True", "True"},
      {"'a'", "'a'"},  {"[1, 'b']", "[1, 'b']"}, {"{'a': (1,)}", "{'a': (1,)}"},
      {"None", "None"}};
  for (const auto& [text, repr] : cases) {
    auto value = ParseLiteral(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->Repr(), repr);
  }
  for (const char* text : {"", "x", "1 + 1", "f()", "}} {{ 1", "[x]", "select 1", "{[]: 1}"}) {
    EXPECT_FALSE(ParseLiteral(text)) << text;
  }
}

}  // namespace
}  // namespace smelt::transform::jinja
