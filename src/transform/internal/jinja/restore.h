#pragma once

#include <utility>

namespace smelt::transform::jinja {

/// Gives a variable another value for the length of a block.
template <typename T>
class Restore {
 public:
  template <typename U>
  Restore(T& variable, U&& value) : variable_(variable), saved_(std::exchange(variable, T(std::forward<U>(value)))) {}
  ~Restore() { variable_ = std::move(saved_); }
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;

 private:
  T& variable_;
  T saved_;
};

}  // namespace smelt::transform::jinja
