#include "notify/channels/email.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "base/base64.h"
#include "base/smtp.h"
#include "notify/internal/alert_text.h"
#include "notify/internal/mail_address.h"

namespace smelt::notify::channels {
namespace {

using internal::ParseMailAddress;

constexpr std::size_t kLineMax = 76;

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\n': escaped += "<br>"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string PlainText(const Alert& alert) {
  std::string text = fmt::format("{}: {}\n\n", internal::StateWord(alert), alert.title);
  for (const auto& [label, value] : internal::Facts(alert)) text += fmt::format("{:<14} {}\n", label + ":", value);
  if (!alert.link.empty()) text += fmt::format("{:<14} {}\n", "Link:", alert.link);
  for (const Problem& problem : alert.problems) {
    text += fmt::format("\n- {}{}{} [{}]\n", problem.name,
                        problem.task.empty() || problem.task == problem.name ? "" : " in " + problem.task,
                        problem.is_new ? "" : ", as before", SeverityText(problem.severity));
    if (!problem.message.empty()) text += fmt::format("  {}\n", problem.message);
    if (!problem.hint.empty()) text += fmt::format("  Hint: {}\n", problem.hint);
    for (const Sample& sample : problem.samples) {
      text += fmt::format("  {}:\n", sample.of.empty() ? "Rows" : sample.of);
      if (!sample.columns.empty()) text += fmt::format("    {}\n", fmt::join(sample.columns, " | "));
      for (const auto& row : sample.rows) text += fmt::format("    {}\n", fmt::join(row, " | "));
    }
  }
  if (const std::string more = internal::MoreProblems(alert); !more.empty()) text += fmt::format("\n{}\n", more);
  return text;
}

std::string HtmlSample(const Sample& sample) {
  std::string html = "<table style=\"border-collapse:collapse;font-size:12px;margin:6px 0\">";
  if (!sample.of.empty()) html += fmt::format("<caption align=\"left\">{}</caption>", EscapeHtml(sample.of));
  const auto add_row = [&](const std::vector<std::string>& cells, std::string_view tag) {
    html += "<tr>";
    for (const std::string& cell : cells) {
      html += fmt::format("<{0} align=\"left\" style=\"border:1px solid #dadce0;padding:2px 6px\">{1}</{0}>", tag,
                          EscapeHtml(cell));
    }
    html += "</tr>";
  };
  if (!sample.columns.empty()) add_row(sample.columns, "th");
  for (const auto& row : sample.rows) add_row(row, "td");
  return html + "</table>";
}

std::string HtmlText(const Alert& alert) {
  std::string html = fmt::format(
      "<!doctype html><html><body style=\"font-family:sans-serif;font-size:14px;color:#202124\">"
      "<h2 style=\"border-left:6px solid {};padding-left:10px;font-size:18px\">{}: {}</h2><table>",
      internal::ColourOf(alert), EscapeHtml(internal::StateWord(alert)), EscapeHtml(alert.title));
  for (const auto& [label, value] : internal::Facts(alert)) {
    html += fmt::format("<tr><td style=\"color:#5f6368;padding-right:12px\">{}</td><td>{}</td></tr>", EscapeHtml(label),
                        EscapeHtml(value));
  }
  html += "</table>";
  if (!alert.link.empty()) html += fmt::format("<p><a href=\"{}\">Open the run</a></p>", EscapeHtml(alert.link));
  for (const Problem& problem : alert.problems) {
    html += fmt::format("<p><b>{}</b> <span style=\"color:#5f6368\">{}{}, {}{}</span>", EscapeHtml(problem.name),
                        EscapeHtml(problem.kind), problem.task.empty() ? "" : " in " + EscapeHtml(problem.task),
                        SeverityText(problem.severity), problem.is_new ? "" : ", as before");
    if (!problem.message.empty()) html += "<br>" + EscapeHtml(problem.message);
    if (!problem.hint.empty()) html += "<br><i>" + EscapeHtml(problem.hint) + "</i>";
    html += "</p>";
    for (const Sample& sample : problem.samples) html += HtmlSample(sample);
  }
  if (const std::string more = internal::MoreProblems(alert); !more.empty()) html += "<p>" + more + "</p>";
  return html + "</body></html>";
}

/// A header's text as RFC 2047 encodes what is not ASCII, in words of a length that lines bear.
std::string EncodeHeader(std::string_view text) {
  const std::string line = internal::OneLineOf(text);
  const bool plain = std::ranges::all_of(line, [](unsigned char c) { return c < 128; });
  if (plain && line.size() < 200 && line.find("=?") == std::string::npos) return line;
  constexpr std::size_t kWordBytes = 42;  // 56 characters of Base64
  std::string encoded;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = std::min(line.size(), at + kWordBytes);
    while (end > at + 1 && end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    encoded += fmt::format("{}=?utf-8?B?{}?=", encoded.empty() ? "" : "\r\n ", Base64Encode(line.substr(at, end - at)));
    at = end;
  }
  return encoded;
}

std::string EncodeAddress(const std::string& text) {
  const auto parsed = ParseMailAddress(text);
  if (!parsed || parsed->name.empty()) return fmt::format("<{}>", parsed ? parsed->address : text);
  std::string name = EncodeHeader(parsed->name);
  if (name == parsed->name) {
    std::erase_if(name, [](char c) { return c == '"' || c == '\\'; });
    name = '"' + name + '"';
  }
  return fmt::format("{} <{}>", name, parsed->address);
}

std::string Base64Lines(std::string_view bytes) {
  std::string lines;
  const std::string encoded = Base64Encode(bytes);
  for (std::size_t at = 0; at < encoded.size(); at += kLineMax) lines += encoded.substr(at, kLineMax) + "\r\n";
  return lines;
}

std::string Part(std::string_view type, std::string_view text) {
  return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", type,
                     Base64Lines(text));
}

