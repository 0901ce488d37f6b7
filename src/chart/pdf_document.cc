#include "chart/pdf_document.h"

#include <fmt/format.h>
#include <zlib.h>

#include <chrono>
#include <cmath>
#include <numbers>

#include "chart/font.h"
#include "chart/internal/pdf_file.h"

namespace smelt::chart {
namespace {

using internal::Number;
using internal::PdfFile;
using internal::PdfString;

std::string ColorOperands(const Paint& paint) {
  const Color color = Blend(paint, Theme::kLight);
  return fmt::format("{} {} {}", Number(color.red / 255.0), Number(color.green / 255.0), Number(color.blue / 255.0));
}

Result<std::string> Deflate(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  const int answer = compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_COMPRESSION);
  if (answer != Z_OK) return Fail(ErrorCode::kInternal, fmt::format("zlib cannot pack a page: {}", answer));
  packed.resize(size);
  return packed;
}

/// "D:20261129081500Z".
std::string DateText(std::int64_t micros) {
  const std::chrono::sys_seconds at{std::chrono::seconds(micros / 1'000'000)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  return fmt::format("D:{:04}{:02}{:02}{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

bool IsAllowedAddress(std::string_view address) {
  return address.starts_with("https://") || address.starts_with("http://") || address.starts_with("mailto:");
}

}  // namespace

/// A page as operators of its content stream. PDF counts y from the lower edge.
struct PdfDocument::Page : public Canvas {
  struct Link {
    Box box;
    std::string address;
  };

  Page(double page_width, double page_height) : width(page_width), height(page_height) {}

  std::string At(const Point& point) const { return fmt::format("{} {}", Number(point.x), Number(height - point.y)); }

  std::string Path(std::span<const Point> points) const {
    std::string path;
    for (const Point& point : points) path += fmt::format("{} {}\n", At(point), path.empty() ? 'm' : 'l');
    return path;
  }

  void Line(std::span<const Point> points, const Stroke& stroke) override {
    if (points.size() < 2) return;
    std::string dashes;
    for (const double dash : stroke.dashes) dashes += Number(dash) + " ";
    content += fmt::format("{} RG {} w 1 j [{}] 0 d\n{}S\n", ColorOperands(stroke.paint), Number(stroke.width), dashes,
                           Path(points));
  }

  void Fill(std::span<const Point> points, const Paint& paint) override {
    if (points.size() < 3) return;
    content += fmt::format("{} rg\n{}h f\n", ColorOperands(paint), Path(points));
  }

  void Rectangle(const Box& box, const Paint& paint) override {
    if (box.width <= 0 || box.height <= 0) return;
    content += fmt::format("{} rg {} {} {} re f\n", ColorOperands(paint), At({box.x, box.bottom()}), Number(box.width),
                           Number(box.height));
  }

  void Circle(const Point& middle, double radius, const Paint& paint) override {
    // Four Bézier curves: the usual distance of their control points errs by less than 0.03 % of the radius.
    const double bend = radius * 4 / 3 * (std::numbers::sqrt2 - 1);
    const double x = middle.x, y = middle.y;
    content += fmt::format("{} rg {} m\n", ColorOperands(paint), At({x + radius, y}));
    const auto curve = [&](Point one, Point two, Point end) {
      content += fmt::format("{} {} {} c\n", At(one), At(two), At(end));
    };
    curve({x + radius, y + bend}, {x + bend, y + radius}, {x, y + radius});
    curve({x - bend, y + radius}, {x - radius, y + bend}, {x - radius, y});
    curve({x - radius, y - bend}, {x - bend, y - radius}, {x, y - radius});
    curve({x + bend, y - radius}, {x + radius, y - bend}, {x + radius, y});
    content += "f\n";
  }

  void Text(const Point& baseline, std::string_view text, const TextStyle& style) override {
    if (text.empty()) return;
    Point start = baseline;
    const double wide = TextWidth(text, style.size, style.bold);
    if (style.anchor == Anchor::kMiddle) start.x -= wide / 2;
    if (style.anchor == Anchor::kEnd) start.x -= wide;
    content += fmt::format("BT {} rg /{} {} Tf {} Td {} Tj ET\n", ColorOperands(style.paint), style.bold ? "FB" : "FR",
                           Number(style.size), At(start), PdfString(ToWindows1252(text)));
  }

  double width, height;
  std::string content;
  std::vector<Link> links;
};

PdfDocument::PdfDocument(PdfInfo info) : info_(std::move(info)) {}

PdfDocument::~PdfDocument() = default;

Canvas& PdfDocument::AddPage(double width, double height) {
  return *pages_.emplace_back(std::make_unique<Page>(width, height));
}

void PdfDocument::AddBookmark(std::string title) {
  if (!pages_.empty()) bookmarks_.push_back({std::move(title), pages_.size() - 1});
}

void PdfDocument::AddLink(const Box& box, std::string_view address) {
  if (!pages_.empty() && IsAllowedAddress(address)) pages_.back()->links.push_back({box, std::string(address)});
}

std::size_t PdfDocument::pages() const {
  return pages_.size();
}

Result<std::string> PdfDocument::Bytes() const {
  PdfFile file;
  const int catalog = file.Reserve(), tree = file.Reserve(), outline = file.Reserve();
  const auto font = [&](std::string_view name) {
    return file.Add(fmt::format("<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>", name));
  };
  const int regular = font("Helvetica"), bold = font("Helvetica-Bold");
  std::vector<int> pages;
  std::string kids;
  for (const auto& page : pages_) {
    SMELT_ASSIGN(const std::string packed, Deflate(page->content));
    const int content =
        file.Add(fmt::format("<< /Length {} /Filter /FlateDecode >>\nstream\n{}\nendstream", packed.size(), packed));
    std::string links;
    for (const Page::Link& link : page->links) {
      const double lower = page->height - link.box.bottom(), upper = page->height - link.box.y;
      links += fmt::format(
          "<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect [{} {} {} {}] /A << /S /URI /URI {} >> >> ",
          Number(link.box.x), Number(lower), Number(link.box.right()), Number(upper), PdfString(link.address));
    }
    pages.push_back(file.Add(fmt::format(
        "<< /Type /Page /Parent {} 0 R /MediaBox [0 0 {} {}] /Contents {} 0 R /Annots [{}] /Resources << /Font << /FR "
        "{} 0 R /FB {} 0 R >> >> >>",
        tree, Number(page->width), Number(page->height), content, links, regular, bold)));
    kids += fmt::format("{} 0 R ", pages.back());
  }
  std::vector<int> entries;
  for (std::size_t index = 0; index < bookmarks_.size(); ++index) entries.push_back(file.Reserve());
  for (std::size_t index = 0; index < bookmarks_.size(); ++index) {
    std::string links = fmt::format("/Parent {} 0 R", outline);
    if (index > 0) links += fmt::format(" /Prev {} 0 R", entries[index - 1]);
    if (index + 1 < entries.size()) links += fmt::format(" /Next {} 0 R", entries[index + 1]);
    file.Set(entries[index],
             fmt::format("<< /Title {} {} /Dest [{} 0 R /Fit] >>", internal::PdfText(bookmarks_[index].title), links,
                         pages[bookmarks_[index].page]));
  }
  file.Set(outline, entries.empty() ? std::string("<< /Type /Outlines /Count 0 >>")
                                    : fmt::format("<< /Type /Outlines /First {} 0 R /Last {} 0 R /Count {} >>",
                                                  entries.front(), entries.back(), entries.size()));
  file.Set(tree, fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, pages.size()));
  file.Set(catalog, fmt::format("<< /Type /Catalog /Pages {} 0 R /Outlines {} 0 R /Lang {} /ViewerPreferences << "
                                "/DisplayDocTitle true >> >>",
                                tree, outline, PdfString(info_.language)));
  const std::string date = PdfString(DateText(info_.created_us));
  const int info = file.Add(fmt::format("<< /Title {} /Author {} /Subject {} /Creator (smelt) /CreationDate {} >>",
                                        internal::PdfText(info_.title), internal::PdfText(info_.author),
                                        internal::PdfText(info_.subject), date));
  return file.Bytes(catalog, info);
}

}  // namespace smelt::chart
