// The methods of agate's tables that write a table as text: for people, or into files.

#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/modules/object_methods.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/value_table.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

/// A cell as text: dates and times as ISO 8601 writes them; none is empty.
std::string CellOf(const Value& value) {
  if (value.is_none()) return "";
  const auto* moment = value.is_object() ? dynamic_cast<const jinja::DateTime*>(&value.object()) : nullptr;
  return moment != nullptr ? moment->IsoText("T") : value.ToText();
}

std::string Escaped(const std::string& cell, bool is_alone) {
  const bool needs_quotes = cell.find_first_of(",\"\r\n") != std::string::npos || (is_alone && cell.empty());
  if (!needs_quotes) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string CsvText(const ValueTable& table) {
  const std::size_t count = table.columns().size();
  std::string text;
  const auto add = [&text, count](std::size_t column, const std::string& cell) {
    text += Escaped(cell, count == 1) + (column + 1 == count ? "\n" : ",");
  };
  for (std::size_t i = 0; i < count; ++i) add(i, table.columns()[i].name);
  for (const List& row : table.rows()) {
    for (std::size_t i = 0; i < count; ++i) add(i, CellOf(row[i]));
  }
  return text;
}

Json CellJson(const Value& value, const std::string& type) {
  auto json = ToJson(value);
  if (!json) return CellOf(value);
  if (type == "Number" && json->is_number()) return json->get<double>();
  return *std::move(json);
}

/// The arguments of to_json and print_json behind the path.
struct JsonForm {
  std::string key;  ///< a column whose values name the rows; empty: a list
  bool is_lines = false;
  int indent = -1;
};

Result<JsonForm> ReadForm(const List& bound, std::size_t first) {
  JsonForm form;
  if (!bound[first].is_absent()) form.key = bound[first].ToText();
  form.is_lines = bound[first + 1].Truthy();
  if (bound[first + 2].is_integral()) form.indent = static_cast<int>(bound[first + 2].integer());
  if (form.is_lines && (!form.key.empty() || form.indent >= 0)) {
    return Fail(ErrorCode::kJinjaType, "to_json(): newline cannot be combined with key or indent");
  }
  return form;
}

Result<std::string> JsonOf(const ValueTable& table, const JsonForm& form) {
  std::size_t key = 0;
  if (!form.key.empty()) {
    SMELT_ASSIGN(key, table.Find(form.key));
  }
  Json all = form.key.empty() ? Json::array() : Json::object();
  std::string lines;
  for (const List& row : table.rows()) {
    Json record = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      record[table.columns()[i].name] = CellJson(row[i], table.columns()[i].type);
    }
    if (form.is_lines) {
      lines += jinja::PythonJson(record, false) + "\n";
    } else if (form.key.empty()) {
      all.push_back(std::move(record));
    } else if (!all.emplace(row[key].ToText(), std::move(record)).second) {
      return Fail(ErrorCode::kJinjaType,
                  fmt::format("to_json(): '{}' stands twice in the key column '{}'", row[key].ToText(), form.key));
    }
  }
  return form.is_lines ? lines : jinja::PythonJson(all, false, form.indent);
}

/// Files of templates are written below the project's folder.
Status WriteFile(Interpreter& interpreter, const Value& path, const std::string& text) {
  const std::filesystem::path folder = RenderContext::Of(interpreter).project().file().directory;
  return WriteWholeFile((folder / path.ToText()).lexically_normal().string(), text);
}

Value Print(Interpreter& interpreter, std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (const auto& print = RenderContext::Of(interpreter).project().options.print) print(text);
  return Value::None();
}

Result<Value> PrintCsv(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_TRY(arguments.Bind("print_csv", {}, 0));
  return Print(interpreter, CsvText(self));
}

Result<Value> PrintJson(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("print_json", {"key", "newline", "indent"}, 0));
  SMELT_ASSIGN(const JsonForm form, ReadForm(bound, 0));
  SMELT_ASSIGN(std::string text, JsonOf(self, form));
  return Print(interpreter, std::move(text));
}

Result<Value> ToCsvFile(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("to_csv", {"path"}, 1));
  SMELT_TRY(WriteFile(interpreter, bound[0], CsvText(self)));
  return Value::None();
}

Result<Value> ToJsonFile(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("to_json", {"path", "key", "newline", "indent"}, 1));
  SMELT_ASSIGN(const JsonForm form, ReadForm(bound, 1));
  SMELT_ASSIGN(const std::string text, JsonOf(self, form));
  SMELT_TRY(WriteFile(interpreter, bound[0], text));
  return Value::None();
}

constexpr jinja::ObjectMethod<ValueTable> kOutputMethods[] = {
    {"print_csv", PrintCsv},
    {"print_json", PrintJson},
    {"to_csv", ToCsvFile},
    {"to_json", ToJsonFile},
};

}  // namespace

std::optional<Value> TableOutputMethod(ValueTable& table, std::string_view name) {
  return BoundObjectMethod(table, kOutputMethods, name);
}

}  // namespace smelt::transform
