#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Python's range(start, stop, step): numbers that are made when they are asked for.
class Range final : public Object {
 public:
  /// Numbers that one range may have.
  static constexpr std::int64_t kNumbersMax = 100'000;

  Range(std::int64_t start, std::int64_t stop, std::int64_t step, std::int64_t length)
      : start_(start), stop_(stop), step_(step), length_(length) {}
  /// Errors: kJinjaType for a step of zero, kJinjaLimit for more than kNumbersMax numbers.
  static Result<Value> Make(std::int64_t start, std::int64_t stop, std::int64_t step);

  std::string type_name() const override { return "range"; }
  std::string ToText() const override;
  bool Truthy() const override { return length_ > 0; }
  bool Equals(const Object& other) const override;
  std::size_t Hash() const override { return static_cast<std::size_t>(length_ == 0 ? 0 : start_ ^ (length_ << 20)); }
  std::optional<Value> Attribute(std::string_view name) override;
  std::optional<Value> Item(const Value& key) override;
  std::optional<List> Members() const override;
  std::optional<std::int64_t> Length() const override { return length_; }
  bool is_sequence() const override { return true; }
  Result<std::optional<bool>> Contains(const Value& item) const override;
  /// The numbers at positions `from`, `from + stride`, …
  Value Slice(std::int64_t from, std::int64_t to, std::int64_t stride) const;

 private:
  std::int64_t At(std::int64_t index) const { return start_ + index * step_; }

  std::int64_t start_, stop_, step_, length_;
};

/// What gives its members once: what `map`, `select`, `zip()` and the like make.
class Iterator final : public Object {
 public:
  /// `shown` is what it prints as, without its address: "generator object sync_do_map".
  Iterator(std::string shown, List items) : shown_(std::move(shown)), items_(std::move(items)) {}
  static Value Make(std::string shown, List items) {
    return Value(std::make_shared<Iterator>(std::move(shown), std::move(items)));
  }
  /// As in Python, an error while the members are made shows when they are taken.
  static Value Make(std::string shown, Result<List> items);

  /// The next member; nothing at the end.
  std::optional<Value> Next();

  std::string type_name() const override { return shown_.substr(0, shown_.find(' ')); }
  std::string ToText() const override;
  std::optional<List> Members() const override;
  Status Readable() const override;
  bool iterable() const override { return true; }
  std::optional<std::int64_t> Length() const override { return std::nullopt; }
  List Held() const override { return items_; }

 private:
  std::string shown_;
  mutable List items_;
  mutable std::size_t next_ = 0;
  std::optional<Error> error_;
};

/// What dict.keys(), values() and items() give: it follows the dict's changes.
class DictView final : public Object {
 public:
  enum class Part { kKeys, kValues, kItems };

  DictView(Value dict, Part part) : dict_(std::move(dict)), part_(part) {}

  std::string type_name() const override;
  std::string ToText() const override;
  bool Truthy() const override;
  bool Equals(const Object& other) const override;
  bool hashable() const override { return part_ == Part::kValues; }
  std::optional<List> Members() const override;
  std::optional<std::int64_t> Length() const override;
  Result<std::optional<Value>> Calculate(Operator operation, const Value& other, bool is_left) const override;
  List Held() const override { return {dict_}; }

 private:
  Value dict_;
  Part part_;
};

}  // namespace smelt::transform::jinja
