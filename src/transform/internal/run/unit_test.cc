#include "transform/internal/run/unit_test.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/substitution.h"
#include "transform/internal/run/fixture_sql.h"
#include "transform/internal/run/input_columns.h"
#include "transform/internal/run/row_difference.h"

namespace smelt::transform {
namespace {

/// A part of the test's definition, or an empty map.
Json PartOf(const Json& map, const char* key) {
  const auto found = map.find(key);
  return found != map.end() && found->is_object() ? *found : Json::object();
}

class UnitTestRun {
 public:
  explicit UnitTestRun(NodeRun& run)
      : run_(run),
        test_(run.node.unit_test),
        state_(run.run.project.state()),
        model_(state_.manifest.nodes.at(run.node.attached_to)),
        columns_(run.run, run.session),
        queries_(run, model_) {}

  /// The model's SQL over the given rows.
  Result<std::string> Compile() {
    const Json overrides = PartOf(test_, "overrides");
    Substitutes substitutes{
        .tables = {}, .vars = PartOf(overrides, "vars"), .environment = PartOf(overrides, "env_vars")};
    std::map<std::string, std::string> queries;
    for (std::size_t i = 0; i < run_.node.given.size(); ++i) {
      const std::string& id = run_.node.given[i];
      SMELT_ASSIGN(queries[id], GivenSql(test_["given"][i], id));
      substitutes.tables[id] = SubstituteName(state_, id);
      SMELT_TRY(KeepFixture(id, queries[id]));
    }
    const CompileContext compile{&run_.session, false, run_.run.run_id};
    return CompileSubstituted(state_, model_, compile, substitutes, queries, PartOf(overrides, "macros"));
  }

  Result<RowSets> Compare() {
    auto known = ColumnsOfQuery(run_.session, run_.compiled);
    if (!known) return Fail(Placed(std::move(known).error()));
    const NamedTypes columns = *std::move(known);
    const Json& expect = test_["expect"];
    const Json& rows = expect["rows"];
    std::string expected_sql;
    NamedTypes compared = columns;
    if (expect["format"] == "sql") {
      SMELT_ASSIGN(expected_sql, Rendered(rows.get<std::string>()));
    } else {
      auto sql = queries_.Expected(rows, columns);
      if (!sql) return Fail(Placed(std::move(sql).error()));
      expected_sql = *std::move(sql);
      const Json first = rows.empty() ? Json::object() : rows.front();
      if (!rows.empty()) compared.clear();
      for (const auto& [name, value] : first.items()) compared.push_back(*FindColumn(columns, name));
    }
    return Fetch(compared, expected_sql);
  }

 private:
  /// An error about the test's rows belongs to the test.
  Error Placed(Error error) const {
    const bool has_place = !error.file().empty() && error.file() != "SQL";
    if (has_place) return error;
    return Error(error.code(), error.message()).Hint(error.hint()).At(run_.node.file, run_.node.line);
  }

  Result<std::string> Rendered(const std::string& text) const {
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(text, run_.node.file));
    RenderFindings findings;
    RenderContext context(state_, &model_, RenderPhase::kRun, findings);
    context.set_run(&run_.session, run_.run.run_id);
    return RenderIn(context, parsed, nullptr);
  }

  Result<std::string> GivenSql(const Json& given, const std::string& id) {
    const Json& rows = given["rows"];
    if (given["format"] == "sql") return Rendered(rows.get<std::string>());
    auto columns = columns_.Of(id);
    if (!columns) {
      return Fail(
          Placed(std::move(columns.error())
                     .Context(fmt::format("the columns of {} are not known", given["input"].get<std::string>()))));
    }
    auto sql = queries_.Given(NameOf(id), rows, *columns);
    if (!sql) return Fail(Placed(std::move(sql).error()));
    return sql;
  }

  std::string NameOf(const std::string& id) const {
    const auto source = state_.manifest.sources.find(id);
    return source == state_.manifest.sources.end() ? state_.manifest.nodes.at(id).name : source->second.table;
  }

  /// Keeps what the rows of an input became beside the test's SQL.
  Status KeepFixture(const std::string& id, const std::string& sql) const {
    namespace fs = std::filesystem;
    fs::path path = CompiledPath(run_.run, run_.node, "compiled");
    for (const fs::path& part : fs::path(run_.node.original_file).parent_path()) {
      if (!part.empty()) path = path.parent_path();
    }
    return WriteWholeFile((path.parent_path() / (NameOf(id) + ".sql")).string(), sql + "\n");
  }

  Result<RowSets> Fetch(const NamedTypes& compared, const std::string& expected_sql) const {
    auto sql = queries_.Comparison(run_.compiled, expected_sql, compared);
    if (!sql) return Fail(Placed(std::move(sql).error()));
    auto found = run_.session.Query(*sql);
    if (!found) return Fail(Placed(std::move(found).error()));
    RowSets sets;
    sets.columns.assign(found->columns.begin(), found->columns.end() - 1);
    for (std::vector<engine::Cell>& row : found->rows) {
      const bool is_expected = row.back() == "expected";
      row.pop_back();
      (is_expected ? sets.expected : sets.actual).push_back(std::move(row));
    }
    return sets;
  }

  NodeRun& run_;
  const Json& test_;
  const ProjectState& state_;
  const Node& model_;
  InputColumns columns_;
  FixtureQueries queries_;
};

}  // namespace

Result<UnitTestVerdict> RunUnitTest(NodeRun& run) {
  UnitTestRun test(run);
  SMELT_ASSIGN(run.compiled, test.Compile());
  run.compiled_micros = NowMicros();
  SMELT_TRY(WriteCompiled(run.run, run.node, "compiled", run.compiled));
  SMELT_ASSIGN(const RowSets rows, test.Compare());
  return UnitTestVerdict{DescribeDifference(rows)};
}

}  // namespace smelt::transform
