#include <fmt/format.h>
#include <gtest/gtest.h>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/standard_globals.h"

namespace smelt::transform::jinja {
namespace {

Result<std::string> Render(std::string source, RenderOptions options = {}, std::string name = "models/a.sql") {
  GlobalTable globals;
  AddStandardGlobals(globals);
  globals.Set("fail", Function::Make("fail", [](Interpreter&, Arguments) -> Result<Value> {
                return Fail(ErrorCode::kJinjaRaised, "raised on purpose");
              }));
  globals.Set("return", Function::Make("return", [](Interpreter& interpreter, Arguments arguments) -> Result<Value> {
                interpreter.Return(arguments.positional.at(0));
                return Value("");
              }));
  SMELT_ASSIGN(TemplatePointer parsed, ParseTemplate(std::move(source), std::move(name)));
  return Interpreter(globals, std::move(options)).Render(parsed);
}

struct ErrorCase {
  const char* source;
  ErrorCode code;
  std::int64_t line, column;
  const char* message_part;
};

TEST(JinjaErrors, NamePlaceAndReason) {
  const ErrorCase cases[] = {
      // syntax
      {"a {{ 1 +", ErrorCode::kJinjaSyntax, 1, 3, "{{ is not closed by }}"},
      {"a\n {% if x %}\nb", ErrorCode::kJinjaSyntax, 2, 5, "{% if %} is not closed by {% endif %}"},
      {"x {% fro i in y %}{% endfor %}", ErrorCode::kJinjaSyntax, 1, 6, "did you mean 'for'?"},
      {"{{ 'abc }}", ErrorCode::kJinjaSyntax, 1, 4, "a string is not closed"},
      {"{{ (1, 2] }}", ErrorCode::kJinjaSyntax, 1, 9, "unexpected ']', expected ')'"},
      {"{{ ) }}", ErrorCode::kJinjaSyntax, 1, 4, "unexpected ')'"},
      {"{{ a b }}", ErrorCode::kJinjaSyntax, 1, 6, "expected '}}', found 'b'"},
      {"{{ x | uper }}", ErrorCode::kJinjaSyntax, 1, 8, "did you mean 'upper'?"},
      {"{{ x is definde }}", ErrorCode::kJinjaSyntax, 1, 6, "did you mean 'defined'?"},
      {"{# open", ErrorCode::kJinjaSyntax, 1, 1, "{# is not closed"},
      {"{% raw %} x", ErrorCode::kJinjaSyntax, 1, 1, "{% raw %} is not closed"},
      {"{{ 1 ? 2 }}", ErrorCode::kJinjaSyntax, 1, 6, "unexpected character '?'"},
      {"{{ f(a=1, 2) }}", ErrorCode::kJinjaSyntax, 1, 11, "positional argument follows"},
      {"{% break %}", ErrorCode::kJinjaSyntax, 1, 4, "outside a for loop"},
      {"{% set 1 = 2 %}", ErrorCode::kJinjaSyntax, 1, 8, "expected a name"},
      {"{% endif %}", ErrorCode::kJinjaSyntax, 1, 4, "unknown or misplaced tag 'endif'"},
      {"{{ }}", ErrorCode::kJinjaSyntax, 1, 4, "expected an expression"},
      {"{{ 99999999999999999999 }}", ErrorCode::kJinjaSyntax, 1, 4, "not an integer of 64 bits"},
      {"{{ '\\xZZ' }}", ErrorCode::kJinjaSyntax, 1, 4, "hexadecimal"},
      {"{% extends 'x' %}", ErrorCode::kJinjaSyntax, 1, 4, "not supported"},
      {"{{ 01 }}", ErrorCode::kJinjaSyntax, 1, 5, "expected '}}', found '1'"},
      {"{% macro m(a, a) %}{% endmacro %}", ErrorCode::kJinjaSyntax, 1, 15, "two parameters 'a'"},
      {"{% from 'x' import _a %}", ErrorCode::kJinjaSyntax, 1, 20, "cannot be imported"},
      {"é{{ 'é' é* }}", ErrorCode::kJinjaSyntax, 1, 9, "expected '}}'"},
      // undefined values
      {"one\ntwo {{ nope.attr }}", ErrorCode::kJinjaUndefined, 2, 13, "'nope' is undefined"},
      {"{{ nope() }}", ErrorCode::kJinjaUndefined, 1, 4, "'nope' is undefined"},
      {"{{ nope + 1 }}", ErrorCode::kJinjaUndefined, 1, 9, "'nope' is undefined"},
      {"{% set d = {} %}{{ d.a.b }}", ErrorCode::kJinjaUndefined, 1, 24, "'dict object' has no attribute 'a'"},
      {"{{ 'x'.nope() }}", ErrorCode::kJinjaUndefined, 1, 8, "'str object' has no attribute 'nope'"},
      {"{% macro m(a) %}{{ a.b }}{% endmacro %}{{ m() }}", ErrorCode::kJinjaUndefined, 1, 22,
       "parameter 'a' was not provided"},
      // types
      {"{{ 'a' + 1 }}", ErrorCode::kJinjaType, 1, 8, "'+' cannot be applied to 'str' and 'int'"},
      {"{{ 1 / 0 }}", ErrorCode::kJinjaType, 1, 6, "division by zero"},
      {"{{ [] < 1 }}", ErrorCode::kJinjaType, 1, 7, "cannot be ordered"},
      {"{% for x in 5 %}{% endfor %}", ErrorCode::kJinjaType, 1, 4, "'int' cannot be iterated"},
      {"{% set a, b = [1] %}", ErrorCode::kJinjaType, 1, 4, "1 values cannot be assigned to 2 names"},
      {"{{ {[]: 1} }}", ErrorCode::kJinjaType, 1, 4, "cannot be a key"},
      {"{{ 'x'.replace('a') }}", ErrorCode::kJinjaType, 1, 8, "misses its argument 'new'"},
      {"{{ 'x'|replace('a', 'b', zz=1) }}", ErrorCode::kJinjaType, 1, 8, "takes no argument 'zz'"},
      {"{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", ErrorCode::kJinjaType, 1, 34, "takes not more than 1 argument"},
      {"{% macro m(a) %}{% endmacro %}{{ m(b=2) }}", ErrorCode::kJinjaType, 1, 34, "takes no argument 'b'"},
      {"{{ 'a'() }}", ErrorCode::kJinjaType, 1, 4, "'str' cannot be called"},
      {"{{ 9223372036854775807 + 1 }}", ErrorCode::kJinjaLimit, 1, 24, "64-bit"},
      {"{% set x = 1 %}{% set x.y = 2 %}", ErrorCode::kJinjaType, 1, 19, "namespace()"},
      {"{{ fail() }}", ErrorCode::kJinjaRaised, 1, 4, "raised on purpose"},
  };
  for (const ErrorCase& c : cases) {
    auto rendered = Render(c.source);
    ASSERT_FALSE(rendered) << c.source << " → " << *rendered;
    EXPECT_EQ(rendered.error().code(), c.code) << c.source << "\n" << rendered.error().ToString();
    EXPECT_EQ(rendered.error().file(), "models/a.sql") << c.source;
    EXPECT_EQ(rendered.error().line(), c.line) << c.source << "\n" << rendered.error().ToString();
    EXPECT_EQ(rendered.error().column(), c.column) << c.source << "\n" << rendered.error().ToString();
    EXPECT_NE(rendered.error().message().find(c.message_part), std::string::npos) << c.source << "\n"
                                                                                  << rendered.error().ToString();
  }
}

TEST(JinjaErrors, ShowTheLineAndTheMacroStack) {
  auto rendered = Render(
      "{% macro inner(x) %}\n"
      "  {{ x.missing.part }}\n"
      "{% endmacro %}\n"
      "{% macro outer(y) %}{{ inner(y) }}{% endmacro %}\n"
      "select {{ outer({}) }}\n");
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().line(), 2);
  EXPECT_EQ(rendered.error().message(),
            "'dict object' has no attribute 'missing'"
            "\n  2 |   {{ x.missing.part }}"
            "\n    |                ^"
            "\n  in macro inner, called from models/a.sql:4:24"
            "\n  in macro outer, called from models/a.sql:5:11");
}

TEST(JinjaErrors, UndefinedNamesSuggestTheNearestOne) {
  auto of_global = Render("{{ rnage(3) }}"), of_variable = Render("{% set customers = 1 %}{{ custmers + 1 }}");
  ASSERT_FALSE(of_global);
  EXPECT_EQ(of_global.error().hint(), "did you mean 'range'?");
  ASSERT_FALSE(of_variable);
  EXPECT_EQ(of_variable.error().hint(), "did you mean 'customers'?");
}

TEST(JinjaErrors, UnknownFiltersCountWhereTheyAreReached) {
  EXPECT_EQ(Render("{% if false %}{{ 1 | nope }}{% endif %}ok").value_or("failed"), "ok");
  auto reached = Render("{% if true %}{{ 1 | nope }}{% endif %}");
  ASSERT_FALSE(reached);
  EXPECT_EQ(reached.error().column(), 21);
}

TEST(JinjaLimits, EndInErrorsNotInCrashes) {
  std::string parentheses(5000, '(');
  std::string nots, sums = "1", brackets, ifs, attributes = "x";
  for (int i = 0; i < 5000; ++i) {
    nots += "not ";
    sums += "+1";
    brackets += '[';
    ifs += "{% if 1 %}";
    attributes += ".a";
  }
  const std::string sources[] = {
      "{{ " + parentheses + " }}",
      "{{ " + nots + " 1 }}",
      "{{ " + sums + " }}",
      "{{ " + brackets,
      ifs,
      "{{ " + attributes + " }}",
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% macro m(l) %}{{ [m(l)]|map('upper')|join }}{% endmacro %}{{ m([1]) }}",
      "{% for i in range(99999999999) %}{% endfor %}",
      "{{ 'x' * 999999999999 }}",
      "{{ [0] * 99999999999 }}",
      "{{ '%999999999d' % 1 }}",
      "{{ 2 ** 99999 }}",
      "{{ 'x'.center(99999999999) }}",
  };
  for (const std::string& source : sources) {
    auto rendered = Render(source);
    ASSERT_FALSE(rendered) << source.substr(0, 60);
    EXPECT_TRUE(rendered.error().code() == ErrorCode::kJinjaLimit || rendered.error().code() == ErrorCode::kJinjaSyntax)
        << source.substr(0, 60) << "\n"
        << rendered.error().ToString();
  }
}

