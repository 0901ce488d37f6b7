#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace smelt::serve {

/// Makes those wait who fail to log in again and again: each name, and each address. After a few failures that cost
/// nothing, every further one doubles the wait. That of a name stays short, because anybody may cause it; that of an
/// address does not. Bounded in memory: the oldest are forgotten. Thread-safe.
class LoginDelays {
 public:
  explicit LoginDelays(std::size_t entries_max = 10'000) : entries_max_(entries_max) {}

  /// How long this name at this address has to wait before it may try; 0: not at all. Microseconds.
  std::int64_t WaitUs(std::string_view name, std::string_view address, std::int64_t now_us) const;
  void Failed(std::string_view name, std::string_view address, std::int64_t now_us);
  /// Who has shown who he is waits no more. What others failed at from the address stays.
  void Succeeded(std::string_view name);
  std::size_t size() const;

 private:
  struct Entry {
    int failures = 0;
    std::int64_t last_us = 0;
    std::int64_t until_us = 0;
  };
  void Count(const std::string& key, std::int64_t wait_max_us, std::int64_t now_us);
  std::int64_t Until(const std::string& key) const;

  const std::size_t entries_max_;
  mutable std::mutex lock_;
  std::map<std::string, Entry> entries_;  ///< "n" and name, "a" and address
};

}  // namespace smelt::serve
