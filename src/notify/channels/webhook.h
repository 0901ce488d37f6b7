#pragma once

#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "notify/alert.h"
#include "notify/channels/post.h"

namespace smelt::notify::channels {

/// An event of CloudEvents 1.0 in its JSON form: type "smelt.alert.<action>", the alert as data.
Json CloudEvent(const Alert& alert);

/// The signature of Standard Webhooks: "v1," and the Base64 form of HMAC-SHA-256 over "<id>.<timestamp>.<body>". A key
/// that begins with "whsec_" is Base64 behind that; every other key is taken as it is.
std::string Signature(const Secret& key, std::string_view id, std::string_view timestamp, std::string_view body);

/// The event, signed when the channel has a key, in headers webhook-id, webhook-timestamp (seconds since 1970, of
/// `now_us`) and webhook-signature. Errors: kAlertSecretMissing.
Result<Post> WebhookPost(const Channel& channel, const Alert& alert, std::int64_t now_us);

}  // namespace smelt::notify::channels
