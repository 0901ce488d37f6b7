#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace smelt {

/// A random version-4 UUID in canonical lower-case form. Thread-safe.
std::string NewUuid();
/// A run identifier that sorts by time: "20181017T060000Z-3f9a2c". Thread-safe.
std::string NewRunId();
/// The 128-bit XXH3 hash of `bytes` as 32 hex characters: content identity of files and definitions, not a defence
/// against forgery.
std::string ContentHash(std::string_view bytes);

/// The ContentHash of bytes that come piece by piece. Confined to one thread.
class ContentHasher {
 public:
  ContentHasher();
  ContentHasher(ContentHasher&&) noexcept;
  ContentHasher& operator=(ContentHasher&&) noexcept;
  ~ContentHasher();
  void Update(std::string_view bytes);
  /// The hash of what came so far.
  std::string Finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace smelt
