#include "serve/access/login_delays.h"

#include <algorithm>

namespace smelt::serve {
namespace {

constexpr int kFree = 4;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kFirstWaitUs = kSecondUs / 2;
constexpr std::int64_t kNameWaitMaxUs = 5 * kSecondUs;
constexpr std::int64_t kAddressWaitMaxUs = 120 * kSecondUs;
constexpr std::int64_t kForgetUs = 900 * kSecondUs;
constexpr std::size_t kKeyBytesMax = 256;

std::string NameKey(std::string_view name) {
  return "n" + std::string(name.substr(0, kKeyBytesMax));
}

std::string AddressKey(std::string_view address) {
  return "a" + std::string(address.substr(0, kKeyBytesMax));
}

}  // namespace

std::int64_t LoginDelays::Until(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? 0 : found->second.until_us;
}

std::int64_t LoginDelays::WaitUs(std::string_view name, std::string_view address, std::int64_t now_us) const {
  const std::lock_guard guard(lock_);
  const std::int64_t until = std::max(Until(NameKey(name)), Until(AddressKey(address)));
  return std::max<std::int64_t>(until - now_us, 0);
}

void LoginDelays::Count(const std::string& key, std::int64_t wait_max_us, std::int64_t now_us) {
  if (!entries_.contains(key) && entries_.size() >= entries_max_) {
    std::erase_if(entries_, [&](const auto& item) { return now_us - item.second.last_us > kForgetUs; });
    if (entries_.size() >= entries_max_) {
      const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& item) { return item.second.last_us; });
      entries_.erase(oldest);
    }
  }
  Entry& entry = entries_[key];
  if (now_us - entry.last_us > kForgetUs) entry = {};
  ++entry.failures;
  entry.last_us = now_us;
  if (entry.failures <= kFree) return;
  constexpr int kDoublingsMax = 20;
  const int doublings = std::min(entry.failures - kFree - 1, kDoublingsMax);
  entry.until_us = now_us + std::min(kFirstWaitUs << doublings, wait_max_us);
}

void LoginDelays::Failed(std::string_view name, std::string_view address, std::int64_t now_us) {
  const std::lock_guard guard(lock_);
  if (!name.empty()) Count(NameKey(name), kNameWaitMaxUs, now_us);
  Count(AddressKey(address), kAddressWaitMaxUs, now_us);
}

void LoginDelays::Succeeded(std::string_view name) {
  const std::lock_guard guard(lock_);
  entries_.erase(NameKey(name));
}

std::size_t LoginDelays::size() const {
  const std::lock_guard guard(lock_);
  return entries_.size();
}

}  // namespace smelt::serve
