// Python's itertools module as templates see it, without what needs functions of Python.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/iterables.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/modules/module_parts.h"

namespace smelt::transform::jinja {
namespace {

/// Members that one call may make.
constexpr std::size_t kMembersMax = 1'000'000;
/// Members of what has no end: count(), cycle() and repeat() without a number.
constexpr std::int64_t kEndlessMax = 100'000;

Status CheckRoom(const List& members) {
  if (members.size() < kMembersMax) return {};
  return Fail(ErrorCode::kJinjaLimit, fmt::format("itertools makes at most {} members", kMembersMax));
}

Result<std::vector<List>> IterateAll(const List& values) {
  std::vector<List> lists;
  for (const Value& value : values) {
    SMELT_ASSIGN(List list, Iterate(value));
    lists.push_back(std::move(list));
  }
  return lists;
}

Result<std::int64_t> Whole(const char* function, const Value& value, std::int64_t fallback) {
  if (value.is_absent()) return fallback;
  if (value.is_integral()) return value.integer();
  return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs an integer, not '{}'", function, value.type_name()));
}

Result<Value> Product(Interpreter&, Arguments arguments) {
  Value times = arguments.TakeNamed("repeat").value_or(Value(1));
  if (!arguments.named.empty()) return Fail(ErrorCode::kJinjaType, "product() takes no such named argument");
  SMELT_ASSIGN(std::int64_t count, Whole("product", times, 1));
  if (count < 0 || count > 100) return Fail(ErrorCode::kJinjaLimit, "product() repeats from 0 to 100 times");
  SMELT_ASSIGN(std::vector<List> given, IterateAll(arguments.positional));
  std::vector<List> rows(1);
  for (std::int64_t i = 0; i < count; ++i) {
    for (const List& list : given) {
      if (!list.empty() && rows.size() > kMembersMax / list.size()) SMELT_TRY(CheckRoom(List(kMembersMax)));
      std::vector<List> longer;
      for (const List& row : rows) {
        for (const Value& item : list) {
          longer.push_back(row);
          longer.back().push_back(item);
        }
      }
      rows = std::move(longer);
    }
  }
  List members;
  for (List& row : rows) members.push_back(Value::MakeTuple(std::move(row)));
  return Iterator::Make("itertools.product object", std::move(members));
}

Result<Value> ChainAll(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(std::vector<List> lists, IterateAll(arguments.positional));
  List members;
  for (List& list : lists) members.insert(members.end(), list.begin(), list.end());
  return Iterator::Make("itertools.chain object", std::move(members));
}

/// chain, with chain.from_iterable.
class Chain final : public Object {
 public:
  std::string type_name() const override { return "function chain"; }
  bool callable() const override { return true; }
  Result<Value> Call(Interpreter& interpreter, Arguments arguments) override {
    return ChainAll(interpreter, std::move(arguments));
  }
  std::optional<Value> Attribute(std::string_view name) override {
    if (name != "from_iterable") return std::nullopt;
    return Function::Make("from_iterable", [](Interpreter& interpreter, Arguments arguments) -> Result<Value> {
      SMELT_ASSIGN(List bound, arguments.Bind("from_iterable", {"iterable"}, 1));
      Arguments parts;
      SMELT_ASSIGN(parts.positional, Iterate(bound[0]));
      return ChainAll(interpreter, std::move(parts));
    });
  }
};

/// Goes through the ways to take `count` of `size` positions, in the order of itertools.
class Choices {
 public:
  Choices(std::size_t size, std::size_t count, bool ordered, bool repeated)
      : size_(size), count_(count), ordered_(ordered), repeated_(repeated), used_(size, false) {}

  Status Run(const List& items, List& members) {
    if (taken_.size() == count_) {
      SMELT_TRY(CheckRoom(members));
      List row;
      for (std::size_t position : taken_) row.push_back(items[position]);
      members.push_back(Value::MakeTuple(std::move(row)));
      return {};
    }
    std::size_t start = ordered_ || taken_.empty() ? 0 : taken_.back() + (repeated_ ? 0 : 1);
    for (std::size_t i = start; i < size_; ++i) {
      if (ordered_ && used_[i]) continue;
      used_[i] = true;
      taken_.push_back(i);
      SMELT_TRY(Run(items, members));
      taken_.pop_back();
      used_[i] = false;
    }
    return {};
  }

