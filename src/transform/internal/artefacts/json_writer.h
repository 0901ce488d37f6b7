#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace smelt::transform {

/// Writes JSON piece by piece into one text, without a document in between: artefacts of large projects have tens of
/// megabytes. The caller keeps objects and lists in balance. Confined to one thread.
class JsonWriter {
 public:
  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginList() { Begin('['); }
  void EndList() { End(']'); }
  /// The name of the next value of an object.
  JsonWriter& Key(std::string_view name);
  /// A value. Bytes that are not UTF-8 become U+FFFD.
  void Text(std::string_view text);
  void TextOrNull(std::string_view text);  ///< an empty text is null
  void Null() { Raw("null"); }
  void Boolean(bool value) { Raw(value ? "true" : "false"); }
  void Integer(std::int64_t value);
  void Number(double value);
  void Value(const Json& value);
  /// A value that is JSON already.
  void Raw(std::string_view json);
  template <typename Range>
  void Texts(const Range& texts) {
    BeginList();
    for (const auto& text : texts) Text(text);
    EndList();
  }

  const std::string& text() const { return out_; }
  /// Hands out what is written so far; what comes next goes on behind it.
  std::string TakeText() { return std::exchange(out_, {}); }

 private:
  void Begin(char bracket);
  void End(char bracket);
  void Separate();
  void Quote(std::string_view text);

  std::string out_;
  bool first_ = true;  ///< whether what comes next is the first of its object or list
};

}  // namespace smelt::transform
