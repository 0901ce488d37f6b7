#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt {

/// A value read from a user's YAML or JSON file that remembers where it stood, so that every complaint can name file
/// and line. Immutable; copies are cheap (shared). Thread-safe.
class ConfigNode {
 public:
  enum class Kind { kNull, kScalar, kList, kMap };

  /// Parses YAML (a superset of JSON). An empty document is a null node.
  /// Errors: kConfigSyntax with file, line, column.
  static Result<ConfigNode> ParseYaml(std::string_view text, std::string file);
  /// Parses JSON strictly (comments and trailing commas are errors), with line numbers.
  static Result<ConfigNode> ParseJsonText(std::string_view text, std::string file);
  /// Reads and parses a file; `.json` as JSON, everything else as YAML.
  /// Errors: kStoreNotFound, kStoreIo, kConfigSyntax.
  static Result<ConfigNode> ReadFile(const std::string& path);

  Kind kind() const;
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_map() const { return kind() == Kind::kMap; }
  bool is_list() const { return kind() == Kind::kList; }
  const std::string& file() const;
  std::int64_t line() const;    ///< from 1
  std::int64_t column() const;  ///< from 1

  /// The children of a list (empty for other kinds).
  const std::vector<ConfigNode>& items() const;
  /// The keys of a map in file order.
  std::vector<std::string> keys() const;
  /// The child under `key`, or nothing when absent or when this is no map. An explicit null is a null node.
  std::optional<ConfigNode> Find(std::string_view key) const;
  /// The child under `key`. Errors: kConfigKeyMissing, naming `key` and this node's place.
  Result<ConfigNode> Require(std::string_view key) const;

  /// Typed scalars. Errors: kConfigValueInvalid with file, line and the offending text.
  Result<std::string> AsString() const;
  Result<std::int64_t> AsInt() const;
  Result<double> AsDouble() const;
  Result<bool> AsBool() const;
  /// "250ms", "30s", "5m", "2h", "7d" or a plain number of seconds, in milliseconds.
  Result<std::int64_t> AsDurationMs() const;
  /// A list of scalars, or one scalar as a list of one.
  Result<std::vector<std::string>> AsStringList() const;

  /// Typed optional keys with a default: `node.StringOr("format", "csv")`. A present value of the wrong type is an
  /// error, never the default.
  Result<std::string> StringOr(std::string_view key, std::string fallback) const;
  Result<std::int64_t> IntOr(std::string_view key, std::int64_t fallback) const;
  Result<bool> BoolOr(std::string_view key, bool fallback) const;

  /// Refuses keys outside `known`. Errors: kConfigKeyUnknown with file, line, key and the nearest known key.
  Status AllowKeys(std::initializer_list<std::string_view> known) const;
  Status AllowKeys(const std::vector<std::string_view>& known) const;

  /// The same value as JSON. YAML scalars follow the core schema (1 → number, true → boolean, "1" → string), but for
  /// .inf and .nan, which JSON does not have: they stay text.
  Json ToJson() const;

  /// An error at this node's place.
  Error ErrorHere(ErrorCode code, std::string message) const;

 private:
  struct Data;
  explicit ConfigNode(std::shared_ptr<const Data> data);
  Error WrongType(std::string_view expected) const;
  std::shared_ptr<const Data> data_;
  friend struct ConfigBuilder;
};

/// The line, from 1, that holds the first byte sequence that is not UTF-8, or nothing when the text is sound.
std::optional<std::int64_t> FirstLineNotUtf8(std::string_view text);

/// The entry of `known` nearest to `word` by edit distance, or empty when none is near enough to suggest.
std::string NearestWord(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace smelt
