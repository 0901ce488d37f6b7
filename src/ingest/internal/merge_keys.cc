#include "ingest/internal/merge_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace smelt::ingest {
namespace {

/// Checks that names are columns of the table.
Status CheckColumnNames(const ConfigNode& node, const SourceTable& table, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (table.Find(name) != nullptr) continue;
    std::vector<std::string_view> known;
    for (const Column& column : table.columns) known.push_back(column.name);
    const std::string nearest = NearestWord(name, known);
    Error error =
        node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no column of '{}'", name, table.name));
    return Fail(nearest.empty() ? std::move(error) : std::move(error).Hint(fmt::format("did you mean '{}'?", nearest)));
  }
  return {};
}

Result<Reference> ReadReference(const ConfigNode& node, const SourceTable& table) {
  SMELT_TRY(node.AllowKeys({"columns", "table", "key"}));
  Reference reference;
  SMELT_ASSIGN(const ConfigNode columns, node.Require("columns"));
  SMELT_ASSIGN(reference.columns, columns.AsStringList());
  SMELT_TRY(CheckColumnNames(columns, table, reference.columns));
  SMELT_ASSIGN(const ConfigNode to, node.Require("table"));
  SMELT_ASSIGN(reference.table, to.AsString());
  reference.key = reference.columns;
  if (const auto key = node.Find("key")) {
    SMELT_ASSIGN(reference.key, key->AsStringList());
  }
  if (!reference.columns.empty() && reference.key.size() == reference.columns.size()) return reference;
  return Fail(
      node.ErrorHere(ErrorCode::kConfigValueInvalid,
                     fmt::format("{} columns refer to a key of {}", reference.columns.size(), reference.key.size()))
          .Hint("name as many columns under `columns` as under `key`"));
}

/// A row is found again by its key: it may not lack a part of it.
Status CheckMergeKey(const ConfigNode& node, const SourceTable& table) {
  if (table.key.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("the table '{}' is merged, but has no key", table.name))
                    .Hint("name the columns that tell its rows apart under `key`"));
  }
  for (const std::string& name : table.key) {
    if (table.Find(name)->required) continue;
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("the key column '{}' of '{}' may be missing", name, table.name))
                    .Hint("set `required: true` for it: rows are merged by their key"));
  }
  return {};
}

Error NeedsMerge(const ConfigNode& node, std::string_view key) {
  return node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("`{}` is for tables that are merged", key))
      .Hint("set `load: merge`, or leave it out");
}

/// The tables of a source, those that others refer to first.
class InOrder {
 public:
  explicit InOrder(Source& source) : source_(source), state_(source.tables.size(), State::kNew) {}

  Result<std::vector<SourceTable>> Sorted() {
    for (std::size_t i = 0; i < source_.tables.size(); ++i) SMELT_TRY(Visit(i));
    std::vector<SourceTable> tables;
    for (const std::size_t i : order_) tables.push_back(std::move(source_.tables[i]));
    return tables;
  }

 private:
  enum class State : std::uint8_t { kNew, kOpen, kDone };

  Status Visit(std::size_t i) {
    const SourceTable& table = source_.tables[i];
    if (state_[i] == State::kDone) return {};
    if (state_[i] == State::kOpen) {
      return Fail(Error(ErrorCode::kConfigValueInvalid,
                        fmt::format("the rows of '{}' refer, by way of others, to rows of the same table", table.name))
                      .At(table.file, table.line)
                      .Hint("take one of the references out: of two tables one has to come first"));
    }
    state_[i] = State::kOpen;
    for (const Reference& reference : table.references) {
      const auto found = std::ranges::find(source_.tables, reference.table, &SourceTable::QualifiedName);
      if (found != source_.tables.end()) SMELT_TRY(Visit(static_cast<std::size_t>(found - source_.tables.begin())));
    }
    state_[i] = State::kDone;
    order_.push_back(i);
    return {};
  }

  Source& source_;
  std::vector<State> state_;
  std::vector<std::size_t> order_;
};

Status ResolveReference(const Source& source, const SourceTable& table, Reference& reference) {
  const auto found = std::ranges::find_if(source.tables, [&](const SourceTable& other) {
    return other.name == reference.table || other.QualifiedName() == reference.table;
  });
  if (found == source.tables.end()) {
    if (reference.table.contains('.')) return {};  // a table of the lake that something else makes
    return Fail(Error(ErrorCode::kConfigValueInvalid,
                      fmt::format("'{}' refers to '{}', which is no table of the source", table.name, reference.table))
                    .At(table.file, table.line)
                    .Hint("name one of the source's tables, or another of the lake as schema.table"));
  }
  reference.table = found->QualifiedName();
  for (const std::string& name : reference.key) {
    if (found->Find(name) != nullptr) continue;
    return Fail(
        Error(ErrorCode::kConfigValueInvalid,
              fmt::format("'{}' refers to the column '{}' of '{}', which there is not", table.name, name, found->name))
            .At(table.file, table.line)
            .Hint("name the columns of the other table under `key`"));
  }
  return {};
}

}  // namespace

Status ReadMergeKeys(const ConfigNode& node, SourceTable& table) {
  if (const auto load = node.Find("load")) {
    SMELT_ASSIGN(const std::string word, load->AsString());
    if (word != "append" && word != "merge") {
      return Fail(load->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no way to load", word))
                      .Hint("use append or merge"));
    }
    if (word == "merge") table.load = LoadMode::kMerge;
  }
  for (const std::string_view key : {"newest_by", "partition_by", "references", "held_for"}) {
    if (const auto child = node.Find(key); child && table.load != LoadMode::kMerge)
      return Fail(NeedsMerge(*child, key));
  }
  if (table.load != LoadMode::kMerge) return {};
  SMELT_TRY(CheckMergeKey(node, table));
  if (table.Find("source_line") != nullptr) {
    return Fail(
        node.ErrorHere(ErrorCode::kConfigValueInvalid, "the column name 'source_line' is taken: ingest fills it")
            .Hint("choose another name and give the file's as `from`"));
  }
  if (const auto newest = node.Find("newest_by")) {
    SMELT_ASSIGN(table.newest_by, newest->AsString());
    SMELT_TRY(CheckColumnNames(*newest, table, {table.newest_by}));
  }
  if (const auto partition = node.Find("partition_by")) {
    SMELT_ASSIGN(table.partition_by, partition->AsStringList());
    SMELT_TRY(CheckColumnNames(*partition, table, table.partition_by));
  }
  if (const auto references = node.Find("references")) {
    for (const ConfigNode& item : references->items()) {
      SMELT_ASSIGN(Reference reference, ReadReference(item, table));
      table.references.push_back(std::move(reference));
    }
  }
  if (const auto held_for = node.Find("held_for")) {
    SMELT_ASSIGN(table.held_ms_max, held_for->AsDurationMs());
    if (table.references.empty() || table.held_ms_max < 1) {
      return Fail(held_for->ErrorHere(ErrorCode::kConfigValueInvalid, "no row is ever held for that long")
                      .Hint("say how long rows wait for what is named under `references`, as 7d; or leave it out"));
    }
  }
  return {};
}

Status ResolveReferences(Source& source) {
  bool any = false;
  for (SourceTable& table : source.tables) {
    for (Reference& reference : table.references) {
      SMELT_TRY(ResolveReference(source, table, reference));
      any = true;
    }
  }
  if (!any) return {};
  SMELT_ASSIGN(source.tables, InOrder(source).Sorted());
  return {};
}

}  // namespace smelt::ingest