 private:
  std::size_t size_, count_;
  bool ordered_, repeated_;
  std::vector<std::size_t> taken_;
  std::vector<bool> used_;
};

Result<Value> Chosen(const char* function, const Arguments& arguments, bool ordered, bool repeated) {
  SMELT_ASSIGN(List bound, arguments.Bind(function, {"iterable", "r"}, ordered ? 1 : 2));
  SMELT_ASSIGN(List items, Iterate(bound[0]));
  SMELT_ASSIGN(std::int64_t count, Whole(function, bound[1], static_cast<std::int64_t>(items.size())));
  if (count < 0) return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs a number that is not negative", function));
  bool possible = repeated || count <= static_cast<std::int64_t>(items.size());
  if (possible && count > 1000) return Fail(ErrorCode::kJinjaLimit, fmt::format("{}() takes at most 1000", function));
  List members;
  if (possible) {
    SMELT_TRY(Choices(items.size(), static_cast<std::size_t>(count), ordered, repeated).Run(items, members));
  }
  return Iterator::Make(fmt::format("itertools.{} object", function), std::move(members));
}
Result<Value> Combinations(Interpreter&, Arguments arguments) {
  return Chosen("combinations", arguments, false, false);
}
Result<Value> CombinationsWithReplacement(Interpreter&, Arguments arguments) {
  return Chosen("combinations_with_replacement", arguments, false, true);
}
Result<Value> Permutations(Interpreter&, Arguments arguments) {
  return Chosen("permutations", arguments, true, false);
}

/// islice(iterable, stop) or islice(iterable, start, stop, step).
Result<Value> Slice(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("islice", {"iterable", "start", "stop", "step"}, 2));
  SMELT_ASSIGN(List items, Iterate(bound[0]));
  auto size = static_cast<std::int64_t>(items.size());
  bool only_stop = arguments.positional.size() == 2;
  SMELT_ASSIGN(std::int64_t start, only_stop ? Result<std::int64_t>(0) : Whole("islice", bound[1], 0));
  SMELT_ASSIGN(std::int64_t stop, Whole("islice", bound[only_stop ? 1 : 2], size));
  SMELT_ASSIGN(std::int64_t step, Whole("islice", bound[3], 1));
  if (start < 0 || stop < 0 || step < 1) {
    return Fail(ErrorCode::kJinjaType, "islice() needs bounds that are not negative and a step of at least 1");
  }
  List members;
  for (std::int64_t i = start; i < std::min(stop, size); i += std::min(step, size)) {
    members.push_back(items[static_cast<std::size_t>(i)]);
  }
  return Iterator::Make("itertools.islice object", std::move(members));
}

Result<Value> Repeat(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("repeat", {"object", "times"}, 1));
  SMELT_ASSIGN(std::int64_t times, Whole("repeat", bound[1], kEndlessMax));
  if (times > static_cast<std::int64_t>(kMembersMax))
    return Fail(ErrorCode::kJinjaLimit, "repeat() was given a huge number");
  List members(static_cast<std::size_t>(std::max<std::int64_t>(times, 0)), bound[0]);
  return Iterator::Make("itertools.repeat object", std::move(members));
}

Result<Value> Count(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("count", {"start", "step"}, 0));
  Value current = bound[0].is_undefined() ? Value(0) : bound[0], step = bound[1].is_undefined() ? Value(1) : bound[1];
  List members;
  for (std::int64_t i = 0; i < kEndlessMax; ++i) {
    members.push_back(current);
    SMELT_ASSIGN(current, Calculate(Operator::kAdd, current, step));
  }
  return Iterator::Make("itertools.count object", std::move(members));
}

Result<Value> Cycle(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("cycle", {"iterable"}, 1));
  SMELT_ASSIGN(List items, Iterate(bound[0]));
  List members;
  for (std::size_t i = 0; !items.empty() && i < static_cast<std::size_t>(kEndlessMax); ++i) {
    members.push_back(items[i % items.size()]);
  }
  return Iterator::Make("itertools.cycle object", std::move(members));
}

