#include "transform/internal/run/turns.h"

#include <utility>

namespace smelt::transform {

Turns::Turn::Turn(Turn&& other) noexcept
    : turns_(std::exchange(other.turns_, nullptr)), alone_(other.alone_), place_(other.place_), met_(other.met_) {}

Turns::Turn::~Turn() {
  if (turns_ != nullptr) turns_->End(alone_);
}

bool Turns::Turn::had_company() const {
  const std::lock_guard guard(turns_->lock_);
  return met_ || turns_->begun_ != place_;
}

Turns::Turn Turns::Together() {
  std::unique_lock guard(lock_);
  changed_.wait(guard, [&] { return !alone_ && waiting_ == 0; });
  ++together_;
  ++begun_;
  return {*this, false};
}

Turns::Turn Turns::Alone() {
  std::unique_lock guard(lock_);
  ++waiting_;
  changed_.wait(guard, [&] { return !alone_ && together_ == 0; });
  --waiting_;
  alone_ = true;
  ++begun_;
  return {*this, true};
}

void Turns::End(bool alone) {
  {
    const std::lock_guard guard(lock_);
    if (alone) {
      alone_ = false;
    } else {
      --together_;
    }
  }
  changed_.notify_all();
}

}  // namespace smelt::transform
