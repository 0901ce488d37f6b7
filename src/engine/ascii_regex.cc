#include "engine/ascii_regex.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "engine/internal/regex_syntax.h"

namespace smelt::engine {
namespace {

constexpr std::size_t kStatesMax = 250;
constexpr std::size_t kStepsMax = 1000;

using Kind = RegexNode::Kind;

/// A step of the automaton that may be in several steps at once.
struct Step {
  enum class Op { kCharacter, kFork, kBegin, kEnd, kMatch };
  Op op = Op::kMatch;
  std::size_t next = 0;
  std::size_t other = 0;  ///< of a fork
  AsciiSet set = {};
};

/// The steps of a tree, each made before those that lead to it.
class Steps {
 public:
  Steps() { Add({}); }

  /// Where the node begins when `next` follows it.
  std::size_t Of(const RegexNode& node, std::size_t next) {
    switch (node.kind) {
      case Kind::kSequence:
        for (const RegexNode& child : std::views::reverse(node.children)) next = Of(child, next);
        return next;
      case Kind::kChoice: {
        std::size_t first = Of(node.children.back(), next);
        for (auto child = node.children.rbegin() + 1; child != node.children.rend(); ++child) {
          first = Add({.op = Step::Op::kFork, .next = Of(*child, next), .other = first});
        }
        return first;
      }
      case Kind::kRepeat: return Repeated(node, next);
      case Kind::kCharacter: return Add({.op = Step::Op::kCharacter, .next = next, .set = node.set});
      case Kind::kBegin: return Add({.op = Step::Op::kBegin, .next = next});
      case Kind::kEnd: return Add({.op = Step::Op::kEnd, .next = next});
    }
    return next;
  }

  bool overflows() const { return steps_.size() > kStepsMax; }
  const Step& operator[](std::size_t at) const { return steps_[at]; }
  std::size_t size() const { return steps_.size(); }

 private:
  std::size_t Add(const Step& step) {
    steps_.push_back(step);
    return steps_.size() - 1;
  }

  std::size_t Repeated(const RegexNode& node, std::size_t next) {
    const RegexNode& child = node.children.front();
    if (node.times_max == RegexNode::kUnbounded) {
      const std::size_t fork = Add({.op = Step::Op::kFork, .other = next});
      const std::size_t first = Of(child, fork);
      steps_[fork].next = first;
      next = fork;
    }
    // What is optional may end the repetition wherever it has come to.
    const std::size_t after = next;
    for (int i = node.times_min; i < node.times_max && !overflows(); ++i) {
      next = Add({.op = Step::Op::kFork, .next = Of(child, next), .other = after});
    }
    for (int i = 0; i < node.times_min && !overflows(); ++i) next = Of(child, next);
    return next;
  }

  std::vector<Step> steps_;
};

}  // namespace

/// Turns sets of steps into states, each once.
class AsciiRegexBuilder {
 public:
  AsciiRegexBuilder(const Steps& steps, std::size_t first) : steps_(steps), first_(first) {}

  std::optional<AsciiRegex> Run() {
    AsciiRegex::Row stay;
    for (const std::uint8_t state : {AsciiRegex::kDead, AsciiRegex::kMatched, AsciiRegex::kForeign}) {
      stay.fill(state);
      regex_.next_.push_back(stay);
      regex_.at_end_.push_back(state == AsciiRegex::kMatched ? 1 : 0);
    }
    regex_.initial_ = StateOf(Closure({first_}, true, false), true);
    for (std::size_t at = 0; at < sets_.size(); ++at) {
      if (regex_.next_.size() > kStatesMax) return std::nullopt;
      const Set from = sets_[at];  // a copy: new states move the others
      AsciiRegex::Row row;
      row.fill(AsciiRegex::kForeign);
      for (std::size_t byte = 0; byte < AsciiSet().size(); ++byte) row[byte] = After(from, byte);
      regex_.next_[AsciiRegex::kFirstState + at] = row;
    }
    if (regex_.next_.size() > kStatesMax) return std::nullopt;
    return std::move(regex_);
  }

 private:
  using Set = std::vector<std::size_t>;  ///< sorted

  std::uint8_t After(const Set& from, std::size_t byte) {
    Set to = {first_};  // a match may begin anywhere
    for (const std::size_t at : from) {
      if (steps_[at].op == Step::Op::kCharacter && steps_[at].set.test(byte)) to.push_back(steps_[at].next);
    }
    return StateOf(Closure(to, false, false), false);
  }

  /// The steps that wait for something: a character, or the end of the text. Those behind what holds here are in it.
  Set Closure(Set open, bool at_begin, bool at_end) const {
    std::vector<bool> seen(steps_.size());
    Set waiting;
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      const Step& step = steps_[at];
      switch (step.op) {
        case Step::Op::kFork:
          open.push_back(step.next);
          open.push_back(step.other);
          break;
        case Step::Op::kBegin:
          if (at_begin) open.push_back(step.next);
          break;
        case Step::Op::kEnd:
          if (at_end) open.push_back(step.next);
          waiting.push_back(at);
          break;
        case Step::Op::kCharacter:
        case Step::Op::kMatch: waiting.push_back(at);
      }
    }
    std::ranges::sort(waiting);
    return waiting;
  }

  bool HasMatch(const Set& set) const {
    return std::ranges::any_of(set, [&](std::size_t at) { return steps_[at].op == Step::Op::kMatch; });
  }

  std::uint8_t StateOf(const Set& set, bool at_begin) {
    if (HasMatch(set)) return AsciiRegex::kMatched;
    if (set.empty()) return AsciiRegex::kDead;
    // The same steps at the begin of the text are another state: only there does a begin hold behind an end.
    const auto [found, is_new] = states_.try_emplace({set, at_begin}, regex_.next_.size());
    if (is_new && regex_.next_.size() <= kStatesMax) {
      sets_.push_back(set);
      regex_.next_.emplace_back();
      regex_.at_end_.push_back(HasMatch(Closure(set, at_begin, true)) ? 1 : 0);
    }
    return static_cast<std::uint8_t>(std::min(found->second, kStatesMax));
  }

  const Steps& steps_;
  std::size_t first_;
  AsciiRegex regex_;
  std::vector<Set> sets_;  ///< of the states from kFirstState on
  std::map<std::pair<Set, bool>, std::size_t> states_;
};

std::optional<AsciiRegex> AsciiRegex::Compile(std::string_view pattern) {
  const auto tree = ParseRegex(pattern);
  if (!tree) return std::nullopt;
  Steps steps;
  const std::size_t first = steps.Of(*tree, 0);
  if (steps.overflows()) return std::nullopt;
  return AsciiRegexBuilder(steps, first).Run();
}

}  // namespace smelt::engine