/// accumulate(iterable, func, initial=…); func is a macro or another callable, + without one.
Result<Value> Accumulate(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("accumulate", {"iterable", "func", "initial"}, 1));
  SMELT_ASSIGN(List items, Iterate(bound[0]));
  if (!bound[2].is_absent()) items.insert(items.begin(), bound[2]);
  List members;
  for (const Value& item : items) {
    if (members.empty()) {
      members.push_back(item);
      continue;
    }
    Result<Value> next = Value();
    if (bound[1].is_absent()) {
      next = Calculate(Operator::kAdd, members.back(), item);
    } else {
      Arguments pair;
      pair.positional = {members.back(), item};
      next = interpreter.Call(bound[1], std::move(pair));
    }
    if (!next) return Fail(std::move(next).error());
    members.push_back(*std::move(next));
  }
  return Iterator::Make("itertools.accumulate object", std::move(members));
}

Result<Value> Compress(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("compress", {"data", "selectors"}, 2));
  SMELT_ASSIGN(List items, Iterate(bound[0]));
  SMELT_ASSIGN(List selectors, Iterate(bound[1]));
  List members;
  for (std::size_t i = 0; i < items.size() && i < selectors.size(); ++i) {
    if (selectors[i].Truthy()) members.push_back(items[i]);
  }
  return Iterator::Make("itertools.compress object", std::move(members));
}

Result<Value> StarMap(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("starmap", {"function", "iterable"}, 2));
  SMELT_ASSIGN(List items, Iterate(bound[1]));
  List members;
  for (const Value& item : items) {
    Arguments call;
    SMELT_ASSIGN(call.positional, Iterate(item));
    SMELT_ASSIGN(Value value, interpreter.Call(bound[0], std::move(call)));
    members.push_back(std::move(value));
  }
  return Iterator::Make("itertools.starmap object", std::move(members));
}

Result<Value> Tee(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("tee", {"iterable", "n"}, 1));
  SMELT_ASSIGN(List items, Iterate(bound[0]));
  SMELT_ASSIGN(std::int64_t count, Whole("tee", bound[1], 2));
  if (count < 0 || count > 1000) return Fail(ErrorCode::kJinjaLimit, "tee() makes from 0 to 1000 iterators");
  List copies;
  for (std::int64_t i = 0; i < count; ++i) copies.push_back(Iterator::Make("itertools._tee object", items));
  return Value::MakeTuple(std::move(copies));
}

Result<Value> ZipLongest(Interpreter&, Arguments arguments) {
  Value fill = arguments.TakeNamed("fillvalue").value_or(Value::None());
  if (!arguments.named.empty()) return Fail(ErrorCode::kJinjaType, "zip_longest() takes no such named argument");
  SMELT_ASSIGN(std::vector<List> lists, IterateAll(arguments.positional));
  std::size_t longest = 0;
  for (const List& list : lists) longest = std::max(longest, list.size());
  List rows;
  for (std::size_t i = 0; i < longest; ++i) {
    List row;
    for (const List& list : lists) row.push_back(i < list.size() ? list[i] : fill);
    rows.push_back(Value::MakeTuple(std::move(row)));
  }
  return Iterator::Make("itertools.zip_longest object", std::move(rows));
}

}  // namespace

Value MakeItertoolsModule() {
  auto module = std::make_shared<Record>("itertools");
  auto add = [&module](const char* name, Result<Value> (*body)(Interpreter&, Arguments)) {
    module->Set(name, Function::Make(name, body));
  };
  add("accumulate", Accumulate);
  module->Set("chain", Value(std::make_shared<Chain>()));
  add("combinations", Combinations);
  add("combinations_with_replacement", CombinationsWithReplacement);
  add("compress", Compress);
  add("count", Count);
  add("cycle", Cycle);
  add("islice", Slice);
  add("permutations", Permutations);
  add("product", Product);
  add("repeat", Repeat);
  add("starmap", StarMap);
  add("tee", Tee);
  add("zip_longest", ZipLongest);
  return Value(std::move(module));
}

}  // namespace smelt::transform::jinja
