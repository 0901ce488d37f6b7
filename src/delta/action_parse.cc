#include <fmt/format.h>

#include <limits>
#include <utility>

#include "delta/actions.h"
#include "delta/internal/action_parser.h"
#include "delta/internal/fast_json.h"

namespace smelt::delta {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Reads the members of one action. A member that is null counts as absent. The first member that is missing or of the
/// wrong type is remembered and ends in one error; until then the accessors answer with empty values.
class Members {
 public:
  Members(std::string_view action, object members) : action_(action), members_(members) {}

  /// What is wrong with the action, empty when nothing is.
  const std::string& complaint() const { return complaint_; }

  std::optional<element> Find(std::string_view key) const {
    element value;
    if (members_.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
    return value;
  }

  std::optional<std::string> OptionalText(std::string_view key) {
    return Scalar<std::string_view, std::string>(key, "a string");
  }
  std::optional<std::int64_t> OptionalInt(std::string_view key) {
    return Scalar<std::int64_t, std::int64_t>(key, "a whole number");
  }
  std::optional<bool> OptionalBool(std::string_view key) { return Scalar<bool, bool>(key, "true or false"); }

  std::string Text(std::string_view key) { return Require(OptionalText(key), key); }
  std::int64_t Int(std::string_view key) { return Require(OptionalInt(key), key); }
  bool Bool(std::string_view key) { return Require(OptionalBool(key), key); }

  std::optional<std::int32_t> OptionalInt32(std::string_view key) {
    const std::optional<std::int64_t> value = OptionalInt(key);
    if (!value) return std::nullopt;
    if (!std::in_range<std::int32_t>(*value)) Complain(key, "is out of range");
    return static_cast<std::int32_t>(*value);
  }
  std::int32_t Int32(std::string_view key) { return Require(OptionalInt32(key), key); }

  std::vector<std::string> TextList(std::string_view key) {
    std::vector<std::string> texts;
    const std::optional<element> value = Find(key);
    if (!value) return texts;
    array items;
    if (value->get(items) != simdjson::SUCCESS) return Complain(key, "must be a list"), texts;
    for (const element item : items) {
      std::string_view text;
      if (item.get(text) != simdjson::SUCCESS) return Complain(key, "must be a list of strings"), texts;
      texts.emplace_back(text);
    }
    return texts;
  }

  /// A map of strings, as an object or as a list of {"key":…,"value":…}. Nothing when the member is absent.
  std::optional<std::map<std::string, std::optional<std::string>>> OptionalTextMap(std::string_view key) {
    const std::optional<element> value = Find(key);
    if (!value) return std::nullopt;
    std::map<std::string, std::optional<std::string>> map;
    object entries;
    array pairs;
    if (value->get(entries) == simdjson::SUCCESS) {
      for (const auto [name, text] : entries) PutEntry(key, name, text, map);
    } else if (value->get(pairs) == simdjson::SUCCESS) {
      for (const element pair : pairs) {
        std::string_view name;
        element text;
        if (pair["key"].get(name) != simdjson::SUCCESS || pair["value"].get(text) != simdjson::SUCCESS) {
          Complain(key, "must be a map of strings");
          break;
        }
        PutEntry(key, name, text, map);
      }
    } else {
      Complain(key, "must be a map of strings");
    }
    return map;
  }

  /// A map of strings in which a null is the same as no entry; empty when the member is absent.
  std::map<std::string, std::string> TextMap(std::string_view key) {
    std::map<std::string, std::string> map;
    auto nullable = OptionalTextMap(key);
    if (!nullable) return map;
    for (auto& [name, text] : *nullable) {
      if (text) map.emplace(name, std::move(*text));
    }
    return map;
  }

  /// "Partition Value Serialization": the empty string is null, too.
  std::optional<PartitionValues> OptionalPartitionValues() {
    auto values = OptionalTextMap("partitionValues");
    if (!values) return std::nullopt;
    for (auto& [column, value] : *values) {
      if (value && value->empty()) value.reset();
    }
    return values;
  }
  PartitionValues RequiredPartitionValues() { return Require(OptionalPartitionValues(), "partitionValues"); }

  std::optional<DeletionVector> OptionalDeletionVector() {
    const std::optional<element> value = Find("deletionVector");
    if (!value) return std::nullopt;
    object fields;
    if (value->get(fields) != simdjson::SUCCESS) return Complain("deletionVector", "must be an object"), std::nullopt;
    Members members(action_, fields);
    DeletionVector vector{.storage_type = members.Text("storageType"),
                          .path_or_inline = members.Text("pathOrInlineDv"),
                          .offset = members.OptionalInt32("offset"),
                          .size_bytes = members.Int32("sizeInBytes"),
                          .cardinality = members.Int("cardinality")};
    if (complaint_.empty()) complaint_ = members.complaint();
    return vector;
  }

 private:
  template <typename Stored, typename Value>
  std::optional<Value> Scalar(std::string_view key, std::string_view kind) {
    const std::optional<element> value = Find(key);
    if (!value) return std::nullopt;
    Stored stored;
    if (value->get(stored) == simdjson::SUCCESS) return Value(stored);
    Complain(key, fmt::format("must be {}", kind));
    return std::nullopt;
  }

  template <typename Value>
  Value Require(std::optional<Value> value, std::string_view key) {
    if (!value) Complain(key, "is missing");
    return std::move(value).value_or(Value());
  }

  void PutEntry(std::string_view key, std::string_view name, element value,
                std::map<std::string, std::optional<std::string>>& map) {
    std::string_view text;
    if (value.is_null()) {
      map[std::string(name)] = std::nullopt;
    } else if (value.get(text) == simdjson::SUCCESS) {
      map[std::string(name)] = std::string(text);
    } else {
      Complain(key, "must be a map of strings");
    }
  }

  void Complain(std::string_view key, std::string_view what) {
    if (complaint_.empty()) complaint_ = fmt::format("'{}' of the action '{}' {}", key, action_, what);
  }

  std::string_view action_;
  object members_;
  std::string complaint_;
};

Action ReadProtocol(Members& members) {
  return Protocol{.min_reader_version = members.Int32("minReaderVersion"),
                  .min_writer_version = members.Int32("minWriterVersion"),
                  .reader_features = members.TextList("readerFeatures"),
                  .writer_features = members.TextList("writerFeatures")};
}

Action ReadMetadata(Members& members) {
  return Metadata{.id = members.Text("id"),
                  .name = members.OptionalText("name"),
                  .description = members.OptionalText("description"),
                  .schema_string = members.Text("schemaString"),
                  .partition_columns = members.TextList("partitionColumns"),
                  .configuration = members.TextMap("configuration"),
                  .created_time_ms = members.OptionalInt("createdTime")};
}

/// Statistics of a checkpoint that stores them as typed columns only.
std::string StatsFromColumns(Members& members) {
  const std::optional<element> columns = members.Find("stats_parsed");
  if (!columns || !columns->is_object()) return {};
  std::string stats;
  for (const std::string_view key : {"numRecords", "minValues", "maxValues", "nullCount", "tightBounds"}) {
    element value;
    if ((*columns)[key].get(value) != simdjson::SUCCESS || value.is_null()) continue;
    stats += fmt::format(R"({}"{}":{})", stats.empty() ? "{" : ",", key, simdjson::minify(value));
  }
  return stats.empty() ? stats : stats + "}";
}

Action ReadAdd(Members& members) {
  return Add{.path = members.Text("path"),
             .partition_values = members.RequiredPartitionValues(),
             .size_bytes = members.Int("size"),
             .modification_time_ms = members.Int("modificationTime"),
             .data_change = members.Bool("dataChange"),
             .stats = members.Find("stats") ? members.Text("stats") : StatsFromColumns(members),
             .tags = members.TextMap("tags"),
             .deletion_vector = members.OptionalDeletionVector(),
             .base_row_id = members.OptionalInt("baseRowId"),
             .default_row_commit_version = members.OptionalInt("defaultRowCommitVersion"),
             .clustering_provider = members.OptionalText("clusteringProvider")};
}

Action ReadRemove(Members& members) {
  return Remove{.path = members.Text("path"),
                .deletion_timestamp_ms = members.OptionalInt("deletionTimestamp"),
                .data_change = members.Bool("dataChange"),
                .partition_values = members.OptionalPartitionValues(),
                .size_bytes = members.OptionalInt("size"),
                .tags = members.TextMap("tags"),
                .deletion_vector = members.OptionalDeletionVector(),
                .base_row_id = members.OptionalInt("baseRowId"),
                .default_row_commit_version = members.OptionalInt("defaultRowCommitVersion")};
}

Action ReadCdc(Members& members) {
  return Cdc{.path = members.Text("path"),
             .partition_values = members.RequiredPartitionValues(),
             .size_bytes = members.Int("size"),
             .tags = members.TextMap("tags")};
}

Action ReadTxn(Members& members) {
  return Txn{.app_id = members.Text("appId"),
             .version = members.Int("version"),
             .last_updated_ms = members.OptionalInt("lastUpdated")};
}

Action ReadDomain(Members& members) {
  return DomainMetadata{.domain = members.Text("domain"),
                        .configuration = members.Text("configuration"),
                        .removed = members.Bool("removed")};
}

Action ReadCheckpointMetadata(Members& members) {
  return CheckpointMetadata{.version = members.Int("version")};
}

Action ReadSidecar(Members& members) {
  return Sidecar{.path = members.Text("path"),
                 .size_bytes = members.Int("sizeInBytes"),
                 .modification_time_ms = members.Int("modificationTime")};
}

struct ActionType {
  std::string_view name;
  Action (*read)(Members&);
};
constexpr ActionType kActionTypes[] = {
    {"add", ReadAdd},
    {"remove", ReadRemove},
    {"cdc", ReadCdc},
    {"txn", ReadTxn},
    {"metaData", ReadMetadata},
    {"protocol", ReadProtocol},
    {"domainMetadata", ReadDomain},
    {"checkpointMetadata", ReadCheckpointMetadata},
    {"sidecar", ReadSidecar},
};

std::unexpected<Error> Damaged(std::string_view origin, std::int64_t line, std::string message) {
  return Fail(Error(ErrorCode::kDeltaCorrupt, std::move(message)).At(std::string(origin), line));
}

}  // namespace

struct ActionParser::Buffers {
  simdjson::dom::parser parser;
};

ActionParser::ActionParser() : buffers_(std::make_unique<Buffers>()) {}
ActionParser::~ActionParser() = default;

Result<std::optional<Action>> ActionParser::Parse(std::string_view json_line, std::string_view origin,
                                                  std::int64_t line) {
  element document;
  if (const auto error = buffers_->parser.parse(json_line.data(), json_line.size()).get(document)) {
    return Damaged(origin, line, fmt::format("the log is not valid JSON: {}", simdjson::error_message(error)));
  }
  object actions;
  if (document.get(actions) != simdjson::SUCCESS) return Damaged(origin, line, "an action must be a JSON object");
  for (const auto [name, value] : actions) {
    if (value.is_null()) continue;
    if (name == "commitInfo" && value.is_object()) {
      return CommitInfo{JsonOrDiscarded(simdjson::minify(value))};
    }
    const auto* type = std::ranges::find(kActionTypes, name, &ActionType::name);
    if (type == std::end(kActionTypes)) continue;
    object fields;
    if (value.get(fields) != simdjson::SUCCESS) {
      return Damaged(origin, line, fmt::format("the action '{}' must be an object", name));
    }
    Members members(type->name, fields);
    Action action = type->read(members);
    if (!members.complaint().empty()) return Damaged(origin, line, members.complaint());
    return action;
  }
  return std::nullopt;
}

Result<std::optional<Action>> ParseAction(std::string_view json_line, std::string_view origin, std::int64_t line) {
  return ActionParser().Parse(json_line, origin, line);
}

Result<std::vector<Action>> ParseLinesWith(std::string_view text, std::string_view word, std::string_view origin) {
  ActionParser parser;
  std::vector<Action> actions;
  std::int64_t line = 1;
  std::size_t begin = 0;
  for (std::size_t found = text.find(word); found != std::string_view::npos; found = text.find(word, begin)) {
    const std::size_t start = found == 0 ? 0 : text.rfind('\n', found) + 1;
    line += std::count(text.begin() + static_cast<std::ptrdiff_t>(begin),
                       text.begin() + static_cast<std::ptrdiff_t>(start), '\n');
    begin = std::min(text.find('\n', found), text.size());
    SMELT_ASSIGN(std::optional<Action> action, parser.Parse(text.substr(start, begin - start), origin, line));
    if (action) actions.push_back(std::move(*action));
  }
  return actions;
}

Result<std::vector<Action>> ParseCommit(std::string_view text, std::string_view origin) {
  ActionParser parser;
  std::vector<Action> actions;
  std::int64_t line = 0;
  bool has_content = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view json = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (json.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    has_content = true;
    SMELT_ASSIGN(std::optional<Action> action, parser.Parse(json, origin, line));
    if (action) actions.push_back(std::move(*action));
  }
  // No writer commits nothing: an empty file is what a crash of the machine leaves of one that was not flushed.
  if (!has_content) return Damaged(origin, 0, "the commit file is empty");
  return actions;
}

}  // namespace smelt::delta
