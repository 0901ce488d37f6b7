#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::app {

/// A terminal in memory: understands what the progress display sends and shows what a user would see. Lines never
/// scroll off.
class Screen {
 public:
  void Write(std::string_view text) {
    ++writes_;
    while (!text.empty()) {
      if (text.starts_with("\x1b[")) {
        const std::size_t end = text.find_first_not_of("0123456789;?", 2);
        Escape(text[end], text.substr(2, end - 2));
        text.remove_prefix(end + 1);
        continue;
      }
      const char c = text.front();
      text.remove_prefix(1);
      if (c == '\n') {
        ++row_;
        column_ = 0;
      } else if (c == '\r') {
        column_ = 0;
      } else {
        Put(c);
      }
    }
  }

  /// What is on the screen, without the empty lines at its end.
  std::string Text() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    while (text.ends_with("\n\n")) text.pop_back();
    return text == "\n" ? "" : text;
  }

  bool cursor_visible() const { return cursor_visible_; }
  int writes() const { return writes_; }

 private:
  std::string& Line() {
    if (row_ >= lines_.size()) lines_.resize(row_ + 1);
    return lines_[row_];
  }

  void Put(char c) {
    std::string& line = Line();
    if (line.size() <= column_) line.resize(column_ + 1, ' ');
    line[column_++] = c;
  }

  void Escape(char final, std::string_view parameter) {
    if (final == 'A') {
      std::size_t rows = 0;
      std::from_chars(parameter.data(), parameter.data() + parameter.size(), rows);
      row_ -= std::min(row_, rows);
    } else if (final == 'K') {
      Line().resize(std::min(Line().size(), column_));
    } else if (final == 'J') {
      if (row_ < lines_.size()) lines_.resize(row_);
    } else if (parameter == "?25") {
      cursor_visible_ = final == 'h';
    }
  }

  std::vector<std::string> lines_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;  ///< in bytes: the display never moves right
  bool cursor_visible_ = true;
  int writes_ = 0;
};

}  // namespace smelt::app
