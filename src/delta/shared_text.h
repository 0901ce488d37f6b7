#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace smelt::delta {

/// A text that may lie in memory which it shares with others, so that many large ones need not be copied one by one.
/// What is shared is kept until the last of them is gone. Immutable but for assignment; copies are cheap.
class SharedText {
 public:
  SharedText() = default;
  SharedText(const SharedText&) = default;
  SharedText(SharedText&& other) noexcept : owner_(std::move(other.owner_)), text_(std::exchange(other.text_, {})) {}
  ~SharedText() = default;
  SharedText(std::string text) {
    if (text.empty()) return;
    auto owned = std::make_shared<const std::string>(std::move(text));
    text_ = *owned;
    owner_ = std::move(owned);
  }
  /// A text within memory that `owner` keeps.
  SharedText(std::shared_ptr<const void> owner, std::string_view text) : owner_(std::move(owner)), text_(text) {}

  SharedText& operator=(const SharedText&) = default;
  SharedText& operator=(SharedText&& other) noexcept {
    owner_ = std::move(other.owner_);
    text_ = std::exchange(other.text_, {});
    return *this;
  }
  SharedText& operator=(std::string text) { return *this = SharedText(std::move(text)); }

  operator std::string_view() const { return text_; }
  bool empty() const { return text_.empty(); }
  void clear() { *this = SharedText(); }

  template <std::convertible_to<std::string_view> T>
  friend bool operator==(const SharedText& left, const T& right) {
    return left.text_ == std::string_view(right);
  }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view text_;
};

}  // namespace smelt::delta
