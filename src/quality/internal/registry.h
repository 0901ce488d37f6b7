#pragma once

#include <string_view>
#include <vector>

#include "quality/internal/expectation.h"

namespace smelt::quality {

/// Every expectation that smelt knows, in the order of the reference. Built on each call: hold on to it.
std::vector<Expectation> AllExpectations();

/// The expectations by name. Immutable, thread-safe.
class Registry {
 public:
  Registry();
  /// Null when there is none of that name.
  const Expectation* Find(std::string_view name) const;
  const std::vector<Expectation>& all() const { return all_; }
  /// They point into the registry: one that is gone at the end of the expression cannot be asked.
  std::vector<std::string_view> names() const&;
  std::vector<std::string_view> names() && = delete;

 private:
  std::vector<Expectation> all_;
};

/// The kwargs that an expectation takes: its own and those of its domain. Kwargs that Great Expectations writes into
/// suites for its own use (batch_id, result_format …) come last.
std::vector<Kwarg> AllowedKwargs(const Expectation& expectation);

}  // namespace smelt::quality
