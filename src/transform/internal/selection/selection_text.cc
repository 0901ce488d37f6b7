#include "transform/internal/selection/selection_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <ranges>

#include "base/ascii.h"
#include "base/config.h"
#include "transform/internal/selection/methods.h"

namespace smelt::transform {
namespace {

std::vector<std::string> SplitSelectionText(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, separator)) parts.emplace_back(std::string_view(part));
  return parts;
}

Error Invalid(std::string_view text, std::string_view why) {
  return Error(ErrorCode::kDbtSelectorInvalid, fmt::format("the selector '{}' {}", text, why));
}

bool IsDigit(char letter) {
  return std::isdigit(static_cast<unsigned char>(letter)) != 0;
}

/// The levels that digits beside a + tell; nothing: all of them.
std::optional<int> Levels(std::string_view digits) {
  int levels = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), levels);
  return failure == std::errc() ? std::optional(levels) : std::nullopt;
}

/// Takes "@", "+" and "2+" from the front.
void TakeFront(std::string_view& rest, Criterion& criterion) {
  if (rest.starts_with('@')) {
    criterion.families = true;
    rest.remove_prefix(1);
  }
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(rest, IsDigit) - rest.begin());
  if (digits == rest.size() || rest[digits] != '+') return;
  criterion.parents = true;
  criterion.parents_depth = Levels(rest.substr(0, digits));
  rest.remove_prefix(digits + 1);
}

/// Takes "+" and "+2" from the end.
void TakeBack(std::string_view& rest, Criterion& criterion) {
  const std::size_t plus = rest.rfind('+');
  if (plus == std::string_view::npos || !std::ranges::all_of(rest.substr(plus + 1), IsDigit)) return;
  criterion.children = true;
  criterion.children_depth = Levels(rest.substr(plus + 1));
  rest = rest.substr(0, plus);
}

/// Takes "config.meta.owner:" from the front; empty: there is none.
std::string_view TakeMethod(std::string_view& rest) {
  const auto is_word = [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return std::isalnum(byte) != 0 || letter == '_' || letter == '.' || byte >= 0x80;
  };
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin());
  if (end == 0 || end == rest.size() || rest[end] != ':') return {};
  const std::string_view method = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return method;
}

/// The method that a value without one is meant for.
std::string_view UsualMethod(std::string_view value) {
  if (value.find('/') != std::string_view::npos) return "path";
  const std::string lower = LowerAscii(value);
  const bool is_file = lower.ends_with(".sql") || lower.ends_with(".py") || lower.ends_with(".csv");
  return is_file ? "file" : "fqn";
}

/// The union of words; "a,b" is an intersection.
Result<Selection> ParseUnion(const std::vector<std::string>& texts, IndirectSelection indirect, bool expects_some) {
  Selection all;
  all.indirect = indirect;
  for (const std::string& text : texts) {
    for (const std::string& word : SplitSelectionText(text, ' ')) {
      if (word.empty()) continue;
      Selection both{.kind = Selection::Kind::kIntersection,
                     .criterion = {},
                     .parts = {},
                     .indirect = indirect,
                     .expects_some = expects_some,
                     .text = word};
      for (const std::string& part : SplitSelectionText(word, ',')) {
        Selection one{.kind = Selection::Kind::kCriterion,
                      .criterion = {},
                      .parts = {},
                      .indirect = indirect,
                      .expects_some = false,
                      .text = part};
        SMELT_ASSIGN(one.criterion, ParseCriterion(part));
        both.parts.push_back(std::move(one));
      }
      all.parts.push_back(std::move(both));
    }
  }
  return all;
}

constexpr std::array<std::string_view, 4> kIndirect = {"eager", "cautious", "buildable", "empty"};

/// What a selection starts with when nothing is selected: everything, each kind by the method that sees it.
const std::vector<std::string>& Everything() {
  static const std::vector<std::string> kAll = {"fqn:*", "source:*", "exposure:*", "metric:*", "semantic_model:*"};
  return kAll;
}

}  // namespace

Status SetMethod(std::string_view method, Criterion& criterion) {
  std::vector<std::string> parts = SplitSelectionText(method, '.');
  if (FindSelectionMethod(parts.front()) == nullptr) {
    const std::string near = NearestWord(parts.front(), SelectionMethodNames());
    return Fail(Invalid(criterion.text, fmt::format("uses the unknown method '{}'", parts.front()))
                    .Hint(near.empty() ? fmt::format("methods are {}", fmt::join(SelectionMethodNames(), ", "))
                                       : fmt::format("did you mean '{}:'?", near)));
  }
  criterion.method = std::move(parts.front());
  parts.erase(parts.begin());
  criterion.arguments = std::move(parts);
  return {};
}

Result<Criterion> ParseCriterion(std::string_view text) {
  Criterion criterion;
  criterion.text = text;
  std::string_view rest = text;
  TakeFront(rest, criterion);
  const std::string_view method = TakeMethod(rest);
  TakeBack(rest, criterion);
  if (criterion.families && criterion.children) {
    return Fail(Invalid(text, "has both '@' before and '+' behind")
                    .Hint("'@' takes all descendants already: leave the '+' out"));
  }
  SMELT_TRY(SetMethod(method.empty() ? UsualMethod(rest) : method, criterion));
  criterion.value = std::string(rest);
  return criterion;
}

Result<Selection> ParseSelection(const std::vector<std::string>& select, const std::vector<std::string>& exclude,
                                 IndirectSelection indirect) {
  Selection difference;
  difference.kind = Selection::Kind::kDifference;
  SMELT_ASSIGN(Selection included, ParseUnion(select.empty() ? Everything() : select, indirect, !select.empty()));
  difference.parts.push_back(std::move(included));
  SMELT_ASSIGN(Selection excluded, ParseUnion(exclude, indirect, !exclude.empty()));
  difference.parts.push_back(std::move(excluded));
  return difference;
}

Result<IndirectSelection> ParseIndirectSelection(std::string_view text) {
  const auto* found = std::ranges::find(kIndirect, text);
  if (found != kIndirect.end()) return static_cast<IndirectSelection>(found - kIndirect.begin());
  return Fail(ErrorCode::kDbtSelectorInvalid,
              fmt::format("indirect_selection is '{}': it takes eager, cautious, buildable or empty", text));
}

Json DescribeCriterion(const Criterion& criterion) {
  Json described = Json::object();
  if (criterion.families) described["childrens_parents"] = true;
  if (criterion.parents) described["parents"] = true;
  if (criterion.parents_depth) described["parents_depth"] = std::to_string(*criterion.parents_depth);
  described["method"] = criterion.method;
  for (const std::string& argument : criterion.arguments) {
    described["method"] = described["method"].get<std::string>() + "." + argument;
  }
  described["value"] = criterion.value;
  if (criterion.children) described["children"] = true;
  if (criterion.children_depth) described["children_depth"] = std::to_string(*criterion.children_depth);
  return described;
}

}  // namespace smelt::transform
