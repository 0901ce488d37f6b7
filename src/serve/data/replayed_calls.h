#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "serve/http_message.h"

namespace smelt::serve {

/// Answers to calls with an Idempotency-Key, so that a call that is made again changes nothing twice. Kept by this
/// process, the oldest go first. Thread-safe.
class ReplayedCalls {
 public:
  explicit ReplayedCalls(std::size_t keys_max) : keys_max_(keys_max) {}

  enum class Kind : std::uint8_t {
    kFirst,      ///< go on, then Finish or Forget
    kRepeated,   ///< the answer is that of then
    kDifferent,  ///< the key was used for something else
    kAtWork,     ///< the call is being answered
  };
  /// Takes a key for a call whose content has a digest.
  std::pair<Kind, HttpResponse> Begin(const std::string& key, const std::string& digest);
  void Finish(const std::string& key, const HttpResponse& response);
  /// The call changed nothing: it may be made again.
  void Forget(const std::string& key);

 private:
  struct Call {
    std::string digest;
    bool done = false;
    HttpResponse response{};
  };
  const std::size_t keys_max_;
  std::mutex mutex_;
  std::map<std::string, Call> calls_;
  std::deque<std::string> done_;  ///< oldest first
};

}  // namespace smelt::serve
