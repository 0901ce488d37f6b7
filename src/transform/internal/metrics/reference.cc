#include "transform/internal/metrics/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <map>
#include <utility>

#include "transform/internal/metrics/sql_text.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kExtract = "extract_";

Error NotAReference(std::string_view text, std::string_view why) {
  return Error(ErrorCode::kMetricImpossible, fmt::format("'{}': {}", text, why))
      .Hint("write order__status, metric_time__month or TimeDimension('metric_time', 'month')");
}

std::vector<std::string> SplitName(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find("__", begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 2;
  }
}

Result<Reference> FromName(std::string_view text, std::string_view whole) {
  Reference reference;
  std::vector<std::string> parts = SplitName(text);
  for (const std::string& part : parts) {
    for (const char c : part) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') {
        return Fail(NotAReference(whole, "names have letters, digits and '_'"));
      }
    }
    if (part.empty()) return Fail(NotAReference(whole, "a part of the name is empty"));
  }
  if (parts.size() > 1) {
    const std::string& last = parts.back();
    if (const auto grain = ParseGrain(last)) {
      reference.grain = grain;
      parts.pop_back();
    } else if (last.starts_with(kExtract) && IsDatePart(std::string_view(last).substr(kExtract.size()))) {
      reference.date_part = last.substr(kExtract.size());
      parts.pop_back();
    }
  }
  reference.name = std::move(parts.back());
  parts.pop_back();
  reference.path = std::move(parts);
  return reference;
}

/// Reads "Dimension('order__status', entity_path=['a']).grain('month')".
class CallReader {
 public:
  explicit CallReader(std::string_view text) : text_(text) {}

  Result<Reference> Read() {
    const std::string name(Word());
    if (name != "Dimension" && name != "TimeDimension" && name != "Entity" && name != "Metric") {
      return Fail(NotAReference(text_, "there are Dimension, TimeDimension, Entity and Metric"));
    }
    SMELT_ASSIGN(Arguments arguments, ReadArguments());
    Values first = arguments.Take(0, name == "Metric" ? "metric_name" : name == "Entity" ? "entity_name" : "name");
    if (first.size() != 1) return Fail(NotAReference(text_, "the first argument is a name"));
    SMELT_ASSIGN(Reference reference, FromName(first.front(), text_));
    if (name == "Metric") {
      reference.is_metric = true;
      reference.group_by = arguments.Take(1, "group_by");
    }
    if (name == "TimeDimension") {
      SMELT_TRY(SetGrain(reference, arguments.Take(1, "time_granularity_name")));
      SMELT_TRY(SetDatePart(reference, arguments.Take(4, "date_part_name")));
    }
    Values path = arguments.Take(name == "TimeDimension" ? 2 : 1, "entity_path");
    reference.path.insert(reference.path.begin(), path.begin(), path.end());
    while (Skip('.')) {
      const std::string method(Word());
      SMELT_ASSIGN(Arguments values, ReadArguments());
      if (method == "grain") {
        SMELT_TRY(SetGrain(reference, values.Take(0, "time_granularity")));
      } else if (method == "date_part") {
        SMELT_TRY(SetDatePart(reference, values.Take(0, "date_part_name")));
      } else {
        return Fail(NotAReference(text_, fmt::format("'.{}' is neither .grain nor .date_part", method)));
      }
    }
    Spaces();
    if (at_ != text_.size()) return Fail(NotAReference(text_, "something follows the call"));
    return reference;
  }

 private:
  using Values = std::vector<std::string>;

  struct Arguments {
    std::vector<Values> positions;
    std::map<std::string, Values> named;

    Values Take(std::size_t position, const std::string& name) {
      if (const auto found = named.find(name); found != named.end()) return found->second;
      return position < positions.size() ? positions[position] : Values();
    }
  };

  void Spaces() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool Skip(char c) {
    Spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view Word() {
    Spaces();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  Result<std::string> Quoted() {
    Spaces();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    const std::size_t end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string_view::npos;
    if (end == std::string_view::npos) return Fail(NotAReference(text_, "an argument is a name in quotes"));
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }

  Result<Values> ReadValue() {
    Values values;
    if (!Skip('[')) {
      SMELT_ASSIGN(std::string value, Quoted());
      values.push_back(std::move(value));
      return values;
    }
    while (!Skip(']')) {
      SMELT_ASSIGN(std::string value, Quoted());
      values.push_back(std::move(value));
      Skip(',');
    }
    return values;
  }

  Result<Arguments> ReadArguments() {
    if (!Skip('(')) return Fail(NotAReference(text_, "'(' is missing"));
    Arguments arguments;
    while (!Skip(')')) {
      const std::string name(Word());
      if (!name.empty() && !Skip('=')) return Fail(NotAReference(text_, "an argument is a name in quotes"));
      SMELT_ASSIGN(Values value, ReadValue());
      if (name.empty()) {
        arguments.positions.push_back(std::move(value));
      } else {
        arguments.named[name] = std::move(value);
      }
      Skip(',');
    }
    return arguments;
  }

  Status SetGrain(Reference& reference, const Values& values) const {
    if (values.empty()) return {};
    reference.grain = ParseGrain(values.front());
    if (reference.grain) return {};
    return Fail(NotAReference(text_, fmt::format("'{}' is no grain", values.front())));
  }

  Status SetDatePart(Reference& reference, const Values& values) const {
    if (values.empty()) return {};
    if (!IsDatePart(values.front())) {
      return Fail(NotAReference(text_, fmt::format("'{}' is no part of a date", values.front())));
    }
    reference.date_part = values.front();
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string Reference::Name() const {
  return path.empty() ? name : fmt::format("{}__{}", fmt::join(path, "__"), name);
}

std::string Reference::Column() const {
  if (!date_part.empty()) return fmt::format("{}__{}{}", Name(), kExtract, date_part);
  return grain ? fmt::format("{}__{}", Name(), GrainText(*grain)) : Name();
}

Result<Reference> ParseReference(std::string_view text) {
  if (text.contains('(')) return CallReader(text).Read();
  return FromName(text, text);
}

Result<ConditionText> ParseCondition(std::string_view text) {
  ConditionText condition{.texts = {}, .references = {}, .written = std::string(text)};
  std::size_t begin = 0;
  std::string around;
  while (true) {
    const std::size_t open = text.find("{{", begin);
    condition.texts.emplace_back(text.substr(begin, open - begin));
    around += condition.texts.back();
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) {
      return Fail(ErrorCode::kMetricImpossible, fmt::format("'{}': '}}}}' is missing", text));
    }
    SMELT_ASSIGN(Reference reference, CallReader(text.substr(open + 2, close - open - 2)).Read());
    condition.references.push_back(std::move(reference));
    around += " x ";
    begin = close + 2;
  }
  SMELT_TRY(CheckExpression(around));
  if (around.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Fail(ErrorCode::kMetricImpossible, "a condition is empty");
  }
  return condition;
}

}  // namespace smelt::transform
