#include "transform/internal/project/freshness_config.h"

namespace smelt::transform {
namespace {

/// A threshold over an earlier one.
Json MergeThreshold(Json threshold, const Json& layer, const char* key) {
  const auto found = layer.find(key);
  if (found == layer.end()) return threshold;
  if (!found->is_object()) return *found;
  if (!threshold.is_object()) threshold = {{"count", nullptr}, {"period", nullptr}};
  for (const auto& [part, value] : found->items()) {
    if (!value.is_null()) threshold[part] = value;
  }
  return threshold;
}

}  // namespace

Json MergeFreshness(const std::vector<Json>& layers) {
  const Json unset = {{"count", nullptr}, {"period", nullptr}};
  const Json none = {{"warn_after", unset}, {"error_after", unset}, {"filter", nullptr}};
  Json merged = none;
  for (const Json& layer : layers) {
    if (!layer.is_object()) {
      merged = nullptr;
      continue;
    }
    if (merged.is_null()) merged = none;
    for (const char* key : {"warn_after", "error_after"}) merged[key] = MergeThreshold(merged[key], layer, key);
    if (layer.contains("filter") && !layer["filter"].is_null()) merged["filter"] = layer["filter"];
  }
  return merged;
}

}  // namespace smelt::transform
