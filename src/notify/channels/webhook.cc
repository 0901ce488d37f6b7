#include "notify/channels/webhook.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"

namespace smelt::notify::channels {

Json CloudEvent(const Alert& alert) {
  const std::string project = alert.project.empty() ? "smelt" : PercentEncode(alert.project);
  return {{"specversion", "1.0"},
          {"id", alert.id},
          {"source", alert.pipeline.empty()
                         ? fmt::format("/smelt/{}", project)
                         : fmt::format("/smelt/{}/pipelines/{}", project, PercentEncode(alert.pipeline))},
          {"type", fmt::format("smelt.alert.{}", ActionText(alert.action))},
          {"subject", alert.incident},
          {"time", FormatUtcMicros(alert.created_us)},
          {"datacontenttype", "application/json"},
          {"data", ToJson(alert)}};
}

std::string Signature(const Secret& key, std::string_view id, std::string_view timestamp, std::string_view body) {
  constexpr std::string_view kPrefix = "whsec_";
  std::string bytes = key.Reveal();
  if (bytes.starts_with(kPrefix)) {
    if (auto decoded = Base64Decode(std::string_view(bytes).substr(kPrefix.size()))) bytes = std::move(*decoded);
  }
  return "v1," + Base64Encode(HmacSha256(bytes, fmt::format("{}.{}.{}", id, timestamp, body)));
}

Result<Post> WebhookPost(const Channel& channel, const Alert& alert, std::int64_t now_us) {
  Post post{.url = channel.url, .content_type = "application/cloudevents+json; charset=utf-8"};
  if (channel.secret_url) {
    SMELT_ASSIGN(const Secret url, channel.secret_url->Read());
    post.url = url.Reveal();
  }
  post.body = JsonText(CloudEvent(alert));
  for (const auto& [name, source] : channel.headers) {
    SMELT_ASSIGN(const Secret value, source.Read());
    post.headers.emplace_back(name, value.Reveal());
  }
  if (channel.key) {
    SMELT_ASSIGN(const Secret key, channel.key->Read());
    const std::string timestamp = fmt::format("{}", now_us / 1'000'000);
    post.headers.emplace_back("webhook-id", alert.id);
    post.headers.emplace_back("webhook-timestamp", timestamp);
    post.headers.emplace_back("webhook-signature", Signature(key, alert.id, timestamp, post.body));
  }
  return post;
}

}  // namespace smelt::notify::channels