TEST(JinjaLimits, ContainersCannotLieTooDeepInOneAnother) {
  const char* bodies[] = {
      "{% set ns.x = [ns.x] %}",       "{% set ns.x = ns.x|batch(1)|list %}",
      "{% set ns.x = {'a': ns.x} %}",  "{% set ns.x = namespace(x=ns.x) %}",
      "{% set ns.x = (ns.x, ns.x) %}", "{% set ns.x = cycler(ns.x) %}",
  };
  for (const char* body : bodies) {
    auto rendered =
        Render(std::string("{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}") + body + "{% endfor %}");
    ASSERT_FALSE(rendered) << body;
    EXPECT_EQ(rendered.error().code(), ErrorCode::kJinjaLimit) << rendered.error().ToString();
  }
  std::string chain = "{% set x = [] %}";
  for (int i = 0; i < 50'000; ++i) chain += "{%set x=[x]%}";
  EXPECT_EQ(Render(chain).error().code(), ErrorCode::kJinjaLimit);
  // Few lists, reached on very many ways.
  std::string wide = "{% set x = (1, 2) %}", late = "{% set l = [[]] %}";
  for (int i = 0; i < 60; ++i) wide += "{% set x = (x, x) %}";
  EXPECT_EQ(Render(wide).error().code(), ErrorCode::kJinjaLimit);
  for (int i = 0; i < 60; ++i) late += "{% do l.append([]) %}";
  for (int i = 60; i > 0; --i) late += fmt::format("{{% do l[{0}].extend([l[{1}], l[{1}]]) %}}", i, i - 1);
  EXPECT_TRUE(Render(late + "{{ l[60] == l[59] }}"));
  EXPECT_EQ(Render(late + "{{ l[60]|tojson }}").error().code(), ErrorCode::kJinjaLimit);
}

TEST(JinjaLimits, ContainersCannotHoldThemselves) {
  const char* sources[] = {
      "{% set l = [] %}{% do l.append(l) %}",
      "{% set l = [] %}{% do l.append({'a': (l, 1)}) %}",
      "{% set l = [] %}{% set m = [l] %}{% do l.extend([m]) %}",
      "{% set l = [] %}{% do l.insert(0, l.append) %}",
      "{% set d = {} %}{% do d.update({'x': d}) %}",
      "{% set d = {} %}{% do d.update(x=[d]) %}",
      "{% set d = {} %}{% do d.setdefault('x', d) %}",
      "{% set ns = namespace() %}{% set ns.x = [ns] %}",
      "{% set l = [] %}{% for x in [l] %}{% do l.append(loop) %}{% endfor %}",
      "{% set l = [] %}{% do l.append(cycler(l)) %}",
      "{% set l = [] %}{% do l.append(cycler(l).next) %}",
      "{% set l = [] %}{% do l.append(joiner(l)) %}",
      "{% set l = [{'a': 1}] %}{% for g in l|groupby('a') %}{% do g.list.append(g) %}{% endfor %}",
  };
  for (const char* source : sources) {
    auto rendered = Render(source);
    ASSERT_FALSE(rendered) << source;
    EXPECT_NE(rendered.error().message().find("cannot hold itself"), std::string::npos) << rendered.error().ToString();
  }
  // The loop holds itself through its scope only while it runs.
  EXPECT_TRUE(
      Render("{% set ns = namespace() %}{% for x in [1] %}{% set ns.loop = loop %}{% endfor %}{{ ns.loop.index }}"));
}

TEST(JinjaLimits, BoundTheOutput) {
  RenderOptions options;
  options.output_bytes_max = 1000;
  auto rendered = Render("{% for i in range(1000) %}xxxxxxxxxx{% endfor %}", options);
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().code(), ErrorCode::kJinjaLimit);
}

