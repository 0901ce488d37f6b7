#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "delta/shared_text.h"

namespace smelt::delta {

/// Where texts stay that are too many for memory. Thread-safe.
class TextSource {
 public:
  virtual ~TextSource() = default;
  /// The bytes at a place; nothing when they cannot be read any more, or may not be what they were.
  virtual std::optional<SharedText> Read(std::uint64_t offset, std::uint32_t size) const = 0;
};

/// What the log says of a data file's rows ("Per-file Statistics"): JSON text, in memory or where it was found. The
/// statistics of a large table are most of its log, and few queries need those of all files. Copies are cheap.
class StatisticsText {
 public:
  StatisticsText() = default;
  StatisticsText(SharedText text) : place_(std::move(text)) {}
  StatisticsText(std::string text) : place_(SharedText(std::move(text))) {}
  StatisticsText(const char* text) : StatisticsText(std::string(text)) {}
  /// A text that stays in `source`; `rows` is what RowCount says of it.
  StatisticsText(std::shared_ptr<const TextSource> source, std::uint64_t offset, std::uint32_t size,
                 std::optional<std::int64_t> rows);

  bool empty() const;
  void clear() { place_ = SharedText(); }
  /// The text, which may have to be read. Of one that cannot be read any more the number of rows is left: all else
  /// only ever helps.
  SharedText Read() const;
  /// The number of rows; nothing when the text does not say.
  std::optional<std::int64_t> rows() const;

  friend bool operator==(const StatisticsText& left, const StatisticsText& right) {
    return std::string_view(left.Read()) == std::string_view(right.Read());
  }

 private:
  struct Stored {
    std::shared_ptr<const TextSource> source;
    std::uint64_t offset;
    std::int64_t rows;
    std::uint32_t size;
    bool has_rows;
  };

  std::variant<SharedText, Stored> place_;
};

}  // namespace smelt::delta
