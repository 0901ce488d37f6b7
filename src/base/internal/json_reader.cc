#include <algorithm>
#include <map>

#include "base/internal/config_builder.h"
#include "base/internal/text_position.h"
#include "base/json.h"

namespace smelt::internal {
namespace {

using Data = ConfigBuilder::Data;
using Kind = ConfigNode::Kind;

/// Walks over a text that the JSON parser has accepted already and notes where every value stands; so the walk itself
/// never meets a syntax error.
class PositionWalker {
 public:
  PositionWalker(std::string_view text, std::shared_ptr<const std::string> file)
      : text_(text), file_(std::move(file)) {}

  Result<ConfigNode> Walk() {
    SkipSpace();
    return Value(0);
  }

 private:
  Result<ConfigNode> Value(int depth) {
    Data data = DataHere();
    if (depth > kConfigDepthMax) return Fail(Refusal(data, "lists and maps are nested too deeply"));
    switch (text_[at_]) {
      case '{': SMELT_TRY(Map(data, depth)); break;
      case '[': SMELT_TRY(List(data, depth)); break;
      case '"':
        data.kind = Kind::kScalar;
        data.quoted = true;
        data.text = String();
        break;
      default:
        data.text = Word();
        if (data.text != "null") data.kind = Kind::kScalar;
    }
    SkipSpace();
    return ConfigBuilder::Make(std::move(data));
  }

  Status Map(Data& map, int depth) {
    map.kind = Kind::kMap;
    std::map<std::string, std::int64_t> lines;
    for (Step(); text_[at_] != '}';) {
      const Data key_place = DataHere();
      std::string key = String();
      const auto [first, fresh] = lines.emplace(key, key_place.line);
      if (!fresh) return Fail(DuplicateKey(key, first->second, key_place));
      SkipSpace();
      Step();  // the colon
      SMELT_ASSIGN(ConfigNode value, Value(depth + 1));
      map.entries.emplace_back(std::move(key), std::move(value));
      if (text_[at_] == ',') Step();
    }
    Step();
    return {};
  }

  Status List(Data& list, int depth) {
    list.kind = Kind::kList;
    for (Step(); text_[at_] != ']';) {
      SMELT_ASSIGN(ConfigNode item, Value(depth + 1));
      list.items.push_back(std::move(item));
      if (text_[at_] == ',') Step();
    }
    Step();
    return {};
  }

  std::string String() {
    const std::size_t begin = at_;
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
    return Json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
  }

  /// A number, true, false or null.
  std::string Word() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(" \t\r\n,]}", at_), text_.size());
    return std::string(text_.substr(begin, at_ - begin));
  }

  /// Over one structural character and the space behind it.
  void Step() {
    ++at_;
    SkipSpace();
  }

  void SkipSpace() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  /// Positions only grow, so each character is counted once: a file may be one long line.
  Data DataHere() {
    const TextPosition relative = PositionAt(text_.substr(counted_), at_ - counted_);
    column_ = relative.line > 1 ? relative.column : column_ + relative.column - 1;
    line_ += relative.line - 1;
    counted_ = at_;
    Data data;
    data.file = file_;
    data.line = line_;
    data.column = column_;
    return data;
  }

  Error Refusal(const Data& place, std::string reason) const {
    return Error(ErrorCode::kConfigSyntax, std::move(reason)).At(*file_, place.line, place.column);
  }

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;  ///< up to here, which is `column_` of `line_`
  std::int64_t line_ = 1, column_ = 1;
};

}  // namespace

Result<ConfigNode> ReadJson(std::string_view text, std::shared_ptr<const std::string> file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  SMELT_TRY(ParseJson(text, *file));
  return PositionWalker(text, std::move(file)).Walk();
}

}  // namespace smelt::internal
