#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/project/column.h"
#include "transform/internal/project/manifest.h"
#include "transform/internal/project/quoting.h"

namespace smelt::transform {

/// The name of the one database that a lake is.
inline constexpr std::string_view kDatabase = "lake";

/// The rows of a relation whose time is within a window.
struct EventTimeFilter {
  std::string field;
  std::string start, end;  ///< as SQL writes them, without quotes; empty: open
  bool operator==(const EventTimeFilter&) const = default;
};

/// What a template has of a table or view: it prints as SQL, and its parts are attributes. Immutable for templates.
class Relation final : public jinja::Object {
 public:
  struct Path {
    std::optional<std::string> database, schema, identifier;
    bool operator==(const Path&) const = default;
  };

  /// A relation of the lake. `type` is "table", "view" and so on; empty: not known, as of what ref() gives.
  explicit Relation(const RelationName& name, std::string type = {}, NameParts quoted = {})
      : path_{std::string(kDatabase), name.schema, name.identifier}, type_(std::move(type)), quoted_(quoted) {}
  explicit Relation(Path path, std::string type = {}, NameParts quoted = {})
      : path_(std::move(path)), type_(std::move(type)), quoted_(quoted) {}
  /// The common table expression that an ephemeral model is.
  static std::shared_ptr<Relation> Ephemeral(const std::string& identifier);

  std::string type_name() const override { return "relation"; }
  /// As SQL reads from it: its name, or a query that takes a part of its rows.
  std::string ToText() const override;
  std::string Repr() const override;
  bool Equals(const jinja::Object& other) const override;
  std::size_t Hash() const override { return std::hash<std::string>()(Render()); }
  bool is_mapping() const override { return true; }
  std::optional<jinja::Value> Attribute(std::string_view name) override;

  /// Its name as SQL: the parts that are shown, quoted where they shall be.
  std::string Render() const;
  /// Schema and identifier; empty where it has none.
  RelationName name() const { return {path_.schema.value_or(""), path_.identifier.value_or("")}; }
  const Path& path() const { return path_; }
  const std::string& type() const { return type_; }
  const NameParts& quoted() const { return quoted_; }
  const NameParts& shown() const { return shown_; }
  /// Reads no more than `rows` of it.
  void set_limit(std::int64_t rows) { limit_ = rows; }
  /// Reads just the rows within a window.
  void set_event_time(EventTimeFilter filter) { event_time_ = std::move(filter); }

  // What its methods make; see relation_methods.cc.
  void set_path(Path path) { path_ = std::move(path); }
  void set_type(std::string type) { type_ = std::move(type); }
  void set_quoted(NameParts parts) { quoted_ = parts; }
  void set_shown(NameParts parts) { shown_ = parts; }
  /// Says what SQL reads instead of the name: a file, a call.
  void set_external(std::string sql) { external_ = std::move(sql); }
  void set_information_view(std::string view) { information_view_ = std::move(view); }
  std::shared_ptr<Relation> Copy() const;

 private:
  Path path_;
  std::string type_;
  NameParts quoted_, shown_;
  std::optional<std::int64_t> limit_;
  std::optional<EventTimeFilter> event_time_;
  std::string external_;          ///< empty: it is what its name says
  std::string information_view_;  ///< what is read of an information schema; stands behind the name
};

/// The method of that name, or nothing.
std::optional<jinja::Value> RelationMethod(Relation& relation, std::string_view name);

/// `api.Relation`: `create` and the names of the types.
jinja::Value MakeRelationClass();
/// `api.Relation.create(database=…, schema=…, identifier=…, type=…, quote_policy=…)`.
Result<jinja::Value> CreateRelation(jinja::Interpreter& interpreter, jinja::Arguments arguments);

}  // namespace smelt::transform
