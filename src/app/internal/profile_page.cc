#include "app/internal/profile_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/internal/html_text.h"
#include "app/internal/profile_view.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

using quality::ColumnProfile;
using quality::TableProfile;

constexpr std::string_view kStyle = R"css(
:root { --ground: #fff; --raised: #f6f6f5; --line: #dcdbd8; --text: #1d1c1a; --quiet: #65625d; --accent: #c9401a;
  --bar: #5b7ea3; --warn: #8a5a00; --bronze: #b87333; --silver: #8e9aa6; --gold: #d4a017; }
@media (prefers-color-scheme: dark) { :root { --ground: #171614; --raised: #211f1d; --line: #3a3733; --text: #ecebe8;
  --quiet: #a5a19a; --accent: #ff7a55; --bar: #7ea6d0; --warn: #f0b95a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.5 system-ui, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1440px; margin: 0 auto; padding: 24px; }
h1 { font-size: 28px; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 40px 0 8px; }
h3 { font-size: 16px; margin: 0; overflow-wrap: anywhere; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
a:hover { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); }
.layer::before { content: ""; display: inline-block; width: 12px; height: 12px; border-radius: 50%; margin-right: 12px;
  background: var(--accent); }
.layer.bronze::before { background: var(--bronze); } .layer.silver::before { background: var(--silver); }
.layer.gold::before { background: var(--gold); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 24px 0; }
.facts div, .card { border: 1px solid var(--line); border-radius: 4px; padding: 16px; }
.facts b { display: block; font-size: 28px; font-weight: 600; line-height: 1.3; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: 12px; font-weight: 400; color: var(--quiet); white-space: nowrap; }
th, td { padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.scroll td { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 16px; }
.card { display: flex; flex-direction: column; gap: 12px; min-width: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.note { color: var(--warn); margin: 0; } .note::before { content: "▲ "; }
.bars { display: grid; grid-template-columns: minmax(0, 10em) 1fr max-content; gap: 2px 8px; align-items: center; }
.bars span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bars i { display: block; height: 12px; background: var(--bar); min-width: 1px; }
svg { display: block; width: 100%; height: 72px; } svg rect { fill: var(--bar); }
figure { margin: 0; } figcaption { display: flex; justify-content: space-between; color: var(--quiet); font-size: 12px; }
)css";

std::string LayerOf(const std::string& table) {
  for (const std::string_view layer : {"bronze", "silver", "gold"}) {
    if (table.starts_with(layer) && table.substr(layer.size()).starts_with('.')) return " " + std::string(layer);
  }
  return {};
}

std::string Fact(std::string_view label, const std::string& value) {
  return fmt::format("<div><span class=\"quiet\">{}</span><b>{}</b></div>\n", label, HtmlText(value));
}

std::string Facts(const TableProfile& profile) {
  std::int64_t nulls = 0;
  for (const ColumnProfile& column : profile.columns) nulls += column.nulls;
  const std::int64_t cells = profile.rows * std::ssize(profile.columns);
  const auto personal =
      std::ranges::count_if(profile.columns, [](const auto& column) { return !column.personal.empty(); });
  return "<div class=\"facts\">\n" + Fact("Rows", FormatCount(profile.rows)) +
         Fact("Columns", FormatCount(std::ssize(profile.columns))) + Fact("Missing values", ShareText(nulls, cells)) +
         Fact("Candidate keys", FormatCount(std::ssize(profile.keys))) +
         Fact("Columns that may be personal", FormatCount(personal)) + "</div>\n";
}

/// Bars of equal width, as the bins of a histogram are drawn; an outer bin that reaches far is one of them.
std::string Histogram(const ColumnProfile& column) {
  constexpr double kWidth = 320;
  constexpr double kHeight = 72;
  std::int64_t most = 1;
  for (const auto& bin : column.histogram) most = std::max(most, bin.count);
  const double width = kWidth / static_cast<double>(column.histogram.size());
  std::string html = fmt::format(
      "<figure><svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"How the values of {} "
      "are "
      "spread from {} to {}\">",
      kWidth, kHeight, HtmlText(column.name), HtmlText(FigureText(column, column.histogram.front().from)),
      HtmlText(FigureText(column, column.histogram.back().to)));
  double x = 0;
  for (const auto& bin : column.histogram) {
    double height = kHeight * static_cast<double>(bin.count) / static_cast<double>(most);
    if (bin.count > 0) height = std::max(height, 1.0);
    html += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{} to {}: {}</title></rect>",
        x + width * 0.05, kHeight - height, width * 0.9, height, HtmlText(FigureText(column, bin.from)),
        HtmlText(FigureText(column, bin.to)), FormatCount(bin.count));
    x += width;
  }
  return html + fmt::format("</svg><figcaption><span>{}</span><span>{}</span></figcaption></figure>\n",
                            HtmlText(FigureText(column, column.histogram.front().from)),
                            HtmlText(FigureText(column, column.histogram.back().to)));
}

/// The first of a list of counts, as bars with their shares of `whole`.
std::string Bars(const std::vector<quality::ValueCount>& counts, std::int64_t whole) {
  constexpr std::size_t kShown = 6;
  std::string html = "<div class=\"bars\">\n";
  for (std::size_t i = 0; i < std::min(kShown, counts.size()); ++i) {
    const double share = whole > 0 ? static_cast<double>(counts[i].count) / static_cast<double>(whole) * 100 : 0;
    html += fmt::format("<span title=\"{0}\">{0}</span><i style=\"width:{1:.1f}%\"></i><span>{2}</span>\n",
                        HtmlText(counts[i].value.empty() ? "(empty)" : counts[i].value), share,
                        ShareText(counts[i].count, whole));
  }
  return html + "</div>\n";
}

std::string Term(std::string_view name, const std::string& value) {
  return value.empty() ? std::string() : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, HtmlText(value));
}

std::string Terms(const ColumnProfile& column, std::int64_t rows) {
  std::string html = "<dl>\n" + Term("Missing", ShareText(column.nulls, rows)) +
                     Term("Distinct", (column.distinct_exact ? "" : "about ") + FormatCount(column.distinct) +
                                          (column.unique ? ", unique" : ""));
  if (column.min && column.max && column.kind != engine::TypeKind::kText) {
    html += Term("From", *column.min) + Term("To", *column.max);
  } else {
    html += Term("Length", RangeText(column));
  }
  if (column.mean && column.is_number()) html += Term("Mean", FigureText(column, *column.mean));
  if (column.stddev && column.is_number()) html += Term("Standard deviation", FigureText(column, *column.stddev));
  if (!column.quantiles.empty()) {
    html += Term("Median", FigureText(column, column.quantiles[3]));
    html += Term("Middle half", fmt::format("{} .. {}", FigureText(column, column.quantiles[2]),
                                            FigureText(column, column.quantiles[4])));
  }
  return html + "</dl>\n";
}

std::string Card(const ColumnProfile& column, std::size_t index, std::int64_t rows) {
  std::string html =
      fmt::format("<section class=\"card\" id=\"c{}\">\n<div><h3>{}</h3><span class=\"quiet\">{}</span></div>\n", index,
                  HtmlText(column.name), HtmlText(column.type));
  for (const std::string& oddity : OdditiesOf(column, rows))
    html += fmt::format("<p class=\"note\">{}</p>\n", HtmlText(oddity));
  for (const auto& hint : column.personal) {
    html += fmt::format("<p class=\"note\">may be personal: {} ({})</p>\n", HtmlText(hint.kind), HtmlText(hint.reason));
  }
  html += Terms(column, rows);
  if (column.histogram.size() > 1) html += Histogram(column);
  const bool tells = !column.top.empty() && (column.top.front().count > 1 || column.top_is_all);
  const bool numbers_drawn = column.histogram.size() > 1 && !column.top_is_all;
  if (tells && !numbers_drawn && !column.unique) html += Bars(column.top, rows);
  if (!column.patterns.empty() && !column.top_is_all) {
    html += fmt::format("<div class=\"quiet\">Formats of {} values</div>\n", FormatCount(column.pattern_values)) +
            Bars(column.patterns, column.pattern_values);
  }
  return html + "</section>\n";
}

std::string Overview(const TableProfile& profile) {
  std::string html =
      "<h2>Columns</h2>\n<div class=\"scroll\"><table>\n<tr><th>Column</th><th>Type</th><th "
      "class=\"number\">Missing</th>"
      "<th class=\"number\">Distinct</th><th>Range</th></tr>\n";
  for (std::size_t i = 0; i < profile.columns.size(); ++i) {
    const ColumnProfile& column = profile.columns[i];
    html += fmt::format(
        "<tr><td><a href=\"#c{}\">{}</a></td><td class=\"quiet\">{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}{}</td><td>{}</td></tr>\n",
        i, HtmlText(column.name), HtmlText(column.type), ShareText(column.nulls, profile.rows),
        column.distinct_exact ? "" : "~", FormatCount(column.distinct), HtmlText(RangeText(column)));
  }
  return html + "</table></div>\n";
}

std::string KeysAndCorrelations(const TableProfile& profile) {
  std::string html;
  if (!profile.keys.empty()) {
    html += "<h2>Candidate keys</h2>\n<ul>\n";
    for (const auto& key : profile.keys)
      html += fmt::format("<li>{}</li>\n", HtmlText(fmt::format("{}", fmt::join(key, ", "))));
    html += "</ul>\n";
  }
  if (!profile.correlations.empty()) {
    html +=
        "<h2>Columns that move together</h2>\n<div class=\"scroll\"><table>\n<tr><th>Columns</th>"
        "<th class=\"number\">Pearson</th></tr>\n";
    for (const auto& one : profile.correlations) {
      html += fmt::format("<tr><td>{} and {}</td><td class=\"number\">{:+.2f}</td></tr>\n", HtmlText(one.a),
                          HtmlText(one.b), one.coefficient);
    }
    html += "</table></div>\n";
  }
  return html;
}

}  // namespace

std::string ProfilePage(const TableProfile& profile) {
  const std::string name = HtmlText(profile.label);
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Profile of {}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<main>\n<h1 class=\"layer{}\">{}</h1>\n<p class=\"quiet\">",
      name, kStyle, LayerOf(profile.table), name);
  if (profile.version) html += fmt::format("Version {}, ", *profile.version);
  html += fmt::format("profiled {} in {}. Distinct counts marked ~ or about, and quantiles, are estimates.</p>\n",
                      FormatUtcMicros(profile.profiled_at_us).substr(0, 19) + "Z", FormatSeconds(profile.seconds));
  html += Facts(profile) + Overview(profile) + KeysAndCorrelations(profile);
  html += "<h2>Column by column</h2>\n<div class=\"cards\">\n";
  for (std::size_t i = 0; i < profile.columns.size(); ++i) html += Card(profile.columns[i], i, profile.rows);
  return html + "</div>\n</main>\n</body>\n</html>\n";
}

}  // namespace smelt::app
