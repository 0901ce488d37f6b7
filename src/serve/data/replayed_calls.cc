#include "serve/data/replayed_calls.h"

namespace smelt::serve {

std::pair<ReplayedCalls::Kind, HttpResponse> ReplayedCalls::Begin(const std::string& key, const std::string& digest) {
  const std::lock_guard guard(mutex_);
  const auto [found, is_new] = calls_.try_emplace(key, Call{.digest = digest});
  if (is_new) return {Kind::kFirst, {}};
  if (found->second.digest != digest) return {Kind::kDifferent, {}};
  if (!found->second.done) return {Kind::kAtWork, {}};
  return {Kind::kRepeated, found->second.response};
}

void ReplayedCalls::Finish(const std::string& key, const HttpResponse& response) {
  const std::lock_guard guard(mutex_);
  Call& call = calls_[key];
  call.done = true;
  call.response = response;
  done_.push_back(key);
  if (done_.size() <= keys_max_) return;
  calls_.erase(done_.front());
  done_.pop_front();
}

void ReplayedCalls::Forget(const std::string& key) {
  const std::lock_guard guard(mutex_);
  calls_.erase(key);
}

}  // namespace smelt::serve
