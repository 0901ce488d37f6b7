#pragma once

#include <optional>
#include <string>
#include <utility>

namespace smelt {

/// A password, key or token. It has no formatter, no stream operator and no conversion: the only way to the text is
/// Reveal(), which is called where it is handed to a library and nowhere else.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

/// Reads a secret from the environment; nothing when the variable is not set.
std::optional<Secret> SecretFromEnvironment(const std::string& variable);

}  // namespace smelt
