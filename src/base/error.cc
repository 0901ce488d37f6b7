#include "base/error.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace smelt {
namespace {

constexpr std::array kCatalogue = {
#define SMELT_ERROR(name, area, number, retryable, exit_code, http, sqlstate, meaning) \
  ErrorCodeInfo{area, number, retryable, exit_code, http, sqlstate, meaning},
#include "base/errors.def"
#undef SMELT_ERROR
};

}  // namespace

const ErrorCodeInfo& Describe(ErrorCode code) {
  return kCatalogue[static_cast<std::size_t>(code)];
}

std::string CodeText(ErrorCode code) {
  const ErrorCodeInfo& info = Describe(code);
  return fmt::format("SMELT-{}-{:04}", info.area, info.number);
}

Error&& Error::At(std::string file, std::int64_t line, std::int64_t column) && {
  file_ = std::move(file);
  line_ = line;
  column_ = column;
  return std::move(*this);
}

Error&& Error::Context(std::string_view context) && {
  message_ = fmt::format("{}: {}", context, message_);
  return std::move(*this);
}

std::string Error::ToString() const {
  std::string text = CodeText(code_) + ": ";
  if (!file_.empty()) {
    text += file_;
    if (line_ > 0) text += fmt::format(":{}", line_);
    if (line_ > 0 && column_ > 0) text += fmt::format(":{}", column_);
    text += ": ";
  }
  text += message_;
  if (!hint_.empty()) text += "\n  hint: " + hint_;
  return text;
}

void AssertionFailed(const char* condition, const char* file, int line) {
  std::fputs(fmt::format("smelt: broken invariant {} at {}:{}\n", condition, file, line).c_str(), stderr);
  std::abort();
}

}  // namespace smelt
