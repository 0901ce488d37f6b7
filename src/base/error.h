#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace smelt {

/// Names every failure that a caller or a user can act on. The list, with meaning, exit code and HTTP status, is
/// errors.def; the numbers printed to users are permanent.
enum class ErrorCode : std::uint16_t {
#define SMELT_ERROR(name, area, number, retryable, exit_code, http, sqlstate, meaning) name,
#include "base/errors.def"
#undef SMELT_ERROR
};

/// What the catalogue says of a code. Immutable, static lifetime.
struct ErrorCodeInfo {
  std::string_view area;  ///< e.g. "DELTA"
  int number = 0;         ///< permanent within its area
  bool retryable = false;
  int exit_code = 3;
  int http_status = 500;
  std::string_view sqlstate;
  std::string_view meaning;
};

/// Looks up the catalogue entry of `code`. Thread-safe.
const ErrorCodeInfo& Describe(ErrorCode code);

/// Prints a code as users see it, e.g. "SMELT-DELTA-0007".
std::string CodeText(ErrorCode code);

/// A failure: its stable code, what failed on which object and why, where in the user's files, and what to do next.
/// A value type; confined to one thread like any other value.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  /// Adds the remedy: the setting, command or edit that helps. One sentence, no full stop needed.
  Error&& Hint(std::string hint) && { return hint_ = std::move(hint), std::move(*this); }
  /// Adds the place in a user's file. `line` and `column` count from 1; 0 means unknown.
  Error&& At(std::string file, std::int64_t line = 0, std::int64_t column = 0) &&;
  /// Puts "<context>: " before the message, as the error passes a caller that knows the object.
  Error&& Context(std::string_view context) &&;

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const std::string& file() const { return file_; }
  std::int64_t line() const { return line_; }
  std::int64_t column() const { return column_; }
  bool retryable() const { return Describe(code_).retryable; }

  /// One or two lines for a terminal or log: "SMELT-CSV-0003: orders.csv:12:5: message\n  hint: …".
  std::string ToString() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::string hint_;
  std::string file_;
  std::int64_t line_ = 0;
  std::int64_t column_ = 0;
};

/// A value or the Error that prevented it: std::expected, but the compiler refuses to let one be dropped.
template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result() = default;
  Result(std::expected<T, Error> other) : std::expected<T, Error>(std::move(other)) {}
};

/// Success or an Error.
using Status = Result<void>;

/// Makes the failed alternative of any Result: `return Fail(ErrorCode::kStoreIo, "…")`.
inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error(code, std::move(message)));
}
inline std::unexpected<Error> Fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

/// Stops the program with a message: for broken invariants of smelt itself, never for input.
[[noreturn]] void AssertionFailed(const char* condition, const char* file, int line);

}  // namespace smelt

#define SMELT_CONCAT_INNER(a, b) a##b
#define SMELT_CONCAT(a, b) SMELT_CONCAT_INNER(a, b)

/// Returns the error of a Status or Result from the enclosing function, if there is one.
#define SMELT_TRY(expression)                                                    \
  do {                                                                           \
    if (auto smelt_status = (expression); !smelt_status) {                       \
      return ::std::unexpected<::smelt::Error>(std::move(smelt_status).error()); \
    }                                                                            \
  } while (false)

/// SMELT_ASSIGN(auto rows, Count()): binds the value, or returns the error from the enclosing function.
#define SMELT_ASSIGN(declaration, expression) \
  SMELT_ASSIGN_IMPL(SMELT_CONCAT(smelt_result_, __LINE__), declaration, expression)
#define SMELT_ASSIGN_IMPL(result, declaration, expression)               \
  auto result = (expression);                                            \
  if (!result) {                                                         \
    return ::std::unexpected<::smelt::Error>(std::move(result).error()); \
  }                                                                      \
  declaration = std::move(*result)

/// Checks an invariant of smelt's own code; stays on in release builds. Input must never be able to trigger it.
#define SMELT_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::smelt::AssertionFailed(#condition, __FILE__, __LINE__))
