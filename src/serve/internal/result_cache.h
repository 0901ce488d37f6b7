#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "serve/query_service.h"

namespace smelt::serve::internal {

/// Answers by their keys, up to a number of bytes; the one that was not asked for longest goes first. Confined.
class ResultCache {
 public:
  explicit ResultCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Nothing when there is none.
  AnswerPtr Find(const std::string& key);
  /// Keeps an answer, unless it is larger than all that may be kept. Answers with how many others had to go.
  std::size_t Put(const std::string& key, AnswerPtr answer);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    std::string key;
    AnswerPtr answer;
  };
  static std::size_t BytesOf(const Kept& kept);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::list<Kept> by_use_;  ///< the newest first
  std::map<std::string_view, std::list<Kept>::iterator> by_key_;
};

}  // namespace smelt::serve::internal
