// The modules of Python that templates can use, and templates that use other templates.

#include <gtest/gtest.h>

#include <map>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/standard_globals.h"
#include "transform/internal/modules/modules.h"

namespace smelt::transform::jinja {
namespace {

/// Templates under names.
class Library final : public TemplateSource {
 public:
  explicit Library(std::map<std::string, std::string, std::less<>> texts) : texts_(std::move(texts)) {}

  Result<TemplatePointer> Find(std::string_view name) const override {
    auto found = texts_.find(name);
    return found == texts_.end() ? TemplatePointer() : ParseTemplate(found->second, found->first);
  }

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

Result<std::string> RenderWith(const std::string& source, const TemplateSource* library = nullptr) {
  GlobalTable globals;
  AddStandardGlobals(globals);
  globals.Set("modules", MakeModules());
  SMELT_ASSIGN(TemplatePointer parsed, ParseTemplate(source, "a.sql"));
  Interpreter interpreter(globals);
  interpreter.set_templates(library);
  return interpreter.Render(parsed);
}

struct Case {
  const char* source;
  const char* text;
};

TEST(JinjaModules, GiveWhatPythonGives) {
  const Case cases[] = {
      {"{{ modules.datetime.datetime(2020, 2, 28) + modules.datetime.timedelta(days=2) }}", "2020-03-01 00:00:00"},
      {"{{ modules.datetime.datetime.strptime('2020-01-02', '%Y-%m-%d').strftime('%d.%m.%y') }}", "02.01.20"},
      {"{{ (modules.datetime.date(2020, 3, 1) - modules.datetime.date(2020, 2, 1)).days }}", "29"},
      {"{{ modules.pytz.utc.localize(modules.datetime.datetime(2020, 1, 1)) }}", "2020-01-01 00:00:00+00:00"},
      {"{{ modules.datetime.datetime(2020, 7, 1, 12, tzinfo=modules.pytz.utc)"
       ".astimezone(modules.pytz.timezone('Europe/Berlin')) }}",
       "2020-07-01 14:00:00+02:00"},
      {"{{ modules.re.sub('(a)(b)', '\\\\2\\\\1', 'abx') }}", "bax"},
      {"{{ modules.re.match('(?P<y>[0-9]+)', '12x').group('y') }}", "12"},
      {"{{ modules.itertools.combinations([1, 2, 3], 2) | list }}", "[(1, 2), (1, 3), (2, 3)]"},
      {"{{ local_md5('hello world') }}", "5eb63bbbe01eeed093cb22bb8f5acdc3"},
      {"{{ toyaml({'a': [1, none, 'yes']}) }}", "a:\n- 1\n- null\n- 'yes'\n"},
  };
  for (const Case& entry : cases) {
    EXPECT_EQ(RenderWith(entry.source).value_or("failed"), entry.text) << entry.source;
  }
}

TEST(JinjaModules, PatternsThatNeedMoreThanLinearTimeAreRefusedByName) {
  auto rendered = RenderWith("{{ modules.re.match('a(?=b)', 'ab') }}");
  ASSERT_FALSE(rendered);
  EXPECT_NE(rendered.error().message().find("lookaheads and lookbehinds are not supported"), std::string::npos)
      << rendered.error().ToString();
  EXPECT_EQ(rendered.error().column(), 15);
}

TEST(JinjaInclude, OtherTemplatesAreUsedByName) {
  Library library({{"m.sql", "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}"}, {"body.sql", "[{{ x }}]"}});
  const Case cases[] = {
      {"{% import 'm.sql' as m %}{{ m.twice(1) }}", "11"},
      {"{% from 'm.sql' import twice as t %}{{ t(2) }}", "22"},
      {"{% set x = 3 %}{% include 'body.sql' %}{% include 'nope' ignore missing %}", "[3]"},
  };
  for (const Case& entry : cases) {
    EXPECT_EQ(RenderWith(entry.source, &library).value_or("failed"), entry.text) << entry.source;
  }
  auto missing = RenderWith("{% include 'nope' %}", &library), without = RenderWith("{% include 'nope' %}");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find("there is no template 'nope'"), std::string::npos);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().column(), 4);
}

TEST(JinjaInclude, ErrorsNameTheFileThatHasThem) {
  std::map<std::string, std::string, std::less<>> texts = {{"bad.sql", "\n{{ 1 / 0 }}"}};
  Library library(texts);
  auto rendered = RenderWith("{% include 'bad.sql' %}", &library);
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().file(), "bad.sql");
  EXPECT_EQ(rendered.error().line(), 2);
}

}  // namespace
}  // namespace smelt::transform::jinja
