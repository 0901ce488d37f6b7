#include "engine/internal/lineage/dependence.h"

#include <algorithm>

namespace smelt::engine {

SourceId SourceTable::Add(const OriginColumn& column) {
  const auto [found, is_new] = ids_.emplace(column, static_cast<SourceId>(columns_.size()));
  if (is_new) columns_.push_back(column);
  return found->second;
}

void Dependence::Add(const Dependence& other, Derivation least) {
  for (const auto& [id, derivation] : other.values) {
    Derivation& own = values.try_emplace(id, least).first->second;
    own = std::max({own, derivation, least});
  }
  Influence(other.influences);
}

bool Dependence::operator==(const Dependence& other) const {
  return values == other.values && influences == other.influences && fields == other.fields;
}

void Dependence::AddAsInfluence(const Dependence& other) {
  other.CollectInto(influences);
}

void Dependence::CollectInto(SourceSet& sources) const {
  for (const auto& [id, derivation] : values) sources.insert(id);
  sources.insert(influences.begin(), influences.end());
}

}  // namespace smelt::engine
