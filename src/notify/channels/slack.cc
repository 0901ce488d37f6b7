#include "notify/channels/slack.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "notify/internal/alert_text.h"

namespace smelt::notify::channels {
namespace {

using internal::CutText;

// Slack refuses a message that is over one of its limits.
constexpr std::size_t kHeaderMax = 150, kSectionMax = 3'000, kFieldMax = 2'000, kProblemsMax = 15;

/// Text within mrkdwn: Slack wants three characters escaped and no others.
std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string_view Sign(const Alert& alert) {
  if (alert.action == Action::kResolve) return ":white_check_mark:";
  if (alert.action == Action::kAcknowledge) return ":eyes:";
  if (alert.action == Action::kTest) return ":test_tube:";
  if (alert.severity >= Severity::kError) return ":red_circle:";
  return alert.severity == Severity::kWarning ? ":large_orange_circle:" : ":information_source:";
}

Json Markdown(std::string text) {
  return {{"type", "mrkdwn"}, {"text", std::move(text)}};
}

std::string ProblemText(const Problem& problem) {
  std::string text = fmt::format("*{}*", Escape(problem.name));
  if (!problem.task.empty() && problem.task != problem.name) text += fmt::format(" in `{}`", Escape(problem.task));
  if (!problem.is_new) text += " _as before_";
  if (!problem.message.empty()) text += "\n" + Escape(CutText(problem.message, 1'000));
  if (!problem.hint.empty()) text += fmt::format("\n_{}_", Escape(CutText(internal::OneLineOf(problem.hint), 300)));
  for (const Sample& sample : problem.samples) {
    std::string lines;
    if (!sample.columns.empty()) lines += fmt::format("{}\n", fmt::join(sample.columns, " | "));
    for (const auto& row : sample.rows) lines += fmt::format("{}\n", fmt::join(row, " | "));
    // A block of code in which values cannot end the block.
    std::string code = Escape(lines);
    for (auto at = code.find('`'); at != std::string::npos; at = code.find('`', at)) code[at] = '\'';
    const std::string block = fmt::format("\n{}\n```{}```", Escape(sample.of), code);
    if (text.size() + block.size() < kSectionMax) text += block;
  }
  return CutText(std::move(text), kSectionMax);
}

}  // namespace

Json SlackMessage(const Alert& alert) {
  const std::string subject = internal::Subject(alert);
  Json blocks = Json::array();
  const std::string header = CutText(fmt::format("{} {}", Sign(alert), subject), kHeaderMax);
  blocks.push_back({{"type", "header"}, {"text", {{"type", "plain_text"}, {"text", header}, {"emoji", true}}}});
  Json fields = Json::array();
  for (const auto& [label, value] : internal::Facts(alert)) {
    fields.push_back(Markdown(CutText(fmt::format("*{}*\n{}", label, Escape(value)), kFieldMax)));
  }
  blocks.push_back({{"type", "section"}, {"fields", std::move(fields)}});
  std::size_t shown = 0;
  for (const Problem& problem : alert.problems) {
    if (shown == kProblemsMax) break;
    ++shown;
    blocks.push_back({{"type", "section"}, {"text", Markdown(ProblemText(problem))}});
  }
  if (alert.problems_total > shown) {
    const std::string more = fmt::format("and {} more", alert.problems_total - shown);
    blocks.push_back({{"type", "context"}, {"elements", Json::array({Markdown(more)})}});
  }
  if (!alert.link.empty()) {
    const Json button = {
        {"type", "button"}, {"text", {{"type", "plain_text"}, {"text", "Open the run"}}}, {"url", alert.link}};
    blocks.push_back({{"type", "actions"}, {"elements", Json::array({button})}});
  }
  return {{"text", Escape(subject)}, {"blocks", std::move(blocks)}};
}

Result<Post> SlackPost(const Channel& channel, const Alert& alert) {
  Post post;
  SMELT_ASSIGN(const Secret url, channel.secret_url->Read());
  post.url = url.Reveal();
  post.content_type = "application/json; charset=utf-8";
  post.body = JsonText(SlackMessage(alert));
  return post;
}

}  // namespace smelt::notify::channels
