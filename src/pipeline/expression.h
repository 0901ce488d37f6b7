#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::pipeline {

namespace internal {
struct ExpressionNode;
}

/// A condition or value in a pipeline file: `vars.full and tasks.load.rows_out > 0`. Names with dots, numbers, texts in
/// quotes, true, false, null, lists; `== != < <= > >= in not and or`, brackets; `+` joins texts and adds numbers, as do
/// `- * /` with numbers. What a name leads to and is not there is null. Immutable, thread-safe; copies are cheap.
class Expression {
 public:
  /// Errors: kConfigValueInvalid, saying where it cannot be understood.
  static Result<Expression> Parse(std::string_view text);

  /// Its value, with names looked up in `scope`, a JSON object.
  /// Errors: kConfigValueInvalid when values of these types cannot be combined.
  Result<Json> Evaluate(const Json& scope) const;
  /// The names that it uses, whole: "tasks.load.rows_out".
  const std::vector<std::string>& names() const { return names_; }
  const std::string& text() const { return text_; }

 private:
  Expression() = default;
  std::string text_;
  std::vector<std::string> names_;
  std::shared_ptr<const internal::ExpressionNode> root_;
};

/// Whether a value counts as true: anything but null, false, 0, empty texts, lists and objects.
bool IsTrue(const Json& value);

/// The expressions between `{{` and `}}` of a text. Errors: kConfigValueInvalid.
Result<std::vector<Expression>> FindExpressions(std::string_view text);

/// A text with its `{{ expressions }}` replaced by their values. Errors: kConfigValueInvalid.
Result<std::string> RenderText(std::string_view text, const Json& scope);

}  // namespace smelt::pipeline
