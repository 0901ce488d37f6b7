#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "base/internal/config_builder.h"
#include "base/internal/text_position.h"

namespace smelt::internal {
namespace {

using Data = ConfigBuilder::Data;
using Kind = ConfigNode::Kind;

/// Ends a parse from inside a callback of yaml-cpp; caught in ReadYaml.
struct Refusal {
  Error error;
};

/// How many nodes the aliases of a file may stand for: a limit for files that double themselves at every line.
constexpr std::int64_t kAliasedNodesMax = 100'000;

std::int64_t CountNodes(const ConfigNode& node) {
  const Data& data = ConfigBuilder::DataOf(node);
  std::int64_t count = 1;
  for (const auto& item : data.items) count += CountNodes(item);
  for (const auto& [key, value] : data.entries) count += CountNodes(value);
  return count;
}

/// Builds nodes from the events of one document.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const std::string> file, bool is_yaml_1_1, std::vector<Error>* duplicates)
      : file_(std::move(file)), is_yaml_1_1_(is_yaml_1_1), duplicates_(duplicates) {}

  const std::optional<ConfigNode>& root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) Refuse(mark, "a second document begins here; one file holds one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Add(anchor, NewData(mark, Kind::kNull)); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Refuse(mark, "an alias refers to the value that it is part of");
    aliased_nodes_ += CountNodes(found->second);
    if (aliased_nodes_ > kAliasedNodesMax) Refuse(mark, "the aliases of this file stand for too many values");
    Place(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Data data = NewData(mark, Kind::kScalar);
    data.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!data.quoted) CheckTag(mark, tag);
    if (!data.quoted && PlainScalarToJson(value).is_null()) data.kind = Kind::kNull;
    data.text = value;
    data.is_yaml_1_1 = is_yaml_1_1_;
    Add(anchor, std::move(data));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Kind::kMap);
  }
  void OnMapEnd() override {
    Merge(open_.back());
    Close();
  }

 private:
  /// A list or map whose end has not come yet.
  struct Container {
    Data data;
    YAML::anchor_t anchor = 0;
    std::optional<ConfigNode> key;              ///< of a map: read, its value is still to come
    bool key_repeats = false;                   ///< the map has had that key before
    std::map<std::string, std::int64_t> lines;  ///< of a map: where each key stands
    std::vector<ConfigNode> merged;             ///< of a map: the values of its "<<" key
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string reason) const {
    throw Refusal{Error(ErrorCode::kConfigSyntax, std::move(reason)).At(*file_, mark.line + 1, mark.column + 1)};
  }

  void CheckTag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    Refuse(mark, fmt::format("the tag {} is not supported", tag));
  }

  Data NewData(const YAML::Mark& mark, Kind kind) const {
    Data data;
    data.kind = kind;
    data.file = file_;
    data.line = mark.line + 1;
    data.column = mark.column + 1;
    return data;
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    CheckTag(mark, tag);
    if (static_cast<int>(open_.size()) >= kConfigDepthMax) Refuse(mark, "lists and maps are nested too deeply");
    open_.push_back(
        {.data = NewData(mark, kind), .anchor = anchor, .key = {}, .key_repeats = false, .lines = {}, .merged = {}});
  }

  void Close() {
    Container done = std::move(open_.back());
    open_.pop_back();
    Add(done.anchor, std::move(done.data));
  }

  void Add(YAML::anchor_t anchor, Data data) {
    ConfigNode node = ConfigBuilder::Make(std::move(data));
    if (anchor != YAML::NullAnchor) anchors_.insert_or_assign(anchor, node);
    Place(node);
  }

  void Place(const ConfigNode& node) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    Container& parent = open_.back();
    if (parent.data.kind == Kind::kList) {
      parent.data.items.push_back(node);
    } else if (!parent.key) {
      PlaceKey(parent, node);
    } else {
      PlaceValue(parent, node);
    }
  }

  void PlaceKey(Container& map, const ConfigNode& node) {
    const Data& key = ConfigBuilder::DataOf(node);
    if (key.kind == Kind::kList || key.kind == Kind::kMap || (key.kind == Kind::kNull && key.text.empty())) {
      throw Refusal{node.ErrorHere(ErrorCode::kConfigSyntax, "a key must be text")};
    }
    const auto [first, fresh] = map.lines.emplace(key.text, key.line);
    if (!fresh) RefuseOrTell(DuplicateKey(key.text, first->second, key));
    map.key_repeats = !fresh;
    map.key = node;
  }

  /// By YAML 1.1, as PyYAML reads it, the last one of equal keys counts.
  void RefuseOrTell(Error duplicate) {
    if (!is_yaml_1_1_) throw Refusal{std::move(duplicate)};
    if (duplicates_ != nullptr) duplicates_->push_back(std::move(duplicate));
  }

  void PlaceValue(Container& map, const ConfigNode& value) {
    const Data& key = ConfigBuilder::DataOf(*map.key);
    if (key.text == "<<" && !key.quoted) {
      CollectMerged(map, value);
    } else if (map.key_repeats) {
      std::ranges::find(map.data.entries, key.text, &std::pair<std::string, ConfigNode>::first)->second = value;
    } else {
      map.data.entries.emplace_back(key.text, value);
    }
    map.key.reset();
  }

  /// "<<: *defaults" or "<<: [*a, *b]": the keys of other maps, where this map has none of its own.
  void CollectMerged(Container& map, const ConfigNode& value) {
    const std::vector<ConfigNode> sources = value.is_list() ? value.items() : std::vector{value};
    if (!std::ranges::all_of(sources, &ConfigNode::is_map)) {
      throw Refusal{value.ErrorHere(ErrorCode::kConfigSyntax, "the value of << must be a map or a list of maps")};
    }
    map.merged = sources;
  }

  void Merge(Container& map) {
    for (const auto& source : map.merged) {
      for (const auto& [key, value] : ConfigBuilder::DataOf(source).entries) {
        if (map.lines.emplace(key, value.line()).second) map.data.entries.emplace_back(key, value);
      }
    }
  }

  std::shared_ptr<const std::string> file_;
  bool is_yaml_1_1_;
  std::vector<Error>* duplicates_;  ///< where to tell of keys that stand twice in a map; null: nowhere
  std::vector<Container> open_;
  std::map<YAML::anchor_t, ConfigNode> anchors_;
  std::int64_t aliased_nodes_ = 0;
  std::optional<ConfigNode> root_;
};

