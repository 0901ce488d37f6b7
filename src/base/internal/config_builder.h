#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"

namespace smelt {

/// What a ConfigNode holds. Written by the readers below, immutable afterwards.
struct ConfigNode::Data {
  Kind kind = Kind::kNull;
  bool quoted = false;       ///< a scalar that is text whatever it looks like
  bool is_yaml_1_1 = false;  ///< a scalar that is read by YAML 1.1
  std::string text;          ///< of a scalar
  std::vector<ConfigNode> items;
  std::vector<std::pair<std::string, ConfigNode>> entries;  ///< of a map, in file order
  std::shared_ptr<const std::string> file;
  std::int64_t line = 1;
  std::int64_t column = 1;
};

/// The only maker of nodes, for the two readers.
struct ConfigBuilder {
  using Data = ConfigNode::Data;
  static ConfigNode Make(Data data) { return ConfigNode(std::make_shared<const Data>(std::move(data))); }
  static const Data& DataOf(const ConfigNode& node) { return *node.data_; }
};

namespace internal {

/// How deep lists and maps may nest: far beyond any real file, well below the end of the stack.
inline constexpr int kConfigDepthMax = 200;

/// `is_yaml_1_1` and `duplicates`: see yaml_1_1.h.
Result<ConfigNode> ReadYaml(std::string_view text, std::shared_ptr<const std::string> file, bool is_yaml_1_1 = false,
                            std::vector<Error>* duplicates = nullptr);
Result<ConfigNode> ReadJson(std::string_view text, std::shared_ptr<const std::string> file);

/// The complaint about a key that a map holds twice; `node` is the second.
Error DuplicateKey(const std::string& key, std::int64_t first_line, const ConfigBuilder::Data& second);

/// A plain scalar by the core schema of YAML 1.2: null, boolean, integer and decimal number, otherwise text. Infinity
/// and not-a-number have no form in JSON and stay text.
Json PlainScalarToJson(const std::string& text);
/// The same by YAML 1.1, as PyYAML reads it.
Json PlainScalarToJson11(const std::string& text);

}  // namespace internal
}  // namespace smelt
