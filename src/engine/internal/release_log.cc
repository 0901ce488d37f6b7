#include "engine/internal/release_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/clock.h"
#include "base/id.h"

namespace smelt::engine {
namespace {

constexpr std::string_view kReleaseFolder = "_smelt/releases";
constexpr std::string_view kReleaseSuffix = ".json";
constexpr std::chrono::seconds kRemoteLook(1);
constexpr std::array<std::pair<ReleaseKind, std::string_view>, 4> kReleaseKinds = {{
    {ReleaseKind::kPromotion, "promotion"},
    {ReleaseKind::kRollback, "rollback"},
    {ReleaseKind::kHold, "hold"},
    {ReleaseKind::kOff, "off"},
}};

std::string ReleaseKey(std::int64_t number) {
  return fmt::format("{}/{:020}{}", kReleaseFolder, number, kReleaseSuffix);
}

/// The number in the name of a release's file; nothing for other files.
std::optional<std::int64_t> ReleaseNumber(std::string_view key) {
  if (!key.ends_with(kReleaseSuffix) || key.size() <= kReleaseFolder.size()) return std::nullopt;
  key.remove_prefix(kReleaseFolder.size() + 1);
  key.remove_suffix(kReleaseSuffix.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (error != std::errc() || end != key.data() + key.size() || number < 1) return std::nullopt;
  return number;
}

Json NamesToJson(const std::set<RelationName>& names) {
  Json list = Json::array();
  for (const RelationName& name : names) list.push_back({{"schema", name.schema}, {"name", name.name}});
  return list;
}

std::string ReleaseToText(const Release& release) {
  Json json = {{"number", release.number},
               {"id", release.id},
               {"created", FormatUtcMicros(release.created_us)},
               {"kind", ReleaseKindText(release.kind)},
               {"source", release.source},
               {"before", release.before},
               {"restores", release.restores},
               {"note", release.note},
               {"tables", Json::array()},
               {"views", Json::array()},
               {"hidden", NamesToJson(release.hidden)}};
  for (const auto& [name, table] : release.tables) {
    json["tables"].push_back({{"schema", name.schema},
                              {"name", name.name},
                              {"id", table.table_id},
                              {"version", table.version},
                              {"source_id", table.source_table_id},
                              {"source_version", table.source_version}});
  }
  for (const auto& [name, text] : release.views) {
    json["views"].push_back({{"schema", name.schema}, {"name", name.name}, {"sql", text}});
  }
  return JsonText(json, 1) + "\n";
}

RelationName NameFromJson(const Json& json) {
  return {.schema = json.at("schema").get<std::string>(), .name = json.at("name").get<std::string>()};
}

Result<ReleasePtr> ParseRelease(const std::string& text, const std::string& key) {
  SMELT_ASSIGN(const Json json, ParseJson(text, key));
  auto release = std::make_shared<Release>();
  try {
    release->number = json.at("number").get<std::int64_t>();
    release->id = json.at("id").get<std::string>();
    SMELT_ASSIGN(release->created_us, ParseTimestampMicros(json.at("created").get<std::string>()));
    const auto kind = std::ranges::find(kReleaseKinds, json.at("kind").get<std::string>(),
                                        [](const auto& entry) { return std::string(entry.second); });
    if (kind == kReleaseKinds.end()) return Fail(ErrorCode::kDeltaCorrupt, key + " is no release that smelt knows");
    release->kind = kind->first;
    release->source = json.at("source").get<std::string>();
    release->before = json.at("before").get<std::int64_t>();
    release->restores = json.at("restores").get<std::int64_t>();
    release->note = json.at("note");
    for (const Json& table : json.at("tables")) {
      release->tables[NameFromJson(table)] = {.table_id = table.at("id").get<std::string>(),
                                              .version = table.at("version").get<std::int64_t>(),
                                              .source_table_id = table.at("source_id").get<std::string>(),
                                              .source_version = table.at("source_version").get<std::int64_t>()};
    }
    for (const Json& view : json.at("views")) release->views[NameFromJson(view)] = view.at("sql").get<std::string>();
    for (const Json& name : json.at("hidden")) release->hidden.insert(NameFromJson(name));
  } catch (const Json::exception& problem) {
    return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the release {} cannot be read: {}", key, problem.what()));
  }
  return ReleasePtr(std::move(release));
}

}  // namespace

std::string_view ReleaseKindText(ReleaseKind kind) {
  return std::ranges::find(kReleaseKinds, kind, &std::pair<ReleaseKind, std::string_view>::first)->second;
}

ReleaseLog::ReleaseLog(storage::ObjectStore& store)
    : store_(store), is_remote_(store.Address("").find("://") != std::string::npos) {}

ReleasePtr ReleaseLog::known() const {
  const std::lock_guard guard(lock_);
  return known_;
}

void ReleaseLog::Keep(const ReleasePtr& release) {
  const std::lock_guard guard(lock_);
  if (!known_ || known_->number < release->number) known_ = release;
  looked_ = Clock::now();
}

Result<ReleasePtr> ReleaseLog::FollowFrom(ReleasePtr release) {
  while (true) {
    SMELT_ASSIGN(const bool exists, store_.Exists(ReleaseKey(release->number + 1)));
    if (!exists) break;
    SMELT_ASSIGN(release, Read(release->number + 1));
  }
  Keep(release);
  return release;
}

Result<ReleasePtr> ReleaseLog::Current() {
  const ReleasePtr newest = known();
  if (!is_remote_ || !newest) return Newest();
  std::unique_lock looking(looking_, std::try_to_lock);
  if (!looking.owns_lock()) return newest;  // somebody else looks
  {
    const std::lock_guard guard(lock_);
    if (Clock::now() - looked_ < kRemoteLook) return known_;
  }
  return FollowFrom(newest);
}

Result<ReleasePtr> ReleaseLog::Newest() {
  if (ReleasePtr newest = known()) return FollowFrom(std::move(newest));
  SMELT_ASSIGN(const std::vector<std::int64_t> numbers, Numbers());
  ReleasePtr newest = std::make_shared<const Release>();
  if (!numbers.empty()) {
    SMELT_ASSIGN(newest, Read(numbers.back()));
  }
  Keep(newest);
  return newest;
}

Result<ReleasePtr> ReleaseLog::Read(std::int64_t number) {
  const std::string key = ReleaseKey(number);
  SMELT_ASSIGN(const std::string text, store_.Read(key));
  return ParseRelease(text, store_.Address(key));
}

Result<std::vector<std::int64_t>> ReleaseLog::Numbers() {
  SMELT_ASSIGN(const auto objects, store_.List(kReleaseFolder));
  std::vector<std::int64_t> numbers;
  for (const storage::ObjectInfo& object : objects) {
    if (const auto number = ReleaseNumber(object.key)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<ReleasePtr> ReleaseLog::Publish(std::int64_t after, Release release) {
  release.number = after + 1;
  release.id = NewUuid();
  release.created_us = NowMicros();
  const std::string key = ReleaseKey(release.number);
  Result<bool> written = store_.PutIfAbsent(key, ReleaseToText(release));
  if (!written && written.error().code() == ErrorCode::kStoreUnknown) {
    // Whose file it is tells whether the write arrived; without one it may arrive yet.
    const auto found = Read(release.number);
    if (!found) {
      return Fail(std::move(written.error())
                      .Hint("readers see the release before until it arrives, if it does; `smelt release list` tells"));
    }
    written = (*found)->id == release.id;
  }
  if (!written) return Fail(std::move(written.error()));
  if (!*written) {
    return Fail(Error(ErrorCode::kDeltaConflict,
                      fmt::format("release {} of the lake was made by somebody else meanwhile", release.number))
                    .Hint("nothing that readers see was changed; run it again"));
  }
  auto published = std::make_shared<const Release>(std::move(release));
  Keep(published);
  return ReleasePtr(std::move(published));
}

}  // namespace smelt::engine
