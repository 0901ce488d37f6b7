#include "transform/internal/run/test_memory.h"

#include "base/json.h"
#include "storage/object_store.h"

namespace smelt::transform {
namespace {

std::optional<TestPast> ReadPast(const Json& entry) {
  const auto tables = entry.find("tables");
  if (tables == entry.end() || !tables->is_object()) return std::nullopt;
  TestPast past{.failures = entry.value("failures", std::int64_t{0}),
                .definition = entry.value("definition", std::int64_t{0}),
                .tables = {}};
  for (const auto& [table, at] : tables->items()) {
    if (!at.is_object()) return std::nullopt;
    past.tables[table] = {at.value("version", std::int64_t{-1}), at.value("commit", "")};
  }
  return past;
}

void WritePast(const TestPast& past, Json& entry) {
  entry["definition"] = past.definition;
  Json tables = Json::object();
  for (const auto& [table, at] : past.tables) tables[table] = {{"version", at.version}, {"commit", at.commit}};
  entry["tables"] = std::move(tables);
}

}  // namespace

TestMemory::TestMemory(std::string lake, std::string project)
    : lake_(std::move(lake)), key_("_smelt/tests/" + project + ".json") {
  auto store = storage::OpenStore(lake_);
  if (!store) return;
  auto text = (*store)->Read(key_);
  if (!text) return;
  auto json = ParseJson(*text, key_);
  if (!json || !json->is_object()) return;
  for (const auto& [id, entry] : json->items()) {
    if (!entry.is_object()) continue;
    TestVerdict verdict;
    verdict.failures = entry.value("failures", std::int64_t{0});
    verdict.error = entry.value("error", false);
    verdict.warn = entry.value("warn", false);
    entries_[id] = {entry.value("inputs", std::int64_t{-1}), verdict, ReadPast(entry)};
  }
}

std::optional<TestVerdict> TestMemory::Recall(const std::string& unique_id, std::int64_t fingerprint) const {
  std::lock_guard guard(lock_);
  auto found = entries_.find(unique_id);
  if (found == entries_.end() || found->second.fingerprint != fingerprint) return std::nullopt;
  return found->second.verdict;
}

void TestMemory::Remember(const std::string& unique_id, std::int64_t fingerprint, const TestVerdict& verdict,
                          std::optional<TestPast> past) {
  std::lock_guard guard(lock_);
  entries_[unique_id] = {fingerprint, verdict, std::move(past)};
  changed_ = true;
}

std::optional<TestPast> TestMemory::Past(const std::string& unique_id) const {
  std::lock_guard guard(lock_);
  const auto found = entries_.find(unique_id);
  return found == entries_.end() ? std::nullopt : found->second.past;
}

Status TestMemory::Save() {
  std::lock_guard guard(lock_);
  if (!changed_) return {};
  Json json = Json::object();
  for (const auto& [id, entry] : entries_) {
    json[id] = {{"inputs", entry.fingerprint},
                {"failures", entry.verdict.failures},
                {"error", entry.verdict.error},
                {"warn", entry.verdict.warn}};
    if (entry.past) WritePast(*entry.past, json[id]);
  }
  SMELT_ASSIGN(auto store, storage::OpenStore(lake_));
  SMELT_TRY(store->Put(key_, JsonText(json, 1) + "\n"));
  changed_ = false;
  return {};
}

}  // namespace smelt::transform
