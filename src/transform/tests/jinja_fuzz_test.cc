// Damaged templates end in a text or an error, and within bounds.

#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "base/tests/fuzzer.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/standard_globals.h"
#include "transform/internal/modules/modules.h"
#include "transform/internal/modules/pytz_zone.h"
#include "transform/internal/modules/regular_expression.h"

namespace smelt::transform::jinja {
namespace {

using testing_support::Fuzz;
using testing_support::Mutator;
using testing_support::Texts;

const std::string kSources = std::string(SMELT_SOURCE_DIR);

/// The templates by hand that are compared with Jinja2.
const Texts& Corpus() {
  static const Texts kTemplates = [] {
    std::ifstream file(kSources + "/tests/interop/jinja_cases.txt");
    Texts templates;
    for (std::string line; std::getline(file, line);) {
      if (!line.empty() && !line.starts_with("##")) templates.push_back(line);
    }
    return templates;
  }();
  return kTemplates;
}

const Texts& Edges() {
  static const Texts kEdges = {"{{",
                               "}}",
                               "{%",
                               "%}",
                               "{#",
                               "-%}",
                               "{% endfor %}",
                               "{% for i in range(100000) %}",
                               "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                               "| list",
                               "| map('upper')",
                               " * 1000000",
                               " ** 999",
                               "9223372036854775807",
                               "'\\x",
                               "(((((",
                               "[[[[[",
                               "{% set x = [x] %}",
                               "{% do items.append(items) %}",
                               "~ text",
                               " is ",
                               "loop(loop)",
                               "varargs",
                               "caller()",
                               "modules.re.sub('(a*)*', 'b', text)",
                               "'%999999999d' % 1",
                               "'{:>999999999}'.format(1)",
                               "modules.datetime.timedelta(days=999999999)",
                               "\xff"};
  return kEdges;
}

class JinjaFuzz : public testing::Test {
 protected:
  JinjaFuzz() {
    AddStandardGlobals(globals_);
    globals_.Set("modules", MakeModules());
    auto variables = ParseJson(R"({"items": [3, 1, 2], "text": "The quick", "name": "Ada", "users": [{"name": "bob",
        "age": 3}], "record": {"a": [1, 2], "b": {"c": 1}}, "words": ["b", "A"], "tree": [{"v": 1, "kids": []}]})",
                               "variables");
    for (const auto& [name, value] : variables->items()) globals_.Set(name, Value::FromJson(value));
  }

  Result<std::string> Render(const std::string& source) {
    SMELT_ASSIGN(TemplatePointer parsed, ParseTemplate(source, "fuzz.sql"));
    RenderOptions options;
    options.output_bytes_max = 1 << 20;
    options.steps_max = 2'000;
    return Interpreter(globals_, options).Render(parsed);
  }

  GlobalTable globals_;
};

TEST_F(JinjaFuzz, TemplatesEndInATextOrAPlacedError) {
  ASSERT_GT(Corpus().size(), 300U);
  Fuzz(5'000, [this](Mutator& mutator) {
    std::string source = mutator.Mutate(Corpus(), Edges());
    auto rendered = Render(source);
    if (!rendered) {
      EXPECT_EQ(rendered.error().file(), "fuzz.sql") << source << rendered.error().ToString();
    }
  });
}

TEST_F(JinjaFuzz, PatternsAreMatchedOrRefused) {
  const Texts patterns = {"(a|b)*c", "[\\w.]+@(?P<n>x{2,3})", "^\\d+(?:-\\d+)?$", "(?i)[^]a-z]*?", "\\bfoo\\Z|[[:x]"};
  const Texts edges = {"(", ")", "[", "]", "*", "+?", "{,5}", "{1000}", "\\", "\\w", "(?P<", "(?=", "\\1", "\xc3", "é"};
  Fuzz(5'000, [&](Mutator& mutator) {
    std::string pattern = mutator.Mutate(patterns, edges);
    auto compiled = RegularExpression::Compile(pattern, static_cast<std::int64_t>(mutator.Below(32)));
    if (!compiled) return;
    for (const auto& found : (*compiled)->MatchAll("foo 12-34 a@xx éb")) {
      ASSERT_TRUE(found.groups[0].has_value()) << pattern;
      EXPECT_LE(found.groups[0]->begin, found.groups[0]->end) << pattern;
    }
  });
}

struct LimitCase {
  const char* source;
  ErrorCode code;
};

TEST_F(JinjaFuzz, WhatHasNoEndEndsInAnError) {
  const LimitCase cases[] = {
      {"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", ErrorCode::kJinjaLimit},
      {"{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}", ErrorCode::kJinjaLimit},
      {"{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{{ i }}{% endfor %}", ErrorCode::kJinjaLimit},
      {"{{ range(10 ** 12) }}", ErrorCode::kJinjaLimit},
      {"{{ range(-(2 ** 62), 2 ** 62) }}", ErrorCode::kJinjaLimit},
      {"{{ 'a' * 10 ** 9 }}", ErrorCode::kJinjaLimit},
      {"{{ '%999999999d' % 1 }}", ErrorCode::kJinjaLimit},
      {"{{ 10 ** 19 }}", ErrorCode::kJinjaLimit},
      {"{{ modules.itertools.product(range(1000), repeat=3) | list }}", ErrorCode::kJinjaLimit},
      {"{{ modules.itertools.permutations(range(20)) | list }}", ErrorCode::kJinjaLimit},
      {"{{ modules.datetime.timedelta(days=10 ** 10) }}", ErrorCode::kJinjaLimit},
      {"{% for n in [[[1]]] recursive %}{{ loop([n]) }}{% endfor %}", ErrorCode::kJinjaLimit},
  };
  for (const LimitCase& entry : cases) {
    auto rendered = Render(entry.source);
    ASSERT_FALSE(rendered) << entry.source;
    EXPECT_EQ(rendered.error().code(), entry.code) << rendered.error().ToString();
  }
}

TEST(TimeZones, DamagedNamesAreRefused) {
  for (const char* name :
       {"", "..", "../etc/passwd", "/etc/passwd", "Europe", "Nope/Nope", "Europe/Ber lin", "tzdata.zi"}) {
    EXPECT_FALSE(PytzZone::Find(name)) << name;
  }
}

}  // namespace
}  // namespace smelt::transform::jinja
