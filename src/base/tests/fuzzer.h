#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace smelt::testing_support {

using Texts = std::vector<std::string>;

/// Changes texts at random, the same way for the same seed: bytes, cuts, repetitions, splices of two texts, edge cases,
/// deep nesting. Confined.
class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string Mutate(const Texts& corpus) { return Mutate(corpus, JsonEdges()); }
  /// `edges`: what is put in here and there.
  std::string Mutate(const Texts& corpus, const Texts& edges) {
    std::string text = Pick(corpus);
    const std::size_t changes = 1 + Below(4);
    for (std::size_t i = 0; i < changes; ++i) Change(text, corpus, edges);
    return text;
  }
  std::size_t Below(std::size_t end) { return random_() % end; }

 private:
  static const Texts& JsonEdges() {
    static const Texts kEdges = {"9223372036854775807",
                                 "-9223372036854775808",
                                 "18446744073709551616",
                                 "1e999",
                                 "-0",
                                 "null",
                                 "true",
                                 "\"\"",
                                 "[]",
                                 "{}",
                                 "\\u0000",
                                 "\xff\xfe",
                                 "../",
                                 "%2e%2e%2f",
                                 "/etc/"};
    return kEdges;
  }

  const std::string& Pick(const Texts& texts) { return texts[Below(texts.size())]; }

  void Change(std::string& text, const Texts& corpus, const Texts& edges) {
    const std::size_t at = text.empty() ? 0 : Below(text.size());
    const std::size_t length = text.empty() ? 0 : 1 + Below(std::min<std::size_t>(text.size() - at, 40));
    switch (Below(8)) {
      case 0: text.resize(at); break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, text.substr(at, length)); break;
      case 3: text.replace(at, length, Pick(edges)); break;
      case 4: text.insert(at, Pick(edges)); break;
      case 5: text.insert(at, std::string(1 + Below(3000), "[{("[Below(3)])); break;
      case 6: {
        const std::string& other = Pick(corpus);
        text = text.substr(0, at) + other.substr(other.empty() ? 0 : Below(other.size()));
        break;
      }
      default:
        if (!text.empty()) text[at] = static_cast<char>(random_());
    }
  }

  std::mt19937 random_;
};

/// Runs `work` with one mutator per round: so many rounds, or, with SMELT_FUZZ_SECONDS, for that long. A seed that
/// fails is named; SMELT_FUZZ_SEED=<it> runs it alone.
template <typename Work>
void Fuzz(unsigned rounds, Work work) {
  unsigned first = 0;
  if (const char* seed = std::getenv("SMELT_FUZZ_SEED")) {
    first = static_cast<unsigned>(std::strtoul(seed, nullptr, 10));
    rounds = 1;
  }
  const char* seconds = std::getenv("SMELT_FUZZ_SECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(seconds == nullptr ? 0 : std::strtol(seconds, nullptr, 10));
  for (unsigned round = 0; round < rounds || std::chrono::steady_clock::now() < end; ++round) {
    SCOPED_TRACE("SMELT_FUZZ_SEED=" + std::to_string(first + round));
    Mutator mutator(first + round);
    work(mutator);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace smelt::testing_support
