#include "serve/body_stream.h"
namespace smelt::serve {

/// With the mutex held, so that nothing is woken after OnWake took the function away.
void PushedBody::Wake() {
  if (wake_) wake_();
}

bool PushedBody::Push(const Text& text) {
  const std::lock_guard guard(mutex_);
  if (over_ || ending_ || overflowed_) return false;
  if (bytes_ + text->size() > bytes_max_) {
    overflowed_ = true;
    waiting_.clear();
    bytes_ = 0;
    Wake();
    return false;
  }
  waiting_.push_back(text);
  bytes_ += text->size();
  Wake();
  return true;
}

void PushedBody::End() {
  const std::lock_guard guard(mutex_);
  ending_ = true;
  Wake();
}

bool PushedBody::closed() const {
  const std::lock_guard guard(mutex_);
  return over_ || ending_ || overflowed_;
}

Result<BodyStream::Piece> PushedBody::Next() {
  constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;
  const std::lock_guard guard(mutex_);
  if (overflowed_) return Fail(ErrorCode::kServeLimit, "the client reads more slowly than events come");
  Piece piece;
  while (!waiting_.empty() && piece.bytes.size() < kPieceBytes) {
    piece.bytes += *waiting_.front();
    bytes_ -= waiting_.front()->size();
    waiting_.pop_front();
  }
  if (waiting_.empty()) piece.then = ending_ ? Then::kEnd : Then::kWait;
  return piece;
}

void PushedBody::OnWake(const std::function<void()>& wake) {
  const std::lock_guard guard(mutex_);
  wake_ = wake;
  if (!wake_) {
    over_ = true;
    waiting_.clear();
    bytes_ = 0;
  }
}

}  // namespace smelt::serve
