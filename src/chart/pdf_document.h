#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "chart/canvas.h"

namespace smelt::chart {

/// What a document says about itself.
struct PdfInfo {
  std::string title = {};
  std::string author = {};
  std::string subject = {};
  std::string language = "en";  ///< as BCP 47 has it
  std::int64_t created_us = 0;  ///< since the epoch, UTC
};

/// Writes PDF 1.7 (ISO 32000-1) with the standard fonts Helvetica and Helvetica-Bold, which every reader has: nothing
/// is embedded. Text is in Windows-1252 (see ToWindows1252) and can be searched and copied. The same calls give the
/// same bytes. Confined to a thread.
class PdfDocument {
 public:
  explicit PdfDocument(PdfInfo info);
  ~PdfDocument();

  /// A new last page of that size in points, A4 by default. The canvas is good as long as the document.
  Canvas& AddPage(double width = kA4Width, double height = kA4Height);
  /// An entry of the outline that leads to the last page.
  void AddBookmark(std::string title);
  /// Makes a rectangle of the last page a link to an address. Only http, https and mailto are taken.
  void AddLink(const Box& box, std::string_view address);
  std::size_t pages() const;

  /// The whole file. Errors: kInternal when compression fails.
  Result<std::string> Bytes() const;

  static constexpr double kA4Width = 595.28, kA4Height = 841.89;

 private:
  struct Page;
  struct Bookmark {
    std::string title;
    std::size_t page = 0;
  };

  PdfInfo info_;
  std::vector<std::unique_ptr<Page>> pages_;
  std::vector<Bookmark> bookmarks_;
};

}  // namespace smelt::chart