TEST(JinjaLimits, StopOnRequest) {
  std::stop_source source;
  source.request_stop();
  RenderOptions options;
  options.stop = source.get_token();
  auto rendered = Render("{% for i in range(10) %}x{% endfor %}", options);
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().code(), ErrorCode::kCancelled);
}

TEST(JinjaLenient, UndefinedValuesSpread) {
  RenderOptions options;
  options.lenient = true;
  auto rendered = Render("a{{ nope.x.y[1]('z').w }}{{ none.rows[0][1] }}b{{ nope() is defined }}", options);
  ASSERT_TRUE(rendered) << rendered.error().ToString();
  EXPECT_EQ(*rendered, "abFalse");
}

TEST(JinjaReturn, EndsTheMacroWithItsValue) {
  auto rendered = Render(
      "{% macro find(l) %}text{% for i in l %}{% if i > 1 %}{{ return(i) }}{% endif %}{% endfor %}"
      "{% do return({'none': true}) %}after{% endmacro %}"
      "{{ find([1, 2, 3]) + 1 }} {{ find([])['none'] }}");
  ASSERT_TRUE(rendered) << rendered.error().ToString();
  EXPECT_EQ(*rendered, "3 True");
}

TEST(JinjaMacros, CannotOutliveTheirBlock) {
  auto rendered = Render(
      "{% set ns = namespace() %}{% for i in [1] %}{% macro m() %}{{ i }}{% endmacro %}{% set ns.m = m %}{% endfor %}"
      "{{ ns.m() }}");
  ASSERT_FALSE(rendered);
  EXPECT_NE(rendered.error().message().find("after the block that defines it"), std::string::npos);
}

