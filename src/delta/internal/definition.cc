#include "delta/internal/definition.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"

namespace smelt::delta {
namespace {

/// The parts of a definition, the latest first: what was found stays.
class Search final : private CheckpointRows {
 public:
  explicit Search(const Log& log) : log_(log) {}

  bool is_complete() const { return protocol_ && metadata_; }
  Definition Finish() && { return {*std::move(protocol_), *std::move(metadata_)}; }

  /// Errors: kStoreNotFound, kDeltaCorrupt, kStore….
  Status ReadText(const std::string& key) {
    SMELT_ASSIGN(const std::string text, log_.store().Read(key));
    if (!protocol_) SMELT_TRY(FindLast(text, "\"protocol\"", key, protocol_));
    return metadata_ ? Status() : FindLast(text, "\"metaData\"", key, metadata_);
  }

  Status ReadCheckpoint(const CheckpointFiles& files) {
    for (const std::string& key : files.keys) {
      SMELT_TRY(key.ends_with(".json")
                    ? ReadText(key)
                    : log_.checkpoints().Read(log_.store().Address(key), *this, CheckpointPart::kDefinition));
    }
    return {};
  }

 private:
  template <typename Part>
  static Status FindLast(std::string_view text, std::string_view word, const std::string& key,
                         std::optional<Part>& part) {
    SMELT_ASSIGN(std::vector<Action> actions, ParseLinesWith(text, word, key));
    for (Action& action : actions) {
      if (auto* found = std::get_if<Part>(&action)) part = std::move(*found);
    }
    return {};
  }

  Status Take(std::shared_ptr<Add>) override { return {}; }

  Status TakeJson(std::string_view json) override {
    SMELT_ASSIGN(std::optional<Action> action, ParseAction(json, "checkpoint", 0));
    if (!action) return {};
    if (auto* protocol = std::get_if<Protocol>(&*action); protocol != nullptr && !protocol_) {
      protocol_ = std::move(*protocol);
    } else if (auto* metadata = std::get_if<Metadata>(&*action); metadata != nullptr && !metadata_) {
      metadata_ = std::move(*metadata);
    }
    return {};
  }

  const Log& log_;
  std::optional<Protocol> protocol_;
  std::optional<Metadata> metadata_;
};

}  // namespace

Result<std::optional<Definition>> DefinitionAt(const Log& log, const LogListing& listing, Version version) {
  Search search(log);
  for (; version >= Version{0}; --version.value) {
    for (const CheckpointFiles& files : listing.checkpoints) {
      if (files.version != version || search.is_complete()) continue;
      if (const Status read = search.ReadCheckpoint(files); !read) {
        ::smelt::Log(LogLevel::kWarn, "delta.checkpoint.unreadable",
                     {{"checkpoint", files.keys.front()}, {"error", read.error().ToString()}});
      }
    }
    if (search.is_complete()) break;
    if (listing.FindCommit(version) == nullptr) return std::nullopt;
    SMELT_TRY(search.ReadText(log.CommitKey(version)));
    if (search.is_complete()) break;
  }
  if (!search.is_complete()) return std::nullopt;
  return std::move(search).Finish();
}

}  // namespace smelt::delta
