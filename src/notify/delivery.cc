#include "notify/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/http.h"
#include "base/log.h"
#include "base/retry.h"
#include "notify/channels/email.h"
#include "notify/channels/pagerduty.h"
#include "notify/channels/post.h"
#include "notify/channels/slack.h"
#include "notify/channels/webhook.h"

namespace smelt::notify {
namespace {

using state::AlertDelivery;
using state::DeliveryStatus;

constexpr std::int64_t kMicrosPerMs = 1'000;
constexpr std::int64_t kLeaseUs = 300'000'000;

std::string LetterPath(const std::string& folder, std::int64_t delivery) {
  return (std::filesystem::path(folder) / fmt::format("{}.json", delivery)).string();
}

channels::Sent SendOver(HttpClient& client, const Channel& channel, const Alert& alert, const std::stop_token& stop) {
  Result<channels::Post> post;
  switch (channel.kind) {
    case ChannelKind::kEmail: return {channels::SendByMail(channel, alert, stop)};
    case ChannelKind::kSlack: post = channels::SlackPost(channel, alert); break;
    case ChannelKind::kPagerDuty: post = channels::PagerDutyPost(channel, alert); break;
    case ChannelKind::kWebhook: post = channels::WebhookPost(channel, alert, NowMicros()); break;
  }
  if (!post) return {std::unexpected(post.error())};
  return channels::SendPost(client, channel, *post, stop);
}

/// Sends what is due until nothing is.
class Sender {
 public:
  Sender(const Settings& settings, state::AlertStore& store, const std::string& dead_letters, std::stop_token stop)
      : settings_(settings), store_(store), dead_letters_(dead_letters), stop_(std::move(stop)) {}

  Result<DeliveryReport> Run() {
    while (!stop_.stop_requested()) {
      SMELT_ASSIGN(auto claimed, store_.Claim(NowMicros(), kLeaseUs));
      if (claimed) {
        SMELT_TRY(Send(*claimed));
        continue;
      }
      if (next_attempt_us_ == kNever) break;
      const std::int64_t wait_us = std::exchange(next_attempt_us_, kNever) - NowMicros();
      SleepFor(std::max<std::int64_t>(wait_us, 0) / kMicrosPerMs + 1, stop_);
    }
    return std::move(report_);
  }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  Status Send(AlertDelivery& claimed) {
    const Channel* channel = settings_.Find(claimed.delivery.channel);
    channels::Sent sent;
    if (channel == nullptr) {
      sent.status = Fail(ErrorCode::kAlertUnknown,
                         fmt::format("smelt.yml has no channel '{}' any more", claimed.delivery.channel));
    } else {
      sent = SendOver(client_, *channel, AlertFromJson(claimed.alert.body), stop_);
    }
    return sent.status ? Finish(claimed) : Postpone(claimed, channel, sent);
  }

  Status Finish(AlertDelivery& claimed) {
    claimed.delivery.status = DeliveryStatus::kSent;
    claimed.delivery.error.clear();
    ++report_.sent;
    Note(LogLevel::kInfo, "alert.sent", claimed);
    return store_.Finish(claimed.delivery);
  }

  /// An attempt failed: there is another one, or it was the last.
  Status Postpone(AlertDelivery& claimed, const Channel* channel, const channels::Sent& sent) {
    const Error& error = sent.status.error();
    state::DeliveryRecord& delivery = claimed.delivery;
    delivery.error = error.ToString();
    if (error.code() == ErrorCode::kCancelled) {
      delivery.status = DeliveryStatus::kPending;
      --delivery.attempts;
      return store_.Finish(delivery);
    }
    if (channel != nullptr && error.retryable() && delivery.attempts < channel->retries.attempts_max) {
      const std::int64_t delay_ms =
          std::max(RetryDelayMs(channel->retries, static_cast<int>(delivery.attempts) + 1), sent.wait_ms);
      delivery.status = DeliveryStatus::kPending;
      delivery.due_us = NowMicros() + delay_ms * kMicrosPerMs;
      // Nobody waits here for hours: what is due later is sent by whoever comes then.
      if (delay_ms <= channel->retries.delay_max_ms) next_attempt_us_ = std::min(next_attempt_us_, delivery.due_us);
      Note(LogLevel::kWarn, "alert.retrying", claimed);
      return store_.Finish(delivery);
    }
    delivery.status = DeliveryStatus::kDead;
    Note(LogLevel::kError, "alert.dead", claimed);
    report_.dead.push_back(fmt::format("{}: {}", delivery.channel, error.message()));
    SMELT_TRY(store_.Finish(delivery));
    const Json letter = {{"delivery", delivery.id},
                         {"channel", delivery.channel},
                         {"attempts", delivery.attempts},
                         {"error", delivery.error},
                         {"given_up", FormatUtcMicros(NowMicros())},
                         {"alert", claimed.alert.body}};
    return WriteWholeFile(LetterPath(dead_letters_, delivery.id), JsonText(letter, 2) + "\n");
  }

  static void Note(LogLevel level, std::string_view event, const AlertDelivery& claimed) {
    Log(level, event,
        {{"delivery", claimed.delivery.id},
         {"alert", claimed.alert.id},
         {"action", claimed.alert.action},
         {"channel", claimed.delivery.channel},
         {"run_id", claimed.alert.run_id},
         {"attempt", claimed.delivery.attempts},
         {"error", claimed.delivery.error}});
  }

  const Settings& settings_;
  state::AlertStore& store_;
  const std::string& dead_letters_;
  const std::stop_token stop_;
  HttpClient client_;
  DeliveryReport report_;
  std::int64_t next_attempt_us_ = kNever;
};

}  // namespace

Status SendAlert(const Channel& channel, const Alert& alert, std::stop_token stop) {
  HttpClient client;
  return SendOver(client, channel, alert, stop).status;
}

Result<DeliveryReport> DeliverDue(const Settings& settings, state::AlertStore& store, const std::string& dead_letters,
                                  std::stop_token stop) {
  return Sender(settings, store, dead_letters, std::move(stop)).Run();
}

Result<std::int64_t> ReviveDead(state::AlertStore& store, const std::string& dead_letters, std::int64_t delivery) {
  SMELT_ASSIGN(const auto dead, store.Deliveries({.statuses = {DeliveryStatus::kDead}, .limit = -1}));
  std::int64_t revived = 0;
  for (const AlertDelivery& one : dead) {
    if (delivery != 0 && one.delivery.id != delivery) continue;
    SMELT_ASSIGN(const bool is_due, store.Revive(one.delivery.id, NowMicros()));
    if (!is_due) continue;
    ++revived;
    std::error_code ignored;
    std::filesystem::remove(LetterPath(dead_letters, one.delivery.id), ignored);
  }
  if (delivery != 0 && revived == 0) {
    return Fail(Error(ErrorCode::kAlertUnknown, fmt::format("there is no dead letter {}", delivery))
                    .Hint("`smelt alerts list --dead` shows them"));
  }
  return revived;
}

}  // namespace smelt::notify