TEST(JinjaNative, KeepsTypes) {
  GlobalTable globals;
  globals.Set("flag", Value(true));
  struct Case {
    const char* source;
    const char* repr;
  };
  const Case cases[] = {
      {"{{ 1 }}", "1"},
      {"{{ flag }}", "True"},
      {"{{ [1, 'a'] }}", "[1, 'a']"},
      {"{{ 'x' }}", "'x'"},
      {"plain", "'plain'"},
      {"{{ 1 }}{{ 2 }}", "'12'"},
      {"{{ '5' | as_number }}", "5"},
      {"{{ 'True' | as_bool }}", "True"},
      {"{{ '[1]' | as_native }}", "[1]"},
      {"{{ 5 | as_text }}", "'5'"},
      {"", "''"},
  };
  for (const Case& c : cases) {
    auto parsed = ParseTemplate(c.source, "x.yml");
    ASSERT_TRUE(parsed);
    auto value = Interpreter(globals).RenderNative(*parsed);
    ASSERT_TRUE(value) << c.source << value.error().ToString();
    EXPECT_EQ(value->Repr(), c.repr) << c.source;
  }
  auto bad = Interpreter(globals).RenderNative(*ParseTemplate("{{ 'x' | as_bool }}", "x.yml"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code(), ErrorCode::kJinjaType);
}

}  // namespace
}  // namespace smelt::transform::jinja
