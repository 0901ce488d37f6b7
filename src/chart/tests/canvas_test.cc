#include <gtest/gtest.h>

#include <array>
#include <charconv>

#include "chart/pdf_document.h"
#include "chart/svg_canvas.h"

namespace smelt::chart {
namespace {

std::size_t CountOf(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

TEST(SvgCanvas, DrawsWithColoursForReadersWithAndWithoutStyle) {
  SvgCanvas canvas(100, 50, "Revenue & orders");
  canvas.Rectangle({1, 2, 30, 4.5}, {Ink::kCategory1, 0.25});
  canvas.Line(std::array{Point{0, 0}, Point{10, 20}}, {.paint = {Ink::kGrid}, .width = 0.5, .dashes = {2, 1}});
  canvas.Text({5, 9}, "<São>", {.size = 8, .paint = {Ink::kText}, .bold = true, .anchor = Anchor::kEnd});
  const std::string svg = canvas.Element();
  EXPECT_NE(svg.find("aria-label=\"Revenue &amp; orders\""), std::string::npos);
  EXPECT_NE(svg.find("<rect x=\"1\" y=\"2\" width=\"30\" height=\"4.5\" class=\"fc1\" fill=\"#1f6fb2\" "
                     "fill-opacity=\"0.25\"/>"),
            std::string::npos)
      << svg;
  EXPECT_NE(svg.find("stroke-dasharray=\"2 1\""), std::string::npos);
  EXPECT_NE(svg.find("text-anchor=\"end\""), std::string::npos);
  EXPECT_NE(svg.find(">&lt;São&gt;</text>"), std::string::npos);
}

TEST(SvgCanvas, StyleHasBothThemes) {
  const std::string style = SvgStyle();
  EXPECT_EQ(CountOf(style, ".fc1{"), 2U);
  EXPECT_EQ(CountOf(style, "prefers-color-scheme:dark"), 1U);
}

TEST(XmlText, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(XmlText("a\x01"
                    "b\xFF"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(XmlText("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(PdfDocument, HasItsPagesOutlineAndProperties) {
  PdfDocument document({.title = "Relatório (diário)", .created_us = 1'514'764'800'000'000});
  document.AddPage().Text({40, 40}, "São Paulo", {});
  document.AddBookmark("Início");
  document.AddPage(200, 100);
  document.AddLink({0, 0, 10, 10}, "https://example.com/");
  document.AddLink({0, 0, 10, 10}, "javascript:alert(1)");
  const auto bytes = document.Bytes();
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->starts_with("%PDF-1.7"));
  EXPECT_TRUE(bytes->ends_with("%%EOF\n"));
  EXPECT_EQ(CountOf(*bytes, "/Type /Page "), 2U);
  EXPECT_EQ(CountOf(*bytes, "/Subtype /Link"), 1U);
  EXPECT_NE(bytes->find("/CreationDate (D:20180101000000Z)"), std::string::npos);
  EXPECT_NE(bytes->find("/Title <FEFF00520065006C"), std::string::npos);
}

TEST(PdfDocument, FindsItsObjectsWhereTheTableSays) {
  PdfDocument document({.title = "t"});
  document.AddPage().Circle({10, 10}, 4, {Ink::kAccent});
  const std::string bytes = *document.Bytes();
  const std::size_t table = bytes.rfind("\nxref\n") + 1;
  EXPECT_NE(bytes.find("startxref\n" + std::to_string(table) + "\n"), std::string::npos);
  std::size_t row = bytes.find('\n', bytes.find("0000000000 65535")) + 1;
  for (int number = 1; bytes.compare(row, 7, "trailer") != 0; ++number, row += 20) {
    std::size_t offset = 0;
    std::from_chars(bytes.data() + row, bytes.data() + row + 10, offset);
    EXPECT_EQ(bytes.compare(offset, std::to_string(number).size() + 6, std::to_string(number) + " 0 obj"), 0);
  }
}

TEST(PdfDocument, IsTheSameForTheSameCalls) {
  const auto make = [] {
    PdfDocument document({.title = "t", .created_us = 1});
    document.AddPage().Fill(std::array{Point{0, 0}, Point{1, 0}, Point{1, 1}}, {Ink::kGood});
    return *document.Bytes();
  };
  EXPECT_EQ(make(), make());
}

TEST(Colors, OfTextAndStatusAreReadable) {
  for (const Theme theme : {Theme::kLight, Theme::kDark}) {
    const Color paper = ColorOf(Ink::kSurface, theme);
    for (const Ink ink : {Ink::kText, Ink::kMuted, Ink::kGood, Ink::kWarning, Ink::kBad}) {
      EXPECT_GE(Contrast(ColorOf(ink, theme), paper), 4.5) << ClassName(ink);
    }
    for (std::size_t index = 0; index < 8; ++index) {
      EXPECT_GE(Contrast(ColorOf(CategoryInk(index), theme), paper), 2.5) << index;
    }
  }
}

TEST(Colors, OfTextUponQuantitiesAreReadable) {
  for (double strength = 0; strength <= 1; strength += 0.05) {
    const Color fill = Blend({Ink::kQuantity, strength}, Theme::kLight);
    EXPECT_GE(Contrast(ColorOf(TextUpon(strength), Theme::kLight), fill), 4.0) << strength;
  }
}

}  // namespace
}  // namespace smelt::chart