/// Whether a tab stands in the indentation of the line, which counts from 1.
bool IndentsByTab(std::string_view text, std::int64_t line) {
  for (; line > 1 && !text.empty(); --line) {
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return text.substr(0, text.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

Error SyntaxError(const YAML::Exception& error, std::string_view text, const std::string& file) {
  const bool placed = !error.mark.is_null();
  const std::int64_t line = placed ? error.mark.line + 1 : 0;
  const std::int64_t column = placed ? error.mark.column + 1 : 0;
  if (error.msg == YAML::ErrorMsg::DOC_IN_SCALAR) {
    return Error(ErrorCode::kConfigSyntax, "a quoted text is not closed before the end of the document")
        .At(file, line, column)
        .Hint("close it with the quote that it began with");
  }
  if (placed && IndentsByTab(text, line)) {
    return Error(ErrorCode::kConfigSyntax, "not valid YAML: the line is indented by a tab")
        .At(file, line, 1)
        .Hint("indent by spaces");
  }
  return Error(ErrorCode::kConfigSyntax, fmt::format("not valid YAML: {}", error.msg))
      .At(file, line, column)
      .Hint(
          "look for a bracket or quote that is not closed, wrong indentation, or a text with `: ` or `#` that needs "
          "quotes");
}

}  // namespace

Result<ConfigNode> ReadYaml(std::string_view text, std::shared_ptr<const std::string> file, bool is_yaml_1_1,
                            std::vector<Error>* duplicates) {
  if (const auto line = FirstLineNotUtf8(text)) {
    return Fail(Error(ErrorCode::kConfigSyntax, "the text is not valid UTF-8").At(*file, *line));
  }
  try {
    // yaml-cpp takes the end of the file for the end of an open quotation, but not the end of the document.
    std::istringstream input(fmt::format("{}\n...\n", text));
    YAML::Parser parser(input);
    TreeBuilder builder(file, is_yaml_1_1, duplicates);
    while (parser.HandleNextDocument(builder)) {
    }
    // A document without a value would stand behind the end of the file.
    const bool has_value =
        builder.root() && !(builder.root()->is_null() && ConfigBuilder::DataOf(*builder.root()).text.empty());
    if (has_value) return *builder.root();
    Data empty;
    empty.file = std::move(file);
    return ConfigBuilder::Make(std::move(empty));
  } catch (const Refusal& refusal) {
    return Fail(refusal.error);
  } catch (const YAML::Exception& error) {
    return Fail(SyntaxError(error, text, *file));
  }
}

}  // namespace smelt::internal
