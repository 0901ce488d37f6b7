#include <algorithm>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/sorting.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

constexpr std::size_t kWidth = 80;

/// Values of any types in an order: by value where they have one, else by the names of their types.
List Sorted(List keys) {
  if (SortValues(keys, {}, false)) return keys;
  std::ranges::stable_sort(keys, [](const Value& left, const Value& right) {
    auto order = Compare(left, right);
    return order ? *order < 0 : left.type_name() < right.type_name();
  });
  return keys;
}

/// The repr with the keys of dicts in order.
std::string OneLine(const Value& value, int depth) {
  if (depth > kContainerDepthMax || !(value.is_dict() || value.is_sequence())) return value.Repr();
  std::string out, separator;
  if (value.is_dict()) {
    List keys;
    for (const auto& [key, member] : value.dict().entries()) keys.push_back(key);
    for (const Value& key : Sorted(std::move(keys))) {
      out += separator + OneLine(key, depth + 1) + ": " + OneLine(*value.dict().Find(key), depth + 1);
      separator = ", ";
    }
    return "{" + out + "}";
  }
  for (const Value& item : value.items()) {
    out += separator + OneLine(item, depth + 1);
    separator = ", ";
  }
  if (value.is_list()) return "[" + out + "]";
  return "(" + out + (value.items().size() == 1 ? ",)" : ")");
}

class PrettyPrinter {
 public:
  std::string Take() { return std::move(out_); }

  /// `indent`: the column where the value starts; `allowance`: what still follows it on its last line.
  void Write(const Value& value, std::size_t indent, std::size_t allowance, int depth) {
    std::string line = OneLine(value, depth);
    bool fits = CharacterCount(line) + indent + allowance <= kWidth;
    bool container = (value.is_dict() && !value.dict().empty()) || (value.is_sequence() && !value.items().empty());
    if (fits || !container || depth > kContainerDepthMax) {
      out_ += line;
    } else if (value.is_dict()) {
      WriteDict(value, indent, allowance, depth);
    } else {
      WriteItems(value, indent, allowance, depth);
    }
  }

 private:
  void NewLine(std::size_t indent) { out_.append(",\n").append(indent, ' '); }

  void WriteDict(const Value& value, std::size_t indent, std::size_t allowance, int depth) {
    List keys;
    for (const auto& [key, member] : value.dict().entries()) keys.push_back(key);
    keys = Sorted(std::move(keys));
    out_ += '{';
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) NewLine(indent + 1);
      std::string key = OneLine(keys[i], depth + 1);
      out_ += key + ": ";
      bool last = i + 1 == keys.size();
      Write(*value.dict().Find(keys[i]), indent + 1 + CharacterCount(key) + 2, last ? allowance + 1 : 1, depth + 1);
    }
    out_ += '}';
  }

  void WriteItems(const Value& value, std::size_t indent, std::size_t allowance, int depth) {
    const List& items = value.items();
    std::string_view end = value.is_list() ? "]" : items.size() == 1 ? ",)" : ")";
    out_ += value.is_list() ? '[' : '(';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) NewLine(indent + 1);
      Write(items[i], indent + 1, i + 1 == items.size() ? allowance + end.size() : 1, depth + 1);
    }
    out_ += end;
  }

  std::string out_;
};

}  // namespace

std::string PrettyText(const Value& value) {
  PrettyPrinter printer;
  printer.Write(value, 0, 0, 0);
  return printer.Take();
}

}  // namespace smelt::transform::jinja