/// A name as a header may have it in quotes; RFC 2231 has further letters, but few clients need them for files.
std::string AttachmentName(std::string name) {
  for (char& c : name) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code >= 0x7F || c == '"' || c == '\\' || c == '/') c = '_';
  }
  return name;
}

std::string AttachmentPart(const Attachment& attachment) {
  return fmt::format(
      "Content-Type: {}; name=\"{}\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
      "filename=\"{}\"\r\n\r\n{}",
      attachment.type, AttachmentName(attachment.name), AttachmentName(attachment.name),
      Base64Lines(attachment.content));
}

std::string DateHeader(std::int64_t micros) {
  const auto seconds = static_cast<std::time_t>(micros / 1'000'000);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(seconds));
}

std::string DomainOf(const Channel& channel) {
  const auto from = ParseMailAddress(channel.from);
  return from ? from->address.substr(from->address.find('@') + 1) : "localhost";
}

}  // namespace

std::string MailContent(const Channel& channel, const Alert& alert) {
  const std::string domain = DomainOf(channel);
  std::vector<std::string> recipients;
  for (const std::string& to : channel.to) recipients.push_back(EncodeAddress(to));
  std::string mail =
      fmt::format("Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\n", DateHeader(alert.created_us),
                  EncodeAddress(channel.from), fmt::join(recipients, ",\r\n "), EncodeHeader(internal::Subject(alert)));
  mail += fmt::format("Message-ID: <{}@{}>\r\n", alert.id, domain);
  // The thread begins with an id that no message has, so that its order does not depend on which came first.
  if (!alert.incident.empty()) {
    mail += fmt::format("In-Reply-To: <{0}@{1}>\r\nReferences: <{0}@{1}>\r\n", alert.incident, domain);
  }
  const bool urgent = alert.severity >= Severity::kError && alert.action != Action::kResolve;
  if (urgent) mail += "Importance: high\r\n";
  mail += "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n";
  const std::string boundary = "=_" + alert.id;
  std::string text = fmt::format("Content-Type: multipart/alternative; boundary=\"{}\"\r\n\r\n", boundary);
  text += fmt::format("--{}\r\n{}", boundary, Part("text/plain", PlainText(alert)));
  text += fmt::format("--{}\r\n{}--{}--\r\n", boundary, Part("text/html", HtmlText(alert)), boundary);
  if (alert.attachments.empty()) return mail + text;
  const std::string outer = "=-" + alert.id;
  mail += fmt::format("Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n--{}\r\n{}", outer, outer, text);
  for (const Attachment& attachment : alert.attachments) {
    mail += fmt::format("--{}\r\n{}", outer, AttachmentPart(attachment));
  }
  return mail + fmt::format("--{}--\r\n", outer);
}

Status SendByMail(const Channel& channel, const Alert& alert, std::stop_token stop) {
  MailServer server = channel.server;
  server.timeout_ms = channel.timeout_ms;
  if (channel.login) {
    SMELT_ASSIGN(server.password, channel.login->Read());
  }
  const std::string content = MailContent(channel, alert);
  Mail mail;
  mail.content = content;
  mail.sender = ParseMailAddress(channel.from)->address;
  for (const std::string& to : channel.to) mail.recipients.push_back(ParseMailAddress(to)->address);
  return SendMail(server, mail, std::move(stop));
}

}  // namespace smelt::notify::channels
