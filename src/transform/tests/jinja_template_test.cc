#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/standard_globals.h"

namespace smelt::transform::jinja {
namespace {

TemplatePointer Parse(std::string source) {
  auto parsed = ParseTemplate(std::move(source), "file.sql");
  EXPECT_TRUE(parsed) << parsed.error().ToString();
  return parsed ? *parsed : nullptr;
}

template <typename T>
const T& First(const TemplatePointer& parsed) {
  for (const auto& statement : parsed->body) {
    if (statement->kind == T::kKind) return static_cast<const T&>(*statement);
  }
  throw std::logic_error("no such statement");
}

TEST(JinjaTemplate, MacrosKnowTheirNameTextAndWords) {
  auto parsed = Parse(
      "-- cents\n{% macro cents(column, scale=2) %}{{ adapter.dispatch('cents')(column, round_to(scale)) }}"
      "{% endmacro %}\nrest {{ other }}");
  const auto& macro = First<MacroStatement>(parsed);
  EXPECT_EQ(macro.name, "cents");
  ASSERT_EQ(macro.signature.parameters.size(), 2U);
  EXPECT_EQ(macro.signature.parameters[1].name, "scale");
  EXPECT_TRUE(parsed->source.substr(macro.offset).starts_with("macro cents("));
  EXPECT_TRUE(parsed->source.substr(0, macro.end).ends_with("{% endmacro %}"));
  for (const char* word : {"adapter", "dispatch", "cents", "round_to"}) {
    EXPECT_TRUE(std::ranges::binary_search(macro.words, word)) << word;
  }
  EXPECT_FALSE(std::ranges::binary_search(macro.words, "other"));
  EXPECT_TRUE(std::ranges::binary_search(parsed->words, "other"));
  EXPECT_TRUE(std::ranges::binary_search(parsed->words, "round_to")) << "what its macros mention counts as well";
}

TEST(JinjaTemplate, DbtsOwnBlocks) {
  EXPECT_EQ(First<MacroStatement>(Parse("{% test positive(model, column_name) %}x{% endtest %}")).name,
            "test_positive");
  EXPECT_EQ(First<MacroStatement>(Parse("{% data_test a(model) %}x{% enddata_test %}")).name, "test_a");
  EXPECT_EQ(First<MacroStatement>(Parse("{% materialization mv, default %}x{% endmaterialization %}")).name,
            "materialization_mv_default");
  EXPECT_EQ(First<MacroStatement>(Parse("{% materialization mv, adapter='duckdb', supported_languages=['sql'] %}x"
                                        "{% endmaterialization %}"))
                .name,
            "materialization_mv_duckdb");
  auto docs = Parse("{% docs orders %}\n# Orders {{ x }}\n{% enddocs %}");
  EXPECT_EQ(First<DocsStatement>(docs).name, "orders");
  EXPECT_EQ(First<DocsStatement>(docs).text, "\n# Orders {{ x }}\n");
}

TEST(JinjaTemplate, ASnapshotIsATemplateWithinAFile) {
  auto parsed = Parse("text {% snapshot s %}\nselect {{ 1 + 1 }}\n{% endsnapshot %} more");
  const auto& snapshot = First<SnapshotStatement>(parsed);
  EXPECT_EQ(snapshot.name, "s");
  EXPECT_EQ(parsed->source.substr(snapshot.body_begin, snapshot.body_end - snapshot.body_begin),
            "\nselect {{ 1 + 1 }}\n");
  GlobalTable globals;
  EXPECT_EQ(*Interpreter(globals).RenderPart(parsed, snapshot.body), "\nselect 2\n");
  EXPECT_EQ(*Interpreter(globals).Render(parsed), "text  more");
}

TEST(JinjaTemplate, MacrosCanBeCalledFromOutside) {
  auto parsed = Parse(
      "{% macro good(x, y='d') %}{{ x }}{{ y }}{{ helper(x) }}{% endmacro %}"
      "{% macro bad() %}{{ 1 + 'a' }}{% endmacro %}");
  GlobalTable globals;
  globals.Set("helper", Function::Make("helper", [](Interpreter& interpreter, Arguments arguments) -> Result<Value> {
                auto place = interpreter.CallPlace();
                return Value(arguments.positional[0].ToText() + "@" + std::to_string(place->place.column));
              }));
  auto macro_of = [&](std::size_t i) {
    const auto& definition = static_cast<const MacroStatement&>(*parsed->body[i]);
    return Value(std::make_shared<Macro>(definition.name, parsed, definition.signature, definition.body));
  };
  Interpreter interpreter(globals);
  EXPECT_FALSE(interpreter.CallPlace());
  Arguments arguments;
  arguments.positional = {"a"};
  auto text = interpreter.Call(macro_of(0), arguments);
  ASSERT_TRUE(text) << text.error().ToString();
  EXPECT_EQ(text->ToText(), "ada@44");
  auto failed = interpreter.Call(macro_of(1), {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().file(), "file.sql");
  EXPECT_NE(failed.error().message().find("in macro bad"), std::string::npos);
}

TEST(JinjaTemplate, IsRenderedByManyThreadsAtOnce) {
  auto parsed = Parse(
      "{% macro m(l) %}{% do l.append(1) %}{{ l|length }}{% endmacro %}"
      "{% set l = [1, 'a', {'k': [2]}] %}{% for i in range(50) %}{{ m(l) }},{% endfor %}{{ l[2].k }}");
  GlobalTable globals;
  AddStandardGlobals(globals);
  const std::string expected = Interpreter(globals).Render(parsed).value();
  std::vector<std::jthread> threads;
  std::vector<std::string> results(8);
  for (std::string& result : results) {
    threads.emplace_back([&] { result = Interpreter(globals).Render(parsed).value(); });
  }
  threads.clear();
  for (const std::string& result : results) EXPECT_EQ(result, expected);
}

TEST(JinjaTemplate, NewlinesAreNormalised) {
  GlobalTable globals;
  EXPECT_EQ(*Interpreter(globals).Render(Parse("a\r\nb\rc\n{{ 'x\r\ny' }}\r\n")), "a\nb\nc\nx\ny");
}

}  // namespace
}  // namespace smelt::transform::jinja
