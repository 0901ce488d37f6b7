#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smelt::chart::internal {

/// A number as PDF writes it: no exponent, at most three places.
std::string Number(double value);
/// A literal string of bytes: "(text)", escaped.
std::string PdfString(std::string_view bytes);
/// A text string of the document's properties, in UTF-16 with its mark, so that any character may stand in it.
std::string PdfText(std::string_view utf8);

/// The objects of a file and the table that finds them.
class PdfFile {
 public:
  /// The number of an object whose content comes later.
  int Reserve();
  void Set(int number, std::string content);
  int Add(std::string content);
  /// The file, with the numbers of its catalogue and its properties.
  std::string Bytes(int catalog, int info) const;

 private:
  std::vector<std::string> objects_;
};

}  // namespace smelt::chart::internal
