#include "transform/internal/jinja/text_wrap.h"

#include <algorithm>

#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

using Letters = std::vector<std::string_view>;

bool IsBlank(std::string_view character) {
  return character.size() == 1 && std::string_view(" \t\n\v\f\r").contains(character);
}
bool IsAlphabetic(const Letters& letters, std::size_t at) {
  return at < letters.size() && (IsLetter(DecodeAt(letters[at], 0).value) || letters[at] == "_");
}
bool IsWord(const Letters& letters, std::size_t at) {
  return IsAlphabetic(letters, at) || (at < letters.size() && IsDigit(DecodeAt(letters[at], 0).value));
}
bool IsHyphen(const Letters& letters, std::size_t at) {
  return at < letters.size() && letters[at] == "-";
}

/// Whether a word may be broken behind the hyphen at `at`: between letters, as in "well-known" or "e-mail-like".
bool BreaksBehind(const Letters& letters, std::size_t at, std::size_t start) {
  if (!IsHyphen(letters, at) || at < start + 1) return false;
  bool two_before = at >= start + 2 && IsAlphabetic(letters, at - 1) && IsAlphabetic(letters, at - 2);
  bool hyphened_before =
      at >= start + 3 && IsWord(letters, at - 1) && IsHyphen(letters, at - 2) && IsAlphabetic(letters, at - 3);
  std::size_t next = at + 1;
  bool letter_follows =
      IsAlphabetic(letters, next) &&
      (IsAlphabetic(letters, next + 1) || (IsHyphen(letters, next + 1) && IsAlphabetic(letters, next + 2)));
  return (two_before || hyphened_before) && letter_follows;
}

/// Whether a dash of two or more hyphens starts at `at` and joins two words.
std::size_t DashLength(const Letters& letters, std::size_t at) {
  std::size_t end = at;
  while (IsHyphen(letters, end)) ++end;
  return end - at >= 2 && IsWord(letters, end) ? end - at : 0;
}

/// The end of the piece that starts at `start`: spaces, a word, or a part of a word that may be broken.
std::size_t PieceEnd(const Letters& letters, std::size_t start, bool at_hyphens) {
  std::size_t end = start;
  if (IsBlank(letters[start])) {
    while (end < letters.size() && IsBlank(letters[end])) ++end;
    return end;
  }
  if (at_hyphens && start > 0 && !IsBlank(letters[start - 1])) {
    if (std::size_t length = DashLength(letters, start)) return start + length;
  }
  for (end = start + 1; end < letters.size() && !IsBlank(letters[end]); ++end) {
    if (!at_hyphens) continue;
    if (IsHyphen(letters, end) && IsWord(letters, end - 1) && DashLength(letters, end) > 0) return end;
    if (BreaksBehind(letters, end - 1, start)) return end;
  }
  return end;
}

std::vector<Letters> Pieces(const Letters& letters, bool at_hyphens) {
  std::vector<Letters> pieces;
  for (std::size_t start = 0; start < letters.size();) {
    std::size_t end = PieceEnd(letters, start, at_hyphens);
    pieces.emplace_back(letters.begin() + static_cast<std::ptrdiff_t>(start),
                        letters.begin() + static_cast<std::ptrdiff_t>(end));
    start = end;
  }
  return pieces;
}

/// Fills lines with pieces.
class Wrapper {
 public:
  explicit Wrapper(const WrapOptions& options) : options_(options) {}

  void Add(Letters piece) {
    bool blank = IsBlank(piece[0]);
    // A line may start with spaces only when it is the first one.
    if (blank && line_.empty() && !lines_.empty()) return;
    if (length_ + piece.size() > options_.width) {
      if (piece.size() > options_.width && !blank) return AddLong(std::move(piece));
      Flush();
      if (blank) return;
    }
    Put(std::move(piece));
  }

  std::vector<std::string> Finish() {
    Flush();
    return std::move(lines_);
  }

 private:
  void Put(Letters piece) {
    length_ += piece.size();
    line_.push_back(std::move(piece));
  }

  void AddLong(Letters piece) {
    if (!options_.break_long) {
      Flush();
      return Put(std::move(piece));
    }
    while (length_ + piece.size() > options_.width) {
      std::size_t room =
          std::max<std::size_t>(options_.width - std::min(length_, options_.width), line_.empty() ? 1 : 0);
      std::size_t taken = BreakPoint(piece, room);
      if (taken > 0) Put(Letters(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(taken)));
      Flush();
      piece.erase(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    if (!piece.empty()) Put(std::move(piece));
  }

  /// How much of a long piece goes on the line: up to the last hyphen in it, where there is one.
  std::size_t BreakPoint(const Letters& piece, std::size_t room) const {
    if (!options_.at_hyphens || piece.size() <= room) return room;
    for (std::size_t at = room; at-- > 1;) {
      if (!IsHyphen(piece, at)) continue;
      bool only_hyphens = std::all_of(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(at),
                                      [](std::string_view c) { return c == "-"; });
      return only_hyphens ? room : at + 1;
    }
    return room;
  }

  void Flush() {
    if (!line_.empty() && IsBlank(line_.back()[0])) line_.pop_back();
    if (!line_.empty()) {
      std::string text;
      for (const Letters& piece : line_) {
        for (std::string_view letter : piece) text += letter;
      }
      lines_.push_back(std::move(text));
    }
    line_.clear();
    length_ = 0;
  }

  const WrapOptions& options_;
  std::vector<std::string> lines_;
  std::vector<Letters> line_;
  std::size_t length_ = 0;
};

}  // namespace

std::vector<std::string> WrapLine(std::string_view line, const WrapOptions& options) {
  Wrapper wrapper(options);
  for (Letters& piece : Pieces(Characters(line), options.at_hyphens)) wrapper.Add(std::move(piece));
  return wrapper.Finish();
}

}  // namespace smelt::transform::jinja
