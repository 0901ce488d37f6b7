#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/lineage.h"

namespace smelt::engine {

/// A column that is read, by its place in a SourceTable.
using SourceId = std::uint32_t;
using SourceSet = std::set<SourceId>;

/// The columns that a query reads, each once. Confined to one thread.
class SourceTable {
 public:
  SourceId Add(const OriginColumn& column);
  const OriginColumn& At(SourceId id) const { return columns_[id]; }

 private:
  std::vector<OriginColumn> columns_;
  std::map<OriginColumn, SourceId> ids_;
};

struct DependentField;

/// What a value depends on.
struct Dependence {
  std::map<SourceId, Derivation> values;
  SourceSet influences;
  /// Of a struct that the query puts together: its parts by name. `values` and `influences` hold theirs too.
  std::vector<DependentField> fields;

  /// Adds another one, each of its values at least as `least` says. Its parts are not taken over.
  void Add(const Dependence& other, Derivation least);
  /// The values become influences.
  void AddAsInfluence(const Dependence& other);
  void Influence(const SourceSet& sources) { influences.insert(sources.begin(), sources.end()); }
  /// All that it depends on, in whatever way.
  void CollectInto(SourceSet& sources) const;
  bool operator==(const Dependence& other) const;
};

struct DependentField {
  std::string name;
  Dependence value;
  bool operator==(const DependentField&) const = default;
};

}  // namespace smelt::engine
