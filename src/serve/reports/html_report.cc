#include <fmt/format.h>

#include <algorithm>

#include "chart/svg_canvas.h"
#include "serve/reports/internal/layout.h"
#include "serve/reports/report.h"

namespace smelt::serve::reports {
namespace {

using chart::XmlText;

constexpr std::string_view kStyle = R"(
body{margin:0;background:#fff;color:#1b1f24;font:14px/1.45 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;
 font-variant-numeric:tabular-nums}
main{max-width:800px;margin:0 auto;padding:32px 24px}
h1{font-size:28px;line-height:1.2;margin:0 0 4px}h2{font-size:20px;margin:32px 0 8px}h3{font-size:14px;margin:0 0 2px}
p{margin:0 0 8px}a{color:#b53d17}.muted,.note,summary{color:#5c6670}.note{font-size:12px}
.period{font-size:16px}.lead{border-top:3px solid #e4572e;padding-top:16px}
.row{width:100%;border-collapse:collapse;table-layout:fixed}.row>tbody>tr>td{vertical-align:top;padding:8px 8px 16px}
.tile{margin:0;border-top:1px solid #dde1e6;padding-top:8px}.tile svg{width:100%;height:auto;display:block}
.figure{font-size:28px;font-weight:700;line-height:1.2;margin:2px 0;overflow-wrap:anywhere}
.figure span{font-size:14px;font-weight:400;color:#5c6670}
.change{font-size:12px;margin:0 0 4px}.good{color:#1a7f37;font-weight:600}.bad{color:#c42b2b;font-weight:600}
.warned{color:#8a5a00;font-weight:600}
.data{border-collapse:collapse;font-size:12px;width:100%}.data th{color:#5c6670;font-weight:600}
.data th,.data td{padding:4px 8px;text-align:left;border-bottom:1px solid #dde1e6}.data .n{text-align:right;white-space:nowrap}
.scroll{overflow-x:auto}details{margin-top:4px;font-size:12px}summary{cursor:pointer}pre{white-space:pre-wrap;font-size:11px}
code{font-family:ui-monospace,monospace}
footer{border-top:1px solid #dde1e6;margin-top:32px;font-size:12px}footer h2{font-size:16px;margin:16px 0 8px}
@media (max-width:600px){.row>tbody>tr>td{display:block;width:auto!important}main{padding:16px 8px}}
@media screen and (prefers-color-scheme:dark){body{background:#15181c;color:#e8eaed}a{color:#ff7a50}
 .muted,.note,summary,.figure span,.data th{color:#9aa4ae}.tile,.data th,.data td,footer{border-color:#343a41}
 .good{color:#4ac26b}.bad{color:#ff7b72}.warned{color:#e3b341}}
@media print{main{max-width:none;padding:0}details{display:none}.tile,.row tr{break-inside:avoid}@page{size:A4;margin:15mm}}
)";

std::string SpansHtml(const std::vector<Span>& spans) {
  std::string html;
  for (const Span& span : spans) {
    std::string text = XmlText(span.text);
    if (span.code) text = "<code>" + text + "</code>";
    if (span.italic) text = "<em>" + text + "</em>";
    if (span.bold) text = "<strong>" + text + "</strong>";
    if (!span.link.empty()) text = fmt::format("<a href=\"{}\">{}</a>", XmlText(span.link), text);
    html += text;
  }
  return html;
}

std::string BlocksHtml(const std::vector<Block>& blocks) {
  std::string html;
  bool in_list = false;
  for (const Block& block : blocks) {
    const bool is_item = block.kind == BlockKind::kItem;
    if (is_item != in_list) html += is_item ? "<ul>" : "</ul>";
    in_list = is_item;
    const std::string text = SpansHtml(block.spans);
    switch (block.kind) {
      case BlockKind::kItem: html += "<li>" + text + "</li>"; break;
      // Headings of a text stand below that of its page.
      case BlockKind::kHeading: html += fmt::format("<h3>{}</h3>", text); break;
      case BlockKind::kParagraph: html += "<p>" + text + "</p>"; break;
    }
  }
  return html + (in_list ? "</ul>" : "");
}

std::string TableHtml(const WrittenTable& table, const std::string& caption) {
  std::string html =
      fmt::format("<div class=\"scroll\"><table class=\"data\" aria-label=\"{}\"><thead><tr>", XmlText(caption));
  const auto cell = [&](std::string_view tag, std::size_t column, const std::string& text) {
    html += fmt::format("<{0}{1}>{2}</{3}>", tag, table.columns[column].is_number ? " class=\"n\"" : "", XmlText(text),
                        tag.substr(0, 2));
  };
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    cell("th scope=\"col\"", column, table.columns[column].label);
  }
  html += "</tr></thead><tbody>";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (std::size_t column = 0; column < row.size(); ++column) cell("td", column, row[column]);
    html += "</tr>";
  }
  html += "</tbody></table></div>";
  if (table.rows.empty()) html += "<p class=\"note\">No rows for this period.</p>";
  if (table.left_out > 0) html += fmt::format("<p class=\"note\">{} more rows are left out.</p>", table.left_out);
  return html;
}

std::string BigNumberHtml(const chart::BigNumber& number, double width) {
  std::string html = fmt::format("<p class=\"figure\">{}", XmlText(number.figure));
  if (!number.unit.empty()) html += fmt::format(" <span>{}</span>", XmlText(number.unit));
  html += "</p>";
  if (!number.change.empty()) {
    const std::string_view style = number.verdict == chart::Verdict::kGood  ? "good"
                                   : number.verdict == chart::Verdict::kBad ? "bad"
                                                                            : "muted";
    const std::string_view sign = number.direction > 0 ? "▲ " : number.direction < 0 ? "▼ " : "";
    html += fmt::format("<p class=\"change\"><span class=\"{}\">{}{}</span> <span class=\"muted\">{}</span></p>", style,
                        sign, XmlText(number.change), XmlText(number.against));
  }
  if (number.history.size() < 2) return html;
  constexpr double kHeight = 26;
  chart::SvgCanvas canvas(width, kHeight, fmt::format("Sparkline of {} values", number.history.size()));
  chart::DrawSparkline(number.history, {0, 0, width, kHeight}, canvas);
  return html + canvas.Element();
}

std::string PictureHtml(const ReportTile& tile) {
  const Picture& picture = *tile.picture;
  const double width = internal::TileWidth(tile.width);
  if (std::holds_alternative<std::monostate>(picture.chart)) return TableHtml(picture.table, tile.title);
  std::string html;
  if (const auto* number = std::get_if<chart::BigNumber>(&picture.chart)) {
    html = BigNumberHtml(*number, width);
  } else {
    const double height = tile.height * internal::kUnit;
    chart::SvgCanvas canvas(width, height, tile.title + ". " + picture.summary);
    DrawChart(picture, {0, 0, width, height}, canvas);
    html = canvas.Element();
  }
  return html;
}

std::string TileHtml(const ReportTile& tile) {
  std::string html = "<div class=\"tile\">";
  if (!tile.title.empty()) html += fmt::format("<h3>{}</h3>", XmlText(tile.title));
  if (!tile.description.empty()) html += fmt::format("<p class=\"note\">{}</p>", XmlText(tile.description));
  if (!tile.picture) return html + BlocksHtml(tile.text) + "</div>";
  html += PictureHtml(tile);
  const bool is_table = std::holds_alternative<std::monostate>(tile.picture->chart);
  html += fmt::format("<details><summary>{}</summary>{}<pre><code>{}</code></pre></details>",
                      is_table ? "SQL" : "Figures and SQL",
                      is_table ? std::string() : TableHtml(tile.picture->table, tile.title), XmlText(tile.sql));
  return html + "</div>";
}

std::string RowHtml(const internal::TileRow& row) {
  std::string html = "<table role=\"presentation\" class=\"row\"><tbody><tr>";
  int used = 0;
  for (const ReportTile* tile : row) {
    html +=
        fmt::format("<td style=\"width:{:.2f}%\">{}</td>", 100.0 * tile->width / internal::kColumns, TileHtml(*tile));
    used += tile->width;
  }
  if (used < internal::kColumns) {
    html += fmt::format("<td style=\"width:{:.2f}%\"></td>", 100.0 * (internal::kColumns - used) / internal::kColumns);
  }
  return html + "</tr></tbody></table>";
}

std::string SourcesHtml(const Report& report) {
  std::string html =
      "<footer><h2>Where these figures come from</h2><div class=\"scroll\"><table class=\"data\"><thead><tr><th "
      "scope=\"col\">Table</th><th scope=\"col\" class=\"n\">Version</th><th scope=\"col\">Committed</th><th "
      "scope=\"col\">Quality</th></tr></thead><tbody>";
  for (const ReportSource& source : report.sources) {
    const std::string_view style = source.verdict == "passed"   ? "good"
                                   : source.verdict == "warned" ? "warned"
                                   : source.verdict == "failed" ? "bad"
                                                                : "muted";
    html += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td><td class=\"{}\">{}</td></tr>",
                        XmlText(source.table), source.version, InstantText(source.committed_at_ms * 1000), style,
                        internal::VerdictLabel(source.verdict));
  }
  html += fmt::format("</tbody></table></div><p class=\"note\">Made on {} by smelt", InstantText(report.made_us));
  if (!report.project.empty()) html += fmt::format(" from the project {}", XmlText(report.project));
  if (!report.as_of.empty()) html += fmt::format(", of the tables as of {}", XmlText(report.as_of));
  return html + ".</p></footer>";
}

}  // namespace

std::string WriteHtml(const Report& report) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">"
      "<title>{}{}{}</title><style>{}{}</style></head><body><main>",
      XmlText(report.title), report.period.empty() ? "" : " – ", XmlText(report.period), kStyle, chart::SvgStyle());
  html += fmt::format("<header class=\"lead\"><h1>{}</h1>", XmlText(report.title));
  if (!report.period.empty()) html += fmt::format("<p class=\"period\">{}</p>", XmlText(report.period));
  if (!report.description.empty()) html += fmt::format("<p>{}</p>", XmlText(report.description));
  std::string line = "Made on " + InstantText(report.made_us);
  if (!report.owner.empty()) line += " · " + report.owner;
  html += fmt::format("<p class=\"note\">{} · quality of the data: {}</p></header>\n", XmlText(line),
                      internal::VerdictLabel(WorstVerdict(report.sources)));
  for (const ReportPage& page : report.pages) {
    html += "<section>";
    if (!page.title.empty()) html += fmt::format("<h2>{}</h2>", XmlText(page.title));
    if (!page.description.empty()) html += fmt::format("<p>{}</p>", XmlText(page.description));
    for (const internal::TileRow& row : internal::PackRows(page.tiles)) html += RowHtml(row) + "\n";
    html += "</section>";
  }
  return html + SourcesHtml(report) + "</main></body></html>\n";
}

}  // namespace smelt::serve::reports
