#include "transform/internal/jinja/sorting.h"

#include <algorithm>
#include <optional>

namespace smelt::transform::jinja {
namespace {

struct Keyed {
  Value key, value;
};

/// Merges the sorted halves around `middle` into order; a comparison that fails ends the whole sort.
/// An own merge sort: the standard one cannot stop when a comparison fails.
class MergeSort {
 public:
  MergeSort(std::vector<Keyed>& items, bool reverse) : items_(items), reverse_(reverse) {}

  Status Run(std::size_t begin, std::size_t end) {
    if (end - begin < 2) return {};
    std::size_t middle = begin + (end - begin) / 2;
    SMELT_TRY(Run(begin, middle));
    SMELT_TRY(Run(middle, end));
    return Merge(begin, middle, end);
  }

 private:
  Status Merge(std::size_t begin, std::size_t middle, std::size_t end) {
    merged_.clear();
    std::size_t left = begin, right = middle;
    while (left < middle && right < end) {
      SMELT_ASSIGN(int order, Compare(items_[left].key, items_[right].key));
      bool take_right = reverse_ ? order < 0 : order > 0;
      merged_.push_back(std::move(items_[take_right ? right++ : left++]));
    }
    while (left < middle) merged_.push_back(std::move(items_[left++]));
    while (right < end) merged_.push_back(std::move(items_[right++]));
    std::ranges::move(merged_, items_.begin() + static_cast<std::ptrdiff_t>(begin));
    return {};
  }

  std::vector<Keyed>& items_;
  std::vector<Keyed> merged_;
  bool reverse_;
};

}  // namespace

Status SortValues(List& values, const std::function<Result<Value>(const Value&)>& key, bool reverse) {
  std::vector<Keyed> items;
  items.reserve(values.size());
  for (const Value& value : values) {
    if (!key) {
      items.push_back({value, value});
      continue;
    }
    SMELT_ASSIGN(Value sort_key, key(value));
    items.push_back({std::move(sort_key), value});
  }
  SMELT_TRY(MergeSort(items, reverse).Run(0, items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) values[i] = std::move(items[i].value);
  return {};
}

}  // namespace smelt::transform::jinja
