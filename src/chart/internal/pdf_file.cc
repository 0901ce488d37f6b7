#include "chart/internal/pdf_file.h"

#include <fmt/format.h>

#include <cmath>

#include "base/digest.h"

namespace smelt::chart::internal {
namespace {

void AppendUnit(std::string& text, unsigned unit) {
  text += fmt::format("{:04X}", unit);
}

}  // namespace

std::string Number(double value) {
  if (!std::isfinite(value)) return "0";
  std::string text = fmt::format("{:.3f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string PdfString(std::string_view bytes) {
  std::string text = "(";
  for (const char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '(' || c == ')' || c == '\\') {
      text += '\\';
      text += c;
    } else if (code < 0x20 || code >= 0x7F) {
      text += fmt::format("\\{:03o}", static_cast<unsigned>(code));
    } else {
      text += c;
    }
  }
  return text + ")";
}

std::string PdfText(std::string_view utf8) {
  std::string text = "<FEFF";
  for (std::size_t at = 0; at < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = lead < 0x80U ? 1 : lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : 2;
    unsigned point = lead < 0x80U ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t more = 1; more < length && at + more < utf8.size(); ++more) {
      point = (point << 6U) | (static_cast<unsigned char>(utf8[at + more]) & 0x3FU);
    }
    at += length;
    if (point >= 0x10000U) {
      AppendUnit(text, 0xD800U + (((point - 0x10000U) >> 10U) & 0x3FFU));
      AppendUnit(text, 0xDC00U + ((point - 0x10000U) & 0x3FFU));
    } else {
      AppendUnit(text, point);
    }
  }
  return text + ">";
}

int PdfFile::Reserve() {
  objects_.emplace_back();
  return static_cast<int>(objects_.size());
}

void PdfFile::Set(int number, std::string content) {
  objects_.at(static_cast<std::size_t>(number) - 1) = std::move(content);
}

int PdfFile::Add(std::string content) {
  const int number = Reserve();
  Set(number, std::move(content));
  return number;
}

std::string PdfFile::Bytes(int catalog, int info) const {
  // The second line tells programs that copy files that this one is not text.
  std::string file = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  std::string table = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects_.size() + 1);
  for (std::size_t index = 0; index < objects_.size(); ++index) {
    table += fmt::format("{:010} 00000 n \n", file.size());
    file += fmt::format("{} 0 obj\n{}\nendobj\n", index + 1, objects_[index]);
  }
  const std::size_t start = file.size();
  const std::string id = Sha256Hex(file).substr(0, 32);
  return file + table +
         fmt::format("trailer\n<< /Size {} /Root {} 0 R /Info {} 0 R /ID [<{}> <{}>] >>\nstartxref\n{}\n%%EOF\n",
                     objects_.size() + 1, catalog, info, id, id, start);
}

}  // namespace smelt::chart::internal
