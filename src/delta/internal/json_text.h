#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::delta {

/// Writes one JSON object member by member; the destructor closes it. Members of an inner object are written between
/// Begin(key) of the outer and the end of the inner one's scope. Texts must be UTF-8 (Commit checks the whole
/// commit for that). Confined to one thread.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonObject() { out_ += '}'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  /// Writes the key; the value is to be appended to the returned text.
  std::string& Begin(std::string_view key);

  void Text(std::string_view key, std::string_view value);
  void Int(std::string_view key, std::int64_t value);
  void Bool(std::string_view key, bool value);
  void TextList(std::string_view key, const std::vector<std::string>& values);
  void TextMap(std::string_view key, const std::map<std::string, std::string>& values);
  /// A map whose values may be null, which is written.
  void NullableTextMap(std::string_view key, const std::map<std::string, std::optional<std::string>>& values);

  /// Absent values leave no trace.
  void TextIfAny(std::string_view key, const std::optional<std::string>& value);
  void IntIfAny(std::string_view key, const std::optional<std::int64_t>& value);
  void TextMapIfAny(std::string_view key, const std::map<std::string, std::string>& values);

 private:
  std::string& out_;
  bool is_first_ = true;
};

}  // namespace smelt::delta
